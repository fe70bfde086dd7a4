r"""Factors of a quotient: `E = hc/λ` has not become `E = hλ/c`, wherever the two stand.

A quotient of plain factors is compared as what is above and what is below the stroke, so that
`hc/λ`, `c·h / λ` and `\frac{hc}{λ}` are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.gates.exact.answer_forms import face

_LETTER = "A-Za-zα-ωΑ-Ω"
_FACTOR = rf"(?:[{_LETTER}\d²³^_]|\([{_LETTER}\d²³^_ *·]+\))+"
_FORMULA = re.compile(
    rf"(?<![\w)^*/])([{_LETTER}]\w{{0,20}}) ?= ?({_FACTOR}(?: ?[*·/] ?{_FACTOR})*)"
    r"(?![\w(/]| ?[-+^*/=])"
)
_PART = re.compile(rf"([*·/]?) ?({_FACTOR})")
_SIGN = re.compile(rf"[{_LETTER}²³]|\d+(?:\.\d+)?|[\^_]\w")

Quotient = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What is equal to it, the signs above the stroke and those below, in a fixed order."""


def turned(original: str, rewritten: str) -> str:
    """A quotient of the original whose factors have moved to the other side of the stroke."""
    if "=" not in original or "=" not in rewritten:
        return ""
    old, new = (dict(_quotients(text)) for text in (original, rewritten))
    gone = [key for key in old if key not in new]
    for key in new:
        if key in old:
            continue
        if any(lost[0] == key[0] and _signs(lost) == _signs(key) for lost in gone):
            return new[key]
    return ""


def _signs(quotient: Quotient) -> list[str]:
    return sorted((*quotient[1], *quotient[2]))


def _quotients(text: str) -> Iterator[tuple[Quotient, str]]:
    for m in _FORMULA.finditer(face(text)):
        if "/" not in m[2]:
            continue
        above: list[str] = []
        below: list[str] = []
        for part in _PART.finditer(m[2]):
            (below if part[1] == "/" else above).extend(_SIGN.findall(part[2]))
        yield (m[1], tuple(sorted(above)), tuple(sorted(below))), m[0].strip()
