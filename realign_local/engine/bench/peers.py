"""Other programs on the same rows: llama-server as it is best set up, in turns with the others.

A server knows no turns: it is stopped between its own (SIGSTOP), with its requests under way.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil

from realign_local.base.errors import RealignError
from realign_local.engine.bench.baselines import Report
from realign_local.engine.bench.server import ask, free_port, is_ready
from realign_local.engine.capacity import Capacity
from realign_local.engine.request import Request

SLOTS = 16
TUNED = ("-np", str(SLOTS), "-kvu", "-cram", "0", "--spec-type", "ngram-mod")
"""Sixteen rows at once in one cache, no copies of it in memory, guesses from what was written."""
START_S = 180.0
LOOK_S = 0.2
TRIES = 5
UNDRIVEN = ("xllamacpp", "openvino_genai")
"""Peers that this benchmark has no way of asking yet; they are named, so that nobody thinks that
they were beaten."""
WORK = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(100000))"
"""As long as whoever started it is there."""


def left_out() -> dict[str, str]:
    """The peers that are never asked, by name, and why."""
    return {
        name: "installed, but not asked by this benchmark" if find_spec(name) else "not installed"
        for name in UNDRIVEN
    }


class LlamaServer:
    """A llama-server of our own that answers rows while it is let run.

    Raises nothing: where it does not start or fails a row, the report says so under `absent`.
    """

    def __init__(
        self, program: Path, model: Path, capacity: Capacity, rows: Sequence[Request]
    ) -> None:
        self._rows, self._of = iter(rows), len(rows)
        self._lock, self._texts = threading.Lock(), dict[str, str]()
        self._threads: list[threading.Thread] = []
        self._trouble = ""
        self._seconds = 0.0
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        each = -(-capacity.context_tokens // capacity.sequences)
        self._process = subprocess.Popen(
            [
                program, "-m", model, "--host", "127.0.0.1", "--port", str(port),
                "-c", str(each * SLOTS), "-t", str(capacity.threads), "-tb", str(capacity.threads),
                "-ngl", str(capacity.gpu_layers), *TUNED,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait_until_ready()

    def turn(self, turn_s: float) -> Report:
        """Answer rows for a while; the report is that of all turns so far."""
        started = time.perf_counter()
        if not self._threads and not self._trouble:
            self._threads = [
                threading.Thread(target=self._answer, daemon=True) for _ in range(SLOTS)
            ]
            for thread in self._threads:
                thread.start()
        self._signal("SIGCONT")
        while self._is_working and time.perf_counter() - started < turn_s:
            time.sleep(LOOK_S if turn_s > LOOK_S else turn_s)
        self._signal("SIGSTOP")
        self._seconds += time.perf_counter() - started
        return self._report()

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait()

    @property
    def _is_working(self) -> bool:
        return not self._trouble and any(thread.is_alive() for thread in self._threads)

    def _report(self) -> Report:
        texts = dict(self._texts)  # threads may still add to it what they had heard
        finished = bool(self._trouble) or len(texts) == self._of
        report: Report = {
            "rows": len(texts),
            "of": self._of,
            "seconds": round(self._seconds, 3),
            "finished": finished,
            "texts": texts if finished else {},
            "peak_rss_mb": self._rss_mb(),
        }
        return report | ({"absent": self._trouble} if self._trouble else {})

    def _answer(self) -> None:
        """One of the rows under way, until there are no more or one fails."""
        while not self._trouble:
            with self._lock:
                row = next(self._rows, None)
            if row is None:
                return
            self._try(row)

    def _try(self, row: Request) -> None:
        """A server that was stopped may refuse calls that came all at once: they come again."""
        for left in reversed(range(TRIES)):
            try:
                self._texts[row.key] = ask(self._url, row, timeout_s=None)
                return
            except RealignError as error:
                if not left:
                    self._trouble = str(error)
                time.sleep(LOOK_S)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_S
        while not self._trouble:
            if (code := self._process.poll()) is not None:
                self._trouble = f"it ended with code {code} while starting"
            elif time.monotonic() > until:
                self._trouble = f"it was not ready after {START_S:.0f} s"
            elif is_ready(self._url):
                return
            time.sleep(LOOK_S)

    def _signal(self, name: str) -> None:
        """Where there is no such signal the server idles between turns, once its rows are done."""
        if hasattr(signal, name) and self._process.poll() is None:
            self._process.send_signal(getattr(signal, name))

    def _rss_mb(self) -> int:
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss >> 20)
        except psutil.Error:
            return 0


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes beside, which do nothing but work."""
    working = [subprocess.Popen([sys.executable, "-c", WORK]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in working:
            process.kill()
            process.wait()
