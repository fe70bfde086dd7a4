"""Progress of a long command on stderr: a bar on a terminal, a line every few seconds else."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from realign_local.base.words.plural import duration
from realign_local.cli.terminal.meter import left_s
from realign_local.cli.terminal.output import echo

SECONDS_BETWEEN_LINES = 5.0
PHASES = {
    "read": ("reading", "MB"),
    "assemble": ("assembling", "units"),
    "encode": ("encoding", "passages"),
    "index": ("indexing", "steps"),
    "measure": ("measuring", "searches"),
    "pack": ("packing", "wheels"),
    "write": ("writing", "MB"),
}


class ProgressLines:
    """Hears (phase, done, total) as often as it happens, and shows rate and time left."""

    def __init__(self) -> None:
        self._started = self._phase_started = self._shown = time.monotonic()
        self._phase = ""
        self._first = 0.0
        self._bar: Any = None
        self._task: Any = None

    @property
    def seconds(self) -> float:
        """Since the command began."""
        return time.monotonic() - self._started

    def __enter__(self) -> ProgressLines:
        if sys.stderr.isatty():
            from rich.progress import Progress as Bar

            from realign_local.cli.terminal.screen import Screen

            self._bar = Bar(*_columns(), console=Screen(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, phase: str, done: int, total: int) -> None:
        name, unit = PHASES[phase]
        amount = (done / 1e6, total / 1e6) if unit == "MB" else (float(done), float(total))
        if phase != self._phase:
            self._begin(phase, name, *amount)
        if self._bar:
            self._bar.update(self._task, completed=amount[0], left=self._left(*amount))
        elif time.monotonic() - self._shown >= SECONDS_BETWEEN_LINES:
            self._line(name, unit, *amount)

    def _begin(self, phase: str, name: str, done: float, total: float) -> None:
        self._phase, self._first = phase, done
        self._phase_started = time.monotonic()
        if self._bar:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(name, total=total, completed=done, left="")

    def _line(self, name: str, unit: str, done: float, total: float) -> None:
        self._shown = time.monotonic()
        seconds = max(1e-9, self._shown - self._phase_started)
        rate = (done - self._first) / seconds
        left = ", ".join(filter(None, [f"{rate:,.1f} {unit}/s", self._left(done, total)]))
        echo(f"{name}: {done:,.0f} of {total:,.0f} {unit}, {left}", err=True)

    def _left(self, done: float, total: float) -> str:
        """Such as "1m40s left"; empty where it is too soon to say."""
        seconds = time.monotonic() - self._phase_started
        wait = left_s(done, total, seconds=seconds, before=self._first)
        return "" if wait is None else f"{duration(wait)} left"


def _columns() -> list[Any]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

    return [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    ]
