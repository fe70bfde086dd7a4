r"""Formulas that the rewrite sets in LaTeX, put into the original: `πr²` is `$\pi r^2$`."""

from __future__ import annotations

import re

from realign_local.text.math_forms import plain_math

_SET = re.compile(
    r"\$\$(?P<shown>[^$]{1,400}?)\$\$|\\\[(?P<framed>.{1,400}?)\\\]|\$(?P<inline>[^$\n]{1,200}?)\$"
    r"|\\\((?P<round>.{1,200}?)\\\)",
    re.DOTALL,
)
_SIGNS = {
    "·": "*", "⋅": "*", "∙": "*", "×": "*", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!=",
    "÷": "/",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n", strict=True))
_POINT = re.compile(r"[.,;:]\s*$")
LEAST_SIGNS = 2
MOST = 60


def formulas_as_there(original: str, rewritten: str) -> str:
    """The original with each formula that the rewrite sets, if it is the same sign by sign.

    One that stands on a line of its own there does so here.
    """
    if "$" in original or "\\" in original:
        return original
    for m in [*_SET.finditer(rewritten)][:MOST]:
        source = next(group for group in m.groupdict().values() if group)
        source = _POINT.sub("", source.strip())
        wanted, _ = _squeezed(plain_math(f"${source}$"))
        squeezed, places = _squeezed(original)
        at = _find(wanted, squeezed) if len(wanted) >= LEAST_SIGNS else -1
        if at < 0:
            continue
        start, end = places[at], places[at + len(wanted) - 1] + 1
        line = "\n" if m["shown"] or m["framed"] else ""
        original = f"{original[:start]}{line}{m[0]}{line}{original[end:]}"
    return original


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The signs of a text in one spelling, without blanks, and where each of them stands."""
    signs: list[str] = []
    places: list[int] = []
    last = ""
    for at, sign in enumerate(text):
        if sign.isspace() or sign in "{}$":
            last = ""
            continue
        kind = "^" if sign in _RAISED else "_" if sign in _LOWERED else ""
        here = _RAISED.get(sign) or _LOWERED.get(sign) or _SIGNS.get(sign, sign)
        here = kind + here if kind and kind != last else here
        last = kind
        signs += here
        places += [at] * len(here)
    return "".join(signs), places


def _find(wanted: str, squeezed: str) -> int:
    """Where the formula stands, with no letter or digit of a longer one at its ends."""
    at = squeezed.find(wanted)
    while at >= 0:
        before, behind = squeezed[at - 1 : at], squeezed[at + len(wanted) : at + len(wanted) + 1]
        cut = (before.isdigit() and wanted[0].isdigit()) or (
            behind.isdigit() and wanted[-1].isdigit()
        )
        if not cut and behind not in ("^", "_"):
            return at
        at = squeezed.find(wanted, at + 1)
    return -1
