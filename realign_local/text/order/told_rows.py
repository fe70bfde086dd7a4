"""Rows of a table that an enumeration told: `Room 1: Y, N, Y` has its cells in this order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from realign_local.text.outline import Piece

LEAST_CELLS = 2
MOST_ROWS = 40


def told_in_another_order(
    old: Sequence[Piece], new: Sequence[Piece], text: str
) -> Iterator[tuple[str, str]]:
    """Rows whose cells are those of an enumeration in another order: the row, and its cells.

    Where the text names the heads of the columns in another order, the columns were moved.
    """
    told: dict[tuple[str, tuple[object, ...]], list[str]] = {}
    for piece in old:
        if piece.kind == "part" and piece.labels:
            told.setdefault((piece.labels[-1], piece.run), []).append(piece.text)
    if not told or not any(piece.run[0] == "|" for piece in new):
        return
    lowered = text.casefold()
    heads = [p.text for p in new if p.kind == "label" and p.run[0] == "|" and p.text]
    at = [place for head in heads if (place := lowered.find(head)) >= 0]
    if at != sorted(at):
        return
    rows: dict[tuple[object, ...], list[str]] = {}
    for piece in new:
        if piece.kind == "cell" and len(piece.run) == 3 and piece.run[2]:
            rows.setdefault((piece.labels[-1], piece.run[1]), []).append(piece.text)
    for (label, _), parts in told.items():
        for (name, _), cells in rows.items():
            if name != label or len(cells) < LEAST_CELLS or cells == parts:
                continue
            if sorted(cells) == sorted(parts):
                yield label, ", ".join(cells)


def speaks_of_another(new: Sequence[Piece], text: str) -> Iterator[tuple[str, str]]:
    """Two rows, each with a cell that names the other one alone: the row, and its cell."""
    rows = [
        (piece.labels[-1], piece.text)
        for piece in new
        if piece.kind == "cell" and len(piece.run) == 3 and piece.run[2] and piece.labels
    ]
    names = {name: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name, _ in rows if name}
    lowered = text.casefold()
    if len(names) > MOST_ROWS:
        return
    named = {
        (name, other)
        for name, cell in rows
        for other in names
        if other != name and names[other].search(cell) and name and not names[name].search(cell)
    }
    for name, cell in rows:
        for other in names:
            if {(name, other), (other, name)} <= named and cell in lowered:
                yield name, cell
