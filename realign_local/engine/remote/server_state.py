"""One server as the dispatcher sees it: how much runs there, and whether it is up."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from realign_local.engine.process.handle import Patience
from realign_local.engine.remote.link import Link
from realign_local.engine.remote.window import Window

PATIENCE = Patience(first_step_s=1800.0, least_s=300.0, times_slowest=20.0)
"""A server may be slow, and rows wait there for others; only silence is worth giving up on."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 15.0


@dataclass(slots=True)
class ServerState:
    """A server in a run; times are monotonic seconds.

    `checked_connects` is how many connections had been made when it last named its model. `is_up`
    is false from a broken connection until it answers again, with the same model;
    `resting_until_s` is when a server that is up may be asked again after it said that it is busy.
    """

    number: int
    link: Link
    window: Window = field(default_factory=Window)
    is_up: bool = True
    is_wrong: bool = False
    resting_until_s: float = 0.0
    in_flight: int = 0
    failures: int = 0
    slowest_s: float = 0.0
    answered: int = 0
    checked_connects: int = -1

    def __repr__(self) -> str:
        state = "up" if self.is_up else "down"
        return f"<{self.link.address.url} {state}, {self.in_flight} of {self.window.limit}>"

    def has_room(self, now_s: float) -> bool:
        """Whether one more request may be sent."""
        return self.is_up and now_s >= self.resting_until_s and self.in_flight < self.window.limit

    def timeout_s(self, *, slow: int) -> float:
        """How long to wait for an answer; twice as long for a row each time it took too long."""
        limit = PATIENCE.limit_s(started=True, slowest_step_s=self.slowest_s)
        return float(limit * 2**slow)

    def begin(self, now_s: float) -> None:
        """One more is in flight."""
        self.in_flight += 1
        self.window.took(self.in_flight)

    def answer(self, now_s: float, *, sent_s: float) -> None:
        """It answered: all is well."""
        self.failures = 0
        self.answered += 1
        self.slowest_s = max(self.slowest_s, now_s - sent_s)
        self.window.answer(now_s, sent_s=sent_s)

    def busy(self, now_s: float, *, sent_s: float, wait_s: float) -> None:
        """It has too much to do, or is not ready."""
        self.window.refused(now_s, sent_s=sent_s)
        self.resting_until_s = max(self.resting_until_s, now_s + (wait_s or self.pause_s()))

    def pause_s(self) -> float:
        """How long to leave it alone: longer after each failure in a row, and never quite equal."""
        self.failures += 1
        most = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self.failures, 10))
        return random.uniform(most / 2, most)
