"""What runs in an actor: it takes lines of JSON, works on them, and keeps what came of them.

Ray sees two methods that take and give bytes. The work itself is done in a thread of its own: an
engine's child process dies with the thread that started it, and Ray's threads come and go.
"""

from __future__ import annotations

import dataclasses
import json
import queue
import threading
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from realign_local.base.errors import EngineError, RealignError
from realign_local.base.records import sample_from_json
from realign_local.engine.process.session import AHEAD
from realign_local.engine.process.wire import Line, completion_to_json, request_from_json
from realign_local.engine.request import Request
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.cluster.recipe import ENGINE, Recipe
from realign_local.run.job import RunStage, Tools
from realign_local.run.results import Stages, stages_of

POLL_S = 1.0
"""A call for results comes back after so long with the counters alone."""
PAUSE_S = 0.25
"""An engine that wants a row and finds none for so long works off what it has."""
SEQUENCES = 8
"""Rows at once of an engine that does not say how many it takes."""
SPARE = 16 + AHEAD + 16
"""Rows beside those that an engine works on: those it looks ahead for, those that its worker sends
ahead, and those on their way."""
NUMBERED = "#"
"""Stands between a request's own key, which another may have, too, and its number."""
BATCHES = 2
"""One to work on and one on its way."""


class Station:
    """Made by Ray in a process of its own on a node, from a recipe."""

    def __init__(self, recipe: bytes) -> None:
        self._inbox: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._tools: Tools | None = None
        threading.Thread(target=self._work, args=(recipe,), daemon=True).start()

    def give(self, lines: bytes) -> None:
        """Take work: one JSON object a line, each with its number."""
        for line in lines.splitlines():
            self._inbox.put(json.loads(line))

    def collect(self) -> bytes:
        """What there is to tell, as lines of JSON; waits a while for the first of it."""
        found = []
        try:
            found.append(self._outbox.get(timeout=POLL_S))
            while True:
                found.append(self._outbox.get_nowait())
        except queue.Empty:
            found.append({"event": "effort", "effort": self._effort()})
        return b"\n".join(json.dumps(line).encode() for line in found)

    def _effort(self) -> Line:
        return dict(self._tools.effort()) if self._tools else {}

    def _work(self, text: bytes) -> None:
        try:
            with ExitStack() as stack:
                self._carry_out(stack, Recipe.from_bytes(text))
        except RealignError as error:
            self._refuse(error)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
            self._refuse(EngineError(told))

    def _carry_out(self, stack: ExitStack, recipe: Recipe) -> None:
        """Make what the work needs, say how much there is room for, and work from then on."""
        self._tools = tools = recipe.make()
        if recipe.work == ENGINE:
            self._answer(stack, tools, recipe.longest_tokens)
        else:
            self._run_stage(stack, tools, recipe.work)

    def _refuse(self, error: RealignError) -> None:
        kind = type(error).__name__
        self._tell("refused", kind=kind, message=str(error), hint=error.hint)

    def _tell(self, event: str, **more: Any) -> None:
        self._outbox.put({"event": event, **more})

    def _answer(self, stack: ExitStack, tools: Tools, longest_tokens: int) -> None:
        engine = stack.enter_context(tools.engine(longest_tokens=longest_tokens))
        size = {"sequences": SEQUENCES, "engines": 1, **self._effort().get("capacity", {})}
        self._tell("ready", room=size["engines"] * (size["sequences"] + SPARE))
        while True:
            for completion in engine.generate(self._requests(self._inbox.get())):
                line = completion_to_json(completion)
                number = int(completion.key.rpartition(NUMBERED)[2])
                self._tell("done", number=number, completion=line)

    def _requests(self, first: Line) -> Iterator[Request]:
        """As they come; ends in a pause, so that what the engine has finished is not held up."""
        line = first
        while True:
            request = request_from_json(line["request"])
            yield dataclasses.replace(request, key=f"{request.key}{NUMBERED}{line['number']}")
            try:
                line = self._inbox.get(timeout=PAUSE_S)
            except queue.Empty:
                return

    def _run_stage(self, stack: ExitStack, tools: Tools, name: str) -> None:
        # Whether a row is worked on at all was decided before it came here.
        stages = stages_of(tools.criteria, tools.identity, RewriteSettings())
        stage = next(one for one in stages if one.name == name)
        run = _runner(stack, tools, stages, name)
        self._tell("ready", room=BATCHES)
        while True:
            line = self._inbox.get()
            samples = [sample_from_json(text) for text in line["samples"]]
            records = [stage.to_record(sample) for sample in run(samples)]
            self._tell("done", number=line["number"], records=records)


def _runner(stack: ExitStack, tools: Tools, stages: Stages, name: str) -> RunStage:
    """The stage with its tool in hand."""
    if name == stages.classify.name:
        label = stack.enter_context(tools.classifier())
        return lambda samples: stages.classify.run(samples, label)
    if name == stages.retrieve.name:
        search = stack.enter_context(tools.search())
        return lambda samples: stages.retrieve.run(samples, search)
    if name == stages.verify.name:
        return lambda samples: stages.verify.run(samples, tools.check)
    raise EngineError(f"no such work for an actor: {name}")
