"""An engine that asks the model only what no run has asked before, as far as a store knows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from realign_local.base.lock import Closing
from realign_local.base.records import content_key
from realign_local.engine.process.wire import (
    completion_from_json,
    completion_to_json,
    request_to_json,
)
from realign_local.engine.request import Completion, Engine, Finish, OnPiece, Request
from realign_local.run.kept.content_store import ContentStore

SOUND = (Finish.STOP, Finish.LENGTH)
"""What hangs on the request alone; a failure hangs on the machine and the moment."""


class KnownAnswers(Closing):
    """The Engine protocol: what is known comes from the store, the rest from an engine.

    The engine is made at the first request that is not known. An answer's key is made of the whole
    request but its name and of `hang_on`, everything else that decides it: the engine sees no more.
    Requests whose pieces are watched go to the engine, since the watcher may have others written.
    """

    def __init__(
        self, store: ContentStore, make: Callable[[], Engine], *, hang_on: tuple[Any, ...]
    ) -> None:
        self._store, self._make, self._hang_on = store, make, hang_on
        self._engine: Engine | None = None
        self.found = self.asked = 0

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """What is known as it is asked for, the rest as the engine answers it."""
        if on_piece:
            yield from self._made().generate(requests, on_piece=on_piece)
            return
        source = iter(requests)
        for request in source:
            if completion := self._recalled(request):
                yield completion
            else:
                yield from self._with_engine(request, source)

    def _with_engine(self, first: Request, rest: Iterator[Request]) -> Iterator[Completion]:
        """The answers from the first unknown request on, as they come."""
        known: deque[Completion] = deque()
        asked: dict[str, Request | None] = {first.key: first}  # None: two have the same name

        def unknown() -> Iterator[Request]:
            for request in rest:
                if completion := self._recalled(request):
                    known.append(completion)
                else:
                    asked[request.key] = None if request.key in asked else request
                    yield request

        for completion in self._made().generate(chain([first], unknown())):
            self._keep(asked.pop(completion.key, None), completion)
            while known:
                yield known.popleft()
            yield completion
        yield from known

    def cancel(self, key: str) -> None:
        """Stop a running request."""
        if self._engine:
            self._engine.cancel(key)

    def close(self) -> None:
        """Whoever made the engine closes it."""

    def _key(self, request: Request) -> str:
        asked = request_to_json(request)
        del asked["key"]
        return content_key("answer", *self._hang_on, asked)

    def _recalled(self, request: Request) -> Completion | None:
        """What is known of a request, under its present name; counts it in any case."""
        found = _read(self._store.recall(self._key(request)), request)
        self.found += found is not None
        self.asked += found is None
        return found

    def _keep(self, request: Request | None, completion: Completion) -> None:
        if request and completion.finish in SOUND:
            record = completion_to_json(completion)
            del record["key"], record["found"]
            self._store.keep(self._key(request), record)

    def _made(self) -> Engine:
        self._engine = self._engine or self._make()
        return self._engine


def _read(record: Any, request: Request) -> Completion | None:
    """A completion from what was kept of it; None where that is no answer to such a request."""
    try:
        found = completion_from_json({**record, "key": request.key}) if record else None
    except (KeyError, TypeError, ValueError):
        return None
    if found is None or found.finish not in SOUND or len(found.pieces) != len(request.answer):
        return None
    return replace(found, found=True)
