"""The signs between numbers: the same in the rewrite, be they written as signs or in words."""

from __future__ import annotations

import re
from collections import Counter

from realign_local.base.reasons import Reason
from realign_local.gates.gate import Verdict, fail
from realign_local.text.align import UnitPair, nearly_equal
from realign_local.text.math_forms import evaluate, signs_only
from realign_local.text.numbers.number_forms import raised_as_power
from realign_local.text.numbers.number_words import all_ranges_in_digits, parts_as_signs
from realign_local.text.numbers.units import unit_of

_OPERATOR = re.compile(r"(?<=[\w)%.])\ ?([-+*/=<>^]|<=|>=|!=)\ ?(?=[\w($€£¥.-])|[<>=^]")
_ARITHMETIC = re.compile(r"(?<=[\d)]) ?([*/^+=]) ?(?=[\d($€£¥⁰¹²³⁴-⁹⁻-])")
_DASH = re.compile(
    r"^[^\W\d_]{2,}(?: [^\W\d_]+){0,4} - "
    r"|(?<=[^\W\d_][^\W\d_.!?)\"']) - (?=[^\W\d_]{2}|[\"'(])| --+ "
)
"""A dash behind a label or between words, which is no minus."""
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")
_DATE = re.compile(
    r"(?<!\d)\d{4}([-/])\d{1,2}\1\d{1,2}(?!\d)|(?<![\d/])\d{1,2}/\d{1,2}/\d{4}(?![\d/])"
)
_RANGE = re.compile(
    r"(?<=\d)(?:(?: ?[^\W\d_]{1,9}| ?[€$£%])? (?:to|through|bis|до) | (?:a|à) |[到至~～])"
    r"(?=[$€£¥]?\d)"
)
"""Between numbers these words are a dash: pages 10 to 15."""
_LINK = re.compile(r"https?://\S+")
_BETWEEN = re.compile(
    r"\b((?:between|zwischen|entre|tra|между) [$€£¥]?\d[\d., ]*?)(?: ?[^\W\d_]{1,12}| ?[€$£¥%])?"
    r" (?:and|und|y|e|et|и) (?=[$€£¥]?\d)"
)


_SETS = re.compile(
    r"(\d) (?:sets?|rounds?|Sätze|Runden|séries|series|serie|séries|подхода?|подходов|sarja[ta]?)"
    r" (?:of|zu|mit|à|de|da|di|по) (?=\d)"
)
"""`3 sets of 10` is written `3 × 10`."""
_PER = re.compile(r"(?<![\w/])([^\W\d_]{1,4})/([^\W\d_]{1,4}²?)(?![\w/])")
_TERM = r"\(?\d+(?:\.\d+)?%?\)?"
_EQUATION = re.compile(
    rf"(?<![\w.,^)*/+=-])(?<![*/+=-] )({_TERM}(?: ?[-+*/] ?{_TERM}){{1,12}})"
    rf" ?= ?({_TERM}(?: ?/ ?{_TERM})?)(?![\d%^*/+(]|[.,]\d| ?[-*/+^(] ?[\d(a-z])"
)
_ARITHMETIC_SIGN = re.compile(r"[-+*/=]")
_UNIT_WORD = re.compile(r"(?<=[\d%]) ?[^\W\d_]+(?:/[^\W\d_]+)?²?( ?[-+*/=] ?[\d(])")
"""`72 km/h * 4 h = 288 km`."""
_NAMED = re.compile(r"(?:[^\W\d_][^\d=<>()*/+-]{0,24}|[A-Za-z]\([^()=]{1,16}\)) ?=")
"""`P = 4/36`: what a calculation is equal to."""


def same_operators(pair: UnitPair, before: str, after: str) -> Verdict | None:
    """The same signs between the same numbers, unless they are now written as words."""
    old, new = operators(before), operators(after)
    if " | " in after and " | " not in before:  # a cell of its own has the result
        old, new = ([sign for sign in side if sign != "="] for side in (old, new))
    if new == ["=", *old] and _NAMED.match(after) and not _NAMED.match(before):
        return None
    if old == new or not (nearly_equal(pair) or len(old) == len(new)):
        return None
    if sorted(old) == sorted(new) and not nearly_equal(pair):
        return None
    if not Counter(old) - Counter(new) and Counter(new) - Counter(old) <= _vouched(after):
        return None
    return fail(Reason.NUMBER_LOST, after, detail="a sign between numbers differs")


def _vouched(text: str) -> Counter[str]:
    """The signs of the equations that hold: `5/8 of 240 is 150` says no other ones in words."""
    bare = _UNIT_WORD.sub(r"\1", signs_only(raised_as_power(_times_signs(text))))
    found = Counter[str]()
    for m in _EQUATION.finditer(bare):
        left = evaluate(m[1])
        if left is not None and left == evaluate(m[2]):
            found.update(_ARITHMETIC_SIGN.findall(m[0]))
    return found


def no_operator_lost(pair: UnitPair, before: str, after: str, same: bool) -> Verdict | None:
    """`2 * 3 = 6` that has become `2 3 = 6`, though the sentence is cut or set otherwise."""
    if not same or nearly_equal(pair):
        return None
    old, new = arithmetic(before), arithmetic(after)
    if any(old[sign] > new[sign] for sign in "*/^+") and new["="] == old["="]:
        return fail(Reason.NUMBER_LOST, after, detail="a sign between numbers is lost")
    return None


def _times_signs(text: str) -> str:
    return text.replace("·", "*") if "=" in text else text


def _as_words(quotient: re.Match[str]) -> str:
    """`km/h` is a unit, be it written in words or as a quotient."""
    return " " if unit_of(quotient[1]) and unit_of(quotient[2]) else quotient[0]


def arithmetic(text: str) -> Counter[str]:
    """How often each sign of arithmetic stands between two numbers."""
    text = _DATE.sub("0", parts_as_signs(text))
    return Counter(_ARITHMETIC.findall(signs_only(raised_as_power(_times_signs(text)))))


def operators(text: str) -> list[str]:
    """The signs between the numbers of a plain text, whether as signs or in words."""
    text = _LINK.sub(" ", text) if "://" in text else text
    text = all_ranges_in_digits(_SETS.sub(r"\1*", text.replace("->", "→").replace("≈", "=")))
    text = _PER.sub(_as_words, _times_signs(text))
    text = _BETWEEN.sub(r"\1-", _HYPHEN.sub(" ", parts_as_signs(text)))
    text = _RANGE.sub("-", _DASH.sub(", ", _DATE.sub("0", raised_as_power(text))))
    return [m[0].strip() for m in _OPERATOR.finditer(signs_only(text))]
