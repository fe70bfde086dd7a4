"""Misspellings: when one word stands for another only because its spelling was mended."""

from __future__ import annotations

from functools import cache

LEAST_LETTERS = 3
MOST_LETTERS = 40
TWO_SLIPS_FROM = 6
"""Letters of a word that may have two letters wrong; a shorter one has one."""
USUAL = 300
"""Occurrences in the list from which on a word is one that people misspell; terms are rarer."""
SELDOM = 30
OVERWHELMING = 1000
"""A rare word (wold) is a slip for one that is so many times as frequent (world)."""


@cache
def is_word(word: str) -> bool:
    """Whether a list of English words has this one; names and British spellings are often missing.

    The list is pyspellchecker's; it is loaded at the first question.
    """
    return word in _frequencies()


def is_mended(old: str, new: str) -> bool:
    """Whether `old`, in small letters, is no word and one or two letters from the usual `new`.

    Rare words are not believed in: what looks like a slip can be another term (xylene, xylem).
    """
    return not is_word(old) and is_slip(old, new) and _frequencies().get(new, 0) >= USUAL


def is_slip_for(old: str, new: str) -> bool:
    """The same where `old` may be a name or a rare word: only a very frequent word is meant."""
    often = _frequencies().get(new, 0)
    least = OVERWHELMING * max(SELDOM, _frequencies().get(old, 0))
    return is_slip(old, new) and often >= least


def is_slip(old: str, new: str) -> bool:
    """Whether two words begin alike and differ by one or two letters."""
    most = 2 if len(old) >= TWO_SLIPS_FROM else 1
    shorter, longer = sorted((len(old), len(new)))
    if shorter < LEAST_LETTERS or longer > MOST_LETTERS or longer - shorter > most:
        return False
    return old != new and old[0] == new[0] and slips(old, new) <= most


def slips(one: str, other: str) -> int:
    """Letters left out, put in, exchanged, or the wrong way round (optimal string alignment)."""
    before, last = list[int](), list(range(len(other) + 1))
    for i, sign in enumerate(one, start=1):
        row = [i]
        for j, seen in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (sign != seen))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == seen:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


@cache
def _frequencies() -> dict[str, int]:
    from spellchecker import SpellChecker

    return dict(SpellChecker().word_frequency.dictionary)
