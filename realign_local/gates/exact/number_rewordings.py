"""What a number may become without a change, and which equal values are no equals all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from realign_local.base.reasons import Reason
from realign_local.gates.gate import Verdict, fail
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.number_words import spelled_otherwise, stands_for_one
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import same_unit
from realign_local.text.segments import FUNCTION_WORDS

_PARTS = {
    "2": re.compile(r"\b(?:half|halves|halved?|double[ds]?|twice)\b", re.IGNORECASE),
    "3": re.compile(r"\b(?:thirds?|tripled?|triples|thrice)\b", re.IGNORECASE),
    "4": re.compile(r"\b(?:quarters?|fourths?|quadrupled?)\b", re.IGNORECASE),
}
_FIRST_TO_TWELFTH = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
_TEENS = ["thir", "four", "fif", "six", "seven", "eigh", "nine"]
_ROUND = ["twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet"]
_ORDINALS = {
    str(number): word
    for number, word in enumerate(
        [*_FIRST_TO_TWELFTH, *(f"{teen}teenth" for teen in _TEENS), "twentieth"], start=1
    )
} | {
    str(10 * tens + ones): f"{word}y-{_FIRST_TO_TWELFTH[ones - 1]}" if ones else f"{word}ieth"
    for tens, word in enumerate(_ROUND, start=2)
    for ones in range(10)
}
_ORDINAL_WORD = re.compile(rf"\b(?=({'|'.join(sorted(_ORDINALS.values(), reverse=True))})\b)")
_ORDINAL_END = re.compile(r"(?:st|nd|rd|th)\b")
_FRACTION = re.compile(r"(?<![\d/.,])(?:(\d{1,4}) +)?(\d{1,3})/(\d{1,3})(?![\d/]|[.,]\d)")
_FROM_TO = re.compile(r" ?(?:-|to|and|or|bis|und|oder|à|a|y|o|e|et|ou|до|и|или|到|至|~) ?")
_VERSIONED = re.compile(
    r"(?:\b([A-Z][\w+#]*(?:\.js)?)|\b(?:version|release|section|chapter|figure|table|v|build)"
    r"|[\w.-]{2,} ?[=<>~]=) ?$"
)
_BETWEEN = re.compile(r" ?(?:[^\W\d_]+ )?\([$€£¥]?")
LONGEST_NAME = 24


def fractions_as_decimals(text: str) -> str:
    """The text with `1/2` as `0.5`, where the decimal is as exact; `1/3` and dates stay."""
    return _FRACTION.sub(_as_decimal, text) if "/" in text else text


def _as_decimal(fraction: re.Match[str]) -> str:
    """A whole number before it is part of it: `2 1/4`."""
    whole, above, below = int(fraction[1] or 0), int(fraction[2]), int(fraction[3])
    if not below or 10_000 * above % below:
        return fraction[0]
    if fraction[1] and above >= below:
        return f"{whole} {above / below:g}"
    return f"{whole + above / below:g}"


def put_in_words(quantity: Quantity, before: str, after: str) -> bool:
    """A number that has become a word: `48 / 2` is `half of 48`, `3rd` is `third`."""
    if _ORDINAL_END.match(before, quantity.end):
        return _has_word(_ORDINALS.get(quantity.value, "-"), after)
    if quantity.value == "1" and stands_for_one(quantity.start + 1, before, after):
        return True
    if not quantity.unit and spelled_otherwise(quantity.value, after, before):
        return True
    value = quantity.value
    if value not in _PARTS or quantity.unit or _parts(value, after) <= _parts(value, before):
        return False
    return before[: quantity.start].rstrip()[-1:] in tuple("*/x") or (
        before[quantity.end :].lstrip()[:1] in tuple("*x")
    )


def put_in_digits(quantity: Quantity, before: str, after: str) -> bool:
    """`third` that has become `3rd`, `dos` that has become `2`, `twice` that is `two times`."""
    if quantity.spelled:
        times = after[quantity.end : quantity.end + 6] == " times"
        return times and quantity.value in _PARTS and _parts(quantity.value, before) > 0
    if quantity.value == "1" and stands_for_one(quantity.start + 1, after, before):
        return True
    if spelled_otherwise(quantity.raw.split()[0], before, after):
        return True
    word = _ORDINALS.get(quantity.value, "-")
    return bool(_ORDINAL_END.match(after, quantity.end)) and _has_word(word, before)


def ordinal_of(number: str) -> str:
    """`second` of 2; "" where there is no such word."""
    return _ORDINALS.get(number, "")


def is_ordinal(word: str) -> bool:
    """Whether a word says `16th`."""
    return word in _ORDINALS.values()


def _has_word(word: str, text: str) -> bool:
    return word in _ordinals_in(text)


@lru_cache(maxsize=8)
def _ordinals_in(text: str) -> frozenset[str]:
    """Those in words; `twenty-first` has `first` in it."""
    return frozenset(m[1] for m in _ORDINAL_WORD.finditer(text.lower()))


@lru_cache(maxsize=32)
def _parts(value: str, text: str) -> int:
    """How often the text says `half` of 2."""
    return len(_PARTS[value].findall(text))


def unit_at_the_other_end(
    lost: Iterable[Quantity], text: str, after: tuple[Quantity, ...]
) -> dict[Quantity, Quantity]:
    """The same numbers in `5 to 10 km`, where their unit stands behind the other end."""
    ends: dict[str, dict[str, Quantity]] = {}
    for one, other in pairwise(after):
        if not _FROM_TO.fullmatch(text, one.end, other.start):
            continue
        for bare, full in ((one, other), (other, one)):
            if full.unit and not bare.unit:
                ends.setdefault(bare.value, {}).setdefault(full.unit, bare)
    found = {}
    for quantity in lost:
        for unit, bare in ends.get(quantity.value, {}).items() if quantity.unit else ():
            if same_unit(unit, quantity.unit):
                found[quantity] = bare
                break
    return found


def is_other_version(quantity: Quantity, text: str, after: tuple[Quantity, ...]) -> bool:
    """Python 3.10 is not Python 3.1, though 3.10 metres are 3.1 metres."""
    if quantity.unit or "." not in quantity.raw:
        return False
    name = _VERSIONED.search(text[max(0, quantity.start - LONGEST_NAME) : quantity.start])
    if not name or (name[1] or "").lower() in FUNCTION_WORDS:
        return False
    written = {q.raw for q in after if q.value == quantity.value}
    return quantity.raw not in written and any("." in raw for raw in written)


def said_twice(unit: str, comma: bool) -> Verdict | None:
    """A number in words and in digits behind it: `nine (9)`."""
    found = quantities(unit, comma)
    for spelled, digits in pairwise(found):
        between = _BETWEEN.fullmatch(unit, spelled.end, digits.start)
        twice = spelled.spelled and between and unit[digits.end :].lstrip("% ")[:1] == ")"
        if twice and spelled.value != digits.value:
            return fail(Reason.NUMBER_LOST, unit, detail=f"{spelled.raw} is not {digits.raw}")
    return None
