"""What texts write in words or in signs: numbers, days and dates, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from realign_local.text.numbers.han_numerals import DIGITS, value_of
from realign_local.text.numbers.number_dates import month_names, month_of
from realign_local.text.numbers.units import unit_of
from realign_local.text.rules import rules
from realign_local.text.segments import WORD
from realign_local.text.wordings import heads_of, may_hold

STEM_LETTERS = 4
HAN_SIGN = "".join([*DIGITS, *"十百千万萬亿億"])
_HAN = re.compile(f"半|[{HAN_SIGN}]+")
_AND_A_HALF = re.compile(rf"(\d+|[{HAN_SIGN}]{{1,3}})[个個]半")
_NUMERAL = re.compile(
    r"(?<!\d:)(?<![A-Za-z0-9_.,/])(?:\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?|1/2|½)(?![\d:/]|[.,]\d)"
)
NEXT_WORD = re.compile(r"[ -]?([^\W\d_]{1,40})")
_NEXT_TWO = re.compile(r"[ -]?([^\W\d_]{1,40}[ -][^\W\d_]{1,40})")
"""A row of a thousand `½` is one word: each of them must not read the rest of it."""
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
_YEAR_FIRST = re.compile(r"(?<![\d.,:/-])([12]\d{3})-(\d{2})-(\d{2})(?![\d-])")
_HAN_DATE = re.compile(rf"([\d{HAN_SIGN}]{{1,3}})月([\d{HAN_SIGN}]{{1,3}})[日号號]")
_YEAR = re.compile(r"(?<![\d.,:/-])[12]\d{3}(?![\d:]|[.,]\d)")
FROM_HERE = re.compile(r"\ ?[-–—~〜至到]|\ (?:to|bis|à|a|al|alle|às|ao|tot|do|до)\b")
"""Behind the first of two ends."""
_DAY_FIRST = frozenset({"de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ar"})
"""Languages in which `5/3` is of March, and nothing else."""
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


def entries(row: str) -> list[list[str]]:
    """The entries of a row of the table, each with all its words."""
    return [[word.replace("_", " ") for word in entry.split("|")] for entry in row.split()]


def _one_of(words: Mapping[str, Any], *, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(
        rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)", flags
    )


_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=16)
def has_digit(text: str) -> bool:
    """Whether there is a digit, or a sign that may be one in another script."""
    return not text.isascii() or _DIGIT.search(text) is not None


# --- numbers -------------------------------------------------------------------------------------


@cache
def number_words(language: str) -> dict[str, str]:
    """The values of the words for numbers."""
    table = data()["numbers"].get(language)
    if not table:
        return {}
    found: dict[str, str] = {}
    small, tens = entries(table["small"]), entries(table["tens"])
    named = [(str(n), words) for n, words in enumerate(small, start=1)]
    named += [(str(10 * n), words) for n, words in enumerate(tens, start=2)]
    named += [("0.5", words) for words in entries(table["half"])]
    named += [("0", words) for words in entries(table.get("none", ""))]
    named += [
        (value, words)
        for value, words in zip(("100", "1000"), entries(table.get("round", "")), strict=False)
    ]
    for value, words in named:
        found |= dict.fromkeys(words, value)
    for value, words in table.get("other", {}).items():
        found |= dict.fromkeys(entries(words)[0], value)
    if "joint" in table:
        for ten, names in enumerate(tens, start=2):
            for one, digits in enumerate(small[:9], start=1):
                for name in names:
                    for digit in digits:
                        parts = (digit, name) if table.get("reversed") else (name, digit)
                        found.setdefault(table["joint"].join(parts), str(10 * ten + one))
    return found


def is_number_word(word: str, language: str) -> bool:
    """Whether the language says a number so."""
    return word in number_words(language)


@cache
def _number_pattern(language: str) -> re.Pattern[str]:
    return _one_of(number_words(language))


@cache
def number_heads(language: str) -> frozenset[str]:
    """How the words for numbers begin."""
    return heads_of(number_words(language))


def numbers(text: str, language: str) -> Iterator[Written]:
    """Numbers in words and in digits. One alone, and a lone Chinese sign, mean something with the
    word behind them: `un litro`, 三分钟."""
    if may_hold(text, number_heads(language)):
        yield from _in_words(text, language)
    if not text.isascii():
        yield from _in_signs(text)
    for m in _NUMERAL.finditer(text) if has_digit(text) else ():
        value = _value(m[0])
        counted = _counted(text, m.end())
        yield Written(*m.span(), frozenset({value, f"{value} {counted}"}), is_told=False)


def _in_words(text: str, language: str) -> Iterator[Written]:
    for m in _number_pattern(language).finditer(text):
        value = number_words(language)[m[0].lower()]
        counted = _counted(text, m.end())
        if value != "1":
            yield Written(*m.span(), frozenset({value}))
        elif counted:
            yield Written(*m.span(), frozenset({f"1 {counted}"}))


def _in_signs(text: str) -> Iterator[Written]:
    for m in _AND_A_HALF.finditer(text):
        whole = m[1] if m[1].isdecimal() else value_of(m[1])
        yield Written(*m.span(), frozenset({f"{whole}.5"}))
    for m in _HAN.finditer(text):
        value = "0.5" if m[0] == "半" else value_of(m[0])
        behind = _IDEOGRAPH.match(text, m.end())
        if len(m[0]) > 1:
            yield Written(*m.span(), frozenset({value}))
        elif behind:
            yield Written(*m.span(), frozenset({f"{value} {behind[1]}"}))


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
    if (two := _NEXT_TWO.match(text, end)) and (unit := unit_of(two[1])):
        return unit
    word = NEXT_WORD.match(text, end)
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


_ORDINAL = re.compile(
    r"(?<![\w.,:/])(\d{1,2})(?:er|re|ère|e|ème|º|ª|°|\.º|\.ª|-(?:й|я|е|го|ю)|\.(?= [^\W\d_]))(?!\w)"
)


@cache
def _ordinal_words(language: str) -> tuple[dict[str, str], re.Pattern[str]]:
    named = {
        word: str(number)
        for number, words in enumerate(entries(data()["ordinals"].get(language, "")), start=1)
        for word in words
    }
    return named, _one_of(named)


def ordinals(text: str, language: str) -> Iterator[Written]:
    """`premier` and `1er`, `dritte` and `3.`, from the first to the twelfth."""
    named, pattern = _ordinal_words(language)
    if not named:
        return
    for m in pattern.finditer(text):
        yield Written(*m.span(), frozenset({named[m[0].lower()]}))
    for m in _ORDINAL.finditer(text) if has_digit(text) else ():
        yield Written(*m.span(), frozenset({m[1]}), is_told=False)


# --- days ----------------------------------------------------------------------------------------


@cache
def _day_names(language: str, kinds: tuple[str, ...] = ("full", "short")) -> dict[str, str]:
    table = data()["days"].get(language, {})
    return {
        name.lower(): str(day)
        for kind in kinds
        for day, names in enumerate(entries(table.get(kind, "")), start=1)
        for name in names
    }


@cache
def _day_pattern(language: str, kinds: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted(_day_names(language, kinds), key=len, reverse=True)
    either = "|".join(map(re.escape, names)) or "(?!)"
    if language in ("zh", "ja"):
        return re.compile(either)
    return re.compile(rf"(?<![^\W\d_])(?:{either})(?![^\W\d_])", re.IGNORECASE)


@cache
def _day_heads(language: str, kinds: tuple[str, ...]) -> frozenset[str]:
    return heads_of(_day_names(language, kinds))


def days(text: str, language: str, kinds: tuple[str, ...] = ("full",)) -> Iterator[Written]:
    """Days of the week in full."""
    if not may_hold(text, _day_heads(language, kinds)):
        return
    for m in _day_pattern(language, kinds).finditer(text):
        yield Written(*m.span(), frozenset({_day_names(language, kinds)[m[0].lower()]}))


def days_and_short(text: str, language: str) -> Iterator[Written]:
    """Days of the week in full and as in calendars: `Mo` may be another word."""
    return days(text, language, ("full", "short"))


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
"""The verb."""
_SMALL_MONTH = re.compile(
    r"\b(?:in|of|by|since|until|till|during|before|after|last|next|early|late|mid|every) "
    r"(may|march|january|february|april|june|july|august|september|october|november|december)\b"
)
MOST_BETWEEN = 12


def months(text: str, language: str) -> Iterator[Written]:
    """Months by their names, in the language's letters: `may` is no month in English."""
    for m in month_names(language).finditer(text):
        if not _OTHER_MONTH.match(text, m.start()):
            yield Written(*m.span(), frozenset({str(month_of(m[0]))}))


