"""Numbers in Chinese signs: 三千五百 is 3500, 二〇一九 is 2019, 百分之三十 is 30 %."""

from __future__ import annotations

import re
from collections.abc import Iterator

DIGITS = {
    **dict(zip("〇零一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    "两": 2, "兩": 2, "○": 0,
}  # fmt: skip
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_SIGN = "".join([*DIGITS, *_TENS, *_MYRIADS])
_RUN = re.compile(f"[{_SIGN}]{{1,24}}(?:点[{''.join(DIGITS)}]{{1,9}})?")
_NO_NUMBERS = frozenset({"万一", "一一", "千万", "万千", "万万", "百千", "千百", "百万千万"})
"""Just in case, one by one, by all means: words that are made of numerals."""
_COUNTED = frozenset(
    "个個名只隻本人次位天日年月倍种種件条條张張点點时時分秒岁歳歲米元块塊円斤克吨升杯章节節页頁步级級层層"
    "楼座台臺辆句题題类類届期枚匹冊册回階番头頭家门門所支队隊场場幅颗棵双雙对對周週小公厘毫英美欧度"
)
"""What a single sign must stand before, unless 第 is before it: 三 alone is part of many words."""
_WEEKDAY = re.compile(
    f"(?<![{_SIGN}0-9个每本上下这那])(?:周|週)[一二三四五六]|(?:星期|礼拜|禮拜)[一二三四五六]"
)
"""周六十点 is Saturday at ten."""
FRACTION = "分之"
_PARTS = {"百": "percent", "千": "permille"}


def han_numbers(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Where each number stands, its value, and the unit that is said before it (百分之, 千分之)."""
    text = _WEEKDAY.sub(lambda m: "~" * len(m[0]), text)
    below: re.Match[str] | None = None
    for m in _RUN.finditer(text):
        before, run = text[max(0, m.start() - 3) : m.start()], m[0]
        if text.startswith(FRACTION, m.end()) and run in _PARTS:
            continue
        if below and before.endswith(FRACTION) and m.start() == below.end() + len(FRACTION):
            yield below.start(), m.end(), value_of(run), ""  # 三分之二 in the order of 2/3
            yield below.start(), m.end(), value_of(below[0]), ""
            below = None
        elif text.startswith(FRACTION, m.end()):
            below = m
        elif _is_number(text, m, before):
            yield m.start(), m.end(), value_of(run), unit_said_before(before)


def unit_said_before(before: str) -> str:
    """`percent` behind 百分之, `permille` behind 千分之, else ""."""
    return _PARTS.get(before[-3:-2], "") if before.endswith(FRACTION) else ""


def _is_number(text: str, m: re.Match[str], before: str) -> bool:
    run = m[0]
    digits = sum(sign in DIGITS for sign in run)
    if not digits and run != "十":
        return False
    if before.endswith(("第", FRACTION)):
        return True
    if len(run) == 1:
        very = text.startswith("十分", m.start()) and not text.startswith("钟", m.end() + 1)
        return run != "一" and not very and text[m.end() : m.end() + 1] in _COUNTED
    if digits == len(run):  # 三四个 is three or four, 二〇一九 a year
        return len(run) > 2 or "〇" in run or "○" in run
    return run not in _NO_NUMBERS


def value_of(run: str) -> str:
    """The number that a run of signs stands for, as a canonical numeral."""
    whole, _, part = run.partition("点")
    decimals = "".join(str(DIGITS[sign]) for sign in part).rstrip("0")
    if all(sign in DIGITS for sign in whole):
        value = int("".join(str(DIGITS[sign]) for sign in whole))
    else:
        value = _sum(whole)
    return f"{value}.{decimals}" if decimals else str(value)


def _sum(run: str) -> int:
    total = section = 0
    digit: int | None = None
    last = 1
    for sign in run:
        if sign in DIGITS:
            digit = DIGITS[sign]
            last = 1 if not digit else last
        elif sign in _TENS:
            section += (1 if digit is None else digit) * _TENS[sign]
            digit, last = None, _TENS[sign]
        else:
            size = _MYRIADS[sign]
            section += digit or 0
            total = (total + max(section, 1)) * size if size > 10**4 else total + section * size
            section, digit, last = 0, None, size
    # 三千五 is 3500: a last digit without a sign of its own counts the next lower power
    return total + section + (digit or 0) * (last // 10 if last > 10 else 1)
