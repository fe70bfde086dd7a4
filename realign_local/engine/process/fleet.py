"""Several workers as one engine: while one of them prepares a step, the card works for another.

The rows and what is said of their pieces belong to the caller's thread, as with one worker: each
worker has a thread that asks for both through one queue. The threads last as long as the fleet: on
Linux a child dies with the thread that started it.
"""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from realign_local.base.errors import EngineError
from realign_local.base.lock import Closing
from realign_local.engine.capacity import Capacity
from realign_local.engine.process.handle import Patience
from realign_local.engine.process.probe import kept_for
from realign_local.engine.process.spec import EngineSpec, llama_spec
from realign_local.engine.process.worker import Worker
from realign_local.engine.request import Completion, OnPiece, Request


@dataclass(frozen=True, slots=True)
class _Call:
    """What a worker's thread wants from the caller's, or tells it; `answers` takes the reply."""

    kind: Literal["next", "piece", "done", "over", "failed"]
    content: Any = None
    answers: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)

    @property
    def refusal(self) -> Literal[False] | None:
        """What a call is told that nobody serves any more: no more rows, or to stop this one."""
        return None if self.kind == "next" else False


def open_engine(model: Path, capacity: Capacity, *, kept: Path | None = None) -> Worker | Fleet:
    """The engine over a GGUF file in as many processes as the capacity has engines.

    `kept` is a folder for the states of beginnings, to be read by later processes.
    """
    spec = llama_spec(model, capacity, kept=kept_for(model, capacity, kept) if kept else None)
    return Fleet(spec, size=capacity.engines) if capacity.engines > 1 else Worker(spec)


class Fleet(Closing):
    """The Engine protocol over `size` workers of one kind, which share the rows as they come.

    Each survives crashes as one alone does; the error of one that cannot go on ends them all.
    """

    def __init__(self, spec: EngineSpec, *, size: int, patience: Patience | None = None) -> None:
        self.workers = [Worker(spec, patience=patience) for _ in range(size)]
        self._threads = ThreadPoolExecutor(size)
        self._calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._is_serving = False

    @property
    def stats(self) -> dict[str, float]:
        """The counters of all workers, added up."""
        total: Counter[str] = Counter()
        for worker in self.workers:
            total.update(worker.stats)  # which keeps what is nought, as adding would not
        return dict(total)

    def start(self) -> None:
        """Load all models now, side by side, instead of with the first call."""
        for process in self._threads.map(Worker.start, self.workers):
            assert process.child.pid

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Answer the requests; one call at a time. An abandoned iterator ends the children."""
        if self._is_serving:
            raise EngineError("the workers are serving another call", hint="Use others for each.")
        self._is_serving, self._calls = True, queue.SimpleQueue()
        watched = on_piece is not None
        work = [
            self._threads.submit(self._work, worker, self._calls, watched)
            for worker in self.workers
        ]
        try:
            yield from self._serve(iter(requests), on_piece)
        except BaseException:
            for worker in self.workers:
                worker.abandon()
            raise
        finally:
            self._let_end(work)
            self._is_serving = False

    def cancel(self, key: str) -> None:
        """Stop a running request; it is completed as cancelled. Unknown keys are ignored."""
        for worker in self.workers:
            worker.cancel(key)

    def close(self) -> None:
        """End the children; safe to call twice."""
        for worker in self.workers:
            worker.close()
        self._threads.shutdown()

    def _serve(self, source: Iterator[Request], on_piece: OnPiece | None) -> Iterator[Completion]:
        """Answer the workers' calls until each is through."""
        working = len(self.workers)
        while working:
            call = self._calls.get()
            if call.kind in ("next", "piece"):
                reply: Any = call.refusal
                try:
                    if call.kind == "next":
                        reply = next(source, None)
                    elif on_piece:
                        reply = on_piece(*call.content)
                finally:
                    call.answers.put(reply)
            elif call.kind == "done":
                yield call.content
            elif call.kind == "failed":
                raise call.content
            else:
                working -= 1

    def _let_end(self, work: list[Future[None]]) -> None:
        """Give whoever still asks the end of the rows, until all threads are free."""
        while not all(future.done() for future in work):
            try:
                call = self._calls.get(timeout=0.05)
            except queue.Empty:
                continue
            call.answers.put(call.refusal)

    @staticmethod
    def _work(worker: Worker, calls: queue.SimpleQueue[_Call], watched: bool) -> None:
        """One worker's thread: rows in, completions out, all through the queue."""

        def ask(kind: Literal["next", "piece"], content: Any = None) -> Any:
            call = _Call(kind, content)
            calls.put(call)
            return call.answers.get()

        def show(key: str, part: int, text: str) -> Any:
            return ask("piece", (key, part, text))

        rows = iter(lambda: ask("next"), None)
        try:
            for completion in worker.generate(rows, on_piece=show if watched else None):
                calls.put(_Call("done", completion))
            calls.put(_Call("over"))
        except Exception as error:
            calls.put(_Call("failed", error))
