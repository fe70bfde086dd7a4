"""Formulas read as trees, so that `1/2*a*t^2`, `½at²` and `\\frac12 a t^2` are one and the same.

What the signs of a stretch mean is a nested tuple; brackets that change nothing, the signs of
multiplication and the order of division are gone in it. The order of terms and factors stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NoReturn

from realign_local.text.formulas.formula_signs import (
    CLOSED,
    FUNCTIONS,
    OPEN,
    RELATIONS,
    Sign,
    signs,
)
from realign_local.text.math_forms import INVISIBLE_PLUS
from realign_local.text.numbers.units import unit_of

_POSTFIX = frozenset("!'%°")
_SIGNS = frozenset("+-±∓")
_JOINTS = frozenset("*/^_,;:" + CLOSED) | RELATIONS | _SIGNS
MOST_SIGNS = 400
MOST_NESTED = 40

Tree = str | tuple["Tree", ...]


@lru_cache(maxsize=256)
def readings(text: str) -> frozenset[Tree]:
    """What a formula on one line may mean: `1/2x` is a half of x, or 1 through 2x."""
    found = signs(text)
    if not found or len(found) > MOST_SIGNS:
        return frozenset()
    return frozenset(_read(found, tight) for tight in (False, True))


def _read(found: Sequence[Sign], tight: bool) -> Tree:
    """The tree; the signs themselves where they are none, without those that may be left out."""
    try:
        return _Reader(found, tight).whole()
    except _NoFormulaError:
        return ("signs", *(s.text for s in found if s.text != "*"))


class _NoFormulaError(Exception):
    """The signs are no formula."""


class _Reader:
    """Reads the signs once, from left to right; if `tight`, `1/2x` is 1 through 2x."""

    def __init__(self, found: Sequence[Sign], tight: bool) -> None:
        self.signs = found
        self.tight = tight
        self.at = 0
        self.depth = 0

    def whole(self) -> Tree:
        tree = self.items()
        if self.at < len(self.signs):
            self.fail()
        return tree

    def fail(self) -> NoReturn:
        raise _NoFormulaError

    @property
    def next(self) -> str:
        return self.signs[self.at].text if self.at < len(self.signs) else ""

    def take(self) -> str:
        self.at += 1
        return self.signs[self.at - 1].text

    def items(self) -> Tree:
        found = [self.relations()]
        while self.next in (",", ";", ":"):
            found += [self.take(), self.relations()]
        return found[0] if len(found) == 1 else ("items", *found)

    def relations(self) -> Tree:
        found: list[Tree] = [] if self.next in RELATIONS else [self.sum()]
        while self.next in RELATIONS and self.next:
            found += [self.take(), self.sum()]
        return found[0] if len(found) == 1 else ("is", *found)

    def sum(self) -> Tree:
        sign = self.take() if self.next in _SIGNS and self.next else "+"
        terms = _terms(sign, self.product())
        while self.next and self.next in _SIGNS:
            terms += _terms(self.take(), self.product())
        sign, first = terms[0]
        return first if len(terms) == 1 and sign == "+" else ("sum", *terms)

    def product(self) -> Tree:
        factors = [(False, self.factor())]
        while self.next:
            if self.next in ("*", "/"):
                measured = self.measured(before=self.at)
                below = self.take() == "/"
                factors.append((below, self.factor()))
                for _ in range(self.unit_behind() if below and measured else 0):
                    factors.append((True, self.factor()))
                while below and self.tight and self.touches():
                    factors.append((True, self.factor()))
            elif self.begins():
                if self.next[0].isdigit() and self.signs[self.at - 1].text[0].isdigit():
                    self.fail()  # two numbers side by side are no product
                factors.append((False, self.factor()))
            else:
                break
        return _product(factors)

    def unit_behind(self) -> int:
        """How many letters there are of a unit, if a number was read last: `1.5 h`."""
        end = self.at
        while end < len(self.signs) and self.signs[end].text.isalpha():
            if end > self.at and self.signs[end].apart:
                break
            end += 1
        unit = unit_of("".join(sign.text for sign in self.signs[self.at : end]))
        return end - self.at if unit and self.signs[self.at - 1].text[0].isdigit() else 0

    def measured(self, before: int) -> bool:
        """Whether a number with a unit stands there, as in `90 km / 1.5 h`."""
        at = before
        while at and self.signs[at - 1].text.isalpha():
            at -= 1
        unit = unit_of("".join(sign.text for sign in self.signs[at:before]))
        return bool(unit and at and self.signs[at - 1].text[0].isdigit())

    def begins(self) -> bool:
        return self.next not in _JOINTS and self.next not in _POSTFIX and bool(self.next)

    def touches(self) -> bool:
        return self.begins() and not self.signs[self.at].apart

    def factor(self) -> Tree:
        tree = self.atom()
        while self.next in ("^", "_", INVISIBLE_PLUS) or (self.next and self.next in _POSTFIX):
            sign = self.take()
            if sign in _POSTFIX:
                tree = (sign, tree)
            elif sign == INVISIBLE_PLUS:
                tree = ("sum", ("+", tree), ("+", self.mixed()))
            else:
                tree = (sign, tree, self.tower() if sign == "^" else self.signed())
        return tree

    def tower(self) -> Tree:
        """`b^c` of `a^b^c`, which is read from the top."""
        found = [self.signed()]
        while self.next == "^":
            self.take()
            found.append(self.signed())
        tree = found.pop()
        while found:
            tree = ("^", found.pop(), tree)
        return tree

    def mixed(self) -> Tree:
        part = self.atom()
        if self.next == "/":
            self.take()
            part = _product([(False, part), (True, self.atom())])
        return part

    def signed(self) -> Tree:
        """An exponent or index: one atom, which may have a sign of its own."""
        if self.next in ("+", "-"):
            sign = self.take()
            return ("sum", (sign, self.atom())) if self.begins() else sign
        return self.atom()

    def atom(self) -> Tree:
        self.depth += 1
        if self.depth > MOST_NESTED or not self.next or self.next in _JOINTS:
            self.fail()
        text = self.take()
        if text in OPEN:
            tree = self.group(text)
        elif text == "√":
            tree = self.root()
        elif text in FUNCTIONS:
            tree = self.applied(text)
        else:
            tree = self.called(text)
        self.depth -= 1
        return tree

    def called(self, text: str) -> Tree:
        """`f(x)` is no product, though `a(b + c)` is one."""
        here = self.at
        if len(text) == 1 and text.isalpha() and self.next == "(" and not self.signs[here].apart:
            self.take()
            inner = self.group("(")
            if isinstance(inner, str) or inner[0] == "()":
                return ("of", text, inner)
            self.at = here
        return text

    def group(self, opened: str) -> Tree:
        if self.next and self.next in CLOSED:
            return ("()", opened + self.take())
        inner = self.charge() or self.items()
        if not self.next or self.next not in CLOSED:
            self.fail()
        closed = self.take()
        plain = opened + closed in ("()", "{}")
        if plain and not (inner[0] == "items" and opened == "("):
            return inner
        return ("()", opened + closed, inner)

    def charge(self) -> Tree:
        """`2+`, of an ion."""
        here = [s.text for s in self.signs[self.at : self.at + 3]]
        if len(here) == 3 and here[1] in ("+", "-") and here[2] in CLOSED and here[0].isdigit():
            self.at += 2
            return ("charge", here[0], here[1])
        return ""

    def root(self) -> Tree:
        order: Tree = "2"
        if self.next == "[":
            self.take()
            order = self.items()
            self.take()
        under = [self.atom()]
        while self.next in ("^", "_") and not self.tight:
            under[-1] = (self.take(), under[-1], self.signed())
        while self.tight and self.touches():
            under.append(self.factor())
        return ("√", order, _product((False, factor) for factor in under))

    def applied(self, name: str) -> Tree:
        marks: list[Tree] = []
        while self.next in ("^", "_"):
            marks += [self.take(), self.signed()]
        if self.next == "(":
            return ("of", name, *marks, self.atom())  # `log(x)^2` is no `log(x^2)`
        of = [self.factor()] if self.begins() else []
        while self.touches():
            of.append(self.factor())
        return ("of", name, *marks, _product((False, factor) for factor in of) if of else "")


def _terms(sign: str, tree: Tree) -> list[tuple[str, Tree]]:
    """A term, or those of a sum in brackets, each with its sign."""
    if tree[0] != "sum" or sign not in "+-":
        return [(sign, tree)]
    inner = [(str(term[0]), term[1]) for term in tree[1:]]
    if sign == "+":
        return inner
    turned = {"+": "-", "-": "+", "±": "∓", "∓": "±"}
    return [(turned[own], term) for own, term in inner]


def _product(factors: Iterable[tuple[bool, Tree]]) -> Tree:
    """Factors above and below one stroke; a one above it, beside others, says nothing."""
    over: list[Tree] = []
    under: list[Tree] = []
    minus = False
    for is_below, tree in factors:
        negative, one, other = _sides(tree)
        minus ^= negative
        over += other if is_below else one
        under += one if is_below else other
    over = [tree for tree in over if tree != "1"] or ["1"]
    whole: Tree = (
        over[0] if len(over) == 1 and not under else ("product", tuple(over), tuple(under))
    )
    return ("sum", ("-", whole)) if minus else whole


def _sides(tree: Tree) -> tuple[bool, Sequence[Tree], Sequence[Tree]]:
    """Whether a factor is negative, and what it has above and below the stroke."""
    negative = tree[0] == "sum" and len(tree) == 2 and tree[1][0] == "-"
    tree = tree[1][1] if negative else tree
    if tree[0] == "product":
        return negative, tuple(tree[1]), tuple(tree[2])
    return negative, (tree,), ()


def unordered(tree: Tree) -> Tree:
    """The tree with the parts of sums and products, and the sides of equations, in one order."""
    if isinstance(tree, str) or not tree:
        return tree
    parts = tuple(unordered(part) for part in tree)
    if tree[0] == "product":
        return ("product", *(tuple(sorted(side, key=repr)) for side in parts[1:]))
    if tree[0] == "sum" or (tree[0] == "is" and {*tree[2::2]} == {"="}):
        return (tree[0], *sorted(parts[1:], key=repr))
    return parts
