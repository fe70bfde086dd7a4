"""Tidy: what the program alone sets right in a response, operation by operation; no model."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from realign_local.base.plugins import plugged
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import (
    boilerplate,
    calculator,
    characters,
    fences,
    headlines,
    labels,
    lists,
    markdown,
    paragraphs,
    run_in,
    steps,
    surface,
    tables,
)
from realign_local.rewriting.tidy.words import slips

OPERATIONS: tuple[Operation, ...] = (
    *characters.OPERATIONS,
    *boilerplate.OPERATIONS,
    *fences.OPERATIONS,
    *markdown.OPERATIONS,
    *tables.OPERATIONS,
    *slips.OPERATIONS,
    *labels.OPERATIONS,
    *steps.OPERATIONS,
    *run_in.OPERATIONS,
    *lists.OPERATIONS,
    *headlines.OPERATIONS,
    *paragraphs.OPERATIONS,
    *surface.OPERATIONS,
    *calculator.OPERATIONS,
)
"""In the order in which they run: signs first, then what is code, then words, then what is a
list or a table, then paragraphs, and the small marks last."""

MAX_ROUNDS = 3
"""What one operation does may give another one something to do; nothing takes more than two."""


_MARK = re.compile(r"([ \t]*)(?:([-*•])|\(?(\d{1,3})([.)]))[ \t]+")
_BLANKS = re.compile(r"[ \t\u00a0]+")


@dataclass(frozen=True, slots=True)
class Tidied:
    """A response and the names of the operations that changed it, in their order.

    `shows`: whether a reader notices; what nobody notices is no reason to change a row.
    """

    text: str
    operations: tuple[str, ...] = ()
    shows: bool = False


@cache
def all_operations() -> tuple[Operation, ...]:
    """The program's own, and behind them those of other packages (`realign_local.operations`)."""
    taken = {operation.name for operation in OPERATIONS}
    return (*OPERATIONS, *plugged("operations", taken=taken, of=Operation).values())


def tidy(text: str, request: str, *, off: Collection[str] = ()) -> Tidied:
    """All operations but those that are switched off, until none of them changes anything."""
    original, done = text, dict[str, Operation]()
    operations = [operation for operation in all_operations() if operation.name not in off]
    idle = 0  # so many of them in a row have left the text as it is
    for operation in operations * MAX_ROUNDS:
        if (new := operation.apply(text, request)) != text:
            text, done[operation.name], idle = new, operation, 0
        elif (idle := idle + 1) == len(operations):
            break
    shows = any(operation.shows for operation in done.values())
    return Tidied(text, tuple(done), shows and _seen(original) != _seen(text))


def _seen(text: str) -> str:
    """A text as a reader takes it in: not the number of blanks, nor which mark an entry has, if all
    of its margin have the same."""
    lines = [_BLANKS.sub(" ", line).rstrip() for line in text.split("\n")]
    marks = [mark for line in lines if (mark := _MARK.match(line))]
    kinds = {(mark[1], bool(mark[2])): set[str]() for mark in marks}
    for mark in marks:
        kinds[mark[1], bool(mark[2])].add(mark[2] or mark[4])
    mixed = {of for of, signs in kinds.items() if len(signs) > 1}

    def shown(mark: re.Match[str]) -> str:
        if (mark[1], bool(mark[2])) in mixed:
            return mark[0]
        return f"{mark[3] or '-'}. "

    return "\n".join(_MARK.sub(shown, line, count=1) for line in lines if line)
