"""Ranges and shares, in words and in signs: `between 20 and 40 km`, `20–40 km`; a third, 1/3."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from realign_local.text.equal.written import Written, has_digit, number_words, numbers
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import currency_before, same_unit, unit_of
from realign_local.text.rules import rules

_UNIT = re.compile(r"[ -]([^\W\d_]{1,14})(?![^\W\d_])")
_DASH = r" ?[-–—~] ?"
_TEX = re.compile(
    r"\$\s*\\[dt]?frac\s*(?:\{(\d{1,3})\}\s*\{(\d{1,3})\}|(\d)\s*(\d))\s*\$|(\d{1,3})/(\d{1,3})(?!\d)"
)
_PERCENT = re.compile(
    r"(\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|per ?cent\b|Prozent\b|pour cent\b|por ciento\b)"
)
_SIGNS = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5",
    "⅘": "4/5", "⅙": "1/6", "⅛": "1/8", "⅒": "1/10",
}  # fmt: skip
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]+`", re.MULTILINE | re.DOTALL)
MAX_SIGNS = 20_000


@cache
def data() -> dict[str, Any]:
    """The table as it stands in the file."""
    return rules("amounts")


def _either(words: str) -> str:
    return "|".join(re.escape(word.replace("_", " ")) for word in words.split())


# --- ranges --------------------------------------------------------------------------------------


@cache
def _joints(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What joins two ends, what does behind `between`, and that itself."""
    table = data()["ranges"].get(language, data()["ranges"]["en"])
    return (
        re.compile(rf"{_DASH}|(?: ?[^\W\d_]{{1,12}}| ?[%€$£])? (?:{_either(table['to'])}) [€$£]?"),
        re.compile(rf"(?: ?[^\W\d_]{{1,12}}| ?[%€$£])? (?:{_either(table['and'])}) [€$£]?|{_DASH}"),
        re.compile(rf"\b(?:{_either(table['between'])}) $", re.IGNORECASE),
    )


def ranges(text: str, language: str) -> Iterator[Written]:
    """Two numbers with what joins them, and the unit of both."""
    if not (has_digit(text) or language == "en"):
        return
    to, and_, between = _joints(language)
    for one, other in pairwise(quantities(text)):
        start = _start(text, one)
        before = between.search(text[max(0, start - 12) : start])
        joint = text[one.start + len(_bare(one)) : _start(text, other)]
        if not (and_ if before else to).fullmatch(joint) or not _are_numbers(one, other):
            continue
        unit, end = _unit_behind(text, other)
        unit = unit or one.unit
        if one.unit and not same_unit(one.unit, unit):
            continue
        start -= len(before[0]) if before else 0
        yield Written(start, end, frozenset({f"{one.value}-{other.value} {unit}".strip()}))


def _bare(quantity: Quantity) -> str:
    """The number as it is written, without a unit."""
    numeral = re.match(r"\d+(?:[.,]\d+)*", quantity.raw)
    return numeral[0] if numeral else quantity.raw


def _start(text: str, quantity: Quantity) -> int:
    """Where the number begins, or the sign of its currency before it."""
    return quantity.start - len(
        currency_before(text[max(0, quantity.start - 6) : quantity.start])[1]
    )


def _are_numbers(one: Quantity, other: Quantity) -> bool:
    values = (one.value, other.value)
    return all(value.replace(".", "").isdecimal() for value in values)


def _unit_behind(text: str, quantity: Quantity) -> tuple[str, int]:
    """A number in words does not hold the unit that it has."""
    word = _UNIT.match(text, quantity.end) if quantity.spelled else None
    end = word.end() if word and unit_of(word[1]) else quantity.end
    return quantity.unit, end


# --- shares --------------------------------------------------------------------------------------


