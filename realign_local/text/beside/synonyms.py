"""English words that may stand for one another in a sentence: forms of one word, and synonyms."""

from __future__ import annotations

from functools import cache, lru_cache

from realign_local.text.rules import rules

ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ly")
LEAST_LETTERS = 3


@cache
def _groups(kind: str) -> dict[str, frozenset[str]]:
    """Each word of the data file with the first words of the lines in which it stands."""
    found: dict[str, frozenset[str]] = {}
    for line in rules("word_forms")[kind]:
        first, *others = line.split()
        for word in (first, *others):
            found[word] = found.get(word, frozenset()) | {first}
    return found


def are_forms(one: str, other: str) -> bool:
    """Whether two words in small letters are forms of one that do not begin alike."""
    forms = _groups("forms")
    return not forms.get(one, frozenset()).isdisjoint(forms.get(other, frozenset()))


def are_synonyms(one: str, other: str) -> bool:
    """Whether two words in small letters, in whatever form, say the same."""
    return not _meanings(one).isdisjoint(_meanings(other))


@lru_cache(maxsize=4096)
def _meanings(word: str) -> frozenset[str]:
    groups = _groups("synonyms")
    found = groups.get(word, frozenset())
    for first in _groups("forms").get(word, ()):
        found |= groups.get(first, frozenset())
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + LEAST_LETTERS:
            stem = word.removesuffix(ending)
            undoubled = stem[:-1] if stem[-1] == stem[-2] else stem
            for form in (stem, f"{stem}e", undoubled):
                found |= groups.get(form, frozenset())
    return found
