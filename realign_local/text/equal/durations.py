"""Measures and durations, in words and in units: `half an hour`, 90 min, 250 mL, полчаса."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache

from realign_local.text.equal.set_formulas import set_on_one_line
from realign_local.text.equal.written import (
    Written,
    data,
    has_digit,
    number_words,
)
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import BASES, currency_before, may_mean, unit_of
from realign_local.text.segments import plain
from realign_local.text.small_words import small_words
from realign_local.text.wordings import heads_of, may_hold

_UNIT = re.compile(r"[ -]([^\W\d_]{1,12})(?![^\W\d_])")
_DASHED = re.compile(r"[-–—~〜至到] ?$")
_JOINS = re.compile(
    r"[-–—~〜至到] ?$|(?<!up )\b(?:to|or|bis|oder|à|ou|a|o|al|e|até|tot|of|до|или) $"
)
_SPACELESS = ("zh", "ja")
_WORD = r"[^\W\d_]{1,12}(?![^\W\d_])"
_HOURS_AND_MINUTES = re.compile(
    rf"(?<![A-Za-z0-9_.,:/-])(\d{{1,3}})[ -]?({_WORD}) (?:[^\W\d_]{{1,3}} )?"
    rf"(\d{{1,2}})[ -]?({_WORD})?"
)
"""`1 h 15 min`, `1 Stunde und 15 Minuten`."""
_PARTS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "1/2": "0.5", "1/4": "0.25", "3/4": "0.75"}
_AND_A_PART = re.compile(
    rf"(?<![\w.,/])(\d{{1,3}}|[a-z]{{3,6}})"
    rf"(?:\ ?([½¼¾])|\ ([13]/[24])|\ and (a half|½|a quarter))[ -]({_WORD})"
)
"""`2½ hours`, `two and a half hours`."""


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


def _durations(text: str, language: str) -> Iterator[Written]:
    """Durations of hours and minutes, each in minutes."""
    pattern, named = _said(language)
    for m in pattern.finditer(text):
        yield Written(*m.span(), frozenset({f"{named[m[0].lower()]} min"}))
    for m in _HOURS_AND_MINUTES.finditer(text) if has_digit(text) else ():
        if unit_of(m[2]) == "h" and unit_of(m[4] or "min") == "min":
            yield Written(*m.span(), frozenset({f"{60 * int(m[1]) + int(m[3])} min"}))


def _measures(text: str, language: str) -> Iterator[Written]:
    """Numbers with the unit behind them, in the smallest unit of their kind."""
    for quantity in quantities(text):
        start = quantity.start - len(
            currency_before(text[max(0, quantity.start - 6) : quantity.start])[1]
        )
        has_unit = _has_unit_behind(quantity) or (quantity.unit and start < quantity.start)
        if has_unit and _is_alone(text, quantity):
            end = quantity.end + (_named_behind(text, quantity.end) if quantity.spelled else 0)
            means = {_in_base(quantity.value, unit) for unit in may_mean(quantity.unit)}
            yield Written(start, end, frozenset(means))
    yield from _halves(text, language)
    yield from _with_parts(text)
    for place, end, line in set_on_one_line(text):
        inner = quantities(plain(line))
        if len(inner) == 1 and inner[0].unit and inner[0].raw == plain(line).strip():
            yield Written(place, end, frozenset({_in_base(inner[0].value, inner[0].unit)}))


def _with_parts(text: str) -> Iterator[Written]:
    for m in _AND_A_PART.finditer(text):
        whole = m[1] if m[1].isdecimal() else number_words("en").get(m[1], "")
        part = _PARTS.get(m[2] or m[3] or m[4]) or ("0.25" if m[4] == "a quarter" else "0.5")
        if whole and (unit := unit_of(m[5])):
            yield Written(
                *m.span(), frozenset({_in_base(str(Decimal(whole) + Decimal(part)), unit)})
            )


def _has_unit_behind(quantity: Quantity) -> bool:
    return bool(quantity.unit) and not quantity.raw.replace(",", "").replace(".", "").isdigit()


def _is_alone(text: str, quantity: Quantity) -> bool:
    """No second end of a range, whose first is written as it is."""
    before = text[max(0, quantity.start - 8) : quantity.start]
    return not (_JOINS.search(before) if quantity.spelled else _DASHED.search(before))


def _named_behind(text: str, end: int) -> int:
    """How long the unit is behind a number in words, which does not hold it."""
    unit = _UNIT.match(text, end)
    return unit.end() - end if unit and unit_of(unit[1]) else 0


def _halves(text: str, language: str) -> Iterator[Written]:
    for word, value in number_words(language).items():
        if value != "0.5" or not may_hold(text, heads_of((word,))):
            continue
        for m in re.finditer(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text, re.IGNORECASE):
            unit = _UNIT.match(text, m.end())
            if unit and unit_of(unit[1]) and unit[1].lower() not in small_words(language):
                means = frozenset({_in_base(value, unit_of(unit[1]))})
                yield Written(m.start(), unit.end(), means)


def _in_base(value: str, unit: str) -> str:
    base, factor = BASES.get(unit, (unit, 1))
    try:
        return f"{(Decimal(value) * factor).normalize():f} {base}"
    except InvalidOperation:
        return f"{value} {unit}"


def durations_and_measures(text: str, language: str) -> Iterator[Written]:
    """What a text says of how long and how much."""
    yield from _durations(text, language)
    yield from _measures(text, language)
