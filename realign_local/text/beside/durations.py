"""Measures and durations, in words and in units: `half an hour`, 90 min, 250 mL, полчаса."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from realign_local.text.beside.written import Written, data
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.units import unit_of

_MINUTES = {"min": 1, "h": 60}
_SPACELESS = ("zh", "ja")
_WORD = r"[^\W\d_]{1,12}(?![^\W\d_])"
_NUMERAL = re.compile(
    rf"(?<![\w.,:/-])(\d{{1,4}}(?:[.,]\d{{1,2}})?)[ -]?({_WORD})(?: (\d{{1,2}}) ?({_WORD}))?"
)


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
    for m in _NUMERAL.finditer(text):
        if not (factor := _MINUTES.get(unit_of(m[2]))):
            continue
        minutes, end = float(m[1].replace(",", ".")) * factor, m.end(2)
        if m[4] and factor == _MINUTES["h"] and unit_of(m[4]) == "min":
            minutes, end = minutes + int(m[3]), m.end()
        yield Written(m.start(), end, frozenset({f"{minutes:g}"}))


def measures(text: str, _: str) -> Iterator[Written]:
    """Numbers with the unit behind them."""
    for quantity in quantities(text):
        ends_in_unit = not text[quantity.end - 1].isdigit()
        if quantity.unit and ends_in_unit and not quantity.spelled:
            means = frozenset({f"{quantity.value} {quantity.unit}"})
            yield Written(quantity.start, quantity.end, means)
