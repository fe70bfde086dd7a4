"""Text cut into units (sentences, list items, table rows) that can be compared across two layouts.

What is form only goes away here: list markers, headings, emphasis, quotation styles, dashes, code
fences, calculator marks. What is left of a faithful rewrite is mostly the original's own units.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from realign_local.text.math_forms import plain_math
from realign_local.text.numbers.number_dates import month_of

_ROMAN = "I II III IV V VI VII VIII IX X XI XII"
_SIGNS: dict[str, str] = {
        **dict.fromkeys("“”„«»‟″「」『』", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000\t\v\f", " "),
        **dict.fromkeys("\u2028\u2029\x85\r", "\n"),
        **dict.fromkeys("\u200b\u200e\u200f\ufeff\u00ad", ""),
        **{chr(mark): "" for mark in (0x0640, *range(0x064B, 0x0653))},  # Arabic vowels
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        **{chr(0x0966 + digit): str(digit) for digit in range(10)},
        **dict(zip("ﬀﬁﬂﬃﬄ", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
        **{chr(0x2160 + number): roman for number, roman in enumerate(_ROMAN.split())},
        **{chr(0xFF21 + at): chr(0x41 + at) for at in range(26)},
        **{chr(0xFF41 + at): chr(0x61 + at) for at in range(26)},
        **{
            sign: " " + unicodedata.normalize("NFKC", sign).replace("⁄", "/")
            for sign in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
        },
        "×": "*", "⋅": "*", "÷": "/", "％": "%", "＝": "=", "＋": "+", "：": ":", "，": ",",
        "（": "(", "）": ")", "；": ";", "．": ".", "＄": "$", "￥": "¥",
}  # fmt: skip
_STYLES = str.maketrans(_SIGNS)
_ASCII_STYLES = str.maketrans({"\t": " ", "\v": " ", "\f": " ", "\r": "\n"})

CALCULATOR = re.compile(r"<<[^<>\n]{0,200}>>")
_BOLD = re.compile(r"(?<![A-Za-z0-9_)*])\*{2,3}(?=[^\s*])|(?<=[^\s*])\*{2,3}(?![A-Za-z0-9_(*])")
_ITALIC = re.compile(
    r"(?<![^\s(\"])\*(?=[^\s*\d][^*\n]*\*)|(?<=[^\s*\d])\*(?=[\s.,;:!?)\"]|$)", re.MULTILINE
)
_MAY_BE_ITALIC = re.compile(r"\*[^\s*\d]")
_TICKS = re.compile(r"`+|~~")
_STEP_WORDS = (
    "step", "point", "part", "item", "fact", "reason", "tip", "idea", "stage", "phase", "section",
    "note", "detail", "claim", "option", "schritt", "punkt", "teil", "étape", "etape", "paso",
    "punto", "passo", "passaggio", "ponto", "шаг", "пункт", "krok", "stap", "步骤", "要点",
    "ステップ", "手順", "الخطوة", "خطوة", "گام", "مرحله", "крок", "βήμα", "adım", "bước", "langkah",
    "steg", "trinn", "trin", "vaihe", "lépés", "pasul", "שלב", "चरण", "ধাপ", "ขั้นตอนที่", "ขั้นที่",
)  # fmt: skip
_STEP = rf"(?:{'|'.join(_STEP_WORDS)})\ *\d{{1,3}}\ *[:.)-]"
_MARKER = re.compile(
    rf"(?:(?:[-*+>#]{{1,6}}|\(?\d{{1,3}}(?:[.):]|\ \))|\(?[A-Za-z][.)]|\[\d{{1,3}}\]|{_STEP})"
    r"(?:\ +|$)"
    r"|[•◦▪‣·●○①-⑳→✀-➿☀-⛿⭐\U0001f300-\U0001faff]\ufe0f?\ *"
    r"|\#\d{1,3}[.):]\ +|\d{1,3}(?:[.)](?=[^\W\d_])|、)"
    r"|第[\d一二三四五六七八九十]{1,3}[步点][:,、]?\ *|[一二三四五六七八九十]{1,3}、)+",
    re.IGNORECASE,
)
_ROW_NUMBER = re.compile(r" *\| *(\d{1,2})[.)]? *\|")
_RULE = re.compile(r"[\s|:=+_*~#>-]*$")
_SENTENCE_END = re.compile(
    r"[.!?…؟۔।][\"')\]]*\ +|[。！？][\"')\]]*\ *"
    r"|,\ (?=so\ |therefore\ |hence\ |thus\ )|,(?=所以|因此)"
)
_ANSWER_LINE = re.compile(r"\ *####\ *[^#\s][^\s]*(?:\ +[^\s]+){0,3}\ *$")
_ANSWER_BEHIND = re.compile(r"(?<=[.!?])\ +####\ *[^#\s]\S*(?:\ +\S+){0,3}\ *$")
_DAY = re.compile(r"(?<![\d.,:/])\d{1,2}$")
_SHORTENED = re.compile(
    r"\d ?(Mio|Mrd|Tsd)$"
    r"|(?<![^\W\d_])(?:Rs|Tk|Rp|S?Fr|kr|руб|коп|грн|тыс|млн|млрд|mln|mld|tys)$|\d (?:r|rr|г|гг)$"
)
"""Words with a full stop that ends no sentence: before what may follow a number, before a digit
or a small letter."""
_LAST_NUMBER = re.compile(r"(\d{1,2})\. +$")
_A_YEAR = re.compile(r" [12]\d{3}(?!\d)")
_FIRST_WORD = re.compile(r"[^\W\d_]*")
_LONE_MARKER = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z]) ?[.)]$")
_LONE_POINT = re.compile(r" [.,;:!?](?!\S)")
_EDGES = " .,;:!?…。！？؟\"'"

MAX_LABEL_WORDS = 4
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?:[.,]\d+)*")
_ASCII_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+(?:[.,][0-9]+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DATED = re.compile(r"(?<![\d.,])0?(\d{1,2})\.\d{1,2}\.([12]\d{3})(?!\d)")
"""Of the month in `3.05.1998` there is no word."""
IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


_LISTED = re.compile(
    r"(?:[\[({]|\\\{)[-+]?[\d∞π](?:[\d./]|[,;][-+\d∞π](?!\d\d(?!\d)))*[∞π]?(?:[\])}]|\\\})"
)
"""Values in brackets without blanks between them: `(-3,8]`, `{1,4,9}`; `(1,250)` may be one."""
_POINTS = re.compile(r"\(-?\d+, ?-?\d+\)(?:(?:, ?| and | und | et | y | e )\(-?\d+, ?-?\d+\))+")
"""Of `(3,6), (4,5)` no comma is a decimal mark."""
_NOON = re.compile(r"(?<=\d)( ?)([ap])\.m\b(?:\.(?=[,;:)]| [a-z\d(]))?")
_ELEMENT = re.compile(r"(?<=[A-Z])_?[₀-₉]+|(?<=[A-Z][a-z])_?[₀-₉]+|(?<=[A-Z])_(?=\d)")
_SQUARED = re.compile(r"(?<![^\W\d_])([cdkm]?m|ft|in|mi|(?<=\w/)(?:s|h|min))\^([23])(?!\.?\d)")
_POWER = re.compile(
    r"(?<![\w.^])(\d+(?:[.,]\d+)?) ?[*xX·] ?10 ?"
    r"(?:\^ ?(-?\d{1,3})|([⁺⁻]?[⁰¹²³⁴-⁹]{1,3}))(?![\w^]|[.,]\d)"
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", "⁺")
_TIMES = re.compile(r"(?<=\d)(?<!(?<!\d)0)x(?=\d)")
"""`2x3`, but not the hexadecimal `0x3`."""
_DECADE = re.compile(r"(?<=\d0)'(?=s\b)")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789", "_")


def _spaced(m: re.Match[str]) -> str:
    """A comma of a list has a blank behind it; the one comma of `(3,5)` may be a decimal mark."""
    text = m[0]
    one = text[0] == "(" and text[-1] == ")" and text.count(",") == 1 and "-" not in text
    return text if one and "\\" not in m.string and "$" not in m.string else text.replace(",", ", ")


def _as_exponent(m: re.Match[str]) -> str:
    """`4.2 * 10^6` as `4.2e6`."""
    return f"{m[1]}e{m[2] or m[3].translate(_RAISED)}"


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """The text with one style of quotation marks, dashes, digits and spaces, and no emphasis."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_STYLES))
    elif any(sign in text for sign in "\t\r\v\f"):
        text = text.translate(_ASCII_STYLES)
    if "," in text:
        if ")" in text:
            text = _POINTS.sub(lambda m: m[0].replace(",", ", ").replace(",  ", ", "), text)
        text = _LISTED.sub(_spaced, text)
    if ".m" in text:
        text = _NOON.sub(r"\1\2m", text)
    if "_" in text or not text.isascii():
        text = _ELEMENT.sub(lambda m: m[0].translate(_LOWERED), text)
    if "<<" in text:
        text = CALCULATOR.sub("", text)
    if "\\" in text or "$" in text:
        text = plain_math(text)
    if "^" in text:
        text = _SQUARED.sub(lambda m: m[1] + ("²" if m[2] == "2" else "³"), text)
    if "10" in text:
        text = _POWER.sub(_as_exponent, text)
    if "x" in text:
        text = _TIMES.sub("*", text)
    if "'s" in text:
        text = _DECADE.sub("", text)
    if "**" in text:
        text = _BOLD.sub("", text)
    if "*" in text and _MAY_BE_ITALIC.search(text):
        text = _ITALIC.sub("", text)
    return _TICKS.sub("", text) if "`" in text or "~~" in text else text


