"""Rows handed to the engine one by one, for as long as there is time for them and use."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from realign_local.base.records import Sample
from realign_local.base.stop import Budget

LATENCY_MEMORY = 0.7
"""Weight of what was known about a row's latency when another row is done."""


class Feed:
    """`wanted` is how many rewritten responses are still asked for; None for all there can be."""

    def __init__(
        self, rows: Iterable[Sample], budget: Budget | None, *, wanted: int | None = None
    ) -> None:
        self._rows = rows
        self._budget = budget
        self._wanted = wanted
        self._begun: dict[tuple[int, int], float] = {}
        self._latency_s = 0.0
        self._held_back = False

    def __iter__(self) -> Iterator[Sample]:
        for sample in self._rows:
            if self.has_enough:
                return
            if self._budget and self._budget.left_s < self._latency_s:
                self._held_back = True
                return
            self._begun[sample.index, sample.turn] = time.monotonic()
            yield sample

    @property
    def has_enough(self) -> bool:
        """Whether as many responses are rewritten as were wanted."""
        return self._wanted is not None and self._wanted <= 0

    def done(self, sample: Sample) -> None:
        """Learn how long a row takes from here to its end, with all that runs beside it."""
        took = time.monotonic() - self._begun.pop((sample.index, sample.turn), time.monotonic())
        known = self._latency_s or took
        self._latency_s = LATENCY_MEMORY * known + (1 - LATENCY_MEMORY) * took

    def settled(self, sample: Sample) -> None:
        """Count a response that the gates have passed."""
        if self._wanted is not None and sample.chosen >= 0:
            self._wanted -= 1

    def check(self) -> None:
        """Raise BudgetReached where rows were held back for lack of time."""
        if self._held_back and self._budget:
            raise self._budget.reached()