@cache
def _shares_said(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = data()["shares"].get(language, data()["shares"]["en"])
    named = {
        word.replace("_", " ").lower(): value
        for value, words in table.items()
        for word in (words.split() if value != "of" else ())
    }
    either = "|".join(map(re.escape, sorted(named, key=len, reverse=True)))
    of = rf"(?= (?:{_either(table['of'])})\b)"
    pattern = re.compile(
        rf"(?<![\w.,/-])(?:(?P<said>{either})|(?P<sign>[{''.join(_SIGNS)}])|(?P<percent>{_PERCENT.pattern})"
        rf"|(?P<quotient>{_TEX.pattern})){of}"
        rf"|(?P<set>(?<!\w){_TEX.pattern.rpartition('|')[0]}){of}",
        re.IGNORECASE,
    )
    return pattern, named


@lru_cache(maxsize=8)
def _found(text: str, language: str) -> tuple[Written, ...]:
    return tuple(_shares(text, language))


def shares(text: str, language: str) -> Iterator[Written]:
    """What part of something there is: a third, 1/3; 20 %, a fifth."""
    yield from _found(text, language)


def _shares(text: str, language: str) -> Iterator[Written]:
    pattern, named = _shares_said(language)
    for m in pattern.finditer(_CODE.sub(lambda m: "\0" * len(m[0]), text)):
        said = m[0].lower()
        if value := named.get(said) or _SIGNS.get(said):
            meant = Fraction(value)
        elif percent := _PERCENT.fullmatch(m[0]):
            meant = Fraction(percent[1].replace(",", ".")) / 100
        else:
            above, below = (
                (int(part) for part in re.findall(r"\d+", m[0])[-2:])
                if "{" in said or "/" in said
                else map(int, re.findall(r"\d", said))
            )
            if not below:
                continue
            meant = Fraction(above, below)
        yield Written(*m.span(), frozenset({str(meant)}))


def same_shares(original: str, rewritten: str, language: str) -> tuple[str, str]:
    """Both texts with shares as `1/3`, where they do not write them alike."""
    if max(len(original), len(rewritten)) > MAX_SIGNS:
        return original, rewritten
    old, new = (
        Counter(text[w.start : w.end].lower() for w in shares(text, language))
        for text in (original, rewritten)
    )
    if not old or not new or old == new:
        return original, rewritten
    return _in_quotients(original, language), _in_quotients(rewritten, language)


def _in_quotients(text: str, language: str) -> str:
    for written in reversed([*shares(text, language)]):
        text = text[: written.start] + min(written.means) + text[written.end :]
    return text


# --- counts --------------------------------------------------------------------------------------

_LISTED = re.compile(
    r"(?P<count>(?<![^\W\d_])[^\W\d_]+|\d{1,2}) (?P<told>[^.:\n\d]{2,60}): ?(?P<items>[^\n]+|\n)"
)
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]+(\S[^\n]*)")
_BETWEEN_ITEMS = re.compile(
    r", (?:and|or|und|oder|et|ou|y|e|o|en|of|и|или) |[,;] | (?:and|und|et|y|e|en|и) "
)
MOST_COUNTED = 12


def without_shown_counts(original: str, rewritten: str, language: str) -> str:
    """The original without a count that its list shows, where the rewrite has the list alone."""
    for m in reversed([*_LISTED.finditer(original)]):
        said = m["count"].lower()
        count = said if said.isdecimal() else number_words(language).get(said, "")
        if not count.isdecimal() or not 2 <= int(count) <= MOST_COUNTED:
            continue
        items = _items(original, m)
        if len(items) != int(count) or not all(item in rewritten for item in items):
            continue
        told, there = ([*_values(text, language).elements()] for text in (original, rewritten))
        if Counter(there) <= Counter(told) - Counter([count]):
            rest = m["told"][0].upper() + m["told"][1:] if m["count"][0].isupper() else m["told"]
            original = original[: m.start()] + rest + original[m.end("told") :]
    return original


def _items(text: str, m: re.Match[str]) -> list[str]:
    if m["items"] != "\n":
        return _BETWEEN_ITEMS.split(m["items"].split(". ")[0].strip(" ."))
    found: list[str] = []
    for line in text[m.end() :].lstrip("\n").split("\n"):
        item = _ITEM.match(line)
        if not item:
            break
        found.append(item[1].strip(" .*"))
    return found


def _values(text: str, language: str) -> Counter[str]:
    """The numbers of a text, each with how often it is there."""
    prose = re.sub(r"^[ \t]*\d{1,2}[.)](?= )", "", text, flags=re.MULTILINE)
    places = {w.start: min(w.means, key=len) for w in numbers(prose, language)}
    return Counter(places.values())