@lru_cache(maxsize=16)
def units(text: str) -> tuple[str, ...]:
    """The sentences, list items and table rows of the text in order, without their markers.

    A marked final answer (`#### 72`) is no unit: it has a gate of its own.
    """
    found: list[str] = []
    row = 0
    for line in plain(text).split("\n"):
        line = _ANSWER_BEHIND.sub("", line) if "####" in line else line
        if not line or (not line[0].isalnum() and (_RULE.match(line) or _ANSWER_LINE.match(line))):
            continue
        numbered = _ROW_NUMBER.match(line) if "|" in line else None
        row = row + 1 if numbered and int(numbered[1]) == row + 1 else 0
        found.extend(_sentences(line[numbered.end() - 1 :] if numbered and row else line))
    return tuple(found)


def _sentences(line: str) -> list[str]:
    line = line.strip(" ")
    if "|" in line and _is_row(line):
        line = " | ".join(cell.strip() for cell in line.strip("| ").split("|"))
    marker = _MARKER.match(line) if _may_be_marked(line) else None
    line = line[_marker_end(line, marker) :] if marker else line
    parts, start = [], 0
    for m in _SENTENCE_END.finditer(line):
        if _goes_on(line, m):
            continue
        parts.append(line[start : m.end()].rstrip())
        start = m.end()
    parts.append(line[start:])
    return [part for part in parts if part and not (len(part) < 5 and _LONE_MARKER.match(part))]


