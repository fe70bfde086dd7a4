"""Small marks that change what is said: `5 Mg` and `5 mg`, `A > B` and `A -> B`, `~50` and `50`.

Each is looked for in both texts as they were given, before one is put in the other's spelling.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

MAX_SIGNS = 200_000
_LONG = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u052f]{40,}")
"""A key or a sum of a file, of which each sign counts; no word is so long."""
_PREFIXED = re.compile(r"(?<![\w.,])(\d[\d.,]*) ?([mM](?:g|W|V|A|Pa|J|N|m))(?!\w)")
_ABOUT = re.compile(
    r"(?P<before>^|(?<=\n)|\b[^\W\d_]{1,30} )[~≈∼] ?(?P<value>\d+(?:[.,]\d+)*)(?![\w~/])"
)
"""`~50`, with the word before it, behind which nothing else may say that it is not exact."""
_LESS_OR_MORE = re.compile(r"(?<!> )(?<![\w>-])([A-Za-z]) > ([A-Za-z])(?![\w'’]| ?>)")
_THOUSANDS = re.compile(r"(?<![\w.,])([1-9]\d{0,2}\.\d{2}0)(?![\d%]|[.,]\d)")
_SCORE = re.compile(r"(?<![\w.,/-])(\d{1,4}) ?[-–−] ?(\d{1,4})(?![\w/-]|[.,]\d)")


def changed(original: str, rewritten: str) -> str:
    """What the rewrite has otherwise, or ""."""
    if original == rewritten or max(len(original), len(rewritten)) > MAX_SIGNS:
        return ""
    return next(_changes(original, rewritten), "")


def _changes(original: str, rewritten: str) -> Iterator[str]:
    lost, come = _exchanged(_LONG, original, rewritten)
    if lost and come:
        yield next(iter(lost))
    old, new = _exchanged(_PREFIXED, original, rewritten)
    for value, unit in old:
        if (value, unit[0].swapcase() + unit[1:]) in new:
            yield f"{value} {unit}"
    for one, other in _LESS_OR_MORE.findall(original):
        arrow = rf"(?<!\w){one} ?(?:-+>|→|⟶) ?{other}(?!\w)"
        if f"{one} > {other}" not in rewritten and re.search(arrow, rewritten):
            yield f"{one} > {other}"
    for numeral in _THOUSANDS.findall(original):
        short = rf"(?<![\w.,]){re.escape(numeral.rstrip('0').rstrip('.'))}(?![\d%]|[.,]\d)"
        if numeral in rewritten or re.search(short, original):
            continue
        if re.search(short, rewritten):
            yield numeral
    for m in _ABOUT.finditer(original):
        head = rf"(?<!\w){m['before']}" if m["before"] else r"^"
        bare = re.compile(rf"{head}{re.escape(m['value'])}(?![\w/]|[.,]\d)", re.MULTILINE)
        if bare.search(rewritten) and not bare.search(original):
            yield m[0]
    for one, other in _SCORE.findall(original):
        if int(one) > int(other):
            told = rf"(?<!\w){one} (?:to|and|through|bis|und|à|a|et|y|e) {other}(?![\w]|[.,]\d)"
            if re.search(told, rewritten) and not re.search(told, original):
                yield f"{one}-{other}"


def _exchanged(
    pattern: re.Pattern[str], original: str, rewritten: str
) -> tuple[Counter[str], Counter[str]]:
    """What the one text has more often than the other, and the other way round."""
    old, new = (Counter(pattern.findall(text)) for text in (original, rewritten))
    return old - new, new - old
