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
from collections.abc import Iterator, Sequence
from itertools import product

from realign_local.gates.exact.answer_forms import face
from realign_local.text.equal.set_formulas import formulas_in
from realign_local.text.formulas.formula_signs import RELATIONS, is_shown, signs
from realign_local.text.formulas.formula_tree import Tree, readings, unordered
from realign_local.text.segments import CALCULATOR

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
MOST_GONE = 4
LONG_SUM = 5
"""Two shorter ones that differ in a number may be two steps."""
_RELATION = re.compile(rf"[{''.join(RELATIONS)}]|(?<=[^<>=!-])[<>=!]=|->")

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
    """A formula of the original, or a side of one, that is gone, and what has come in its place."""
    if len(original + rewritten) > MAX_SIGNS:
        return None
    before, after = (formulas_in(CALCULATOR.sub("", text)) for text in (original, rewritten))
    if not before or set(after) <= set(before):
        return None
    old, new = _parts(before), _parts(after)
    gone, come = (
        {s: m for s, m in side.items() if not any(map(m.__and__, other.values()))}
        for side, other in ((old, new), (new, old))
    )
    pairs = product([*gone][:MAX_TERMS], [*come][:MAX_TERMS])
    return next(((a, b) for a, b in pairs if _is_changed(a, b, gone[a], come[b])), None)


def _parts(formulas: Sequence[str]) -> dict[Term, frozenset[Tree]]:
    """The signs of each formula and of each of its sides, and what they mean."""
    found: dict[Term, frozenset[Tree]] = {}
    for formula in formulas:
        ends = [0, *(m.end() for m in _RELATION.finditer(formula)), len(formula) + 1]
        starts = [0, *(m.start() for m in _RELATION.finditer(formula)), len(formula)]
        sides = [formula[a:b] for a, b in zip(ends, starts[1:], strict=False)]
        equations = [formula[a:b] for a, b in zip(ends, starts[2:], strict=False)]
        for part in {formula, *sides, *equations}:
            shown = tuple(sign.text for sign in signs(part) if is_shown(sign))
            if len(shown) >= LEAST_PARTS:
                found[shown] = found.get(shown, frozenset()) | readings(part)
    return found


def _is_changed(one: Term, other: Term, meant: frozenset[Tree], means: frozenset[Tree]) -> bool:
    """One sign is another one, some have gone, or they are the same in another order."""
    bare = not any(sign[0].isalpha() for sign in one)
    if bare and not RELATIONS.isdisjoint(one):
        return False  # an equation of numbers alone, for which there is another gate
    if len(one) == len(other):
        differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
        if len(differing) == 1:
            short = bare and len(one) < LONG_SUM
            numbers = short and all(sign[0].isdigit() for sign in differing[0])
            return differing[0] != ("=", "≈") and not numbers
        same = Counter(one) == Counter(other)
        return same and {*map(unordered, meant)}.isdisjoint(map(unordered, means))
    return _lacks_some(one, other) or _has_more(one, other)


def _lacks_some(one: Term, other: Term) -> bool:
    """`y = g + c` without `+ c`: some signs within a formula are gone, and no side of it."""
    return any(RELATIONS.isdisjoint(part) for part in _left_out(one, other))


def _has_more(one: Term, other: Term) -> bool:
    """`y = g + c` of `y = g`; a unit may be gained."""
    return any(RELATIONS.isdisjoint(part) and part[0] in "+-±^_√" for part in _left_out(other, one))


def _left_out(long: Term, short: Term) -> Iterator[Term]:
    gone = len(long) - len(short)
    if not 0 < gone <= MOST_GONE or RELATIONS.isdisjoint(short):
        return
    for at in range(len(short) + 1):
        if long[:at] + long[at + gone :] == short:
            yield long[at : at + gone]
