"""Progress on stderr: a live bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from realign_local.progress import Silent

LINE_EVERY_S = 5.0


class Bars(Silent):
    """A rich bar for the phase at hand, with its rate and the time that is left."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None
        self._meter = Meter()

    def phase(self, name: str, total: int | None) -> None:
        if self._task is not None:
            self._progress.stop_task(self._task)
        self._meter = Meter()
        self._task = self._progress.add_task(name, total=total, rate="")

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        self._meter.add(steps, tokens)
        if self._task is not None:
            self._progress.update(self._task, advance=steps, rate=self._meter.rate)

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()


class Lines(Silent):
    """Plain lines for logs: a phase's name when it begins, its rate every few seconds."""

    def __init__(self) -> None:
        self._name = ""
        self._total: int | None = None
        self._meter = Meter()
        self._last = 0.0

    def phase(self, name: str, total: int | None) -> None:
        self._end_phase()
        self._name, self._total, self._meter = name, total, Meter()
        self._last = time.monotonic()

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        self._meter.add(steps, tokens)
        if time.monotonic() - self._last >= LINE_EVERY_S:
            self._say()

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _say(self) -> None:
        self._last = time.monotonic()
        self.note(f"{self._name}: {self._meter.place(self._total)} {self._meter.rate}".rstrip())

    def _end_phase(self) -> None:
        if self._name and self._meter.steps:
            done = f"{self._meter.steps} rows in {duration(self._meter.seconds)}"
            self.note(f"{self._name}: {done}, {self._meter.rate}")
        self._name = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_phase()


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

    @property
    def rate(self) -> str:
        """Such as "3.2 rows/s, 41 tokens/s"."""
        words = [f"{self.steps / self.seconds:.1f} rows/s"]
        if self.tokens:
            words.append(f"{self.tokens / self.seconds:.0f} tokens/s")
        return ", ".join(words)

    def place(self, total: int | None) -> str:
        """Such as "12/40 rows, 1m40s left"."""
        if not total:
            return f"{self.steps} rows,"
        left = max(0, total - self.steps) * self.seconds / max(1, self.steps)
        return f"{self.steps}/{total} rows, {duration(left)} left,"


def duration(seconds: float) -> str:
    """Such as "2h05m", "1m40s" or "12s"."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"


def watcher() -> Bars | Lines:
    """The one that suits stderr."""
    console = Console(stderr=True)
    return Bars() if console.is_terminal and not console.is_dumb_terminal else Lines()
