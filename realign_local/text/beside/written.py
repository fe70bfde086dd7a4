"""What texts write in words or in signs: numbers, days, dates, hours, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from typing import Any

from realign_local.text.numbers.han_numerals import DIGITS, value_of
from realign_local.text.numbers.number_dates import month_names, month_of
from realign_local.text.numbers.units import unit_of
from realign_local.text.rules import rules

NOON, HALF_DAY, DAY = 12 * 60, 12 * 60, 24 * 60
STEM_LETTERS = 4
_HAN_SIGN = "".join([*DIGITS, *"十百千万萬亿億"])
_HAN = re.compile(f"半|[{_HAN_SIGN}]+")
_NUMERAL = re.compile(r"(?<![A-Za-z0-9_.,:/])(?:\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?|1/2|½)(?![\d:/]|[.,]\d)")
_NEXT = re.compile(r"[ -]?([^\W\d_]+)")
_IDEOGRAPH = re.compile(r" ?([\u3040-\u30ff\u3400-\u9fff])")
_DAY_MONTH = re.compile(
    r"(?<![\d.,:/])(\d{1,2})(?:st|nd|rd|th|er|º|°|\.)?(?:\ (?:de|of|di))?\ ([^\W\d_]{3,12})\b"
    r"(?:\.?,?\ (?:del?\ )?([12]\d{3})(?!\d))?"
)
_MONTH_DAY = re.compile(
    r"\b([A-Z][a-z]{2,8})\.?\ (\d{1,2})(?:st|nd|rd|th)?(?![\d:]|[.,]\d)(?:,?\ ([12]\d{3})(?!\d))?"
)
_SAME_MONTH = re.compile(
    r"(?<![\d.,:/])(\d{1,2})(?:\.|st|nd|rd|th|er)?(?:\ ?[-–—]\ ?"
    r"|\ (?:bis|bis\ zum|to|and|und|au|et|al|y|a|ao|e|по|до|и)\ (?:(?:le|el|the)\ )?)$"
)
"""The first day of `3. bis 5. Juni`."""
_NUMERIC = re.compile(
    r"(?<![\d.,:/-])(\d{1,2})([./])(\d{1,2})(?:\2([12]\d{3})(?!\d)|\.(?!\d)|(?![\d/]|[.,]\d))"
)
_HAN_DATE = re.compile(rf"([\d{_HAN_SIGN}]{{1,3}})月([\d{_HAN_SIGN}]{{1,3}})[日号號]")
MAX_SIGNS = 20_000


@dataclass(frozen=True, slots=True)
class Written:
    """A place in a text with all that it may mean; a bare numeral is not told in words.

    `likely` is the likeliest of several meanings. Not sure is an hour that may as well be a
    duration, such as `9 h`; a numeral that is the first of two, as in `9-18 Uhr`, may be an hour.
    """

    start: int
    end: int
    means: frozenset[str]
    is_told: bool = True
    likely: str = ""
    is_sure: bool = True
    is_first: bool = True


@cache
def data() -> dict[str, Any]:
    """The table as it stands in the file."""
    return rules("written")


def _entries(row: str) -> list[list[str]]:
    return [[word.replace("_", " ") for word in entry.split("|")] for entry in row.split()]


def _one_of(words: Mapping[str, Any], *, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(
        rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)", flags
    )


# --- numbers -------------------------------------------------------------------------------------


@cache
def _number_words(language: str) -> dict[str, str]:
    table = data()["numbers"].get(language)
    if not table:
        return {}
    found: dict[str, str] = {}
    small, tens = _entries(table["small"]), _entries(table["tens"])
    named = [(str(n), words) for n, words in enumerate(small, start=1)]
    named += [(str(10 * n), words) for n, words in enumerate(tens, start=2)]
    named += [("0.5", words) for words in _entries(table["half"])]
    named += [("0", words) for words in _entries(table.get("none", ""))]
    named += [
        (value, words)
        for value, words in zip(("100", "1000"), _entries(table.get("round", "")), strict=False)
    ]
    for value, words in named:
        found |= dict.fromkeys(words, value)
    if "joint" in table:
        for ten, names in enumerate(tens, start=2):
            for one, digits in enumerate(small[:9], start=1):
                for name in names:
                    for digit in digits:
                        parts = (digit, name) if table.get("reversed") else (name, digit)
                        found[table["joint"].join(parts)] = str(10 * ten + one)
    return found


def is_number_word(word: str, language: str) -> bool:
    """Whether the language says a number so."""
    return word in _number_words(language)


@cache
def _number_pattern(language: str) -> re.Pattern[str]:
    return _one_of(_number_words(language))


def numbers(text: str, language: str) -> Iterator[Written]:
    """Numbers in words and in digits. One alone, and a lone Chinese sign, mean something with the
    word behind them: `un litro`, 三分钟."""
    for m in _number_pattern(language).finditer(text):
        value = _number_words(language)[m[0].lower()]
        counted = _counted(text, m.end())
        if value != "1":
            yield Written(*m.span(), frozenset({value}))
        elif counted:
            yield Written(*m.span(), frozenset({f"1 {counted}"}))
    for m in _HAN.finditer(text):
        value = "0.5" if m[0] == "半" else value_of(m[0])
        behind = _IDEOGRAPH.match(text, m.end())
        if len(m[0]) > 1:
            yield Written(*m.span(), frozenset({value}))
        elif behind:
            yield Written(*m.span(), frozenset({f"{value} {behind[1]}"}))
    for m in _NUMERAL.finditer(text):
        value = _value(m[0])
        counted = _counted(text, m.end())
        yield Written(*m.span(), frozenset({value, f"{value} {counted}"}), is_told=False)


def _value(numeral: str) -> str:
    if numeral in ("½", "1/2"):
        return "0.5"
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", numeral):
        return numeral.replace(",", "")
    whole, _, part = numeral.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _counted(text: str, end: int) -> str:
    """What a number counts: its unit, or the beginning of the next word; a Chinese sign."""
    if sign := _IDEOGRAPH.match(text, end):
        return sign[1]
    word = _NEXT.match(text, end)
    return (unit_of(word[1]) or word[1][:STEM_LETTERS].lower()) if word else ""


def implies_one(language: str) -> bool:
    """Whether the language has no article, so that `стакан` is one glass."""
    return bool(data()["numbers"].get(language, {}).get("implied"))


def first_one(text: str, counted: str) -> int | None:
    """Where `1` may stand before what it counts, which has no number there."""
    for m in re.finditer(r"(?<![\w.,])[^\W\d_]+", text):
        before = text[max(0, m.start() - 12) : m.start()].rstrip()
        if _counted(text, m.start()) == counted and not before[-1:].isdigit():
            return m.start()
    return None


# --- days ----------------------------------------------------------------------------------------


@cache
def _day_names(language: str, kinds: tuple[str, ...] = ("full", "short")) -> dict[str, str]:
    table = data()["days"].get(language, {})
    return {
        name.lower(): str(day)
        for kind in kinds
        for day, names in enumerate(_entries(table.get(kind, "")), start=1)
        for name in names
    }


@cache
def _day_pattern(language: str, kinds: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted(_day_names(language, kinds), key=len, reverse=True)
    either = "|".join(map(re.escape, names)) or "(?!)"
    if language in ("zh", "ja"):
        return re.compile(either)
    return re.compile(rf"(?<![^\W\d_])(?:{either})(?![^\W\d_])", re.IGNORECASE)


def days(text: str, language: str, kinds: tuple[str, ...] = ("full",)) -> Iterator[Written]:
    """Days of the week in full."""
    for m in _day_pattern(language, kinds).finditer(text):
        yield Written(*m.span(), frozenset({_day_names(language, kinds)[m[0].lower()]}))


def spans_of_days(text: str, language: str) -> set[str]:
    """The days that `weekdays` and `weekend` stand for."""
    table = data()["days"].get(language, {})
    lowered = text.lower()
    found = set[str]()
    for kind, named in (("working", "12345"), ("weekend", "67")):
        if any(word in lowered for word in table.get(kind, "").split()):
            found |= set(named)
    return found


_OTHER_MONTH = re.compile(r"May(?= [a-z])|(?<=[.!?] )May")
MOST_BETWEEN = 12
"""The verb."""


def months(text: str, language: str) -> Iterator[Written]:
    """Months by their names, in the language's letters: `may` is no month in English."""
    for m in month_names(language).finditer(text):
        if not _OTHER_MONTH.match(text, m.start()):
            yield Written(*m.span(), frozenset({str(month_of(m[0]))}))