def _marker_end(line: str, marker: re.Match[str]) -> int:
    """Where an item begins; `4. März 1887` is a date, and `3. März` in a list of months is not."""
    day = _LAST_NUMBER.search(marker[0])
    if not day or not line[marker.end() :][:1].isalpha():
        return marker.end()
    behind = _FIRST_WORD.match(line, marker.end())
    month = month_of(behind[0]) if behind else 0
    dated = month and behind and (int(day[1]) != month or _A_YEAR.match(line, behind.end()))
    return marker.start() + day.start() if dated else marker.end()


def _goes_on(line: str, end: re.Match[str]) -> bool:
    """Whether the full stop belongs to a number or a shortened word: `3. Mai`, `5 Mio. Euro`."""
    if end[0][0] != "." or len(end[0].rstrip()) > 1:
        return False
    before = line[max(0, end.start() - 8) : end.start()]
    if before[-1:].isdigit():
        found = _FIRST_WORD.match(line, end.end())
        return bool(_DAY.search(before) and found and month_of(found[0]))
    shortened = _SHORTENED.search(before)
    after = line[end.end() : end.end() + 1]
    return bool(shortened and after and (shortened[1] or after.isdigit() or after.islower()))


def _is_row(line: str) -> bool:
    """Whether bars part the cells of a table; those of `|x| = 3` do not."""
    bars = line.count("|")
    return bars > 2 if line[0] == line[-1] == "|" else bars > 1 and " | " in line


