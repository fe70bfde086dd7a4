"""Policy: which waiting row begins next, and with what it starts."""

from __future__ import annotations

from collections import deque

from realign_local.engine.prefix import Match, Prefixes
from realign_local.engine.sequence import Sequence

MOST_PASSED_OVER = 64
"""Rows that may overtake one for the sake of a shared beginning before it has to be next."""
SAME_START_TOKENS = 64
"""Beginnings whose lengths differ by less are as good as each other: then arrival decides."""


def next_to_begin(waiting: deque[Sequence], prefixes: Prefixes) -> tuple[Sequence, Match] | None:
    """The row that shares most with the cache, and its start; nothing where waiting is better.

    A row whose beginning is just being computed by a running one waits for it: evaluated once is
    evaluated once. Where nothing is shared, rows begin in the order of their arrival.
    """
    if not waiting:
        return None
    overdue = waiting[0].passed_over >= MOST_PASSED_OVER
    line = [waiting[0]] if overdue else list(waiting)
    matches = prefixes.matches([one.guest for one in line])
    ready = [pair for pair in zip(matches, line, strict=True) if not pair[0].worth_waiting]
    if not ready:
        return None
    match, chosen = max(ready, key=lambda pair: pair[0].ready // SAME_START_TOKENS)
    for sequence in waiting:
        sequence.passed_over += sequence.arrival < chosen.arrival
    return chosen, match
