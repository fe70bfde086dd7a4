"""English words: what may stand for what, read from english.toml and a list of words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from realign_local.text.rules import rules
from realign_local.text.spelling import is_word as is_word

LEAST_STEM = 3
ALIKE = 0.75
"""From this likeness on (letters in common) one word can be a misspelling of the other."""
LEAST_LETTERS = 3


@cache
def _table() -> dict[str, Any]:
    return rules("english")


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_table()[name].split())


@cache
def _families(name: str) -> dict[str, tuple[frozenset[str], ...]]:
    found: dict[str, tuple[frozenset[str], ...]] = {}
    for line in _table()[name]:
        family = frozenset(line.split())
        for word in family:
            found[word] = (*found.get(word, ()), family)
    return found


def _are_of_one(name: str, one: str, other: str) -> bool:
    return one != other and any(other in family for family in _families(name).get(one, ()))


def is_small(word: str) -> bool:
    """Whether a sentence may lack the word, in small letters, by a slip."""
    return word in _words("small")


def takes_capital(word: str) -> bool:
    """Whether the word, in small letters, is written with a capital letter wherever it stands."""
    return word in _words("capital")


def are_confused(one: str, other: str) -> bool:
    """Whether the two, in small letters, are often taken for each other (its, it's)."""
    return _are_of_one("confused", one, other)


def are_forms(one: str, other: str) -> bool:
    """Whether the two, in small letters, are forms of one word that are mixed up by slips of
    grammar (monument, monuments; build, built)."""
    if _are_of_one("irregular", one, other):
        return True
    if {one, other} & _words("invariant"):
        return False
    stem = _common(one, other)
    ends = one[len(stem) :], other[len(stem) :]
    endings = _words("endings")
    return len(stem) >= LEAST_STEM and all(not end or end in endings for end in ends)


def _common(one: str, other: str) -> str:
    size = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return one[: min(len(one), len(other)) if size is None else size]


def is_misspelling(wrong: str, right: str) -> bool:
    """Whether `right` is what was meant by `wrong`, which is no word: the same beginning, and
    nearly all letters. Spellings of another country are no mistakes."""
    if min(len(wrong), len(right)) < LEAST_LETTERS or wrong[0] != right[0]:
        return False
    if is_word(wrong) or not is_word(right) or are_variants(wrong, right):
        return False
    return SequenceMatcher(None, wrong, right, autojunk=False).ratio() >= ALIKE


@cache
def are_variants(one: str, other: str) -> bool:
    """Whether the two differ as British and American spelling do."""
    if _are_of_one("same", one, other):
        return True
    return any(
        re.sub(start, end, one, count=1) == other or re.sub(start, end, other, count=1) == one
        for start, end in _table()["variants"]
    )