def _may_be_marked(line: str) -> bool:
    """A quick no for most lines of prose."""
    if not (line.isascii() and line[:1].isalpha()):
        return True
    return line[1:2] in (".", ")") or line[:10].lower().startswith(_STEP_WORDS)


@lru_cache(maxsize=16)
def keys(text: str) -> tuple[str, ...]:
    """The key of each unit of the text."""
    return tuple(map(key, units(text)))


def key(unit: str) -> str:
    """What must be equal for two units to be the same: all but punctuation at the edges."""
    return " ".join(unit.split()).strip(_EDGES) if "  " in unit else unit.strip(_EDGES)


@lru_cache(maxsize=512)
def words(unit: str) -> frozenset[str]:
    """The distinct words and numbers of a unit; single signs where a script has no spaces."""
    lowered = unit.lower()
    lowered = _THOUSANDS.sub("", lowered) if "," in lowered else lowered
    lowered = _DATED.sub(r"\1 \2", lowered) if ".1" in lowered or ".2" in lowered else lowered
    if unit.isascii():
        return frozenset(_ASCII_WORD.findall(lowered))
    signs = IDEOGRAPH.findall(lowered)
    rest = IDEOGRAPH.sub(" ", lowered) if signs else lowered
    return frozenset(signs).union(WORD.findall(rest))


def word_count(text: str) -> int:
    """Words of a text; where a script has no spaces two signs are one, and a lone `?` is none."""
    count = len(text.split()) - len(_LONE_POINT.findall(text))
    return count if text.isascii() else count + len(IDEOGRAPH.findall(text)) // 2


def vocabulary(text: str) -> frozenset[str]:
    """The set of the words of a text."""
    return frozenset(text.split())


FUNCTION_WORDS = vocabulary(
    """a an the and or but so then thus of to in on at by for from with as is are was were be been
    being it its this that these those he she they we you i his her their our your my him them us
    there here will would can could has have had do does did if than which who what how when where
    into out up all each every also just more most some any about after before per not no
    therefore thus hence overall altogether finally short conclusion conclude total end result
    der die das und oder ein eine ist sind war zu von mit für auf im in den dem des
    le la les et ou un une est sont était de du des à en pour avec dans
    el los las y o una es son era del al por para con que se su"""
)


def unlabelled(unit: str, other: str) -> str:
    """The unit without a label of which the other says nothing: `Food:` before `fruit, bread`."""
    label, colon, rest = unit.partition(": ")
    short = colon and len(label.split()) <= MAX_LABEL_WORDS and len(rest.split()) > 1
    return rest if short and words(label).isdisjoint(words(other)) else unit


@lru_cache(maxsize=512)
def content(unit: str) -> frozenset[str]:
    """The words that carry meaning; all words where nothing else is left."""
    return words(unit) - FUNCTION_WORDS or words(unit)
