"""Every number of a text with its sign and unit, in one form whatever way it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from realign_local.gates.number_words import may_be_spelled, spelled_in, value_of
from realign_local.gates.prose import vocabulary, words
from realign_local.gates.units import magnitude_of, unit_of

MAX_NUMBERS = 20_000
"""No response of use has more numbers in one text; the rest of one that does is left unread."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = vocabulary(
    "january february march april may june july august september october november december"
).union(_MONTHS, ["sept"])
_MONTH = re.compile(
    r"\b([A-Z][a-z]{2,8})\b\.?(?=\ \d)|(?<=\d\ )([A-Z][a-z]{2,8})\b|(?<=of\ )([A-Z][a-z]{2,8})\b"
)
NUMERAL = re.compile(r"[0-9](?<![\w.,-][0-9])[0-9]*(?![\w.,][0-9]|\w)")
"""A plain number without sign or decimals; it begins with the digit because that is found fast."""
_NUMERAL = re.compile(
    r"([0-9](?:[0-9]{0,2}(?:[ '][0-9]{3})+(?![0-9])|[0-9]*(?:[.,][0-9]+)*))([eE][+-]?[0-9]{1,4}\b)?"
)
_SUFFIX = re.compile(r"\ ?(?:%|°\ ?[CF]?\b|℃|¢)|[\ -]?([^\W\d_]+(?:/[^\W\d_]+)?)")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_CLOCK = re.compile(r"[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?)?(?:\ ?[ap]\.?m\b\.?)?", re.IGNORECASE)
_PREFIX = re.compile(
    r"(?:(?<![\w)%])(?<![0-9]\ )(-))?((?:US\$|[$€£¥₹₩₽]|\b(?:USD|EUR|GBP|JPY|CNY|RMB|INR"
    r"|Rs\.?))\ ?)?$"
)
_PREFIX_ENDS = frozenset("-$€£¥₹₩₽DRPYBs.")
"""The last signs of whatever _PREFIX finds."""
_IDENTIFIER = re.compile(r"[^\W\d_][\w-]*$|_$")
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_COMMA_LANGUAGES = vocabulary(
    "der die das und nicht les des est une pour los las para della che não het een jest och"
)
_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile("[а-я]{3}")
_MARK = re.compile(r"[0-9][.,][0-9]")
_THOUSANDS_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is compared: `value` canonical, `unit` canonical or "", `raw` as written."""

    value: str
    unit: str
    raw: str
    start: int
    end: int
    spelled: bool = False


def comma_is_decimal(text: str) -> bool:
    """Whether the text's language writes 1,5 for one and a half."""
    if not _MARK.search(text):
        return False
    start = text[:2000]
    found = sum(word in _COMMA_LANGUAGES for word in _WORD.findall(start))
    return found >= 3 or (not text.isascii() and found + len(_CYRILLIC.findall(start)) >= 3)


@lru_cache(maxsize=256)
def quantities(text: str, comma_decimal: bool = False) -> tuple[Quantity, ...]:
    """All numbers of a plain text (see prose.plain) in their order, in digits or in words."""
    found = _in_digits(text, comma_decimal)
    lowered = text.lower().replace("-", " ").split()
    if not _MONTH_NAMES.isdisjoint(lowered):
        found += _months(text)
    if may_be_spelled(text, words(text)):
        found += _spelled(text)
    found.sort(key=lambda q: q.start)
    return tuple(found)


def _in_digits(text: str, comma_decimal: bool) -> list[Quantity]:
    found: list[Quantity] = []
    position = 0
    while len(found) < MAX_NUMBERS and (m := _NUMERAL.search(text, position)):
        read = _special(text, m.start()) or [_plain_number(text, m, comma_decimal)]
        found += read
        position = max(m.end(), read[-1].end)
    return found


def _special(text: str, start: int) -> list[Quantity]:
    """A date like 2021-05-03 or a time of day, where one begins here."""
    if m := _ISO.match(text, start):
        year, month, day = m[0].split("-")
        values = [year, f"month{int(month)}", str(int(day))]
        return [Quantity(value, "", m[0], start, m.end()) for value in values]
    m = _CLOCK.match(text, start)
    if m and (":" in m[0] or not m[0][-1].isdigit()):
        return [Quantity(_clock(m[0]), "", m[0], start, m.end())]
    return []


