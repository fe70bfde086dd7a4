"""Every number of a text with its sign and unit, in one form whatever way it is written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from realign_local.text.numbers.han_numerals import FRACTION, han_numbers, unit_said_before
from realign_local.text.numbers.number_dates import date_or_time, months_in, names_month
from realign_local.text.numbers.number_marks import canonical, comma_is_decimal
from realign_local.text.numbers.number_words import (
    may_be_spelled,
    ordinal_behind,
    part_named,
    spelled_in,
    value_of,
)
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import (
    MOST_WORDS,
    NO_SPACES_FROM,
    area_of,
    currency_before,
    currency_signs,
    is_currency,
    magnitude_of,
    may_begin_name,
    prefix_of,
    unit_of,
)
from realign_local.text.segments import words
from realign_local.text.small_words import speaks

MAX_NUMBERS = 20_000
"""No response of use has more numbers in one text; the rest of one that does is left unread."""
NUMERAL = re.compile(r"[0-9](?<![\w.,-][0-9])[0-9]*(?![\w.,][0-9]|\w)")
"""A plain number without sign or decimals; it begins with the digit because that is found fast."""
_NUMERAL = re.compile(
    r"([0-9](?:[0-9]{0,2}(?:[ '][0-9]{3})+(?![0-9])(?:[.,][0-9]+)?|[0-9]*(?:[.,][0-9]+)*))"
    r"([eE][+-]?[0-9]{1,4}\b)?"
)
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_ARABIC_MARKS = str.maketrans("٫٬٪", ".,%")
_VOWEL_MARKS = "\u0300-\u036f\u064b-\u065f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_LETTER = rf"(?:[^\W\d_][{_VOWEL_MARKS}]*)"
"""With the marks of scripts that write vowels as marks: for `re` these are no letters."""
_WORDS = re.compile(rf"[\ -]?({_LETTER}+(?:/{_LETTER}+)?)(\^?[23](?!\d)|[²³])?")
_GLUED_UNIT = re.compile(r"[A-Za-z]{1,3}(?=[\u3040-\u9fff])")
"""600ml入れて."""
_NEXT_WORD = re.compile(rf"(\.?[\ -])({_LETTER}+)([²³])?")
_BRACKETED = re.compile(rf" ?\(({_LETTER}{{1,12}}²?)\)")
"""`220 (km)`."""
_AGED = re.compile(
    r"\b(?:aged|ages|age of|im Alter (?:von|ab)|âge de|edad de|età di|idade de|в возрасте)"
    r"(?: \d{1,2}(?: ?- ?| \w{1,3} ))? $",
    re.IGNORECASE,
)
"""Numbers behind these count years."""
_MINUS = re.compile(r"(?<![\w)%])(?<![0-9]\ )-$")
_IDENTIFIER = re.compile(r"[^\W\d_][\w-]*$|_$")
_RAISED = re.compile(r"(?<=[\w)\]}])([⁺⁻]?)([⁰¹²³⁴-⁹]+)")
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_PER_RAISED = re.compile(r"[ ·*]{1,3}(s|h|min|kg|l|m|cm)(?:⁻([¹²³])|\^\{?-([123])\}?)")
"""`m s⁻¹`."""
_PER_AREA = re.compile(r" per ((?:cubic |square )?[a-z]{4,12})( squared| cubed)?\b")
"""`grams per cubic centimetre`, `metres per second squared`."""
_CALENDAR_YEAR = frozenset({"年", "년", "год", "года", "году", "г"})
SUFFIX_SIGNS = 40
MILLION = 6
OTHER_WORDS = frozenset({"ten", "four"})
"""Numbers in English, and other words in Dutch, Polish, Czech or French."""
_DUTCH_TEN = re.compile(
    r"\b[Tt]en (?:slotte|minste|eerste|tweede|derde|laatste|opzichte|zeerste|noorden|zuiden|oosten"
    r"|westen|einde|gevolge|koste|gunste|behoeve|onrechte|dele|aanzien)\b"
)


@lru_cache(maxsize=256)
def quantities(text: str, comma_decimal: bool | None = None) -> tuple[Quantity, ...]:
    """All numbers of a plain text (see prose.plain) in their order, in digits or in words.

    Without `comma_decimal` the text itself is asked whether 1,5 is one and a half.
    """
    if not text.isascii():
        text = _one_script(text)
    if comma_decimal is None:
        comma_decimal = comma_is_decimal(text)
    found = _in_digits(text, comma_decimal)
    if not text.isascii():
        found += _in_signs(text)
    named = words(text)
    if names_month(named):
        found += months_in(text)
    if may_be_spelled(named):
        found += _spelled(text)
    found.sort(key=lambda q: q.start)
    return tuple(found)


def _one_script(text: str) -> str:
    """Digits of every script as 0 to 9, sign for sign, so that places stay what they are."""
    text = _OTHER_DIGIT.sub(lambda m: str(unicodedata.decimal(m[0])), text)
    return text.translate(_ARABIC_MARKS)


def _in_digits(text: str, comma_decimal: bool) -> list[Quantity]:
    found: list[Quantity] = []
    position = 0
    while len(found) < MAX_NUMBERS and (m := _NUMERAL.search(text, position)):
        read = date_or_time(text, m.start()) or [_plain_number(text, m, position, comma_decimal)]
        found += read
        position = max(m.end(), read[-1].end)
    return _composed(found) if not text.isascii() else found


def _composed(found: list[Quantity]) -> list[Quantity]:
    """`3亿5000万` is one number: each part is smaller than the power before it."""
    whole: list[Quantity] = []
    for part in found:
        last = whole[-1] if whole else None
        if (
            last
            and part.start - last.end in ((0, 1) if last.raw[-1:] in "만억천" else (0,))
            and last.raw[-1:] in "千万萬亿億천만억"
            and last.value.isdigit()
            and part.value.isdigit()
            and int(last.value) % 10 ** len(part.value) == 0
        ):
            value = str(int(last.value) + int(part.value))
            part = Quantity(value, part.unit, last.raw + part.raw, last.start, part.end)
            whole.pop()
        whole.append(part)
    return whole


def _in_signs(text: str) -> list[Quantity]:
    """Numbers without digits: Chinese numerals, raised numbers."""
    found = []
    for start, end, value, said in han_numbers(text):
        unit, _, after = ("", 0, end) if said else _suffix(text, end)
        unit = said or _unless_calendar(unit, value, text[end:after])
        found.append(Quantity(value, unit, text[start:after], start, after, True))
    for m in _RAISED.finditer(text):
        if _is_exponent(text, m.start()):
            sign = "-" if m[1] == "⁻" else ""
            value = sign + m[2].translate(_RAISED_DIGITS)
            unit, _, end = _suffix(text, m.end())
            found.append(Quantity(value, unit, text[m.start() : end], m.start(), end))
    return found


def _is_exponent(text: str, start: int) -> bool:
    """Behind a number, a bracket or a variable; a unit has read its own, words bear footnotes."""
    word = re.search(r"[^\W\d_]*$", text[max(0, start - 12) : start])
    name = word[0] if word else ""
    above = re.search(rf"({_LETTER}+)/$", text[max(0, start - 12) : start - len(name)])
    if above and _quotient(f"{above[1]}/{name}", text[start]):
        return False
    return len(name) < 2 and not area_of(name, text[start])


def raised_as_power(text: str) -> str:
    """The text with `10²⁴` as `10^24`, where the exponent is no part of a unit."""
    if text.isascii():
        return text
    return _RAISED.sub(lambda m: "^" + m[0] if _is_exponent(text, m.start()) else "", text)


def _spelled(text: str) -> list[Quantity]:
    found = []
    for start, end in spelled_in(text):
        value = value_of(text[start:end])
        if value is None or (text[start:end].lower() in OTHER_WORDS and _is_foreign(text)):
            continue
        if more := ordinal_behind(text, end, value):
            value, end = more
        found.append(
            Quantity(str(value), _unit_after(text, end), text[start:end], start, end, True)
        )
        if part := part_named(text, end):
            below, end = part
            found.append(Quantity(str(below), "", text[end - 6 : end], end - 1, end, True))
    return found


def _is_foreign(text: str) -> bool:
    """Whether a sentence is in another language than English: `ten slotte` is Dutch for at last."""
    return speaks(text) not in ("", "en") or bool(_DUTCH_TEN.search(text))


def _unit_after(text: str, end: int) -> str:
    sign = _sign_suffix().match(text, end)
    if sign and not text[sign.end() : sign.end() + 1].isdigit():
        return unit_of(sign[0].strip())
    m = _WORDS.match(text, end, end + SUFFIX_SIGNS)
    return _named(text, m, end)[0] if m else ""


def _plain_number(text: str, m: re.Match[str], limit: int, comma_decimal: bool) -> Quantity:
    start = m.start()
    before = text[max(0, start - 24) : start]
    currency, written = currency_before(text[max(limit, start - 24) : start]) if start else ("", "")
    if (
        not currency
        and before
        and (before[-1].isalpha() or before[-1] == "_")
        and not _glued(before)
    ):
        name = _IDENTIFIER.search(before)
        return Quantity("id:" + (name[0] if name else "") + m[0], "", m[0], start, m.end())
    unit, power, end = _suffix(text, m.end())
    if currency and unit == "m" and text[m.end() : end].strip() == "m":  # $3.4m
        unit, power = "", MILLION
    said = unit_said_before(before) if before.endswith("之") else ""
    if not unit and end == m.end():
        bracketed = _BRACKETED.match(text, end)
        unit = unit_of(bracketed[1]) if bracketed else "year" if _AGED.search(before) else ""
    unit = currency or said or _unless_calendar(unit, m[1], text[m.end() : end])
    sign = "-" if _MINUS.search(before.removesuffix(written)) else ""
    numeral = "0." + m[1] if before[-1:] == "." and not before[-2:-1].isalnum() else m[1]
    value = canonical(numeral, comma_decimal, exponent=int((m[2] or "e0")[1:]) + power)
    return Quantity(sign + value, unit, text[start:end], start, end)


def _unless_calendar(unit: str, numeral: str, name: str) -> str:
    """No unit for the year 2019: 2019年, 2019 года."""
    return "" if len(numeral) == 4 and name.strip() in _CALENDAR_YEAR else unit


def _glued(before: str) -> bool:
    """Whether letters before a digit are no part of a name: their script has no spaces."""
    return before[-1] > "\u2e80" or "\u0e00" <= before[-1] <= "\u0eff"


@cache
def _sign_suffix() -> re.Pattern[str]:
    signs = sorted(currency_signs(), key=len, reverse=True)
    return re.compile(rf"\ ?(?:[%‰‱℃℉]|°(?:\ ?[CF]\b)?|{'|'.join(map(re.escape, signs))})")


def _suffix(text: str, end: int) -> tuple[str, int, int]:
    """The unit after a numeral, the power of ten of a word like million, and where both end."""
    sign = _sign_suffix().match(text, end)
    if sign:  # before a digit it is the next number's: `5 $10 cards`
        belongs = not text[sign.end() : sign.end() + 1].isdigit() or sign[0][-1] in "%‰‱℃℉"
        return (unit_of(sign[0].strip()), 0, sign.end()) if belongs else ("", 0, end)
    m = _WORDS.match(text, end, end + SUFFIX_SIGNS)
    if not m or text.startswith(FRACTION, end):
        return "", 0, end
    unit, power, after = _named(text, m, end)
    return (
        (_unit_after(text, after) or unit, power, after)
        if power and not unit
        else (unit, power, after)
    )


def _named(text: str, m: re.Match[str], end: int) -> tuple[str, int, int]:
    """As _suffix, for names in letters: the longest of up to three words that is known."""
    word = m[1]
    if m[2] and (unit := area_of(word, m[2]) or _quotient(word, m[2])):
        return unit, 0, m.end()
    if word[-1] in "²³" and (unit := _quotient(word[:-1], word[-1])):
        return unit, 0, m.end(1)
    if may_begin_name(word) and (found := _of_several_words(text, m)):
        return found
    power = magnitude_of(word) if word != "m" else 0
    if not power and (unit := unit_of(word) or unit_of(word.split("/")[0])):
        if under := _PER_RAISED.match(text, m.end(1)):
            raised = (under[2] or under[3]).translate(_RAISED_DIGITS).replace("1", "")
            return f"{unit}/{unit_of(under[1])}{raised}", 0, under.end()
        below = None if is_currency(unit) else _PER_AREA.match(text, m.end(1))
        if below and (per := _raised(below[1], below[2])):
            return f"{unit}/{per}", 0, below.end()
        return unit, 0, m.end(1)
    if power:
        return "", power, m.end(1)
    if glued := _GLUED_UNIT.match(word):
        return unit_of(glued[0]), 0, m.start(1) + len(glued[0])
    if word[0] >= NO_SPACES_FROM:
        return _beginning(word, m.start(1), end)
    return "", 0, end


def _raised(name: str, power: str) -> str:
    """`s2` of `second squared`, `cm3` of `cubic centimetre`."""
    unit = unit_of(name)
    if power:
        return unit and unit + {"squared": "2", "cubed": "3"}[power.strip()]
    return unit.translate(_RAISED_DIGITS) if unit[-1:] in tuple("²³") else ""


def _quotient(word: str, raised: str) -> str:
    """The unit of `m/s^2`, however its power is written."""
    above, _, below = word.partition("/")
    if not (above and below and unit_of(above) and unit_of(below)):
        return ""
    return f"{unit_of(above)}/{unit_of(below)}{raised[-1].translate(_RAISED_DIGITS)}"


def _of_several_words(text: str, m: re.Match[str]) -> tuple[str, int, int] | None:
    name, at, found = m[1], m.end(1), None
    for _ in range(MOST_WORDS - 1):
        more = _NEXT_WORD.match(text, at, at + SUFFIX_SIGNS)
        if not more:
            break
        name, at = f"{name} {more[2]}{more[3] or ''}", more.end()
        power = magnitude_of(name)
        unit = "" if power else unit_of(name)
        found = (unit, power, at) if power or unit else found
        if "/" in unit and text.startswith(" squared", at):
            return f"{unit}2", 0, at + len(" squared")
    return found


def _beginning(word: str, start: int, end: int) -> tuple[str, int, int]:
    """As _suffix, where no space ends a word: the longest unit that it begins with."""
    _, size = prefix_of(word, "powers")
    power = magnitude_of(word[:size]) if size else 0
    name, more = prefix_of(word[size:], "units")
    if not power and not name:
        return "", 0, end
    return unit_of(name) if name else "", power, start + size + more
