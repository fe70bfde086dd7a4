"""English words that may stand for one another in a sentence: forms of one word, and synonyms."""

from __future__ import annotations

from functools import cache

from realign_local.text.rules import rules


@cache
def _groups(kind: str) -> dict[str, frozenset[str]]:
    """Each word of the data file with the first words of the lines in which it stands."""
    found: dict[str, frozenset[str]] = {}
    for line in rules("word_forms")[kind]:
        first, *others = line.split()
        if kind == "forms":
            others.append(f"{first}ed")  # as who does not know the form writes it
        for word in (first, *others):
            found[word] = found.get(word, frozenset()) | {first}
    return found


def are_forms(one: str, other: str) -> bool:
    """Whether two words in small letters are forms of one that do not begin alike."""
    return _share_a_line("forms", one, other)


def are_synonyms(one: str, other: str) -> bool:
    """Whether two words in small letters say the same."""
    return _share_a_line("synonyms", one, other)


def is_past_of_another(one: str, other: str) -> bool:
    """Whether two words look like forms of one, and are none: `found` and `founded`."""
    past, longer = sorted((one, other), key=len)
    return longer == f"{past}ed" and past not in _groups("forms").get(past, {past})


def _share_a_line(kind: str, one: str, other: str) -> bool:
    groups = _groups(kind)
    return not groups.get(one, frozenset()).isdisjoint(groups.get(other, frozenset()))