def spans_between(found: Sequence[Written], text: str, size: int) -> set[str]:
    """What lies between two that a dash or `to` joins: of Monday to Thursday also Tuesday."""
    between = set[str]()
    for one, other in pairwise(found):
        if _FROM.match(text, one.end) and other.start - one.end <= MOST_BETWEEN:
            at, end = int(min(one.means)), int(min(other.means))
            while at != end:
                at = at % size + 1
                between.add(str(at))
    return between


# --- dates ---------------------------------------------------------------------------------------


def dates(text: str, _: str) -> Iterator[Written]:
    """Days of a month, once with and once without their year."""
    for m in _DAY_MONTH.finditer(text):
        yield from _date(m, m[1], month_of(m[2]), m.end(2))
        before = _SAME_MONTH.search(text, max(0, m.start() - 20), m.start())
        if before and month_of(m[2]):
            means = frozenset({_meant(before[1], month_of(m[2]))})
            point = text[before.end(1) : before.end(1) + 1] == "."
            yield Written(before.start(1), before.end(1) + point, means)
    for m in _MONTH_DAY.finditer(text):
        end = m.end() if not m[3] else m.start(3)
        yield from _date(m, m[2], month_of(m[1]), end)
    for m in _NUMERIC.finditer(text):
        without_year = m.end() if not m[4] else m.start(4)
        orders = [(m[1], m[3])] if m[2] == "." else [(m[1], m[3]), (m[3], m[1])]
        for day, month in orders:
            yield from _date(m, day, int(month), without_year, year=m[4])
    for m in _HAN_DATE.finditer(text):
        day, month = (n if n.isdecimal() else value_of(n) for n in (m[2], m[1]))
        yield from _date(m, day, int(month), m.end())


