"""Why words were exchanged: which of a model's reasons explain it, and which explain nothing.

A small model gives a reason for every change, sound or not ("it is the only word here", "the verb
is the same as the noun"). Where the program does not know the kind of a change, a reason stands
only if it speaks of style or agreement, and if the change can be of that kind; what a model says of
parts of speech was wrong too often.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from realign_local.layouts.changes import Change
from realign_local.layouts.sound import repeats_itself

MOST_WORDS = 14
"""A longer reason by a small model wanders off."""


@dataclass(frozen=True, slots=True)
class Motive:
    """Judges the reasons given for one change."""

    change: Change

    def explained_by(self, text: str) -> bool:
        """Whether a model's reason explains the change, as far as words can show it."""
        if not text.strip(" .:-") or repeats_itself(text):
            return False
        return _is_about(self.change, text) and _fits(self.change, text.lower())


def _grows(change: Change) -> bool:
    return len(change.new) > len(change.old)


def _shrinks(change: Change) -> bool:
    return len(change.new) < len(change.old)


def _exchanges(change: Change) -> bool:
    return bool(change.old and change.new)


_KINDS: tuple[tuple[re.Pattern[str], Callable[[Change], bool]], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), may_be)
    for words, may_be in (
        (r"missing|omitted|lacked|lacks?", _grows),
        (r"redundan\w+|unnecessary|superfluous|needless|wordy|shorter|concise|repetiti\w+"
         r"|not needed", _shrinks),
        (r"(?:in)?formal|polite\w*|idiom\w*|clear\w*|precise|stronger|neutral|simpler|simple"
         r"|agree\w*|word order|register|tone|active voice|passive voice", _exchanges),
    )
)  # fmt: skip
"""Words of style, and what a change must be for them to be true."""

_CLAIMS = re.compile(
    r"\b(?:nouns?|verbs?|adjectives?|adverbs?|pronouns?|prepositions?|conjunctions?|articles?"
    r"|participles?|tenses?|spell\w*|commas?|capital\w*)\b"
)
"""Kinds that the program names by itself where they are true."""

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
    if _CLAIMS.search(reason) and "agree" not in reason:
        return False
    named = [may_be for words, may_be in _KINDS if words.search(reason)]
    return bool(named) and all(may_be(change) for may_be in named)
