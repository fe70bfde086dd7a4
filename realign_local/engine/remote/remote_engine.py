"""The Engine protocol over one or more servers: what run and stages see of them."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from realign_local.base.errors import EngineError
from realign_local.base.lock import Closing
from realign_local.engine.remote.address import ServerAddress
from realign_local.engine.remote.answering import ShowPiece
from realign_local.engine.remote.background_loop import BackgroundLoop
from realign_local.engine.remote.dispatch import GIVE_UP_S, Dispatch, RemoteStats
from realign_local.engine.remote.link import Link
from realign_local.engine.remote.server_state import ServerState
from realign_local.engine.remote.survey import Survey, look_around
from realign_local.engine.remote.window import MOST, Window
from realign_local.engine.request import Completion, OnPiece, Request, Sampling

AHEAD = 32
"""Rows that wait beside those in flight, so that no server waits while the run is busy."""


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """A piece that the run is asked about, and where its reply goes."""

    key: str
    part: int
    text: str
    reply: Future[bool | Sampling]


Event = Completion | ShownPiece | EngineError


def survey_servers(addresses: Sequence[ServerAddress], *, model: str = "", key: str = "") -> Survey:
    """What `look_around` finds out, from any thread."""
    loop = BackgroundLoop()
    try:
        return loop.wait(look_around(addresses, model=model, key=key))
    finally:
        loop.close()


class RemoteEngine(Closing):
    """Answers requests through the servers of a survey; one call of `generate` at a time.

    What is learnt of a server, such as how many requests it likes at once, holds for all calls. A
    row is answered as FAILED where every server that is up failed at it. Raises EngineError where
    no server answers for `give_up_s`, or one row after another fails.
    """

    def __init__(
        self, survey: Survey, *, key: str = "", most: int = MOST, give_up_s: float = GIVE_UP_S
    ) -> None:
        self.survey, self.give_up_s, self.remote_stats = survey, give_up_s, RemoteStats()
        self.is_serving = False
        self._dispatch: Dispatch | None = None
        self._loop = BackgroundLoop()
        self._servers = [
            ServerState(number, Link(address, key=key), Window(most=most), number in survey.known)
            for number, address in enumerate(survey.addresses)
        ]

    def __repr__(self) -> str:
        return f"<RemoteEngine {self._servers!r}>"

    @property
    def stats(self) -> dict[str, float]:
        """Counters of all that was asked so far."""
        found = self.remote_stats
        return {name: getattr(found, name) for name in found.__slots__}

    @property
    def answered(self) -> dict[str, int]:
        """How many rows each server answered."""
        return {server.link.address.url: server.answered for server in self._servers}

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Answer the requests; completions come in the order in which they finish."""
        if self.is_serving:
            raise EngineError("the servers are asked by another call", hint="Use one for each.")
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.is_serving = True
        try:
            dispatch = self._dispatch = self._loop.wait(self._open(events, watched=bool(on_piece)))
            yield from self._served(iter(requests), dispatch, events, on_piece)
        finally:
            self._break_off()
            self.is_serving = False

    def cancel(self, key: str) -> None:
        """Stop a running request; it is completed as cancelled. Unknown keys are ignored."""
        if self._dispatch:
            self._loop.soon(self._dispatch.cancel, key)

    def close(self) -> None:
        """Close all connections; safe to call twice."""
        if not self._loop.is_closed:
            self._break_off()
            self._loop.wait(_close([server.link for server in self._servers]))
            self._loop.close()

    def _break_off(self) -> None:
        """End what runs of the present call, if there is one."""
        dispatch, self._dispatch = self._dispatch, None
        if dispatch:
            self._loop.wait(dispatch.close())

    def _served(
        self,
        source: Iterator[Request],
        dispatch: Dispatch,
        events: queue.SimpleQueue[Event],
        on_piece: OnPiece | None,
    ) -> Iterator[Completion]:
        unanswered, is_full = 0, False
        while True:
            while not is_full and unanswered < self._wanted:
                request = next(source, None)
                if request is None:
                    is_full = True
                else:
                    self._loop.soon(dispatch.submit, request)
                    unanswered += 1
            if not unanswered:
                return
            event = events.get()
            if isinstance(event, EngineError):
                raise event
            if isinstance(event, ShownPiece):
                event.reply.set_result(
                    on_piece(event.key, event.part, event.text) if on_piece else True
                )
            else:
                unanswered -= 1
                yield event

    @property
    def _wanted(self) -> int:
        """How many rows should be under way."""
        return AHEAD + sum(server.window.limit for server in self._servers)

    async def _open(self, events: queue.SimpleQueue[Event], *, watched: bool) -> Dispatch:
        def show(key: str) -> ShowPiece:
            async def piece(part: int, text: str) -> bool | Sampling:
                reply: Future[bool | Sampling] = Future()
                events.put(ShownPiece(key, part, text, reply))
                return await asyncio.wrap_future(reply)

            return piece

        return Dispatch(
            self._servers,
            self.survey,
            self.remote_stats,
            deliver=events.put,
            show=show if watched else None,
            give_up_s=self.give_up_s,
        )


async def _close(links: Sequence[Link]) -> None:
    for link in links:
        await link.close()
