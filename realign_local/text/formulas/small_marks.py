"""Small marks that change what is said: `5 Mg` and `5 mg`, `A > B` and `A -> B`, `~50` and `50`.

Each is looked for in both texts as they were given, before one is put in the other's spelling.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

MAX_SIGNS = 200_000
MOST = 50
_LONG = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u052f]{40,}")
"""A key or a sum of a file, of which each sign counts; no word is so long."""
_PREFIXED = re.compile(r"(?<![\w.,])\d[\d.,]* ?[mM](?:g|W|V|A|Pa|J|N|m)(?!\w)")
_ABOUT = re.compile(
    r"(?P<before>^|(?<=\n)|\b[^\W\d_]{1,30} )[~≈∼] ?(?P<value>\d+(?:[.,]\d+)*)(?![\w~/])"
)
"""`~50`, with the word before it, behind which nothing else may say that it is not exact."""
_LESS_OR_MORE = re.compile(r"(?<!> )(?<![\w>-])([A-Za-z]) > ([A-Za-z])(?![\w'’]| ?>)")
_THOUSANDS = re.compile(r"(?<![\w.,])([1-9]\d{0,2}\.\d{2}0)(?![\d%]|[.,]\d)")
_THOUSAND = r"k\b|t(?:hous|aus|sd|ys)|mil|тыс"
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
    there = {said.replace(" ", "") for said in new}
    for said in old:
        value, sign, unit = re.split(r"([mM])", said.replace(" ", ""), maxsplit=1)
        if f"{value}{sign.swapcase()}{unit}" in there:
            yield said
    for one, other in _first(_LESS_OR_MORE, original):
        arrow = rf"(?<!\w){one} ?(?:-+>|→|⟶) ?{other}(?!\w)"
        if f"{one} > {other}" not in rewritten and re.search(arrow, rewritten):
            yield f"{one} > {other}"
    for numeral in _first(_THOUSANDS, original):
        whole = re.escape(numeral.rstrip("0").rstrip("."))
        short = rf"(?<![\w.,]){whole}(?![\d%]|[.,'’\s]\d| ?(?i:{_THOUSAND}))"
        if numeral in rewritten or re.search(short, original):
            continue
        if re.search(short, rewritten):
            yield numeral
    for before, value in _first(_ABOUT, original):
        head = rf"(?<!\w){before}" if before else r"^"
        bare = re.compile(rf"{head}{re.escape(value)}(?![\w/]|[.,]\d)", re.MULTILINE)
        if bare.search(rewritten) and not bare.search(original):
            yield f"~{value}"
    for one, other in _first(_SCORE, original):
        if int(one) > int(other):
            told = rf"(?<!\w){one} (?:to|and|through|bis|und|à|a|et|y|e) {other}(?![\w]|[.,]\d)"
            if re.search(told, rewritten) and not re.search(told, original):
                yield f"{one}-{other}"


def _first(pattern: re.Pattern[str], text: str) -> list[Any]:
    """Each of them once, and no more than are worth a look through the whole rewrite."""
    return [*dict.fromkeys(pattern.findall(text))][:MOST]


def _exchanged(
    pattern: re.Pattern[str], original: str, rewritten: str
) -> tuple[Counter[str], Counter[str]]:
    """What the one text has more often than the other, and the other way round."""
    old, new = (Counter(pattern.findall(text)) for text in (original, rewritten))
    return old - new, new - old
