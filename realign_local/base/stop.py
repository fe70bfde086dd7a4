"""Signals that stop, and the end of a budget, become one orderly exception: all gets closed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from realign_local.base.errors import BudgetReached, Interrupted

NAMES = {"SIGINT": "Ctrl+C", "SIGTERM": "SIGTERM", "SIGHUP": "SIGHUP, its terminal was closed"}
SIGNALS = {getattr(signal, name): told for name, told in NAMES.items() if hasattr(signal, name)}
"""Those that this system has, and what a person calls them."""
LEAST_ALARM_S = 1e-3
"""Of a timer whose time is up already."""
RING_AGAIN_S = 5.0
"""Long enough for everything to be closed in peace, if the exception got through."""


@contextmanager
def orderly_stop(*, saves: bool = False) -> Iterator[None]:
    """Within the block the first signal raises Interrupted (exit 130, 143 or 129).

    From then on all of them are ignored until the block is left: what is finished gets written. A
    process that hangs while it tidies up is still stopped by SIGKILL, and loses nothing by it.
    With `saves` the message says that the same command goes on from there. A SIGHUP that `nohup`
    had ignored stays so.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        told = f"stopped by {SIGNALS[number]}"
        told += "; what was finished is saved" if saves else ""
        raise Interrupted(told, signal_number=number, hint=None if saves else "")

    before = {each: signal.signal(each, stop) for each in SIGNALS if not _is_ignored(each)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _is_ignored(number: int) -> bool:
    hangs_up = number == getattr(signal, "SIGHUP", None)
    return hangs_up and signal.getsignal(number) is signal.SIG_IGN


class Budget:
    """The time that a run may take, counted from when this was made."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.clock = clock
        self._end = clock() + seconds
        self.report_s = 0.0
        """What the report at the end is expected to take, where somebody has measured that."""

    @property
    def left_s(self) -> float:
        """Seconds that are left for work; below 0 when they are used up."""
        return self._end - self.clock()

    def reserve(self, seconds: float) -> None:
        """Keep so many seconds for what must still be done at the end."""
        self._end -= seconds

    @property
    def has_time_for_report(self) -> bool:
        """A part of what is expected will do: that is more often too long than too short."""
        return not self.report_s or self.left_s >= 0.75 * self.report_s

    def check(self) -> None:
        """Raise BudgetReached where no time is left."""
        if self.left_s <= 0:
            raise self.reached()

    def reached(self) -> BudgetReached:
        """The exception that says so."""
        return BudgetReached(f"the budget of {self.seconds:g} s is used up")

    @contextmanager
    def alarm(self) -> Iterator[None]:
        """Raise BudgetReached within the block at the moment when the time is up.

        Where the system has no timer signals, and outside the main thread, it is up to `check`.
        """
        self.check()
        if not _may_set_timer():
            yield
            self.check()
            return
        before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, max(LEAST_ALARM_S, self.left_s))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        """Once, and again only where some library's `except` has swallowed the first."""
        again_s = self.left_s if self.left_s > 0 else RING_AGAIN_S
        signal.setitimer(signal.ITIMER_REAL, again_s)
        self.check()


def _may_set_timer() -> bool:
    in_main = threading.current_thread() is threading.main_thread()
    return in_main and hasattr(signal, "setitimer")
