"""How many requests at once suit a server: found by what it does, without being told.

Additive increase, multiplicative decrease, as TCP finds its rate (Chiu and Jain, 1989). The rate is
taken from latency by Little's law, requests in flight / latency: answers that come in waves would
make a count of them by the clock jump. Where more in flight bring no higher rate, they only wait
longer. Pure policy: it is told times.
"""

from __future__ import annotations

from dataclasses import dataclass

START = 16
"""More than a server of eight slots has: what waits there hides the way there and back."""
MOST = 256
"""Open connections that any server takes; more would only wait there."""
LEAST_ROUND = 16
"""Answers to a round at least: rows differ in length, and fewer say little about a rate."""
FIRST_STEP, STEP = 2, 8
"""A step up is half of the window until one of them brought nothing, then an eighth."""
BETTER = 1.03
"""By so much a rate must beat the best one to count as higher; less is noise."""
FORGET = 0.98
"""The best rate fades by this each round, so that what changed is tried anew after a while."""


@dataclass(slots=True)
class Window:
    """`limit` is how many requests may be in flight; `most` what it never exceeds.

    Rounds in which the window was not filled say nothing about the server and do not count.
    """

    limit: int = START
    most: int = MOST
    best_rate: float = 0.0
    best_limit: int = 0
    answered: int = 0
    waited_s: float = 0.0
    was_full: bool = False
    is_new: bool = True
    round_began_s: float = 0.0
    backed_off_s: float = float("-inf")

    def __post_init__(self) -> None:
        self.limit = max(1, min(self.limit, self.most))
        self.best_limit = self.limit

    def took(self, in_flight: int) -> None:
        """Take note of how many are in flight now."""
        self.was_full |= in_flight >= self.limit

    def answer(self, now_s: float, *, sent_s: float) -> None:
        """An answer came; at the end of a round the limit is set anew.

        What was sent before the round was sent under another limit, and is no part of it.
        """
        if sent_s < self.round_began_s:
            return
        self.answered += 1
        self.waited_s += now_s - sent_s
        if self.answered < max(LEAST_ROUND, self.limit):
            return
        rate = self.limit * self.answered / max(self.waited_s, 1e-6)
        if self.was_full:
            self._learn(rate)
        self.begin_round(now_s)

    def refused(self, now_s: float, *, sent_s: float) -> None:
        """The server said that it is too much: half as many.

        Of the refusals of one burst only the first counts: what was sent before it was sent under
        the old limit.
        """
        if sent_s < self.backed_off_s:
            return
        self.limit = max(1, self.limit // 2)
        self.best_limit, self.best_rate = self.limit, 0.0
        self.is_new, self.backed_off_s = False, now_s
        self.begin_round(now_s)

    def _learn(self, rate: float) -> None:
        if rate >= self.best_rate * BETTER:
            self.best_rate, self.best_limit = rate, self.limit
            step = self.limit // (FIRST_STEP if self.is_new else STEP)
            self.limit = min(self.most, self.limit + max(1, step))
        else:
            self.limit, self.is_new = self.best_limit, False
            self.best_rate *= FORGET

    def begin_round(self, now_s: float) -> None:
        """Count anew, also when there was nothing to do for a while."""
        self.answered, self.waited_s, self.was_full, self.round_began_s = 0, 0.0, False, now_s
