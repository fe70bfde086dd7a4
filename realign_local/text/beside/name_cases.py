"""Names as sentences bend them, and capitals that name nothing: `w Tatrach`, *Tatry*; *am Ende*."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from realign_local.text.numbers.number_dates import month_of
from realign_local.text.numbers.units import magnitude_of
from realign_local.text.rules import rules
from realign_local.text.segments import vocabulary, words

PRONOUNS = vocabulary(
    """it they he she er sie es il elle ils elles lui egli ella esso essa él ella ele ela hij zij
    het han hun hon den det on ona ono он она оно они"""
)
_PRONOUN = re.compile(rf"\b(?:{'|'.join(sorted(PRONOUNS))})\b")
LEAST_STEM = 3
LONGEST_ENDING = 4
_NUMBER_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?[. ]+(?:de |of )?$")
_NUMBER_BEHIND = re.compile(r"\.? \d")


@cache
def data() -> dict[str, Any]:
    """The tables as they stand in the file."""
    return rules("names")


@cache
def _endings(language: str) -> frozenset[str]:
    listed = data()["endings"].get(language, "").split()
    return frozenset("" if ending == "-" else ending for ending in listed)


@cache
def _phrases() -> re.Pattern[str]:
    listed = [phrase for line in data()["phrases"].values() for phrase in line.split(", ")]
    either = (f"(?:{p[0].upper()}|{p[0]}){re.escape(p[1:])}" for p in listed)
    return re.compile(rf"\b(?:{'|'.join(either)})\b")


def without_phrases(unit: str) -> str:
    """The unit with sayings such as `Zum Schluss` in small letters: they name nothing."""
    return _phrases().sub(lambda m: m[0].lower(), unit)


def has_cases(language: str) -> bool:
    """Whether names of the language are known to bend."""
    return language in data()["endings"]


def are_cases(one: str, other: str, language: str) -> bool:
    """Whether two words are cases of one name: alike but for endings of the language."""
    endings = _endings(language)
    least = max(LEAST_STEM, len(one) - LONGEST_ENDING, len(other) - LONGEST_ENDING)
    return any(
        one[:size] == other[:size] and one[size:] in endings and other[size:] in endings
        for size in range(least, min(len(one), len(other)) + 1)
    )


def belongs_to_number(found: re.Match[str]) -> bool:
    """A month of a date, `Mio.` behind a number: the numbers are looked at elsewhere."""
    month, power = month_of(found[0]), magnitude_of(found[0])
    if not month and not power:
        return False
    before = found.string[max(0, found.start() - 8) : found.start()]
    if _NUMBER_BEFORE.search(before):
        return True
    return bool(month and _NUMBER_BEHIND.match(found.string, found.end()))


def with_its_subject(unit: str, before: str) -> str:
    """`Harbour: the mayor said that it will close` with the label in the place of the pronoun."""
    label, colon, rest = unit.partition(": ")
    pronoun = _PRONOUN.search(rest) if colon and label.lower() in before.lower() else None
    if not pronoun or pronoun[0] in words(before):
        return unit
    return f"{rest[: pronoun.start()]}{label}{rest[pronoun.end() :]}"
