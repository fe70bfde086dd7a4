"""Slips of English words and what was meant: `dont`, `recieved`, `alot`, and words that are slips
only where the words beside them say so (`its a`, `im not`). The tables are tidy/slips.toml and
tidy/misspelt.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from realign_local.text.rules import rules

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
BEFORE = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)*)[ \t]+$")
BEHIND = re.compile(r"[ \t]+([^\W\d_]+(?:['’][^\W\d_]+)*)(?:[ \t]+([^\W\d_]+))?")
_BEGINS = re.compile(r"(?:^|[.!?;:]|\n|(?:^|\n)[ \t]*(?:[-*+•]|\(?\d{1,3}[.)]))[ \t]*[*_(]{0,3}$")
TWICE = re.compile(r"(?<![\w'’*-])([^\W\d_]{1,7})[ \t]+(\1)(?![\w'’*-])", re.IGNORECASE)
SET_APART = re.compile(
    r"\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|(?<![\w'’])['‘](?=\S)[^\n]{0,400}['’](?!\w)"
    r"|<q\b[^>\n]*>.*?</q>|(?<![\w*])(\*{1,2}|_)[^\s*_]+\1(?![\w*])|\[[^\]\n]*\](?:\([^()\n]*\))?"
)
"""What is quoted, a word by itself in emphasis, and the texts of links."""
LOOKED_BACK = 60


@dataclass(frozen=True, slots=True)
class Beside:
    """A word's neighbours, in small letters: the one before ("^" where a sentence begins, ","
    behind a comma, "" behind other marks), and the two behind."""

    before: str
    behind: str
    then: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a word stands for where its neighbours are such; an empty set asks for nothing."""

    to: str
    before: frozenset[str]
    behind: frozenset[str]
    then: frozenset[str]
    unless: frozenset[str]
    other: frozenset[str]
    endings: tuple[str, ...] = field(default=())

    def holds(self, beside: Beside) -> bool:
        """Whether the neighbours are as the entry asks."""
        if self.forbids(beside) or (self.before and beside.before not in self.before):
            return False
        if (self.other and not beside.behind) or beside.before in self.unless:
            return False
        ends = beside.behind.endswith(self.endings) if self.endings else False
        if self.behind and beside.behind not in self.behind and not ends:
            return False
        return not self.then or beside.then in self.then

    def forbids(self, beside: Beside) -> bool:
        """Whether a neighbour says that the word is right as it stands."""
        behind = {beside.behind, f"{beside.behind}_{beside.then}"}
        return beside.before in self.unless - {"^"} or not self.other.isdisjoint(behind)


def meant(word: str, beside: Beside) -> str:
    """What a word in small letters is a slip for, or "" where it may be right."""
    if sure := sure_slips().get(word):
        return sure
    for entry in guarded_slips().get(word, ()):
        if entry.holds(beside):
            return entry.to
    return ""


@cache
def sure_slips() -> Mapping[str, str]:
    """What is no word, and what was meant by it."""
    told, misspelt = rules("tidy/slips"), rules("tidy/misspelt")
    tables = (told["contractions"], misspelt["words"], misspelt["joined"])
    pairs = {w: right for table in tables for right, wrong in table.items() for w in wrong.split()}
    return MappingProxyType(pairs)


@cache
def small_slips() -> frozenset[str]:
    """Slips that are names with a capital."""
    return frozenset(rules("tidy/misspelt")["names"]["words"].split())


@cache
def doubled_words() -> frozenset[str]:
    """Small words that never stand twice."""
    return listed(rules("tidy/slips")["doubled"]["words"])


@cache
def guarded_slips() -> Mapping[str, Sequence[Guarded]]:
    """The entries for each word that its neighbours show to be a slip."""
    found: dict[str, list[Guarded]] = {}
    for entry in rules("tidy/slips")["guarded"]:
        found.setdefault(entry["word"], []).append(_guarded(entry))
    return MappingProxyType(found)


def _guarded(entry: Mapping[str, Any]) -> Guarded:
    behind = listed(entry.get("behind", ""))
    return Guarded(
        entry["to"],
        listed(entry.get("before", "")),
        frozenset(word for word in behind if not word.startswith("*")),
        listed(entry.get("then", "")),
        listed(entry.get("unless", "")),
        listed(entry.get("but", "")),
        tuple(word[1:] for word in behind if word.startswith("*")),
    )


@cache
def listed(words: str) -> frozenset[str]:
    """The words of an entry, those of the lists that it names among them."""
    lists = rules("tidy/slips")["lists"]
    parts = (lists[w[1:]].split() if w.startswith("@") else [w] for w in words.split())
    return frozenset(word for part in parts for word in part)


def like_written(right: str, written: str) -> str:
    """The right word in the capitals of what was written."""
    if right[0].isupper():
        return right
    if written.isupper() and len(written) > 1:
        return right.upper()
    return right[0].upper() + right[1:] if written[0].isupper() else right


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in small letters and with straight apostrophes."""
    return frozenset(WORD.findall(text.lower().replace("’", "'")))


def beside(found: re.Match[str]) -> Beside:
    """The neighbours of a word that was found."""
    start = max(0, found.start() - LOOKED_BACK)
    text = found.string[start : found.start()]
    before, behind = BEFORE.search(text), BEHIND.match(found.string, found.end())
    mark = "^" if begins(found) else "," if text.rstrip().endswith(",") else ""
    one = _small(before[1]) if before else mark
    return Beside(one, _small(behind[1]) if behind else "", _small(behind[2]) if behind else "")


def begins(found: re.Match[str]) -> bool:
    """Whether a sentence begins with the word that was found."""
    start = max(0, found.start() - LOOKED_BACK)
    return _BEGINS.search(found.string[start : found.start()]) is not None


def _small(word: str | None) -> str:
    return (word or "").lower().replace("’", "'")
