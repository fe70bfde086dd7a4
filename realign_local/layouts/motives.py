"""Why a word was changed: which of a model's reasons explain it, and which explain nothing.

A small model gives a reason for every change, sound or not ("it is the only word here"). A reason
stands only if it names what kind of change this is, in the words of grammar and style, and if the
change can be of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from realign_local.layouts.changes import Change
from realign_local.layouts.kinds import ARTICLES, is_misspelling, letters, named
from realign_local.layouts.sound import repeats_itself

MOST_WORDS = 14
"""A longer reason by a small model wanders off."""


@dataclass(frozen=True, slots=True)
class Motive:
    """What is known of a change; the empty one is for changes that only a reader understands.

    `plain` names the change, "" where the program cannot tell; `change` is None where any reason
    that does not repeat itself will do (code, other languages than English).
    """

    plain: str = ""
    change: Change | None = None

    def explained_by(self, text: str) -> bool:
        """Whether a model's reason explains the change, as far as words can show it."""
        if not text.strip(" .:-") or repeats_itself(text):
            return False
        if self.change is None:
            return True
        own = _OWN_WORDS.get(self.plain.split(" ")[0]) if self.plain else None
        return (not self.plain or bool(own and own.search(text.lower()))) and (
            _is_about(self.change, text) and _fits(self.change, text.lower())
        )


def motive_of(change: Change) -> Motive:
    """What can be told of a change from its two texts alone."""
    return Motive(named(change), change)


def _has_mark(*marks: str) -> Callable[[Change], bool]:
    def has(change: Change) -> bool:
        old, new = (text.replace("’", "'") for text in (change.old, change.new))
        return any(old.count(mark) != new.count(mark) for mark in marks)

    return has


def _has_article(change: Change) -> bool:
    return bool(ARTICLES & {*change.old.lower().split()} ^ ARTICLES & {*change.new.lower().split()})


def _changes_case(change: Change) -> bool:
    return any(
        a.lower() == b.lower() and a != b for a, b in zip(change.old, change.new, strict=False)
    )


def _is_spelt(change: Change) -> bool:
    return is_misspelling(change.old.lower(), change.new.lower())


def _exchanges(change: Change) -> bool:
    old, new = letters(change.old), letters(change.new)
    return bool(old and new and old != new)


def _grows(change: Change) -> bool:
    return len(change.new) > len(change.old)


def _shrinks(change: Change) -> bool:
    return len(change.new) < len(change.old)


def _differs(change: Change) -> bool:
    return change.old != change.new


_KINDS: tuple[tuple[re.Pattern[str], Callable[[Change], bool]], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), may_be)
    for words, may_be in (
        (r"commas?", _has_mark(",")),
        (r"apostrophes?|contractions?|contracted", _has_mark("'")),
        (r"full stops?|periods?", _has_mark(".")),
        (r"hyphen\w*", _has_mark("-")),
        (r"semicolons?", _has_mark(";")),
        (r"articles?", _has_article),
        (r"capital\w*|lower ?case|upper ?case|small letters?", _changes_case),
        (r"spell\w*|spelt|misspel\w*|typos?", _is_spelt),
        (r"missing|omitted|left out|lacks?|lacked", _grows),
        (r"redundan\w+|unnecessary|superfluous|needless|wordy|shorter|concise|repetiti\w+"
         r"|not needed", _shrinks),
        (r"tenses?|past|present|future|plural|singular|comparative|superlative|auxiliary"
         r"|infinitive|gerund|participle", _exchanges),
        (r"agree\w*|verbs?|nouns?|pronouns?|adjectives?|adverbs?|prepositions?|conjunctions?"
         r"|possessive|formal|informal|polite\w*|idiom\w*|word order|homophones?|clearer|precise"
         r"|punctuation|grammar|grammatical\w*|subject|object|negat\w+|modal|register|tone|active"
         r"|passive", _differs),
    )
)  # fmt: skip
"""Words of grammar and style, and of what a change must be for them to be true."""


_NAMED_ALIKE = (
    "article", "apostrophe", "comma", "preposition", "pronoun", "full", "hyphen", "punctuation",
)  # fmt: skip
_FORM = re.compile(r"\b(?:forms?|tenses?|past|present|plural|singular|agree\w*|participle)\b")
_OWN_WORDS = {
    **{word: re.compile(rf"\b{word}") for word in _NAMED_ALIKE},
    "form": _FORM,
    "spelling": re.compile(r"\b(?:spel|misspel|typo)"),
    "capital": re.compile(r"\b(?:capital|upper)"),
    "small": re.compile(r"\b(?:small|lower)"),
    "written": re.compile(r"\b(?:contract|written|formal)"),
}
"""Where the program knows a change's kind, a reason has to name it too."""

_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|(?<!\w)'([^']+)'(?!\w)")
_DEFINES = re.compile(r"\b(?:is|are) (?:\w+ )?used (?:to|as|for|in)\b|\bwhich is\b")
"""What tells of a word in general and not why it stands here."""


def _is_about(change: Change, reason: str) -> bool:
    """Whether a reason is short and quotes the change's own words alone, each of them once."""
    quoted = [(one or other).strip(" .,").lower() for one, other in _QUOTED.findall(reason)]
    known = {change.old.lower(), change.new.lower()}
    known |= {word for text in known for word in text.split()}
    fresh = len(set(quoted)) == len(quoted) and set(quoted) <= known
    return fresh and len(reason.split()) <= MOST_WORDS and not _DEFINES.search(reason)


def _fits(change: Change, reason: str) -> bool:
    """Whether a reason names a kind of change, and only kinds that this one can be."""
    named = [may_be for words, may_be in _KINDS if words.search(reason)]
    return bool(named) and all(may_be(change) for may_be in named)
