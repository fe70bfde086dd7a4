"""Rates, time left and what the engine does, as numbers and as words; draws nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

from realign_local.base.machine import OtherPrograms
from realign_local.base.progress import EngineStats
from realign_local.base.words.plural import duration

WINDOW_S = 2.0
"""The engine's rates are taken over at least this long: its counters come once a second."""


LEAST_S, LEAST_SHARE = 3.0, 0.02
"""Before so much of a phase is done, its rate says nothing about the rest."""
SURE_S, SURE_SHARE = 10.0, 0.1
"""Nor before either of these: the first rows are seldom like the others."""


def left_s(done: float, total: float, *, seconds: float, before: float = 0.0) -> float | None:
    """Seconds until `total`, where `before` to `done` took `seconds`; None if it is too soon."""
    if done >= total:
        return 0.0
    here = done - before
    share = here / (total - before)
    if here <= 0 or seconds < LEAST_S or share < LEAST_SHARE:
        return None
    if seconds < SURE_S and share < SURE_SHARE:
        return None
    return (total - done) * seconds / here


class Meter:
    """Counts steps and tokens of one phase and says how fast they come."""

    def __init__(self) -> None:
        self.steps = 0
        self.tokens = 0
        self._start = time.monotonic()

    def add(self, steps: int, tokens: int) -> None:
        self.steps += steps
        self.tokens += tokens

    @property
    def seconds(self) -> float:
        return max(1e-6, time.monotonic() - self._start)

    def left_s(self, total: int | None) -> float | None:
        """Seconds until `total` steps are done at this rate; None where nobody can know."""
        if not total or not self.steps:
            return None
        return left_s(self.steps, total, seconds=self.seconds)

    @property
    def rate(self) -> str:
        """Such as "3.2 rows/s, 41 tokens/s"."""
        words = [f"{self.steps / self.seconds:.1f} rows/s"]
        if self.tokens:
            words.append(f"{self.tokens / self.seconds:.0f} tokens/s")
        return ", ".join(words)

    def place(self, total: int | None) -> str:
        """Such as "12/40 rows, 1m40s left"."""
        left = self.left_s(total)
        place = f"{self.steps}/{total} rows" if total else f"{self.steps} rows"
        return place if left is None else f"{place}, {duration(left)} left"


class EngineMeter:
    """What the engine does at the moment, from counters that any thread may ask for."""

    def __init__(self, stats: EngineStats | None = None) -> None:
        self._stats = stats
        self._seen: tuple[float, float] | None = None
        self._rate: float | None = None
        self._others = OtherPrograms() if stats else None
        self._crowded = ""

    def counters(self) -> Mapping[str, float]:
        """The engine's own; empty while it loads, or where there is none."""
        with contextlib.suppress(RuntimeError):  # the counters grew while they were copied
            return self._stats() if self._stats else {}
        return {}

    @property
    def words(self) -> str:
        """Such as "reading 210 tokens/s", and who else is at work; empty without an engine."""
        if not self._stats:
            return ""
        found = self.counters()
        if not found.get("steps"):
            return "loading the model"
        rate = self._reading(found["prompt_tokens_evaluated"])
        reading = "" if rate is None else f"reading {rate:.0f} tokens/s"
        return ", ".join(filter(None, [reading, self._crowded]))

    def _reading(self, tokens: float) -> float | None:
        now = time.monotonic()
        if self._seen is None:
            self._seen = now, tokens
        elif now - self._seen[0] >= WINDOW_S:
            self._rate = (tokens - self._seen[1]) / (now - self._seen[0])
            self._seen = now, tokens
            self._crowded = self._others.told() if self._others else ""
        return self._rate
