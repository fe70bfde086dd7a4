"""Progress on stderr: live on a terminal, plain lines elsewhere, JSON for machines, or none."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Literal, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from realign_local.base.progress import EngineStats, Scores, Silent
from realign_local.base.reasons import Status
from realign_local.base.words.plural import counted, duration
from realign_local.cli.terminal.meter import EngineMeter, Meter
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.screen import Screen

Kind = Literal["auto", "bar", "lines", "json", "none"]

LINE_EVERY_S, LATER_EVERY_S = 5.0, 30.0
LINES_BEFORE_LATER = 12
"""A phase of hours need not say so every few seconds."""
JSON_EVERY_S = 1.0
LEAST_COLUMNS = 60
"""A narrower terminal gets lines."""


class Quiet(Silent):
    """Counts everything and says nothing but warnings; the others build on it."""

    def __init__(self) -> None:
        self.name = ""
        self.total: int | None = None
        self.meter = Meter()
        self.engine = EngineMeter()
        self.scores = Scores()

    def phase(self, name: str, total: int | None) -> None:
        self.name, self.total = name, total
        self.meter, self.engine = Meter(), EngineMeter()

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        self.meter.add(steps, tokens)

    def judged(self, task: str, status: Status, reason: str) -> None:
        if warning := self.scores.add(task, status, reason):
            self.warn(warning)

    def watch(self, stats: EngineStats) -> None:
        self.engine = EngineMeter(stats)

    def warn(self, text: str) -> None:
        self.say(f"warning: {text}")

    def say(self, text: str) -> None:
        echo(text, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return


class Ticking(Quiet):
    """Calls `tick` from a thread of its own, so that a slow first row is not a silence."""

    def __init__(self, every_s: float) -> None:
        super().__init__()
        self._every_s = every_s
        self._is_whole = True
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.tick()

    def tick(self) -> None:
        """Say where things stand."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._is_whole = error is None
        self.end()

    def end(self) -> None:
        """The last phase is over."""


class Lines(Ticking):
    """Plain lines for logs: where a phase stands every few seconds, and what it came to."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self._said = 0
        self._last = time.monotonic()

    def phase(self, name: str, total: int | None) -> None:
        self.end()
        super().phase(name, total)
        self._said, self._last = 0, time.monotonic()

    def tick(self) -> None:
        pause = LINE_EVERY_S if self._said < LINES_BEFORE_LATER else LATER_EVERY_S
        if self.name and time.monotonic() - self._last >= pause:
            self._last = time.monotonic()
            self._said += 1
            self.say(f"{self.name}: {', '.join(self._standing())}")

    def _standing(self) -> list[str]:
        words = [self.meter.place(self.total)]
        if self.meter.steps:
            words.append(self.meter.rate)
        rewritten, tried = self.scores.total
        if tried and self.name == "rewrite":
            words.append(f"{rewritten} of {tried} accepted")
        return [*words, *filter(None, [self.engine.words])]

    def note(self, text: str) -> None:
        self.say(text)

    def end(self) -> None:
        name, self.name = self.name, ""
        if name and self.meter.steps:
            rate = f", {self.meter.rate}" if self.meter.seconds >= 1 else ""
            rows = counted(self.meter.steps, "row")
            self.say(f"{name}: {rows} in {duration(self.meter.seconds)}{rate}")


class Bars(Lines):
    """A live view of the phase, of the engine and of what is accepted, by task."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._live = Live(
            console=console, get_renderable=self._view, refresh_per_second=4, transient=True
        )

    def tick(self) -> None:
        """The live view refreshes by itself."""

    def say(self, text: str) -> None:
        self._live.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        super().__enter__()
        self._live.start()
        return self

    def end(self) -> None:
        super().end()
        if self._stop.is_set():
            self._live.stop()

    def _view(self) -> Group:
        if not self.name:
            return Group()
        table = Table.grid(padding=(0, 1))
        table.add_column(width=9)
        table.add_column(no_wrap=True, overflow="ellipsis")
        bar = ProgressBar(self.total, self.meter.steps, width=28, pulse=not self.total)
        table.add_row(self.name, bar)
        table.add_row("", Text(f"{self.meter.place(self.total)}, {self.meter.rate}"))
        if words := self.engine.words:
            table.add_row("engine", Text(words))
        if self.scores.tried and self.name == "rewrite":
            table.add_row("accepted", Text(self._accepted()))
        return Group(table)

    def _accepted(self) -> str:
        tasks = [
            f"{task} {of['rewritten']}/{of['tried']}" for task, of in self.scores.as_dict().items()
        ]
        return "{} of {}: {}".format(*self.scores.total, ", ".join(tasks))


class JsonLines(Ticking):
    """One JSON object a line: an `event`, and what belongs to it."""

    def __init__(self) -> None:
        super().__init__(JSON_EVERY_S)
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        self.note(text)

    def note(self, text: str) -> None:
        self._event("note", text=text)

    def warn(self, text: str) -> None:
        self._event("warning", text=text)

    def phase(self, name: str, total: int | None) -> None:
        self.end()
        super().phase(name, total)
        self._event("phase", phase=name, total=total)

    def tick(self) -> None:
        if self.name:
            self._progress()

    def end(self) -> None:
        if self.total is None and self._is_whole:
            self.total = self.meter.steps
        if self.name:
            self._progress()

    def _progress(self) -> None:
        meter, left = self.meter, self.meter.left_s(self.total)
        self._event(
            "progress",
            phase=self.name,
            done=meter.steps,
            total=self.total,
            seconds=round(meter.seconds, 1),
            left_s=None if left is None else round(left, 1),
            rows_per_s=round(meter.steps / meter.seconds, 3),
            tokens_per_s=round(meter.tokens / meter.seconds, 1),
            acceptance=self.scores.as_dict(),
            engine={"doing": self.engine.words, **self.engine.counters()},
        )

    def _event(self, event: str, **more: Any) -> None:
        with self._lock:
            echo_json({"event": event, **more}, err=True)


def watcher(kind: Kind = "auto") -> Quiet:
    """The one that was asked for, or that suits stderr."""
    console = Screen(stderr=True)
    fits = console.is_terminal and not console.is_dumb_terminal and console.width >= LEAST_COLUMNS
    if kind == "bar" or (kind == "auto" and fits):
        return Bars(console)
    return JsonLines() if kind == "json" else Quiet() if kind == "none" else Lines()
