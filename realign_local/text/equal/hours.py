"""Times of day, in words and in signs: `half past ten`, 22h30, 下午三点."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from realign_local.text.equal.written import (
    FROM_HERE,
    HAN_SIGN,
    NEXT_WORD,
    Written,
    data,
    entries,
    has_digit,
    number_words,
)
from realign_local.text.numbers.han_numerals import value_of
from realign_local.text.numbers.units import unit_of
from realign_local.text.wordings import heads_in, heads_of

HALF_DAY, DAY = 12 * 60, 24 * 60
_SPACELESS = ("zh", "ja")
_HOURS = frozenset(map(str, range(1, 25)))
_ONLY_HOURS = ("o'clock", "o’clock", "Uhr", "uur", "点", "點", "时", "時")
"""Words behind a number that say no duration."""


@cache
def _words(language: str, kind: str) -> tuple[str, ...]:
    listed = entries(data()["clock"].get(language, {}).get(kind, ""))
    return tuple(word for entry in listed for word in entry)


@cache
def _minutes_said(language: str, kind: str) -> dict[str, int]:
    """What `half past` before the hour, or `et demie` behind it, adds to it."""
    table = data()["clock"].get(language, {}).get(kind, {})
    return {words.replace("_", " ").lower(): int(minutes) for words, minutes in table.items()}


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


@cache
def _pattern(language: str) -> re.Pattern[str]:
    morning, evening, behind = (
        _either(_words(language, kind)) for kind in ("morning", "evening", "behind")
    )
    spelled = [word for word, value in number_words(language).items() if value in _HOURS]
    spelled += _words(language, "hours")
    hour = rf"(?P<hour>\d{{1,2}}|{_either(spelled)}|[{HAN_SIGN}]{{1,3}})"
    if language in _SPACELESS:
        return re.compile(
            rf"(?<!\d:)(?<![\d.,/€$£%])"
            rf"(?:(?:(?P<morning>{morning})|(?P<evening>{evening}))\ ?)?{hour}"
            rf"(?:(?::|[点點時时])(?P<minute>[0-5]?\d(?!\d)|半|[{HAN_SIGN}]{{1,3}})分?)?"
            rf"(?P<behind>{behind})?(?P<past>(?!))?(?P<more>(?!))?(?!\d|[.,:/]\d)"
        )
    joint = _either(_words(language, "joint"))
    past, more = (_either(_minutes_said(language, kind)) for kind in ("past", "more"))
    return re.compile(
        rf"(?<![\w.,:/€$£%])(?:(?P<past>{past})\ )?{hour}"
        rf"(?:(?:\ ?[:.]\ ?|\ ?h\ ?|\ (?:{joint})\ )(?P<minute>[0-5]\d(?!\d)))?"
        rf"(?:\ ?(?P<behind>{behind})(?![^\W\d_]))?(?:\ (?P<more>{more})(?!\w))?"
        rf"(?:\ ?(?:(?P<morning>{morning})|(?P<evening>{evening}))(?![^\W\d_]))?"
        r"(?!\d|[.,:/]\d|\ ?[€$£%°])",
        re.IGNORECASE,
    )


@cache
def _starts(language: str) -> tuple[str, ...]:
    """How a word begins that holds an hour, which may be only the beginning of that word."""
    return tuple(heads_of([*number_words(language), *_words(language, "hours")]))


@cache
def _halves(language: str) -> tuple[re.Pattern[str], dict[str, int]] | None:
    """`половине шестого`, which is half past five, with what may be said behind it."""
    rows = entries(data()["clock"].get(language, {}).get("halves", ""))
    if not rows:
        return None
    named = {word: 60 * hour + 30 for hour, row in enumerate(rows) for word in row}
    morning, evening = (_either(_words(language, kind)) for kind in ("morning", "evening"))
    behind = rf"(?:\ (?:(?P<morning>{morning})|(?P<evening>{evening}))(?!\w))?"
    return re.compile(rf"(?P<half>{_either(named)}){behind}", re.IGNORECASE), named


def hours(text: str, language: str) -> Iterator[Written]:
    """Times of day; a bare numeral may be one, in the morning or in the evening."""
    for kind, named in (("noon", HALF_DAY), ("midnight", 0)):
        if words := _words(language, kind):
            for m in re.finditer(_either(words), text, re.IGNORECASE):
                yield Written(*m.span(), frozenset({_time(named)}))
    if halves := _halves(language):
        for m in halves[0].finditer(text):
            meant = _meant(halves[1][m["half"].lower()], m)
            yield Written(*m.span(), frozenset(map(_time, meant)), likely=_time(meant[0]))
    if not (has_digit(text) or any(one.startswith(_starts(language)) for one in heads_in(text))):
        return
    for m in _pattern(language).finditer(text):
        at = _minutes(m, language)
        word = NEXT_WORD.match(text, m.end())
        told = any(m[kind] for kind in ("morning", "evening", "minute", "behind", "past", "more"))
        if at is None or (not told and word and unit_of(word[1])):
            continue
        meant = _meant(at, m)
        sure = not m["behind"] or bool(m["morning"] or m["evening"] or m["minute"])
        sure = told and (sure or m["behind"] in _ONLY_HOURS)
        first = bool(FROM_HERE.match(text, m.end()))
        means = frozenset(map(_time, meant))
        yield Written(*m.span(), means, told, _time(meant[0]), sure, first)


def _meant(at: int, m: re.Match[str]) -> list[int]:
    """The minutes since midnight, the likeliest first: `9` may be in the evening."""
    if m["morning"] or m["evening"]:
        return [at % HALF_DAY + HALF_DAY * bool(m["evening"])]
    whole_day = m["hour"][0] == "0" and m["minute"]
    return [at, (at + HALF_DAY) % DAY] if 0 < at < HALF_DAY + 60 and not whole_day else [at]


def _minutes(m: re.Match[str], language: str) -> int | None:
    """Since midnight, as they are said; None for what is no hour."""
    said = m["hour"]
    value = said if said.isdecimal() else number_words(language).get(said.lower())
    if said in (named := _words(language, "hours")):
        value = str(named.index(said) + 1)
    hour = int(float(value or value_of(said)))
    minute = {"半": "30", None: "0"}.get(m["minute"], m["minute"])
    at = hour * 60 + int(minute if minute.isdecimal() else float(value_of(minute)))
    for kind in ("past", "more"):
        at += _minutes_said(language, kind)[m[kind].lower()] if m[kind] else 0
    return at % DAY if hour <= 24 and at >= 0 else None


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
