"""Measures and durations, in words and in units: `half an hour`, 90 min, 250 mL, полчаса."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from realign_local.text.beside.written import Written, data
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import unit_of

_MINUTES = {"min": 1, "h": 60}
_SPACELESS = ("zh", "ja")
_WORD = r"[^\W\d_]{1,12}(?![^\W\d_])"
_HOURS_AND_MINUTES = re.compile(
    rf"(?<![A-Za-z0-9_.,:/-])(\d{{1,3}})[ -]?({_WORD}) (?:[^\W\d_]{{1,3}} )?(\d{{1,2}})[ -]?({_WORD})?"
)
"""`1 h 15 min`, `1 Stunde und 15 Minuten`."""


@cache
def _said(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    named = {
        words.replace("_", " ").lower(): int(minutes)
        for words, minutes in data()["durations"].get(language, {}).items()
    }
    either = "|".join(map(re.escape, sorted(named, key=len, reverse=True))) or "(?!)"
    if language not in _SPACELESS:
        either = rf"(?<![^\W_])(?<!\d[ -])(?:{either})(?!\w)"
    return re.compile(either, re.IGNORECASE), named


def durations(text: str, language: str) -> Iterator[Written]:
    """Durations of hours and minutes, each in minutes."""
    pattern, named = _said(language)
    for m in pattern.finditer(text):
        yield Written(*m.span(), frozenset({str(named[m[0].lower()])}))
    for m in _HOURS_AND_MINUTES.finditer(text):
        if unit_of(m[2]) == "h" and unit_of(m[4] or "min") == "min":
            yield Written(*m.span(), frozenset({str(60 * int(m[1]) + int(m[3]))}))
    for quantity in _with_units(text):
        if factor := _MINUTES.get(quantity.unit):
            minutes = float(quantity.value) * factor
            yield Written(quantity.start, quantity.end, frozenset({f"{minutes:g}"}))


def measures(text: str, _: str) -> Iterator[Written]:
    """Numbers with the unit behind them."""
    for quantity in _with_units(text):
        means = frozenset({f"{quantity.value} {quantity.unit}"})
        yield Written(quantity.start, quantity.end, means)


def _with_units(text: str) -> Iterator[Quantity]:
    for quantity in quantities(text):
        ends_in_unit = not text[quantity.end - 1].isdigit()
        if quantity.unit and ends_in_unit and not quantity.spelled:
            yield quantity
