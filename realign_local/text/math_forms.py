r"""Formulas in one spelling (`\frac{1}{2} \times 4` is `1/2 * 4`), and whether equations hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from realign_local.text.rules import rules

_TABLE = rules("math_signs")
_SIGN_OF: dict[str, str] = {
    **{name: sign for sign, names in _TABLE["signs"].items() for name in names.split()},
    **dict.fromkeys(_TABLE["dropped"].split(), ""),
}
_INNER = r"((?:[^{}]|\{[^{}]*\})*)"
"""What stands between braces; those inside come one deep, and deeper ones in the next round."""
_FRACTION = re.compile(
    rf"\\[dtc]?frac\s*(?:\{{{_INNER}\}}\s*(?:\{{{_INNER}\}}|(\w))|(\d)\s*(\w)|(\d)\s*\{{{_INNER}\}})"
)
_ROOT = re.compile(rf"\\sqrt\s*(\[[^\[\]]{{1,9}}\])?(?:\s*\{{{_INNER}\}}|(?<=t)\s*(\w))")
_WRAPPED = re.compile(rf"\\(?:{'|'.join(_TABLE['fonts'].split())})\s*\{{{_INNER}\}}")
_LAYOUT = re.compile(
    rf"\\(?:begin|end)\{{(?:{'|'.join(_TABLE['layouts'].split())})\*?\}}(?:\{{[lcr|]*\}})?"
)
_COMMAND = re.compile(r"(\ ?)\\([A-Za-z]+)(\ ?)")
_CROSS = re.compile(r"(\\nabla\s*|\\vec\s*(?:\{[^{}]*\}|\w)\s*)\\times(?![A-Za-z])")
"""Between vectors it is another product than a dot."""
_DEGREES = re.compile(r"(?<=\d)\ ?\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))")
_BRACED = re.compile(r"([\^_])\{\s*(\d+|\w|\\[A-Za-z]+)\s*\}|(?<=\d)\{(,)\}(?=\d)")
_THREE_DIGITS = re.compile(r"\d{3}(?!\d)")
_TRANSPOSED = re.compile(r"\^T(?=[A-Z])")
_ROW_END = re.compile(r"\\\\(?:\[[\d.]+[a-z]{2}\])?(?=\s|$|\\)")
_BRACKETS = re.compile(r"\\[(\[]\ *|\ *\\[)\]]")
_SPACING = re.compile(r"(?<=[,;])\\[,;: ]\ *|\\[,;:! ]")
"""Behind a comma it is a blank, or two numbers would be one."""
_ESCAPED = re.compile(r"\\([%$#&_{}])")
_DOLLARS = re.compile(r"(?<!\\)(?:\$\$|\$(?=[^\s$])([^$\n]{1,300})(?<!\\)\$(?!\d))")
_MATH_STARTS = re.compile(r"[A-Za-z(\\]")
_NO_WORDS = re.compile(r"\\[a-z]*(?:text|mathrm|mbox)\{[^{}]*\}|\\[A-Za-z]+")
_WORDS = re.compile(r"[^\W\d_]{2}")
_LONG_WORDS = re.compile(r"[^\W\dA-Z_]{2}")
_SET_SIGNS = re.compile(r"[_^]\{?\w|\\[a-z]")
"""With these a formula may have names of elements: `3H_2SO_4`."""
_MEASURE = re.compile(r"\d+(?:\.\d+)?(?:\\ | )?(?:\\text\{ ?)?(?:[kcmdn]?[mgl]|min|[hsN]|kWh?)\}?")
"""A number with its unit is one factor: `270 km / 1.5 h`."""
_ONE = re.compile(r"\d+(?:\.\d+)?$|[^\W\d_]$")
MAX_NESTING = 6
INVISIBLE_PLUS = "\u2064"
"""Between the whole and the part of `2½`; Unicode has a sign for it."""

_TERM = r"\(*-?\d+(?:\.\d+)?%?\)*"
_EQUATION = re.compile(
    rf"(?<![\w.^)\]}}/*+=-])(?<![*/+=-] )({_TERM}(?: ?[-+*/] ?{_TERM}){{1,12}})"
    r" ?= ?(-?\d+(?:\.\d+)?)(?![\d%^*/+(]|[.,]\d| ?[-*/+^(] ?[\d(a-z])"
)
_STEP = re.compile(
    r"(?<![\w.,^)*/+-])(?<![*/+-] )(\d+(?:\.\d+)?) ?([-+*/]) ?(\d+(?:\.\d+)?)"
    r" ?= ?(\d+(?:\.\d+)?)(?![\d^*/+(]|[.,]\d| ?[-*/+^(] ?[\d(a-z])"
)
_MONEY = re.compile(r"[$€£](?=\d)|,(?<=\d,)(?=\d{3}\b)")
_LETTER_TIMES = re.compile(r"(?<=\d) ?[xX] ?(?=[$(\d])")
_SPOKEN_SIGNS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "equals": "=",
}  # fmt: skip
_SPOKEN = re.compile(r" (?<=[\d)%] )(plus|minus|times|multiplied by|divided by|equals) (?=[$(\d])")
_SIGN = re.compile(r"\d+(?:\.\d+)?|[-+*/()%]")


def plain_math(text: str, *, bracketed: bool = False) -> str:
    """The text with its LaTeX replaced by the signs it stands for, and without math dollars.

    If `bracketed`, every quotient and root says how far it goes, and `2\\frac12` is a sum.
    """
    text = _without_dollars(text) if "$" in text else text
    if "{" in text or "^" in text:
        text = _TRANSPOSED.sub("^T ", _BRACED.sub(_unbraced, _DEGREES.sub("°", text)))
    if "\\" not in text:
        return text
    text = _BRACKETS.sub("", _LAYOUT.sub(" ", _ROW_END.sub(" ", text)))
    quotient, root = (
        (_quotient_in_brackets, _root_in_brackets) if bracketed else (_as_quotient, _as_root)
    )
    for _ in range(MAX_NESTING):
        simpler = _FRACTION.sub(quotient, _ROOT.sub(root, _WRAPPED.sub(apart, text)))
        if simpler == text:
            break
        text = simpler
    text = _COMMAND.sub(_as_sign, _CROSS.sub(r"\1⨯ ", text))
    text = _SPACING.sub(lambda m: " " * (m.string[m.start() - 1 : m.start()] in (",", ";")), text)
    return _ESCAPED.sub(r"\1", text)


def _without_dollars(text: str) -> str:
    """`$x$` as `x`; a price stays, for its dollar is closed by none or has words behind it."""
    return _DOLLARS.sub(lambda m: m[0] if m[1] and not is_formula(m[1]) else m[1] or "", text)


def is_formula(inner: str) -> bool:
    """Whether what stands between two dollars is a formula, and they are no prices."""
    if _MATH_STARTS.match(inner):
        return True
    told = _NO_WORDS.sub("", inner)
    words = _LONG_WORDS if _SET_SIGNS.search(inner) else _WORDS
    return inner[-1] != " " and not words.search(told)


def apart(m: re.Match[str]) -> str:
    """What a command wraps, not joined to a command before it: `\\cdot\\mathbf{v}`."""
    before = m.string[m.start() - 1 : m.start()] if m.start() else ""
    return (" " if before.isalpha() and m[1][:1].isalpha() else "") + m[1]


def _unbraced(m: re.Match[str]) -> str:
    """An exponent ends where its brace does, and is no part of a name behind it.

    `8{,}000` is 8000, and `2{,}5` has a decimal comma.
    """
    goes_on = m[1] and (m[2][0] == "\\" or m.string[m.end() : m.end() + 1].isalnum())
    if m[3]:
        return "" if _THREE_DIGITS.match(m.string, m.end()) else m[3]
    return f"{m[1]}{m[2]}{' ' if goes_on else ''}"


def _as_sign(m: re.Match[str]) -> str:
    """The blank behind a command only ends its name, unless there is one before it as well."""
    sign = _SIGN_OF.get(m[2])
    if sign is None:
        return m[0]
    if sign in ("|", "‖") and m[2][0] in "lr":  # of the two that enclose something
        return f"{m[1] if m[2][0] == 'l' else ''}{sign}{m[3] if m[2][0] == 'r' else ''}"
    return f"{m[1]}{sign}{'' if not sign or sign.isalpha() else m[3] and m[1]}"


def _as_root(m: re.Match[str]) -> str:
    return f"√{m[1] or ''}{_operand(m[2] if m[2] is not None else m[3])}"


def _as_quotient(m: re.Match[str]) -> str:
    above, below = [part.strip() for part in m.groups() if part is not None]
    if (
        above[:1] == "-"
        and above[1:].isalnum()
        and not m.string[: m.start()].rstrip()[-1:].isalnum()
    ):
        return f"-{above[1:]}/{_operand(below)}"
    return f"{_operand(above)}/{_operand(below)}"


def _root_in_brackets(m: re.Match[str]) -> str:
    return f" √{m[1] or ''}({m[2] if m[2] is not None else m[3]})"


def _quotient_in_brackets(m: re.Match[str]) -> str:
    above, below = [part.strip() for part in m.groups() if part is not None]
    before, behind = m.string[: m.start()].rstrip()[-1:], m.string[m.end() : m.end() + 1]
    if before.isdigit() and (above + below).isdigit():
        return f"{INVISIBLE_PLUS}({above}/{below})"
    above, below = (part if _ONE.match(part) else f"({part})" for part in (above, below))
    quotient = f"{above}/{below}"
    if before and before in "/^_√}":
        return f"({quotient})"
    return quotient + " " * (behind.isalnum() or behind in ("(", "\\"))


def _operand(text: str) -> str:
    text = text.strip()
    bare = text.isalnum() or re.fullmatch(r"√\w+|\\[A-Za-z]+", text) or _MEASURE.fullmatch(text)
    return text if bare else f"({text})"


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


def true_steps(text: str) -> Iterator[tuple[str, str, str]]:
    """Every step of arithmetic in the plain text that holds: both operands and the result."""
    if "=" not in text:
        return
    for m in _STEP.finditer(signs_only(text)):
        value = evaluate(m[1] + m[2] + m[3])
        if value is not None and value == Fraction(m[4]):
            yield m[1], m[3], m[4]


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