def _months(text: str) -> list[Quantity]:
    found = []
    for m in _MONTH.finditer(text):
        name = (m[1] or m[2] or m[3]).lower()
        if name in _MONTH_NAMES:
            value = f"month{_MONTHS.index(name[:3]) + 1}"
            found.append(Quantity(value, "", m[0], m.start(), m.end()))
    return found


def _spelled(text: str) -> list[Quantity]:
    return [
        Quantity(str(value), _unit_after(text, end), text[start:end], start, end, True)
        for start, end in spelled_in(text)
        if (value := value_of(text[start:end])) is not None
    ]


def _unit_after(text: str, end: int) -> str:
    word = re.match(r"[\ -]([^\W\d_]+)", text[end : end + 24])
    return unit_of(word[1]) if word else ""


def _plain_number(text: str, m: re.Match[str], comma_decimal: bool) -> Quantity:
    start = m.start()
    before = text[max(0, start - 24) : start]
    if before and (before[-1].isalpha() or before[-1] in "_") and not _glued(before):
        name = _IDENTIFIER.search(before)
        return Quantity("id:" + (name[0] if name else "") + m[0], "", m[0], start, m.end())
    sign, currency = _sign_and_currency(before)
    unit, power, end = _suffix(text, m.end())
    if currency:
        unit = unit_of(currency.strip(" .")) or unit
    numeral = "0." + m[1] if before[-1:] == "." and not before[-2:-1].isalnum() else m[1]
    value = canonical(numeral, comma_decimal, exponent=int((m[2] or "e0")[1:]) + power)
    return Quantity(sign + value, unit, text[start:end], start, end)


def _sign_and_currency(before: str) -> tuple[str, str]:
    last = before[-2:-1] if before.endswith(" ") else before[-1:]
    prefix = _PREFIX.search(before) if last in _PREFIX_ENDS else None
    return (prefix[1] or "", prefix[2] or "") if prefix else ("", "")


def _glued(before: str) -> bool:
    """Whether letters before a digit are no part of a name: no spaces in the script, a currency."""
    return before[-1] > "\u2e80" or before.endswith(("USD", "EUR", "GBP", "Rs"))


def _suffix(text: str, end: int) -> tuple[str, int, int]:
    """The unit after a numeral, the power of ten of a word like million, and where both end."""
    m = _SUFFIX.match(text, end, end + 24)
    if not m:
        return "", 0, end
    word = m[0].strip(" -")
    unit = (
        "" if magnitude_of(word) and word != "m" else unit_of(word) or unit_of(word.split("/")[0])
    )
    if unit:
        return unit, 0, m.end()
    if word[0] > "\u2e80":
        return _han_suffix(text, m.start() + len(m[0]) - len(word), end)
    power = magnitude_of(word) if word != "m" else 0
    return (_unit_after(text, m.end()), power, m.end()) if power else ("", 0, end)


def _han_suffix(text: str, start: int, end: int) -> tuple[str, int, int]:
    """As _suffix, where no space ends a word: the longest unit that the signs begin with."""
    power = magnitude_of(text[start : start + 1])
    start += 1 if power else 0
    for size in (4, 3, 2, 1):
        if unit := unit_of(text[start : start + size]):
            return unit, power, start + size
    return "", power, start if power else end


def _clock(text: str) -> str:
    """A time of day as minutes after midnight (seconds kept as written)."""
    hour, minute, second = [*re.findall(r"\d+", text), "0", "0"][:3]
    lowered = text.lower()
    hours = int(hour)
    if "p" in lowered and hours < 12:
        hours += 12
    elif "a" in lowered and hours == 12:
        hours = 0
    return f"clock{hours}:{int(minute)}:{int(second)}"


def canonical(numeral: str, comma_decimal: bool = False, *, exponent: int = 0) -> str:
    """A numeral without separators and idle zeros: `1,200.50` and `1 200,5` are `1200.5`."""
    digits = numeral.replace(" ", "").replace("'", "")
    digits = _without_thousands(digits, comma_decimal)
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
    if commas > 1 or (commas and not comma_decimal and re.fullmatch(r"\d{1,3},\d{3}", digits)):
        return digits.replace(",", "")
    if points and comma_decimal and _THOUSANDS_POINT.match(digits):
        return digits.replace(".", "")
    return digits.replace(",", ".")
