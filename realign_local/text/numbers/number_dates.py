"""Dates and times of day in one form: `03.05.2021` is `3 May 2021`, 14h30 is 2:30 pm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from realign_local.text.numbers.quantity import Quantity
from realign_local.text.rules import rules

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![\d.,]\d|\d)")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.\ ?([0-9]{1,2})\.\ ?([0-9]{4})(?![\d.,]\d|\d)")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?![\d.,/]\d|\d)")
"""3/5/2021 is a day of March or of May, 14/5/2021 and 5/14/2021 can only be one of May."""
_EASTERN = re.compile(
    r"(?:([0-9]{4})\ ?[年년]\ ?)?([0-9]{1,2})\ ?[月월](?:\ ?([0-9]{1,2})\ ?[日号號일])?"
)
_CLOCK = re.compile(r"[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?)?(?:\ ?[ap]\.?m\b\.?)?", re.IGNORECASE)
_OTHER_CLOCK = re.compile(
    r"((?:[01]?[0-9]|2[0-4]))(?:\ ?[hH]\ ?([0-5][0-9])(?!\ ?min|\w)|\.([0-5][0-9])(?=\ Uhr\b)"
    r"|[点點时時]([0-5]?[0-9])分)"
)
_HALF_DAY = re.compile(r"(?:(午後|下午|晚上|오후)|午前|上午|早上|凌晨|오전)\ ?$")
_SAID_HOUR = re.compile(
    r"([01]?[0-9])(?:\ ?[点點时時시]\ ?(?:([0-5]?[0-9])\ ?[分분])?|:([0-5][0-9]))"
)
"""Behind the half of the day: 午後9時30分, 下午3点, 오후 2시."""
_OTHER_CLOCK_SIGN = re.compile(r"[0-9]{1,2}\ ?[hH.点點时時]")
_MONTH = re.compile(
    r"\b([A-Z][a-z]{2,8})\b\.?(?=\ \d)"
    r"|(?:(?<=\d\ )|(?<=\d\.\ )|(?<=\d\ de\ )|(?<=of\ ))([^\W\d_]{3,12})\b"
)


@cache
def data() -> dict[str, Any]:
    """The tables as they stand in the file."""
    return rules("number_dates")


@cache
def _months() -> Mapping[str, int]:
    return {
        name: number
        for listed in data()["months"].values()
        for number, names in enumerate(listed.split(), start=1)
        for name in names.split("|")
    }


@cache
def _lowered() -> frozenset[str]:
    return frozenset(name.lower() for name in _months())


@cache
def month_names(language: str) -> re.Pattern[str]:
    """What finds a month's full or short name in a text of the language."""
    names = re.split("[ |]", data()["months"].get(language, "")) if language else []
    return re.compile(rf"\b(?:{'|'.join(filter(None, names)) or '(?!)'})\b")


def month_of(word: str) -> int:
    """The number of the month that a word names, as it is written; 0 for any other word."""
    return _months().get(word, 0)


def names_month(words: frozenset[str]) -> bool:
    """A quick look at a text's words in lower case: whether months_in is worth running."""
    return not _lowered().isdisjoint(words)


def months_in(text: str) -> list[Quantity]:
    """The months that a number stands beside."""
    found = []
    for m in _MONTH.finditer(text):
        number = _months().get(m[1] or m[2])
        if number:
            found.append(Quantity(f"month{number}", "", m[0], m.start(), m.end()))
    return found


def date_or_time(text: str, start: int) -> list[Quantity]:
    """What begins here: the day, month and year of a date in this order, or a time of day."""
    if date := _date(text, start):
        return date
    half = _HALF_DAY.search(text, max(0, start - 3), start) if start else None
    if half and (m := _SAID_HOUR.match(text, start)):
        return [Quantity(_half_clock(m, half[1] is not None), "", m[0], start, m.end())]
    m = _CLOCK.match(text, start)
    if m and (":" in m[0] or not m[0][-1].isdigit()):
        return [Quantity(_clock(m[0]), "", m[0], start, m.end())]
    if _OTHER_CLOCK_SIGN.match(text, start) and (m := _OTHER_CLOCK.match(text, start)):
        value = f"clock{int(m[1])}:{int(m[2] or m[3] or m[4])}:0"
        return [Quantity(value, "", m[0], start, m.end())]
    return []


def _date(text: str, start: int) -> list[Quantity]:
    if m := _YEAR_FIRST.match(text, start):
        year, month, day = m[1], m[3], m[4]
    elif m := _DAY_FIRST.match(text, start):
        day, month, year = m[1], m[2], m[3]
    elif (m := _SLASHED.match(text, start)) and (int(m[1]) > 12) != (int(m[2]) > 12):
        day, month, year = *sorted((m[1], m[2]), key=int, reverse=True), m[3]
    elif m := _EASTERN.match(text, start):
        year, month, day = m[1] or "", m[2], m[3] or ""
        if not year and not day:
            return []
    else:
        return []
    if not 1 <= int(month) <= 12 or not 1 <= int(day or 1) <= 31:
        return []
    values = [str(int(day)) if day else "", f"month{int(month)}", year]
    return [Quantity(value, "", m[0], start, m.end()) for value in values if value]


def _half_clock(m: re.Match[str], afternoon: bool) -> str:
    hours = int(m[1]) % 12 + 12 * afternoon
    return f"clock{hours}:{int(m[2] or m[3] or 0)}:0"


def _clock(text: str) -> str:
    """A time of day as hour, minute and second of the whole day."""
    hour, minute, second = [*re.findall(r"\d+", text), "0", "0"][:3]
    lowered = text.lower()
    hours = int(hour)
    if "p" in lowered and hours < 12:
        hours += 12
    elif "a" in lowered and hours == 12:
        hours = 0
    return f"clock{hours}:{int(minute)}:{int(second)}"
