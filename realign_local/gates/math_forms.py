r"""Formulas in one spelling (`\frac{1}{2} \times 4` is `1/2 * 4`), and whether equations hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}|\\[dt]?frac\s*(\d)\s*(\d)")
_WRAPPED = re.compile(
    r"\\(?:text|mathrm|mathbf|boxed|fbox|textbf|textit|emph|operatorname|mbox)\s*\{([^{}]*)\}"
)
_COMMANDS = {
    "times": "*", "cdot": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=",
    "geq": ">=", "ne": "!=", "neq": "!=", "pm": "+-", "approx": "~", "left": "", "right": "",
    "quad": " ", "qquad": " ", "displaystyle": "", "degree": "°", "circ": "°", "lt": "<", "gt": ">",
}  # fmt: skip
_COMMAND = re.compile(
    r"\\(" + "|".join(sorted(_COMMANDS, key=len, reverse=True)) + r")(?![A-Za-z])\s?"
)
_SPACING = re.compile(r"\\[()\[\],;:! ]")
_ESCAPED = re.compile(r"\\([%$#&_{}])")
_MATH_DOLLARS = re.compile(r"\$\$|\$(?=[A-Za-z(\\])([^$\n]{1,200})\$")
MAX_NESTING = 6

_TERM = r"\(*-?\d+(?:\.\d+)?%?\)*"
_EQUATION = re.compile(
    rf"(?<![\w.^)\]}}/*+=-])(?<![*/+=-] )({_TERM}(?: ?[-+*/] ?{_TERM}){{1,12}})"
    r" ?= ?(-?\d+(?:\.\d+)?)(?![\d%^*/+(]|[.,]\d| ?[-*/+^(] ?[\d(a-z])"
)
_MONEY = re.compile(r"[$€£](?=\d)|,(?<=\d,)(?=\d{3}\b)")
_LETTER_TIMES = re.compile(r"(?<=\d) ?[xX] ?(?=[$(\d])")
_SPOKEN_SIGNS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "equals": "=",
}  # fmt: skip
_SPOKEN = re.compile(r" (?<=[\d)%] )(plus|minus|times|multiplied by|divided by|equals) (?=[$(\d])")
_SIGN = re.compile(r"\d+(?:\.\d+)?|[-+*/()%]")


def plain_math(text: str) -> str:
    """The text with LaTeX commands for arithmetic replaced by the signs they stand for."""
    if "\\" not in text:
        return _MATH_DOLLARS.sub(lambda m: m[1] or "", text) if "$" in text else text
    text = _COMMAND.sub(lambda m: _COMMANDS[m[1]], text)
    text = _SPACING.sub("", _ESCAPED.sub(r"\1", text))
    for _ in range(MAX_NESTING):
        simpler = _WRAPPED.sub(r"\1", _FRACTION.sub(_as_quotient, text))
        if simpler == text:
            break
        text = simpler
    return _MATH_DOLLARS.sub(lambda m: m[1] or "", text)


def _as_quotient(m: re.Match[str]) -> str:
    above, below = (m[1], m[2]) if m[1] is not None else (m[3], m[4])
    return f"{_operand(above)}/{_operand(below)}"


def _operand(text: str) -> str:
    return text if text.isalnum() else f"({text})"


def signs_only(text: str) -> str:
    """A plain text ready for arithmetic: no currency, no thousands separators, `3 x 4` as `3*4`."""
    text = _SPOKEN.sub(lambda m: _SPOKEN_SIGNS[m[1]], text)
    if "x" in text or "X" in text:
        text = _LETTER_TIMES.sub("*", text)
    return _MONEY.sub("", text)


def wrong_equations(text: str) -> Iterator[str]:
    """Every equation between numbers in the plain text whose sides differ by more than rounding."""
    if "=" not in text:
        return
    for m in _EQUATION.finditer(signs_only(text)):
        left, right = evaluate(m[1]), Fraction(m[2])
        if left is not None and abs(left - right) > _rounding(m[2]):
            yield m[0]


def _rounding(numeral: str) -> Fraction:
    """One unit of the last written place: results may be rounded up or cut."""
    places = len(numeral.partition(".")[2])
    return Fraction(1, 10**places) if places else Fraction(1, 2)


def evaluate(expression: str) -> Fraction | None:
    """The value of sums, products and brackets of decimals; None for anything else."""
    tokens = _SIGN.findall(expression)
    if len(tokens) > 60 or any(len(token) > 18 for token in tokens):
        return None
    try:
        value, rest = _sum(tokens, 0)
    except (IndexError, ValueError, ZeroDivisionError):
        return None
    return value if rest == len(tokens) else None


def _sum(tokens: list[str], at: int) -> tuple[Fraction, int]:
    value, at = _product(tokens, at)
    while at < len(tokens) and tokens[at] in "+-":
        sign = 1 if tokens[at] == "+" else -1
        term, at = _product(tokens, at + 1)
        value += sign * term
    return value, at


def _product(tokens: list[str], at: int) -> tuple[Fraction, int]:
    value, at = _factor(tokens, at)
    while at < len(tokens) and tokens[at] in "*/":
        operator = tokens[at]
        factor, at = _factor(tokens, at + 1)
        value = value * factor if operator == "*" else value / factor
    return value, at


def _factor(tokens: list[str], at: int) -> tuple[Fraction, int]:
    if tokens[at] == "-":
        value, at = _factor(tokens, at + 1)
        return -value, at
    if tokens[at] == "(":
        value, at = _sum(tokens, at + 1)
        if tokens[at] != ")":
            raise ValueError("bracket left open")
        at += 1
    else:
        value, at = Fraction(tokens[at]), at + 1
    return (value / 100, at + 1) if at < len(tokens) and tokens[at] == "%" else (value, at)
