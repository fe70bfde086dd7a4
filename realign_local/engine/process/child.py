"""The worker process: an engine behind two pipes, started by handle.py and never by hand.

Down the pipe come `open`, `request`, `reply`, `end` and `cancel`; up go `ready`, `took`, `piece`,
`done`, `idle`, `beat`, `refused` and `fault`. One `generate` call serves the requests up to an
`end`.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import IO, Any

from realign_local.base.errors import EngineError, RealignError
from realign_local.engine.process.spec import make_from_spec
from realign_local.engine.process.wire import (
    Line,
    completion_to_json,
    read_line,
    request_from_json,
    write_line,
)
from realign_local.engine.request import Engine, Request, Sampling

IGNORED = ("SIGINT", "SIGTERM", "SIGHUP")
"""A terminal sends these to the whole group; only the run decides when its worker ends."""
BEAT_S = 1.0
FAULT_EXIT = 70
PR_SET_PDEATHSIG = 1


class Outbox:
    """The pipe to the run, shared by the threads; a run that is gone ends the worker."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.pipe, self.lock = pipe, threading.Lock()

    def send(self, event: str, **fields: Any) -> None:
        try:
            with self.lock:
                write_line(self.pipe, {"event": event, **fields})
        except OSError:
            os._exit(0)


class Inbox:
    """The requests as they come in, read by a thread so that a cancel is heard at once."""

    def __init__(self, pipe: IO[bytes], outbox: Outbox) -> None:
        self.pipe, self.outbox = pipe, outbox
        self.waiting: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self.replies: queue.SimpleQueue[bool | Line] = queue.SimpleQueue()
        self.is_watched = False
        self.engine: Engine | None = None
        self.is_idle = True

    def listen(self) -> None:
        """Sort what arrives; the end of the stream means that the run is over or dead."""
        while line := read_line(self.pipe):
            if line["op"] == "cancel" and self.engine:
                self.engine.cancel(line["key"])
            elif line["op"] == "reply":
                self.replies.put(line["reply"])
            elif line["op"] == "request":
                self.is_watched = line["watched"]
                self.waiting.put(line["request"])
            elif line["op"] == "end":
                self.waiting.put(None)
        os._exit(0)

    def requests(self) -> Iterator[Request]:
        """The requests up to the next `end`; each is announced before the engine has it."""
        while line := self._next():
            self.outbox.send("took", key=line["key"])
            yield request_from_json(line)

    def reply(self) -> bool | Sampling:
        """What the run says to a piece; until then the engine stands still, and is not stuck."""
        self.is_idle = True
        reply = self.replies.get()
        self.is_idle = False
        return reply if isinstance(reply, bool) else Sampling(**reply)

    def _next(self) -> Line | None:
        self.is_idle = True
        line = self.waiting.get()
        self.is_idle = False
        return line


def main() -> None:
    """Serve until the pipe closes."""
    for name in IGNORED:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    pipe_in, outbox = _private_pipes()
    opening = read_line(pipe_in)
    if opening is None:
        return
    _die_with(opening["parent"])
    inbox = Inbox(pipe_in, outbox)
    threading.Thread(target=inbox.listen, daemon=True).start()
    try:
        inbox.engine = make_from_spec(opening["engine"])
    except RealignError as error:
        outbox.send("refused", kind=type(error).__name__, message=str(error), hint=error.hint)
        os._exit(FAULT_EXIT)
    # What was loaded stays to the end: nothing for the collector to look through between steps.
    gc.freeze()
    outbox.send("ready")
    threading.Thread(target=_beat, args=(inbox, outbox), daemon=True).start()
    while True:
        _serve(inbox.engine, inbox, outbox)


def _serve(engine: Engine, inbox: Inbox, outbox: Outbox) -> None:
    def forward(key: str, part: int, text: str) -> bool | Sampling:
        if not inbox.is_watched:
            return True
        outbox.send("piece", key=key, part=part, text=text)
        return inbox.reply()

    try:
        for completion in engine.generate(inbox.requests(), on_piece=forward):
            outbox.send("done", completion=completion_to_json(completion))
    except Exception as error:
        traceback.print_exc()
        if isinstance(error, RealignError) and not isinstance(error, EngineError):
            outbox.send("refused", kind=type(error).__name__, message=str(error), hint=error.hint)
        else:
            outbox.send("fault", message=f"{type(error).__name__}: {error}")
        os._exit(FAULT_EXIT)
    inbox.is_idle = True
    outbox.send("idle", stats=_stats(engine))


def _beat(inbox: Inbox, outbox: Outbox) -> None:
    """Tell the run how far the engine is; the watchdog there looks for steps that do not come."""
    pause = threading.Event()
    while not pause.wait(BEAT_S):
        outbox.send("beat", stats=_stats(inbox.engine), idle=inbox.is_idle)


def _stats(engine: Engine | None) -> dict[str, Any]:
    """The engine's own counters, where it keeps any; `steps` among them shows progress."""
    stats = getattr(engine, "stats", None)
    return asdict(stats) if is_dataclass(stats) and not isinstance(stats, type) else {}


def _private_pipes() -> tuple[IO[bytes], Outbox]:
    """Move stdin and stdout out of reach: llama.cpp prints to stdout, which becomes stderr."""
    pipe_in = os.fdopen(os.dup(0), "rb")
    outbox = Outbox(os.fdopen(os.dup(1), "wb"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    faulthandler.enable()
    return pipe_in, outbox


def _die_with(parent: int) -> None:
    """Linux: have the kernel end this process when the run is killed, even in a native call."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    main()
