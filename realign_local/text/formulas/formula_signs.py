"""The signs of formulas in one spelling, each with its place: `≤` and `<=`, `x₂` and `x_2`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from realign_local.text.math_forms import INVISIBLE_PLUS

_VULGAR = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5",
    "⅘": "4/5", "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "0123456789+-ni")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢ", "0123456789+-ni")
_SPELLED = {
    "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "-->": "→", "⟶": "→", "⟹": "⇒", "=>": "⇒",
    "<=>": "⇔", "<->": "↔", "⇌": "⇔", "~=": "≈", "==": "=", "⩽": "≤", "⩾": "≥", "−": "-",
    "–": "-", "·": "*", "⋅": "*", "∙": "*", "×": "*", "÷": "/", "∕": "/", "⁄": "/", "′": "'",
    "ϕ": "φ", "ϵ": "ε", "ϑ": "θ", "∣": "|", "**": "^", "...": "…",
}  # fmt: skip
FUNCTIONS = [
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "log",
    "ln",
    "lg",
    "exp",
]
GREEK = {
    "pi": "π", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ",
    "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω",
}  # fmt: skip
_SIGN = re.compile(
    rf"(?P<number>\d+(?:[.,]\d+)*(?:[eE][-+]?\d{{1,3}}(?!\w))?)|(?P<vulgar>[{''.join(_VULGAR)}])"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ]+)|(?P<lowered>[₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢ]+)"
    rf"|(?P<greek>(?<![^\W\d_])(?:{'|'.join(GREEK)})(?![^\W\d_]))"
    rf"|(?P<root>sqrt(?![a-z]))|(?P<name>(?<![^\W\d_])(?:{'|'.join(FUNCTIONS)})(?![a-z])|\\[A-Za-z]+)"
    r"|(?P<times>(?<=\d)\ ?[xX]\ ?(?=\d)|(?<=[\w)}\]])\*\*(?=[\d({-]))"
    r"|(?P<sign>\.{3}|<=>|-->|<->|[<>=!~]=|->|=>|[^\s])"
)
_METRES = re.compile(r"(?:\d\ ?|[/}])[cdkm]?m\Z|[a-z]/(?:s|h|min)\Z")
"""Before the 3 of `20 cm3`, which raises it."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_SKIPPED = frozenset("&")
OPEN, CLOSED = "([{", ")]}"
RELATIONS = frozenset("=≤≥<>≠≈≡∼∝→←⇒⇐⇔↔∈∉⊂⊆≅")


@dataclass(frozen=True, slots=True)
class Sign:
    """A number, letter, operator or bracket; `apart` if a blank stands before it."""

    text: str
    start: int
    end: int
    apart: bool = False


@lru_cache(maxsize=64)
def signs(text: str) -> tuple[Sign, ...]:
    """The signs of a text; `½` is three of them, all in one place."""
    found: list[Sign] = []
    last = 0
    for m in _SIGN.finditer(text):
        apart = m.start() > last
        last = m.end()
        for part in _parts(m, apart, found[-1] if found else None):
            found.append(Sign(part, m.start(), m.end(), apart))
            apart = False
    return tuple(found)


def _parts(m: re.Match[str], apart: bool, before: Sign | None) -> Iterator[str]:
    kind, text = m.lastgroup, m[0]
    if kind == "number":
        if before and not apart and before.text.isalpha() and before.end == m.start():
            yield (
                "^"
                if text in "23" and _METRES.search(m.string[max(0, m.start() - 6) : m.start()])
                else "_"
            )
        elif before and apart and before.text[0].isdigit() and _divides(m):
            yield INVISIBLE_PLUS
        yield from _numeral(text)
    elif kind == "vulgar":
        if before and before.text[0].isdigit():
            yield INVISIBLE_PLUS
        above, _, below = _VULGAR[text].partition("/")
        yield from ("(", above, "/", below, ")")
    elif kind in ("raised", "lowered"):
        table = _RAISED if kind == "raised" else _LOWERED
        yield from ("^" if kind == "raised" else "_", "(")
        yield from re.findall(r"\d+|\D", text.translate(table))
        yield ")"
    elif kind in ("times", "root"):
        yield "^" if "**" in text else "√" if kind == "root" else "*"
    elif kind == "greek":
        yield GREEK[text]
    elif text == "∛":
        yield from ("√", "[", "3", "]")
    elif text not in _SKIPPED:
        yield text[1:] if text[1:] in FUNCTIONS else _SPELLED.get(text, text)


def _numeral(text: str) -> Iterator[str]:
    """`6.6e-34` is 6.6 * 10^-34."""
    numeral, _, power = text.lower().partition("e")
    if not power or numeral != "1":
        yield numeral.replace(",", "") if _THOUSANDS.match(numeral) else numeral
    if power:
        yield from ("*", "10", "^", "(") if numeral != "1" else ("10", "^", "(")
        yield from ("-", power[1:], ")") if power[0] == "-" else (power.lstrip("+"), ")")


def _divides(m: re.Match[str]) -> bool:
    """`1 1/2`: one and a half."""
    return m.start() > 0 and bool(re.match(r"/\d", m.string[m.end() : m.end() + 2]))


def is_shown(sign: Sign) -> bool:
    """Whether a sign is one that every spelling has, in the same order."""
    return sign.text not in OPEN + CLOSED and sign.text not in ("*", INVISIBLE_PLUS)