def _date(
    m: re.Match[str], day: str, month: int, end: int, *, year: str | None = None
) -> Iterator[Written]:
    if not 1 <= month <= 12 or not 1 <= int(day) <= 31:
        return
    means = _meant(day, month)
    yield Written(m.start(), end, frozenset({means}))
    year = year or (m[3] if m.re in (_DAY_MONTH, _MONTH_DAY) else None)
    if year:
        yield Written(m.start(), m.end(), frozenset({f"{means} {year}"}))


def _meant(day: str, month: int) -> str:
    return f"{int(day)} {month}"


# --- hours ---------------------------------------------------------------------------------------


@cache
def _clock_words(language: str) -> dict[str, list[list[str]]]:
    table = data()["clock"].get(language, {})
    return {kind: _entries(row) for kind, row in table.items() if isinstance(row, str)}


@cache
def _minutes_said(language: str, kind: str) -> dict[str, int]:
    """What `half past` before the hour, or `et demie` behind it, adds to it."""
    table = data()["clock"].get(language, {}).get(kind, {})
    return {words.replace("_", " ").lower(): int(minutes) for words, minutes in table.items()}


def _either(entries: list[list[str]]) -> str:
    words = sorted(chain.from_iterable(entries), key=len, reverse=True)
    return "|".join(map(re.escape, words)) or "(?!)"


@cache
def _clock_pattern(language: str) -> re.Pattern[str]:
    told = _clock_words(language)
    morning, evening = (_either(told.get(kind, [])) for kind in ("morning", "evening"))
    hour_words = [word for word, value in _number_words(language).items() if value in _HOURS]
    numeral = rf"\d{{1,2}}|{_either([hour_words])}|[{_HAN_SIGN}]{{1,3}}"
    before = rf"(?:(?P<first>{morning})|(?P<second>{evening}))\ ?" if language in _EAST else ""
    return re.compile(
        rf"(?<![\w.,:/€$£%])(?P<whole>{before and f'(?:{before})?'}"
        rf"(?:(?P<past>{_either([[*_minutes_said(language, 'past')]])})\ )?(?P<hour>{numeral})"
        rf"(?:(?P<minute_mark>\ ?[:.]\ ?|\ ?[hH点點時时]\ ?)(?P<minute>[0-5]\d(?!\d)|半))?"
        rf"(?:\ ?(?P<behind>{_either(told.get('behind', []))})(?![^\W\d_]))?"
        rf"(?:\ (?P<more>{_either([[*_minutes_said(language, 'more')]])})(?!\w))?"
        rf"(?:\ ?(?:(?P<morning>{morning})|(?P<evening>{evening}))(?![^\W\d_]))?)"
        r"(?!\d|[.,:/]\d|\ ?[€$£%°])",
        re.IGNORECASE,
    ) if language not in _EAST else re.compile(
        rf"(?<![\d.,:/€$£%])(?P<whole>{before and f'(?:{before})?'}(?P<past>(?!))?"
        rf"(?P<hour>{numeral})"
        rf"(?:(?P<minute_mark>:|[点點時时])(?P<minute>[0-5]?\d(?!\d)|半|[{_HAN_SIGN}]{{1,3}})分?)?"
        rf"(?P<behind>{_either(told.get('behind', []))})?"
        r"(?P<more>(?!))?(?P<morning>(?!))?(?P<evening>(?!))?)(?!\d|[.,:/]\d)"
    )


