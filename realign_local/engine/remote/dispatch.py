"""Rows to servers and completions back, in one event loop: who is asked, how often, who is up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from realign_local.base.errors import EngineError
from realign_local.engine.remote.answering import ShowPiece, answer_request, beyond
from realign_local.engine.remote.asking import Asked, not_sent
from realign_local.engine.remote.backlog import Backlog, OpenRow
from realign_local.engine.remote.find_out import ServedModel, find_model
from realign_local.engine.remote.link import Answer, Outcome
from realign_local.engine.remote.server_state import ServerState
from realign_local.engine.remote.survey import Survey
from realign_local.engine.request import Completion, Finish, Request

LOOK_S = 10.0
"""A server that is up says within this which models it has."""
GIVE_UP_S = 900.0
"""Without any server for so long, the run ends; what is finished is safe."""
ROWS_GIVEN_UP = 8
"""Rows in a row that no server could answer: then it is not the rows, and they are not given up."""
PASSING = (Outcome.BUSY, Outcome.SLOW, Outcome.FAULT)
KEY_HINT = "Put the key into the variable REALIGN_SERVER_KEY."
GONE_HINT = "Start it again; the same command then goes on from here."

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RemoteStats:
    """What was asked of the servers so far. Names are those of the local engine where they mean
    the same, and `steps` are rows sent; `retried` counts failures of any kind after which a row
    was asked again."""

    steps: int = 0
    answers: int = 0
    retried: int = 0
    busy: int = 0
    given_up: int = 0
    at_once: int = 0
    prompt_tokens: int = 0
    prompt_tokens_evaluated: int = 0
    completion_tokens: int = 0

    def count(self, completion: Completion) -> None:
        """Book an answer."""
        self.answers += 1
        self.prompt_tokens += completion.prompt_tokens
        self.prompt_tokens_evaluated += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens


class Dispatch:
    """Lives in the event loop; `deliver` is called there with every completion, or an error."""

    def __init__(
        self,
        servers: Sequence[ServerState],
        survey: Survey,
        stats: RemoteStats,
        *,
        deliver: Callable[[Completion | EngineError], None],
        show: Callable[[str], ShowPiece] | None = None,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        self.servers, self.survey, self.stats = servers, survey, stats
        self.deliver, self.show, self.give_up_s = deliver, show, give_up_s
        self.backlog = Backlog()
        self.running: dict[asyncio.Task[None], OpenRow] = {}
        self.looking: set[asyncio.Task[None]] = set()
        self.numbers = 0
        self.held: list[Completion] = []
        self.last_up_s = time.monotonic()
        self.timer: asyncio.TimerHandle | None = None
        self.is_over = False
        for server in servers:
            server.window.begin_round(self.last_up_s)
            if not server.is_up:
                self._look_later(server)

    def submit(self, request: Request) -> None:
        """A row to be answered; what these servers can never answer is not sent."""
        if fault := beyond(request, self.survey.abilities):
            self.deliver(not_sent(request, fault))
            return
        self.backlog.add(OpenRow(self.numbers, request))
        self.numbers += 1
        self.pump()

    def cancel(self, key: str) -> None:
        """Complete the rows of this key as cancelled; what runs is broken off."""
        for row in self.backlog.remove(key):
            self._cancelled(row)
        for task, row in [*self.running.items()]:
            if row.request.key == key and not task.done():
                task.cancel()
                del self.running[task]
                self._cancelled(row)

    async def close(self) -> None:
        """Break everything off; nothing is delivered any more."""
        self.is_over = True
        tasks = [*self.running, *self.looking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def pump(self) -> None:
        """Give every server that has room its next row."""
        if self.is_over:
            return
        now = time.monotonic()
        while started := self._start_one(now):
            self.stats.at_once = max(self.stats.at_once, started)
        if not self.running and not self.backlog:
            self._let_go()
        resting = [s.resting_until_s for s in self.servers if s.is_up and s.resting_until_s > now]
        if resting and self.backlog:
            if self.timer:
                self.timer.cancel()
            self.timer = asyncio.get_running_loop().call_later(min(resting) - now, self.pump)

    def _start_one(self, now: float) -> int:
        """Start one row where there is most room; returns how many run then, 0 where none did."""
        reserved = self._reserved()
        free = [server for server in self.servers if server.has_room(now)]
        for server in sorted(free, key=lambda one: one.in_flight / one.window.limit):
            row = self.backlog.take(
                server.number, in_flight=server.in_flight, is_reserved=server is reserved
            )
            if row:
                server.begin(now)
                self.stats.steps += 1
                task = asyncio.get_running_loop().create_task(self._run(row, server))
                self.running[task] = row
                task.add_done_callback(self._over)
                return len(self.running)
        return 0

    def _reserved(self) -> ServerState | None:
        """The server that is kept free for a suspect; None where there is no suspect."""
        able = [
            server
            for server in self.servers
            if server.is_up
            and any(not row.is_done_with(server.number) for row in self.backlog.apart)
        ]
        return min(able, key=lambda one: (one.in_flight, one.number), default=None)

    async def _run(self, row: OpenRow, server: ServerState) -> None:
        sent = time.monotonic()
        was_alone = row.is_suspect
        abilities = self.survey.abilities_of(server.number)
        asked = Asked(
            server.link, self.survey.model.name, abilities, server.timeout_s(slow=row.slow)
        )
        show = self.show(row.request.key) if self.show else None
        try:
            answer = await answer_request(row.request, asked, show)
            if isinstance(answer, Completion) and not await self._is_same(server):
                answer = Answer(Outcome.UNREACHED, {}, "the server was started anew")
        finally:
            server.in_flight -= 1
        if self.is_over:
            return
        if isinstance(answer, Completion):
            self._done(row, server, answer, sent=sent)
        else:
            self._failed(row, server, answer, sent=sent, was_alone=was_alone)

    def _over(self, task: asyncio.Task[None]) -> None:
        """A row's task is over; what nobody foresaw ends the run, as a row must never get lost."""
        self.running.pop(task, None)
        self.looking.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            log.error("unforeseen", exc_info=error)
            self._end(EngineError(f"unforeseen, with a server: {type(error).__name__}: {error}"))
        self.pump()

    async def _is_same(self, server: ServerState) -> bool:
        """Whether the server still holds this run's model, where a new connection was made.

        A server may be started with another model between two rows, and most servers answer
        whatever the name of the model in a request is.
        """
        if server.checked_connects == server.link.connects:
            return True
        limit = server.timeout_s(slow=0)
        found = await find_model(server.link, self.survey.model.name, timeout_s=limit)
        if isinstance(found, Answer) and found.outcome in PASSING:
            return True  # it is only slow to tell; the next row asks again
        if found != self.survey.model:
            return False
        server.checked_connects = server.link.connects
        return True

    def _done(self, row: OpenRow, server: ServerState, done: Completion, *, sent: float) -> None:
        now = time.monotonic()
        self.last_up_s = now
        if done.finish is Finish.PROMPT_TOO_LONG and len(self.servers) > 1:
            row.refused.add(server.number)  # another may have more room
            row.words = done.error
            if not all(row.is_done_with(one.number) for one in self.servers if one.is_up):
                self.backlog.again(row)
                return
        server.answer(now, sent_s=sent)
        self.stats.count(done)
        self._let_go()
        self.deliver(done)

    def _failed(
        self, row: OpenRow, server: ServerState, answer: Answer, *, sent: float, was_alone: bool
    ) -> None:
        now, outcome = time.monotonic(), answer.outcome
        row.words = answer.words
        self.stats.retried += 1
        log.info("%s: %s", server.link.address.url, answer.words)
        if outcome is Outcome.FORBIDDEN:
            self._end(EngineError(f"{self._name(server)}: {answer.words}", hint=KEY_HINT))
            return
        if outcome is Outcome.BUSY:
            self.stats.busy += 1
            server.busy(now, sent_s=sent, wait_s=answer.wait_s)
            if len(self.running) == 1 and now - self.last_up_s > self.give_up_s:
                self._end(EngineError(f"{self._name(server)} is gone: {answer.words}"))
                return
        elif outcome is Outcome.REFUSED:
            row.refused.add(server.number)
        elif outcome is Outcome.FAULT:
            row.faults[server.number] += 1
            server.resting_until_s = now + server.pause_s()
        else:
            row.slow += outcome is Outcome.SLOW
            if outcome is Outcome.SLOW:
                row.faults[server.number] += 1
            row.deaths += outcome is Outcome.BROKEN
            row.deaths_alone += outcome is Outcome.BROKEN and was_alone
            self._lose(server, answer)
        self.backlog.again(row)
        self._give_up_hopeless()

    def _give_up_hopeless(self) -> None:
        """Answer the rows that every server failed at, or that kill a server whenever alone."""
        lost = self.backlog.hopeless([server.number for server in self.servers if server.is_up])
        lost += self.backlog.killers()
        self.held += [not_sent(row.request, row.words) for row in lost]
        if len(self.held) >= ROWS_GIVEN_UP:
            words = self.held[-1].error
            self._end(EngineError(f"{len(self.held)} rows in a row got no answer: {words}"))

    def _let_go(self) -> None:
        """Give the rows up that are held back: others were answered, or there are no others."""
        self.stats.given_up += len(self.held)
        for completion in self.held:
            self.deliver(completion)
        self.held = []

    def _lose(self, server: ServerState, answer: Answer) -> None:
        """A connection broke: the server is down until it answers again."""
        if server.is_up:
            server.is_up = False
            others = any(other.is_up for other in self.servers)
            rows = "its rows go on elsewhere" if others else "its rows wait until it is back"
            log.warning("%s: %s; %s", self._name(server), answer.words, rows)
            self._look_later(server)

    def _look_later(self, server: ServerState) -> None:
        task = asyncio.get_running_loop().create_task(self._look(server))
        self.looking.add(task)
        task.add_done_callback(self._over)

    async def _look(self, server: ServerState) -> None:
        """Wait until a server that is down answers again, with the model of this run."""
        while not server.is_up:
            await asyncio.sleep(server.pause_s())
            found = await find_model(server.link, self.survey.model.name, timeout_s=LOOK_S)
            now = time.monotonic()
            if found == self.survey.model and await self.survey.learn(server.number, server.link):
                server.is_up, server.failures = True, 0
                server.window.begin_round(now)
                self.last_up_s = now
                log.warning("%s answers", self._name(server))
                self.pump()
                return
            if isinstance(found, ServedModel) and not server.is_wrong:
                server.is_wrong = True
                log.warning("%s now holds another model; nothing is sent", self._name(server))
            others = any(other.is_up for other in self.servers)
            if not others and now - self.last_up_s > self.give_up_s:
                words = found.words if isinstance(found, Answer) else "it holds another model"
                self._end(EngineError(f"{self._name(server)} is gone: {words}", hint=GONE_HINT))
                return

    def _cancelled(self, row: OpenRow) -> None:
        self.deliver(replace(not_sent(row.request, ""), finish=Finish.CANCELLED))

    def _end(self, error: EngineError) -> None:
        if not self.is_over:
            self.is_over = True
            self.deliver(error)

    def _name(self, server: ServerState) -> str:
        return server.link.address.url
