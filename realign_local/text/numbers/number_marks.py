"""Points and commas in numbers: which of them is the decimal mark follows the text's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from realign_local.text.rules import rules

Mark = Literal["comma", "point", ""]
LOOKED_AT_SIGNS = 2000
MOST_FOREIGN_WORDS = 2
"""A text may name foreign places; its own short words must outweigh them."""
_MARK = re.compile(r"[0-9][.,][0-9]")
_WORD = re.compile(r"[^\W\d_]+")
_COMMA_SCRIPT = re.compile("[Ͱ-ӿ԰-֏Ⴀ-ჿ]{3}")
_POINT_SCRIPT = re.compile("[\u0590-\u05ffऀ-๿぀-ヿ㐀-鿿가-힯]")
_LETTERS = re.compile("[ß-öø-ɏ̀-ͯẠ-ỹ]")
_SURE = {
    True: re.compile(
        r"(?<![\d.,])[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]|(?:\.[0-9]{3}){2,}(?![\d.,]))"
    ),
    False: re.compile(
        r"(?<![\d.,])[0-9]{1,3}(?:(?:,[0-9]{2,3})+\.[0-9]|(?:,[0-9]{2,3})*(?:,[0-9]{3}){2,}(?![\d.,]))"
    ),
}
_LIKELY = {
    True: re.compile(
        r"(?<![\d.,])(?:(?:0,[0-9]+|[0-9]+,[0-9]{1,2})(?![\d.,]\d|\d)"
        r"|[1-9][0-9]{0,2}\.[0-9]{3}\ ?(?:€|EUR|[Ee]uro|kr|zł)(?!\w))"
    ),
    False: re.compile(r"(?<![\d.,])(?:0\.[0-9]+|[0-9]+\.[0-9]{1,2})(?![\d.,]\d|\d)"),
}
_THOUSANDS_POINT = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$")
_THOUSANDS_COMMA = re.compile(r"[1-9]\d{0,2},\d{3}$")


@cache
def data() -> dict[str, Any]:
    """The tables as they stand in the file."""
    return rules("number_marks")


@cache
def _weights() -> Mapping[str, int]:
    """1 for a word of a language with a decimal comma, -1 for one of a language with a point."""
    words = {w: 1 for listed in data()["comma"].values() for w in listed.split() if len(w) > 1}
    return words | {w: -1 for listed in data()["point"].values() for w in listed.split()}


def has_mark(text: str) -> bool:
    """Whether any number of the text has a point or comma inside."""
    return bool(_MARK.search(text))


def comma_is_decimal(*texts: str) -> bool:
    """Whether 1,5 is one and a half, by the first of the texts that tells."""
    return next((mark for text in texts if (mark := decimal_mark(text))), "") == "comma"


def decimal_mark(text: str) -> Mark:
    """What the text tells, first by a number with both marks, then by words, by other numbers."""
    start = text[:LOOKED_AT_SIGNS]
    comma, point = (bool(_SURE[kind].search(start)) for kind in (True, False))
    if comma == point:
        told = _leaning(start)
        comma, point = told > 0, told < 0
    if not comma and not point:
        comma, point = (bool(_LIKELY[kind].search(start)) for kind in (True, False))
    if comma == point:
        return ""
    return "comma" if comma else "point"


def _leaning(text: str) -> int:
    """Positive for a language with a decimal comma, negative for one with a point."""
    found = _WORD.findall(text.lower())
    told = sum(_weights().get(word, 0) for word in found)
    if text.isascii():
        return told
    if _POINT_SCRIPT.search(text):
        return -1
    foreign = sum(bool(_LETTERS.search(word)) for word in found)
    return told + min(foreign, MOST_FOREIGN_WORDS) + len(_COMMA_SCRIPT.findall(text))


def canonical(numeral: str, comma_decimal: bool = False, *, exponent: int = 0) -> str:
    """A numeral without separators and idle zeros: `1,200.50` and `1 200,5` are `1200.5`."""
    digits = numeral.replace(" ", "").replace("'", "")
    digits = _without_thousands(digits, comma_decimal)
    if digits.count(".") > 1:  # no quantity: a version, an address
        return digits
    whole, _, part = digits.partition(".")
    if exponent and abs(exponent) < 400:
        whole, part = _shift(whole, part, exponent)
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + ("." + part if part else "")


def _shift(whole: str, part: str, exponent: int) -> tuple[str, str]:
    if exponent > 0:
        part = part.ljust(exponent, "0")
        return whole + part[:exponent], part[exponent:]
    whole = whole.rjust(-exponent + 1, "0")
    return whole[:exponent], whole[exponent:] + part


def _without_thousands(digits: str, comma_decimal: bool) -> str:
    """Only the decimal mark is left, as a point; both marks present: the last one is decimal."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        return digits[:last].replace(",", "").replace(".", "") + "." + digits[last + 1 :]
    if points > 1:
        return digits.replace(".", "") if _THOUSANDS_POINT.match(digits) else digits
    if commas > 1 or (commas and not comma_decimal and _THOUSANDS_COMMA.match(digits)):
        return digits.replace(",", "")
    if points and comma_decimal and _THOUSANDS_POINT.match(digits):
        return digits.replace(".", "")
    return digits.replace(",", ".")