def months_told(text: str, language: str) -> set[str]:
    """The months that a text names: in a date, by a word, or small as in `in may`."""
    told = {meant.split()[1] for w in dates(text, language) for meant in w.means}
    told |= {str(month_of(word)) for word in WORD.findall(text)}
    return told | {str(month_of(word.title())) for word in _SMALL_MONTH.findall(text)}


def spans_between(found: Sequence[Written], text: str, size: int) -> set[str]:
    """What lies between two that a dash or `to` joins: of Monday to Thursday also Tuesday."""
    between = set[str]()
    for one, other in pairwise(found):
        if FROM_HERE.match(text, one.end) and other.start - one.end <= MOST_BETWEEN:
            at, end = int(min(one.means)), int(min(other.means))
            while at != end:
                at = at % size + 1
                between.add(str(at))
    return between


# --- dates ---------------------------------------------------------------------------------------


def dates(text: str, language: str) -> Iterator[Written]:
    """Days of a month, once with and once without their year."""
    if not has_digit(text):
        return
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
        orders = [(m[1], m[3]), (m[3], m[1])]
        orders = orders[:1] if m[2] == "." or language in _DAY_FIRST else orders
        for day, month in orders:
            yield from _date(m, day, int(month), without_year, year=m[4])
    for m in _YEAR_FIRST.finditer(text):
        yield from (
            w for w in _date(m, m[3], int(m[2]), m.end(), year=m[1]) if " " in min(w.means)[3:]
        )
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


def with_their_year(found: Sequence[Written], text: str) -> list[Written]:
    """Days of a month without a year, in the year that was named last before them."""
    years = [(m.start(), m[0]) for m in _YEAR.finditer(text)]
    starts = {w.start for w in found if any(m.count(" ") == 2 for m in w.means)}
    dated: list[Written] = []
    for written in found:
        year = next((year for at, year in reversed(years) if at < written.start), "")
        if year and written.start not in starts:
            means = frozenset(f"{meant} {year}" for meant in written.means)
            dated.append(replace(written, means=means))
    return dated


def _meant(day: str, month: int) -> str:
    return f"{int(day)} {month}"
