"""Other programs on the same rows, each as it is best set up, in turns with the others.

llama-server and xllamacpp are the same server, one as a program of its own, one in a wheel. A
server knows no turns: it is stopped between its own (SIGSTOP), with its requests under way.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil

from realign_local.base.errors import EngineError, RealignError
from realign_local.engine.bench.baselines import (
    LLAMA_SERVER,
    OPENVINO,
    XLLAMACPP,
    Asked,
    Report,
    Setup,
    bound_tokens,
    cpu_s,
    in_turns,
    whole_stops,
)
from realign_local.engine.bench.openvino_peer import openvino_answers
from realign_local.engine.bench.server import free_port, is_ready, post
from realign_local.engine.capacity import Capacity
from realign_local.engine.chat import ChatTemplate
from realign_local.engine.process.handle import child_environment
from realign_local.engine.process.probe import ask_llama
from realign_local.engine.request import Request

SLOTS = 16
TUNED = ("-np", str(SLOTS), "-kvu", "-cram", "-1", "--spec-type", "ngram-mod")
"""Sixteen rows at once in one cache, as many copies of it as they like, guesses from the text."""
IN_A_WHEEL = (sys.executable, "-P", "-m", "realign_local.engine.bench.xllamacpp_server")
START_S = 180.0
LOOK_S = 0.2
TRIES = 5
MODULES = {XLLAMACPP: "xllamacpp", OPENVINO: "openvino_genai"}
"""Peers that take part where these modules can be found."""
WORK = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(100000))"
"""As long as whoever started it is there."""


def left_out(server: Path | None) -> dict[str, str]:
    """The peers that cannot be asked, by name, and why; so that nobody thinks they were beaten."""
    missing = {name: "not installed" for name in MODULES if not find_spec(MODULES[name])}
    return missing if server else {LLAMA_SERVER: "not named (--llama-server)"} | missing


def asked_of_peers(model: Path, requests: Sequence[Request]) -> tuple[Asked, ...]:
    """The rows with the model's own chat template filled in.

    Peers open a prompt with BOS by themselves where the model wants one.
    """
    facts = ask_llama("chat_facts", str(model.absolute()))
    opening = facts["bos"] if facts["opens"] else ""
    template = ChatTemplate(facts["template"], bos=facts["bos"], eos=facts["eos"])
    texts = ("".join(part.text for part in template.render(row.messages)) for row in requests)
    return tuple(
        Asked(row.key, text.removeprefix(opening), bound_tokens(row), whole_stops(row))
        for row, text in zip(requests, texts, strict=True)
    )


def peer_turn(name: str, setup: Setup, stack: ExitStack) -> Callable[[float], Report]:
    """What a peer does in a turn. Raises nothing: of one that fails the report says `absent`."""
    begun: list[Callable[[float], Report]] = []

    def turn(turn_s: float) -> Report:
        try:
            if not begun:
                begun.append(_turn_of(name, setup, stack))
            return begun[0](turn_s)
        except RealignError as error:
            return absent(error)

    return turn


def absent(why: object) -> Report:
    """The report of a peer that cannot go on."""
    return {"rows": 0, "of": 0, "seconds": 0.0, "finished": True, "texts": {}, "absent": str(why)}


def _turn_of(name: str, setup: Setup, stack: ExitStack) -> Callable[[float], Report]:
    if name == OPENVINO:
        model = setup.openvino_model or setup.model
        answers = openvino_answers(model, setup.capacity, setup.asked, slots=SLOTS)
        return in_turns(answers, of=len(setup.asked))
    start = (str(setup.server),) if name == LLAMA_SERVER else IN_A_WHEEL
    peer = LlamaServer(start, setup.model, setup.capacity, setup.asked)
    return stack.enter_context(closing(peer)).turn


class LlamaServer:
    """A server of llama.cpp that answers rows while it is let run.

    `start` is the command; both kinds take llama-server's own options. Raises EngineError where it
    does not start or fails a row.
    """

    def __init__(
        self, start: Sequence[str], model: Path, capacity: Capacity, rows: Sequence[Asked]
    ) -> None:
        self._rows, self._of = iter(rows), len(rows)
        self._lock, self._texts = threading.Lock(), dict[str, str]()
        self._threads: list[threading.Thread] = []
        self._trouble = ""
        self._seconds = self._worked_s = 0.0
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        each = -(-capacity.context_tokens // capacity.sequences)
        self._process = subprocess.Popen(
            [
                *start, "-m", model, "--host", "127.0.0.1", "--port", str(port),
                "-c", str(each * SLOTS), "-t", str(capacity.threads), "-tb", str(capacity.threads),
                "-ngl", str(capacity.gpu_layers), *TUNED,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )  # fmt: skip
        self._wait_until_ready()

    def turn(self, turn_s: float) -> Report:
        """Answer rows for a while; the report is that of all turns so far."""
        started, before_s = time.perf_counter(), cpu_s()
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
        self._worked_s += cpu_s() - before_s
        if self._trouble:
            raise EngineError(self._trouble)
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
        finished = len(texts) == self._of
        return {
            "rows": len(texts),
            "of": self._of,
            "seconds": round(self._seconds, 3),
            "cpu_s": round(self._worked_s, 1),
            "finished": finished,
            "texts": texts if finished else {},
            "peak_rss_mb": self._rss_mb(),
        }

    def _answer(self) -> None:
        """One of the rows under way, until there are no more or one fails."""
        while not self._trouble:
            with self._lock:
                row = next(self._rows, None)
            if row is None:
                return
            self._try(row)

    def _try(self, row: Asked) -> None:
        """A server that was stopped may refuse calls that came all at once: they come again."""
        for left in reversed(range(TRIES)):
            try:
                self._texts[row.key] = self._complete(row)
                return
            except RealignError as error:
                if not left:
                    self._trouble = str(error)
                time.sleep(LOOK_S)

    def _complete(self, row: Asked) -> str:
        body = {"prompt": row.prompt, "max_tokens": row.max_tokens, "stop": row.stop}
        return post(self._url, "/v1/completions", body | {"temperature": 0}, timeout_s=None)

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
