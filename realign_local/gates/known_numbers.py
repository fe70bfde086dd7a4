"""The numbers that a rewrite may state: those of the row, and what follows from them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property, lru_cache

from realign_local.gates.exact.number_rewordings import fractions_as_decimals
from realign_local.gates.gate import Case
from realign_local.gates.language import spoken
from realign_local.text.equal.written import number_words
from realign_local.text.math_forms import true_steps
from realign_local.text.numbers.number_dates import month_of
from realign_local.text.numbers.number_forms import NUMERAL, quantities
from realign_local.text.numbers.number_marks import canonical, decimal_mark
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import same_unit, units_named
from realign_local.text.segments import plain, words

_NAME = re.compile(r"[^\W\d_]{3,}")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)


class KnownNumbers:
    """The numbers that a rewrite may state: the original's, the instruction's, the evidence's."""

    def __init__(self, case: Case, comma: bool) -> None:
        self.case = case
        self.comma = comma

    def holds(self, quantity: Quantity) -> bool:
        """Whether the value occurs, and not only with another unit; a month may stand alone."""
        if quantity.value.startswith("month") and quantity.value in self.months:
            return True
        if not quantity.unit and (quantity.value in self.numerals or self._is_share(quantity)):
            return True
        units_known = self.known.get(quantity.value)
        if units_known is None:
            return not quantity.unit and quantity.value in (
                self.listed,
                *self._without_sign(quantity),
            )
        if not quantity.unit or any(same_unit(quantity.unit, unit) for unit in units_known):
            return True
        return "" in units_known and any(same_unit(quantity.unit, unit) for unit in self.units)

    def is_as_often(self, quantity: Quantity) -> bool:
        """Whether the rewrite has the value as often as the original, wherever it stands."""
        before, after = self.often
        return after[quantity.value] >= before[quantity.value]

    @cached_property
    def often(self) -> tuple[Counter[str], Counter[str]]:
        """How often the original and the rewrite have each value."""
        before, after = (
            Counter(q.value for q in quantities(plain(text), self.comma))
            for text in (self.case.original, self.case.rewritten)
        )
        return before, after

    def is_worked_out(self, quantity: Quantity, text: str) -> bool:
        """An operand of a step that holds, whose result and other operand are known."""
        for one, other, result in true_steps(text):
            for operand, beside in ((one, other), (other, one)):
                if canonical(operand) == quantity.value and self._knows(result):
                    return self._knows(beside)
        return False

    def word_lost(self, before: str, after: str) -> str:
        """A number in words, from two on, that is gone where another one has come.

        English words are read with the digits.
        """
        if self.language in ("", "en"):
            return ""
        named = number_words(self.language)
        said, values = words(after), {q.value for q in quantities(after, self.comma)}
        for word in sorted(words(before) - said):
            value = named.get(word, "1")
            if value.isdecimal() and int(value) > 1 and value not in values:
                return word
        return ""

    @cached_property
    def language(self) -> str:
        return spoken(self.case.original, self.case.instruction)

    def _knows(self, numeral: str) -> bool:
        return numeral in self.numerals or canonical(numeral) in self.known

    def _is_share(self, quantity: Quantity) -> bool:
        """`0.15` where 15 % is known."""
        if not quantity.value.startswith("0."):
            return False
        return "percent" in self.known.get(canonical(quantity.value, exponent=2), ())

    def _without_sign(self, quantity: Quantity) -> tuple[str, ...]:
        """`minus five` may be said of a difference: the value alone is known."""
        known = quantity.value[1:] in self.known and quantity.value.startswith("-")
        return (quantity.value,) if known else ()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts that a rewrite may draw on, the original's fractions as decimals, too."""
        original = self.case.original
        in_decimals = fractions_as_decimals(plain(original)) if "/" in plain(original) else original
        more = () if in_decimals in (original, plain(original)) else (in_decimals,)
        return (original, *more, self.case.instruction, *self.case.evidence)

    @cached_property
    def numerals(self) -> set[str]:
        """Numerals as they are written: a quick look before the careful one."""
        return {numeral for text in self.texts for numeral in NUMERAL.findall(text)}

    @cached_property
    def months(self) -> frozenset[str]:
        """The months that are named without a number beside them."""
        found = (month_of(word) for text in self.texts for word in _NAME.findall(text))
        return frozenset(f"month{month}" for month in found if month)

    @cached_property
    def known(self) -> dict[str, set[str]]:
        """Units by value, read when the first number needs them."""
        known: dict[str, set[str]] = {}
        for text in self.texts:
            for value, found in _units_by_value(text, self._comma_in(text)).items():
                known.setdefault(value, set()).update(found)
        return known

    def _comma_in(self, text: str) -> bool:
        """A passage or request in another language has marks of its own."""
        told = decimal_mark(plain(text)) if text is not self.case.original else ""
        return told == "comma" if told else self.comma

    @cached_property
    def units(self) -> set[str]:
        """Every unit that is named anywhere, beside a number or not."""
        found = {unit for by_value in self.known.values() for unit in by_value}
        return found.union(*(units_named(plain(text)) for text in self.texts))

    @cached_property
    def listed(self) -> str:
        """How many list items the rewrite has: `three tips` may introduce them."""
        return str(len(_LIST_ITEM.findall(self.case.rewritten)))


@lru_cache(maxsize=32)
def _units_by_value(text: str, comma: bool) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for quantity in quantities(plain(text), comma):
        known.setdefault(quantity.value, set()).add(quantity.unit)
    return known
