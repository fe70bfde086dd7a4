"""An engine without a model that echoes its requests, and crashes, hangs or raises on cue.

It shows what a native library may do to a run. A row says what becomes of it by a word in its
last message: `[crash]`, `[kill]`, `[hang]`, `[raise]`, `[abort]`, `[refuse]`. `on_start` and
`on_kept` say the same of loading it, and of what an earlier process has left.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from realign_local.base.errors import AssetError, EngineError
from realign_local.base.lock import Closing
from realign_local.engine.request import Completion, Finish, Given, OnPiece, Request, Sampling


@dataclass(slots=True)
class FaultStats:
    """What it has done so far."""

    steps: int = 0


class FaultInjection(Closing):
    """Runs up to `sequences` rows side by side; each part of an answer takes one step."""

    def __init__(
        self, *, sequences: int = 4, step_s: float = 0.0, on_start: str = "", on_kept: str = ""
    ) -> None:
        self.sequences, self.step_s = sequences, step_s
        self.stats = FaultStats()
        self.cancelled: set[str] = set()
        self.on_kept = on_kept
        _act(on_start)

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Echo the last message, in capitals, wherever the model was to write."""
        source, running = iter(requests), list[_Run]()
        while True:
            while len(running) < self.sequences and (request := next(source, None)):
                running.append(_Run(request, on_piece))
            if not running:
                return
            _act(self.on_kept)
            time.sleep(self.step_s)
            self.stats.steps += 1
            for run in list(running):
                if (completion := run.step(self.cancelled)) is not None:
                    running.remove(run)
                    yield completion

    def cancel(self, key: str) -> None:
        """Complete the row as cancelled at its next step."""
        self.cancelled.add(key)

    def close(self) -> None:
        """Nothing to give back."""


class _Run:
    """One row under way: the pieces that it has so far."""

    def __init__(self, request: Request, on_piece: OnPiece | None) -> None:
        self.request, self.on_piece = request, on_piece
        self.pieces: list[str] = []
        self.seed = ""

    def step(self, cancelled: set[str]) -> Completion | None:
        """Add a piece; the completion once all are there."""
        if self.request.key in cancelled:
            return self._completion(Finish.CANCELLED)
        content = self.request.messages[-1].content
        _act(content)
        part = self.request.answer[len(self.pieces)]
        self.pieces.append(part.text if isinstance(part, Given) else content.upper() + self.seed)
        if not isinstance(part, Given) and self.on_piece:
            number = len(self.pieces) - 1
            reply = self.on_piece(self.request.key, number, self.pieces[-1])
            if isinstance(reply, Sampling):
                self.seed = f" {reply.seed}"
                self.pieces.pop()
            elif not reply:
                return self._completion(Finish.CANCELLED)
        done = len(self.pieces) == len(self.request.answer)
        return self._completion(Finish.STOP) if done else None

    def _completion(self, finish: Finish) -> Completion:
        missing = len(self.request.answer) - len(self.pieces)
        pieces = (*self.pieces, *("" for _ in range(missing)))
        return Completion(key=self.request.key, pieces=pieces, finish=finish)


def _hang() -> None:
    while True:
        time.sleep(3600)


def _signal(name: str) -> None:
    print(f"about to send {name}", file=sys.stderr, flush=True)
    os.kill(os.getpid(), getattr(signal, name))


def _raise() -> None:
    raise EngineError("the decoder gave up", hint="None is known.")


def _refuse() -> None:
    raise AssetError("the model is not to its liking", hint="Take another one.")


ACTIONS: dict[str, Callable[[], None]] = {
    "[crash]": lambda: _signal("SIGSEGV"),
    "[abort]": os.abort,
    "[kill]": lambda: _signal("SIGKILL"),
    "[hang]": _hang,
    "[raise]": _raise,
    "[refuse]": _refuse,
}


def _act(text: str) -> None:
    for word, action in ACTIONS.items():
        if word in text:
            action()
