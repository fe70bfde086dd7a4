"""Units and currencies by their many names: `5 km` is `5 kilometres` and not `5 m`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from realign_local.text.rules import rules

_BETWEEN_NAMES = re.compile(r",\s+")
_RAISED = str.maketrans("²³", "23")
_NAME = re.compile(r"[^\W\d_]+[²³]?")
MOST_WORDS = 3
"""No name has more."""
NO_SPACES_FROM = "\u0900"
"""From here on scripts join words or bend their ends: the beginning of a word may be the unit."""


BASES: dict[str, tuple[str, Decimal | int]] = {
    "h": ("min", 60), "day": ("min", 1440), "week": ("min", 10080), "year": ("month", 12),
    "kg": ("g", 1000), "l": ("ml", 1000), "dl": ("ml", 100), "cl": ("ml", 10),
    "km": ("m", 1000), "cm": ("m", Decimal("0.01")), "mm": ("m", Decimal("0.001")),
}  # fmt: skip
"""Units by others of the same kind: 0.5 kg is 500 g."""


@dataclass(frozen=True, slots=True)
class _Tables:
    units: Mapping[str, str]
    powers: Mapping[str, int]
    currencies: Mapping[str, str]
    """By sign or code, as written before a number."""
    vague: frozenset[tuple[str, str]]
    compound: frozenset[str]
    """The first words of names of several words."""
    longest_sign: int


@cache
def data() -> dict[str, Any]:
    """The tables as they stand in the file."""
    return rules("units")


def _names(text: str) -> list[str]:
    return [_spelling(name) for name in _BETWEEN_NAMES.split(text) if name]


def _spelling(name: str) -> str:
    """One spelling of a name: `sq. m`, `US-Dollar` and decomposed accents are the same."""
    if name.isascii():
        return name.replace("-", " ")
    return unicodedata.normalize("NFC", name.replace("-", " "))


@cache
def _tables() -> _Tables:
    tables = data()
    units = {name: unit for unit, names in tables["units"].items() for name in _names(names)}
    currencies: dict[str, str] = {}
    for unit, entry in tables["currencies"].items():
        currencies |= dict.fromkeys(_names(entry["signs"]) + _names(entry["codes"]), unit)
        units |= dict.fromkeys(_names(entry["names"]), unit)
    units |= currencies
    vague = {(a, b) for a, names in tables["vague"].items() for b in _names(names)}
    powers = {
        name: int(power) for power, names in tables["powers"].items() for name in _names(names)
    }
    return _Tables(
        units,
        powers,
        currencies,
        frozenset(vague | {(b, a) for a, b in vague}),
        frozenset(name.split()[0].lower() for name in [*units, *powers] if " " in name),
        max(map(len, currencies)),
    )


def unit_of(word: str) -> str:
    """The unit that a word names, spelled as given or in lower case; "" for any other word."""
    units = _tables().units
    name = word if word.isascii() and "-" not in word else _spelling(word)
    return units.get(name) or units.get(name.lower(), "")


@cache
def _in_small_letters() -> dict[str, str]:
    return {name.lower(): unit for name, unit in _tables().units.items()}


def unit_in_small_letters(word: str) -> str:
    """The unit that a word in small letters names, be it written with capitals: `kwh`."""
    return unit_of(word) or _in_small_letters().get(word, "")


def magnitude_of(word: str) -> int:
    """The power of ten that a word stands for; 0 for any other word."""
    powers = _tables().powers
    name = word if word.isascii() else _spelling(word)
    return powers.get(name) or powers.get(name.lower(), 0)


def area_of(word: str, raised: str) -> str:
    """The unit of `m` with a raised 2 or 3, however that is written; "" for any other word."""
    at = "²" if raised.translate(_RAISED)[-1:] == "2" else "³"
    return _tables().units.get(word + at, "") or _tables().units.get(word.lower() + at, "")


def same_unit(one: str, other: str) -> bool:
    """Whether two units may be the same: 5 kr are 5 SEK, but not 5 EUR."""
    return one == other or (one, other) in _tables().vague


def is_currency(unit: str) -> bool:
    """Whether a unit is of money."""
    return unit in data()["currencies"]


def may_mean(unit: str) -> set[str]:
    """The unit, and those that a vague name stands for: a pound is of money or of weight."""
    return {unit, *_names(data()["vague"].get(unit, ""))}


def same_kind(one: str, other: str) -> bool:
    """Whether two units measure the same: km and m, hours and minutes."""
    kinds = (BASES.get(unit, (unit, 1))[0] for unit in (one, other))
    return same_unit(one, other) or len(set(kinds)) == 1


def may_begin_name(word: str) -> bool:
    """Whether names of several words begin with this one."""
    return word.lower() in _tables().compound


def currency_before(before: str) -> tuple[str, str]:
    """The currency whose sign or code ends the text before a number, and how it is written."""
    tail = before.removesuffix(" ")
    for size in range(min(_tables().longest_sign, len(tail)), 0, -1):
        written = tail[-size:]
        unit = _tables().currencies.get(written, "")
        if unit and not (written[0].isalpha() and tail[-size - 1 : -size].isalpha()):
            return unit, before[-size - len(before) + len(tail) :]
    return "", ""


def units_named(text: str) -> set[str]:
    """Every unit that a text names, beside a number or not."""
    found = {
        unit for name, unit in _tables().units.items() if not name[-1].isalpha() and name in text
    }
    names = _NAME.findall(text)
    for at, name in enumerate(names):
        found.add(unit_of(name))
        if may_begin_name(name):
            found |= {unit_of(" ".join(names[at : at + size])) for size in range(2, MOST_WORDS + 1)}
    return found - {""}


def prefix_of(word: str, table: str) -> tuple[str, int]:
    """The longest beginning of a word that names a unit (or a power of ten), and its length."""
    for size in range(min(len(word), 12), 0, -1):
        if unit_of(word[:size]) if table == "units" else magnitude_of(word[:size]):
            return word[:size], size
    return "", 0


def currency_signs() -> Iterator[str]:
    """The signs that no letter ends: they may stand behind a number without a space."""
    return (sign for sign in _tables().currencies if not sign[-1].isalpha() and sign[-1] != ".")
