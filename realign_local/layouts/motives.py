"""Why a word was changed: what the program can tell by itself, and which reasons explain nothing.

A small model gives a reason for every change, sound or not ("it is the only word here"). A reason
stands only if it names what kind of change this is, in the words of grammar and style, and if the
change can be of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from realign_local.gates.prose import vocabulary
from realign_local.layouts.changes import Change
from realign_local.layouts.sound import repeats_itself

ALIKE = 0.6
"""From this likeness on (letters in common) one word can be a misspelling of the other."""
MOST_WORDS_SPELT = 2
LEAST_STEM = 2
MOST_WORDS = 14
"""A longer reason by a small model wanders off."""

_ARTICLES = vocabulary("a an the")
_FAMILIES = {
    "pronoun": vocabulary(
        "i me my mine you your yours he him his she her hers it its we us our ours they them their"
        " theirs who whom whose this that these those myself himself herself themselves"
    ),
    "preposition": vocabulary("in on at to for from of by with since during until about into onto"),
    "form of the verb": vocabulary(
        "is are was were am be been being has have had do does did done"
    ),
}
_IRREGULAR = tuple(
    vocabulary(family)
    for family in (
        "go goes goed went gone", "say says said", "see saw seen", "eat ate eaten",
        "come came", "run ran", "take took taken", "give gave given", "buy bought buyed",
        "think thought", "bring brought", "teach taught teached", "catch caught catched",
        "write wrote written", "speak spoke spoken", "break broke broken", "know knew known",
        "begin began begun", "drink drank drunk", "swim swam swum", "sing sang sung",
        "make made", "find found", "leave left", "feel felt", "keep kept", "sleep slept",
        "get got gotten", "tell told", "sell sold", "send sent", "lose lost", "pay paid payed",
    )
)  # fmt: skip
_ENDINGS = vocabulary("s es ed d ing ies ly er est n en")
_MARKS = {",": "comma", ".": "full stop", ";": "semicolon", ":": "colon", "'": "apostrophe",
          "?": "question mark", "!": "exclamation mark", "-": "hyphen"}  # fmt: skip


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
    return Motive(_named(change), change)


def _named(change: Change) -> str:
    """The kind of a change, as the list of changes says it; "" where it could be several."""
    old, new = change.old, change.new
    if not old or not new:
        return _named_alone(old or new, "missing" if new else "not needed")
    if old.lower() == new.lower():
        return "capital letter" if new[0].isupper() else "small letter"
    if _letters(old) == _letters(new) and " " not in old + new:
        mark = _mark(old, new)
        return (
            f"{mark} {'missing' if len(new) > len(old) else 'not needed'}"
            if mark
            else "punctuation"
        )
    if _expanded(old, new):
        return "written out"
    return _named_words(old.lower(), new.lower())


def _named_alone(text: str, what: str) -> str:
    if text.lower() in _ARTICLES:
        return f"article {what}"
    return f"{_MARKS[text]} {what}" if text in _MARKS else ""


def _named_words(old: str, new: str) -> str:
    if {old, new} <= _ARTICLES:
        return "article"
    for name, family in _FAMILIES.items():
        if {old, new} <= family:
            return name
    if any({old, new} <= family for family in _IRREGULAR):
        return "form of the verb"
    if _is_form(old, new):
        return "form of the word"
    return "spelling" if _is_misspelling(old, new) else ""


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum()).lower()


def _mark(old: str, new: str) -> str:
    """The one mark that one of two texts has and the other has not."""
    shorter, longer = sorted((text.replace("’", "'") for text in (old, new)), key=len)
    for sign in shorter:
        longer = longer.replace(sign, "", 1)
    return _MARKS.get(longer, "") if len(old) != len(new) else ""


def _expanded(old: str, new: str) -> bool:
    """Whether a contraction was written out (don't, do not)."""
    return bool(re.search(r"\w['’]\w", old)) and " " in new and new[0].lower() == old[0].lower()


def _is_form(old: str, new: str) -> bool:
    """One word with two endings (work, works, worked)."""
    if " " in old + new:
        return False
    shared = SequenceMatcher(None, old, new, autojunk=False).find_longest_match().size
    ends = old[shared:], new[shared:]
    same_stem = old[:shared] == new[:shared] and shared >= LEAST_STEM
    return same_stem and all(not end or end in _ENDINGS for end in ends)


def _is_misspelling(old: str, new: str) -> bool:
    alike = SequenceMatcher(None, old, new, autojunk=False).ratio()
    return len(old.split()) == len(new.split()) <= MOST_WORDS_SPELT and alike >= ALIKE


def _has_mark(*marks: str) -> Callable[[Change], bool]:
    def has(change: Change) -> bool:
        old, new = (text.replace("’", "'") for text in (change.old, change.new))
        return any(old.count(mark) != new.count(mark) for mark in marks)

    return has


def _has_article(change: Change) -> bool:
    return bool(
        _ARTICLES & {*change.old.lower().split()} ^ _ARTICLES & {*change.new.lower().split()}
    )


def _changes_case(change: Change) -> bool:
    return any(
        a.lower() == b.lower() and a != b for a, b in zip(change.old, change.new, strict=False)
    )


def _is_spelt(change: Change) -> bool:
    return _is_misspelling(change.old.lower(), change.new.lower())


def _exchanges(change: Change) -> bool:
    old, new = _letters(change.old), _letters(change.new)
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
        (r"tenses?|past|present|future|plural|singular|comparative|superlative|auxiliary|infinitive|gerund|participle",
         _exchanges),
        (r"agree\w*|verbs?|nouns?|pronouns?|adjectives?|adverbs?|prepositions?|conjunctions?"
         r"|possessive|formal|informal|polite\w*|idiom\w*|word order|homophones?|clearer|precise"
         r"|punctuation|grammar|grammatical\w*|subject|object|negat\w+|modal|register|tone|active"
         r"|passive", _differs),
    )
)  # fmt: skip
"""Words of grammar and style, and of what a change must be for them to be true."""


_FORM = re.compile(r"\b(?:forms?|tenses?|past|present|plural|singular|agree\w*|participle)\b")
_OWN_WORDS = {
    **{
        word: re.compile(rf"\b{word}")
        for word in (
            "article",
            "apostrophe",
            "comma",
            "preposition",
            "pronoun",
            "full",
            "hyphen",
            "punctuation",
        )
    },
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
