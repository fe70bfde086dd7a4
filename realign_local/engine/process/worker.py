"""An engine in a process of its own: a native crash costs the running rows a retry, not the run."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from realign_local.base.errors import EngineError
from realign_local.base.lock import Closing
from realign_local.engine.process.handle import Patience, Process, error_from
from realign_local.engine.process.retry import Retries, RunningRow
from realign_local.engine.process.session import Session
from realign_local.engine.process.spec import EngineSpec, without_kept
from realign_local.engine.request import Completion, Finish, OnPiece, Request

START_CRASHES = 3
START_KILLS = 30
"""Deaths in a row while loading after which the engine is given up: its own, and from outside."""
ROWS_GIVEN_UP = 8
"""Rows in a row that killed the worker: then it is not the rows, and the run must not go on."""
RESTART_PAUSE_S = 0.1

log = logging.getLogger(__name__)


class Worker(Closing):
    """The Engine protocol over a child process that is started anew whenever it dies.

    A row is answered as FAILED only if the worker died while it ran alone, and once before. Raises
    EngineError when the engine cannot be started, or when one row after another kills it.
    """

    def __init__(self, spec: EngineSpec, *, patience: Patience | None = None) -> None:
        self.spec, self.patience = spec, patience or Patience()
        self.process: Process | None = None
        self._loading: Process | None = None
        self.starts = 0
        self.is_serving = False
        self.session: Session | None = None
        self.given_up = 0
        self.is_abandoned = False
        self._past_stats: Counter[str] = Counter()

    @property
    def process_id(self) -> int | None:
        """The child's process id while there is one."""
        return self.process.child.pid if self.process else None

    @property
    def stats(self) -> dict[str, float]:
        """The engine's own counters over all processes; up to a second old while it runs."""
        total = Counter(self._past_stats)
        total.update(self.process.stats if self.process else {})
        return dict(total)

    def start(self) -> Process:
        """The child, ready to serve; starts one where there is none.

        Raises EngineError after too many deaths, and what the engine itself refused with.
        """
        deaths = {True: 0, False: 0}
        while (process := self._loading) or not self._is_alive:
            process = process or self.begin()
            line = process.events.get()
            self._loading = None
            if line["event"] == "ready":
                return process
            if line["event"] == "refused":
                self.stop()
                raise error_from(line)
            if self.is_abandoned:
                raise EngineError("the worker was given up while it was loading")
            deaths[process.crashed] += 1
            _check_starts(deaths, process.last_words)
            time.sleep(RESTART_PAUSE_S)
        assert self.process
        return self.process

    def begin(self) -> Process:
        """A child that begins to load, in the place of the one before; `start` waits for it."""
        if self.process and self.process.crashed:
            # What it read may have been at fault, hash or not: llama.cpp checks little of it.
            self.spec = without_kept(self.spec)
        self.stop()
        self.starts += 1
        self.process = self._loading = Process(self.spec, patience=self.patience)
        return self.process

    @property
    def _is_alive(self) -> bool:
        return self.process is not None and self.process.child.poll() is None

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Answer the requests; one call at a time. An abandoned iterator ends the child."""
        if self.is_serving:
            raise EngineError("the worker is serving another call", hint="Use a worker for each.")
        self.is_serving, self.is_abandoned, finished = True, False, False
        try:
            yield from self._generate(requests, on_piece)
            finished = not self.is_abandoned
        finally:
            self.is_serving, self.session = False, None
            if not finished:
                self.stop()

    def cancel(self, key: str) -> None:
        """Stop a running request; it is completed as cancelled. Unknown keys are ignored."""
        if self.session:
            self.session.cancel(key)

    def abandon(self) -> None:
        """From another thread: end the call that is being served, with its rows unanswered."""
        self.is_abandoned = True
        process = self.process
        if process:
            process.child.kill()

    def stop(self) -> None:
        """End the child, if there is one."""
        if self.process:
            self.process.close()
            self._past_stats.update(self.process.stats)
        self.process = self._loading = None

    def close(self) -> None:
        """End the child; safe to call twice."""
        self.stop()

    def _generate(
        self, requests: Iterable[Request], on_piece: OnPiece | None
    ) -> Iterator[Completion]:
        retries = Retries[RunningRow]()
        source = itertools.starmap(RunningRow, enumerate(requests))
        while True:
            group = retries.next_group()
            rows = iter(group) if group else itertools.chain(retries.once_more(), source)
            session = self.session = Session(self.start(), rows, on_piece)
            for completion in session.serve():
                self.given_up = 0
                yield completion
            if self.is_abandoned or (session.is_done and not group):
                return
            if not session.is_done:
                yield from self._after_death(session, retries, from_group=bool(group))

    def _after_death(
        self, session: Session, retries: Retries[RunningRow], *, from_group: bool
    ) -> Iterator[Completion]:
        words = session.fault or session.process.last_words
        log.warning("%s; it starts again, rows to run again: %d", words, len(session.running))
        untouched = [*session.sent.values(), *(session.rows if from_group else ())]
        retries.give_back(untouched, from_group=from_group)
        lost = retries.died([*session.running.values()], crashed=session.process.crashed)
        if lost is None:
            return
        self.given_up += 1
        if self.given_up >= ROWS_GIVEN_UP:
            raise EngineError(f"{self.given_up} rows in a row killed the worker; {words}")
        yield _failed(lost.request, words)


def _failed(request: Request, words: str) -> Completion:
    return Completion(request.key, ("",) * len(request.answer), Finish.FAILED, error=words)


def _check_starts(deaths: dict[bool, int], words: str) -> None:
    """`deaths[True]` counts the engine's own crashes while loading, `deaths[False]` kills."""
    if deaths[True] >= START_CRASHES or deaths[False] >= START_KILLS:
        raise EngineError(
            f"the engine died {sum(deaths.values())} times while loading; {words}",
            hint="`realign doctor` tells what is wrong with llama.cpp or the model.",
        )
