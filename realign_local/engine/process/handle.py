"""A worker process seen from the run: start it, talk to it, notice how it ends."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import IO, Any

from realign_local.base import errors
from realign_local.base.assets import PACKAGE
from realign_local.base.config import OFFLINE
from realign_local.engine.process.spec import EngineSpec
from realign_local.engine.process.wire import Line, read_line, write_line

TAIL_LINES = 40
CLOSE_S = 5.0
WATCH_S = 0.25
TELLING = re.compile(
    r"error|failed|fault|assert|abort|cannot|unable|unknown|invalid", re.IGNORECASE
)
COMMAND = [sys.executable, "-P", "-m", "realign_local.engine.process.child"]
OUTSIDE_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT") if hasattr(signal, name)
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an engine may stay on one step before it counts as hanging.

    A step takes milliseconds on a small model and minutes on a large one, so the limit follows the
    slowest step so far; until there is one, `first_step_s` holds.
    """

    start_s: float = 1800.0
    first_step_s: float = 900.0
    least_s: float = 120.0
    times_slowest: float = 20.0

    def limit_s(self, *, started: bool, slowest_step_s: float) -> float:
        """Seconds without a sign of progress after which to give up."""
        if not started:
            return self.start_s
        if not slowest_step_s:
            return self.first_step_s
        return max(self.least_s, self.times_slowest * slowest_step_s)


class WorkerPace:
    """When the engine last got anywhere, and its slowest step so far (monotonic seconds)."""

    def __init__(self, patience: Patience) -> None:
        self.patience, self.started, self.steps = patience, False, 0
        self.slowest_step_s = 0.0
        self.last = time.monotonic()

    def hear(self, line: Line) -> None:
        """Take note of an event: any is progress but a beat that shows no new step."""
        now = time.monotonic()
        if line["event"] == "beat" and not line["idle"]:
            steps = line["stats"].get("steps", 0)
            if steps == self.steps:
                return
            if self.steps:  # the first step may include the model's warm-up
                self.slowest_step_s = max(self.slowest_step_s, now - self.last)
            self.steps = steps
        self.started |= line["event"] == "ready"
        self.last = now

    @property
    def is_stuck(self) -> bool:
        """Whether the engine has been silent for longer than its patience."""
        limit = self.patience.limit_s(started=self.started, slowest_step_s=self.slowest_step_s)
        return time.monotonic() - self.last > limit


class Process:
    """One worker process. Its events are read by a thread, so that they are never waited for."""

    def __init__(self, spec: EngineSpec, *, patience: Patience) -> None:
        self.events: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self.pace = WorkerPace(patience)
        self.stats: dict[str, float] = {}
        self.hung = False
        self.ended = threading.Event()
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.child = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
        )
        self.threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._read_events, self._read_errors, self._watch)
        ]
        for thread in self.threads:
            thread.start()
        self.send("open", engine=dict(spec), parent=os.getpid())

    def send(self, op: str, **fields: Any) -> None:
        """Send a message; to a worker that is gone this does nothing, its `gone` event follows."""
        try:
            write_line(_pipe(self.child.stdin), {"op": op, **fields})
        except (OSError, ValueError):
            return

    @property
    def crashed(self) -> bool:
        """Whether it ended by its own fault (or hung), rather than being killed from outside."""
        return self.hung or -(self.child.poll() or 0) not in OUTSIDE_SIGNALS

    @property
    def last_words(self) -> str:
        """How it ended, in one line, with the most telling line of what it printed last."""
        code = self.child.poll() or 0
        how = "did not react any more" if self.hung else _ending(code)
        lines = [line for line in self.tail if line.strip()]
        telling = [line for line in lines if TELLING.search(line)] or lines
        return f"{how}: {telling[-1].strip()}" if telling and self.crashed else how

    def close(self) -> None:
        """End the process: at once, by closing its pipe, else by force. Safe to call twice."""
        _shut(self.child.stdin)
        try:
            self.child.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        for thread in self.threads:
            thread.join(CLOSE_S)
        _shut(self.child.stdout)
        _shut(self.child.stderr)

    def _read_events(self) -> None:
        while line := read_line(_pipe(self.child.stdout)):
            self.pace.hear(line)
            self.stats = line.get("stats", self.stats)
            if line["event"] != "beat":
                self.events.put(line)
        self.child.wait()
        self.ended.set()
        self.threads[1].join(CLOSE_S)
        self.events.put({"event": "gone"})

    def _read_errors(self) -> None:
        for text in _pipe(self.child.stderr):
            self.tail.append(text.decode("utf-8", "replace"))

    def _watch(self) -> None:
        while not self.ended.wait(WATCH_S):
            if self.pace.is_stuck:
                self.hung = True
                self.child.kill()


def error_from(line: Line) -> errors.RealignError:
    """The error that the worker refused with, as the class that it was raised as there."""
    kind = getattr(errors, line["kind"], errors.EngineError)
    error: errors.RealignError = kind(line["message"], hint=line["hint"])
    return error


def _ending(code: int) -> str:
    if code < 0:
        return f"the worker was ended by {signal.Signals(-code).name}"
    return f"the worker ended with code {code}"


def child_environment() -> dict[str, str]:
    """The run's environment, offline, with the package where this process found it."""
    places = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(place for place in places if place)
    return {**os.environ, **OFFLINE, "PYTHONPATH": path}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the worker has no pipe")
    return pipe


def _shut(pipe: IO[bytes] | None) -> None:
    try:
        if pipe:
            pipe.close()
    except OSError:
        return