_EAST = ("zh", "ja")
_ONLY_HOURS = ("o'clock", "o’clock", "Uhr", "uur", "点", "點", "时", "時")
_FROM = re.compile(r"\ ?[-–—~〜至到]|\ (?:to|bis|à|a|al|alle|às|ao|tot|do|до)\b")
_HOURS = frozenset(map(str, range(1, 25)))


@cache
def _hours_alone(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    told = _clock_words(language)
    named = {word: NOON for entry in told.get("noon", []) for word in entry}
    named |= {word: 0 for entry in told.get("midnight", []) for word in entry}
    pattern = re.compile(_either([[*named]]), re.IGNORECASE) if named else re.compile(r"(?!)")
    return pattern, {word.lower(): at for word, at in named.items()}


def clock(text: str, language: str) -> Iterator[Written]:
    """Times of day; a bare numeral may be one, in the morning or in the evening."""
    alone, named = _hours_alone(language)
    for m in alone.finditer(text):
        yield Written(*m.span(), frozenset({_time(named[m[0].lower()])}))
    for m in _clock_pattern(language).finditer(text):
        if (at := _minutes(m, language)) is None:
            continue
        said = bool(m["morning"] or m["evening"] or (language in _EAST and (m["first"] or m["second"])))
        late = bool(m["evening"] or (language in _EAST and m["second"]))
        if said:
            hour = at % HALF_DAY + (HALF_DAY if late else 0)
            means = {_time(hour)}
        else:
            means = {_time(at), _time((at + HALF_DAY) % DAY)} if at <= NOON + 59 and at else {_time(at)}
        told = bool(said or m["minute"] or m["behind"] or m["past"] or m["more"])
        behind = text[m.end("whole") :]
        counted = unit_of(word[1]) if (word := _NEXT.match(behind)) else ""
        if not told and counted:
            continue
        likely = _time(hour if said else at)
        sure = told and (m["behind"] is None or said or bool(m["minute"]) or m["behind"] in _ONLY_HOURS)
        first = bool(_FROM.match(behind))
        yield Written(*m.span("whole"), frozenset(means), told, likely, sure, first)


def _minutes(m: re.Match[str], language: str) -> int | None:
    written = m["hour"]
    if written.isdecimal():
        hour = int(written)
    elif written[0] in _HAN_SIGN:
        hour = int(float(value_of(written)))
    else:
        hour = int(_number_words(language)[written.lower()])
    if hour > 24:
        return None
    minute = m["minute"] or "0"
    if minute == "半":
        minute = "30"
    at = hour * 60 + (int(minute) if minute.isdecimal() else int(value_of(minute)))
    for kind in ("past", "more"):
        if m[kind]:
            at += _minutes_said(language, kind)[m[kind].lower()]
    return at % DAY if at >= 0 else None


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def days_and_short(text: str, language: str) -> Iterator[Written]:
    """Days of the week in full and as in calendars: `Mo` may be another word."""
    return days(text, language, ("full", "short"))


FINDERS: dict[str, Callable[[str, str], Iterator[Written]]] = {
    "dates": dates,
    "days": days_and_short,
    "clock": clock,
    "numbers": numbers,
}
"""In the order in which they are looked for: a day of a month is no number alone."""
