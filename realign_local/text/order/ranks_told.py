"""Ranks that sentences tell one by one, `First came Ida, second was Olaf`, and numbered names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from realign_local.text.order.ordering import phrases
from realign_local.text.outline import MAX_SIGNS, Piece
from realign_local.text.segments import plain, units

MAX_NAME_WORDS = 4
_CLAUSE = re.compile(r"[;；]|, (?:and )?")
_LEADING = re.compile(
    r"\W*(?:(?:in|the|and|at|on|im|auf|an|den|der|dem|la|le|en|au|à|il|al|el|em|na|w|op|de|het) )*$"
)
"""`In the second place`: behind other words, as in `Olaf came second`, a rank ends its clause."""


def told_at_another_rank(pieces: Sequence[Piece], text: str) -> Iterator[tuple[str, int]]:
    """Names with a number that a sentence gives to another one: the name, its own rank."""
    named = [p for p in pieces if p.number and p.kind == "numbered" and _is_name(p)]
    if len(named) < 2 or len(text) > MAX_SIGNS:
        return
    told = _told(text)
    if len(told) < 2:
        return
    for piece in named:
        pattern = re.compile(rf"(?<!\w){re.escape(piece.text)}(?!\w)")
        ranks = [rank for rank, clause in told.items() if pattern.search(clause)]
        if len(ranks) == 1 and piece.number in told and ranks[0] != piece.number:
            yield piece.text, ranks[0]


def _is_name(piece: Piece) -> bool:
    """In a table the cell beside the rank."""
    if piece.run[0] == "|" and piece.run[2:] != (1,):
        return False
    return 0 < len(piece.text.split()) <= MAX_NAME_WORDS


def _told(text: str) -> dict[int, str]:
    """What the sentence says that begins with a rank; a rank that comes twice tells nothing."""
    found: dict[int, str] = {}
    twice = set[int]()
    for unit in units(plain(text)):
        lowered, starts = unit.casefold(), list[tuple[int, int]]()
        for entry in phrases()["rank"]:
            for m in re.finditer(entry["phrase"], lowered):
                before = _CLAUSE.split(lowered[: m.start()])[-1]
                if _LEADING.match(before):
                    starts.append((m.start(), entry["number"]))
        if not starts:
            continue
        starts.sort()
        ends = [start for start, _ in starts[1:]] + [len(lowered)]
        for (start, rank), end in zip(starts, ends, strict=True):
            twice |= {rank} & found.keys()
            found[rank] = lowered[start:end]
    return {rank: clause for rank, clause in found.items() if rank not in twice}
