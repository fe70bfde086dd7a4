r"""Factors of a quotient: `E = hc/λ` has not become `E = hλ/c`, wherever the two stand.

A quotient of plain factors is compared as what is above and what is below the stroke, so that
`hc/λ`, `c·h / λ` and `\frac{hc}{λ}` are the same.

What stands between two signs of equality is a term, in a sentence or on display, however LaTeX
writes it. One that is gone, where another has come that differs in one number or sign, was
exchanged for it: `2m + 2n + 2` has not become `2m - 2n + 2`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product

from realign_local.gates.exact.answer_forms import face
from realign_local.text.segments import plain

_LETTER = "A-Za-zα-ωΑ-Ω"
_FACTOR = rf"(?:[{_LETTER}\d²³^_]|\([{_LETTER}\d²³^_ *·]+\))+"
_FORMULA = re.compile(
    rf"(?<![\w)^*/])([{_LETTER}]\w{{0,20}}) ?= ?({_FACTOR}(?: ?[*·/] ?{_FACTOR})*)"
    r"(?![\w(/]| ?[-+^*/=])"
)
_PART = re.compile(rf"([*·/]?) ?({_FACTOR})")
_SIGN = re.compile(rf"[{_LETTER}²³]|\d+(?:\.\d+)?|[\^_]\w")

MAX_SIGNS = 20_000
MAX_TERMS = 60
LEAST_PARTS = 3
_ALIGNED = re.compile(r"[&\\\s]|(?<=\d)\*(?=[(a-z√])|\bsqrt(?=\()")
_BREAK = re.compile(r"[\n,;:。、]|\.(?!\d)")
_PIECE = re.compile(r"\d+(?:\.\d+)?|[A-Za-zα-ω]|[-+*/^√±()]")
_TERM = re.compile(r"[\dA-Za-zα-ω.+*/^√±()²³-]+")
_WORD = re.compile(r"[A-Za-zα-ω]{3,}")

Term = tuple[str, ...]
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


def exchanged_term(original: str, rewritten: str) -> tuple[Term, Term] | None:
    """A term of the original that is gone, and the one that has come in its place."""
    if "=" not in original or "=" not in rewritten or len(original + rewritten) > MAX_SIGNS:
        return None
    old, new = (Counter(_terms(text)) for text in (original, rewritten))
    gone, come = [*(old - new)][:MAX_TERMS], [term for term in new if term not in old][:MAX_TERMS]
    return next(((a, b) for a, b in product(gone, come) if _differ_in_one(a, b)), None)


def _terms(text: str) -> list[Term]:
    """The parts of each side of each equation that has three parts at least, and no words."""
    found: list[Term] = []
    for equation in _BREAK.split(plain(text)):
        for side in equation.split("=") if "=" in equation else ():
            squeezed = _ALIGNED.sub("", side)
            if squeezed and _TERM.fullmatch(squeezed) and not _WORD.search(squeezed):
                parts = tuple(_PIECE.findall(squeezed))
                if len(parts) >= LEAST_PARTS:
                    found.append(parts)
    return found


def _differ_in_one(one: Term, other: Term) -> bool:
    """Two numbers or two signs of arithmetic; letters may be renamed, brackets say the same."""
    if len(one) != len(other):
        return False
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(differing) != 1:
        return False
    a, b = differing[0]
    return (a[0].isdigit() and b[0].isdigit()) or (a in "-+*/^" and b in "-+*/^")
