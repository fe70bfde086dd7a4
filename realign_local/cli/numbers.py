"""Numbers on a command line: the digits 0 to 9 alone, though Python reads many more as numbers."""

from __future__ import annotations

import re
from typing import Any

import click

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,3})?"
)


class WholeNumber(click.IntRange):
    """A whole number within bounds, if there are any."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; fails for other digits, signs between them and more than 18 of them."""
        if isinstance(value, str) and not WHOLE.fullmatch(value.strip(" ")):
            self.fail(f"{value!r} is not a whole number of the digits 0 to 9.", param, ctx)
        return super().convert(value, param, ctx)


class DecimalNumber(click.FloatRange):
    """The same for a number that may have a fraction."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; fails for what `WholeNumber` refuses, and for nan and inf."""
        if isinstance(value, str) and not DECIMAL.fullmatch(value.strip(" ")):
            self.fail(f"{value!r} is not a number of the digits 0 to 9, such as 0.5.", param, ctx)
        return super().convert(value, param, ctx)
