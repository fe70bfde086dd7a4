"""The parameters of a template, rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realign_local.evidence.wiki.locale import ENGLISH, Locale


@dataclass(frozen=True, slots=True)
class Arguments:
    """A template's parameters, rendered: by position from 1, and by name."""

    positional: tuple[str, ...]
    named: dict[str, str]
    locale: Locale = ENGLISH

    def __getitem__(self, position: int) -> str:
        return self.positional[position - 1] if position <= len(self.positional) else ""

    def get(self, *names: str) -> str:
        """The first of these named parameters that is not empty."""
        return next((self.named[name] for name in names if self.named.get(name)), "")


def arguments_of(node: Any, render: Callable[[Any], str], locale: Locale = ENGLISH) -> Arguments:
    """Render a template's parameters."""
    positional: dict[int, str] = {}
    named: dict[str, str] = {}
    for parameter in node.params:
        value = render(parameter.value).strip()
        name = str(parameter.name).strip()
        if parameter.showkey and not (name.isdecimal() and len(name) < 3):
            named[name.lower()] = value
        else:
            positional[int(name)] = value
    longest = max(positional, default=0)
    places = range(1, min(longest, 500) + 1)
    return Arguments(tuple(positional.get(i, "") for i in places), named, locale)
