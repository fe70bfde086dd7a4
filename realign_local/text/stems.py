"""The beginnings of the words that carry meaning, so that forms of one word are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from realign_local.text.numbers.number_words import SMALL
from realign_local.text.numbers.units import unit_of
from realign_local.text.segments import FUNCTION_WORDS, words
from realign_local.text.small_words import small_words

LETTERS = 4
_ELIDED = re.compile(r"[^\W\d_]{1,5}'(?=[^\W\d_]{3})")

_CONTRACTED = re.compile(r"'(?:ll|re|ve|d|m|s)$")


@lru_cache(maxsize=512)
def stems(unit: str, language: str) -> frozenset[str]:
    """Of the words of a unit without small words, units and numbers: `l'eau est chaude`, `chau`."""
    small = FUNCTION_WORDS | SMALL | small_words(language)
    bare = (_ELIDED.sub("", _CONTRACTED.sub("", word)) for word in words(unit))
    return beginnings(w for w in bare if w not in small and not w[0].isdigit() and not unit_of(w))


def beginnings(found: Iterable[str]) -> frozenset[str]:
    """The first letters of words, without the last one of a short word: `pesa`, `peso`."""
    return frozenset(word[: max(LETTERS - 1, min(LETTERS, len(word) - 1))] for word in found)
