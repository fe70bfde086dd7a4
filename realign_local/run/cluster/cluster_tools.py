"""The tools of `--ray`: those of this machine, with the work done on the nodes of a cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, Self

from realign_local.base.config import Settings
from realign_local.base.criterion import Criteria
from realign_local.base.errors import EngineError, UsageError
from realign_local.base.lock import Closing
from realign_local.base.progress import Progress
from realign_local.base.records import Sample, sample_to_json
from realign_local.data.batches import batched
from realign_local.engine.process.wire import Line, completion_from_json, request_to_json
from realign_local.engine.request import Completion, Engine, Finish, OnPiece, Request
from realign_local.run.cluster.crew import Crew, Share, Shares, tell_where
from realign_local.run.cluster.ray_link import Node, RayLink
from realign_local.run.cluster.recipe import ENGINE, MAKER, Recipe, facts_of
from realign_local.run.job import RunStage, Tools
from realign_local.run.results import Identity
from realign_local.stages.classification import Label
from realign_local.stages.retrieval import Retrieval, Search
from realign_local.stages.stage import Stage
from realign_local.stages.verification import Check, Verification

INDEX = "realign_index"
"""A node's own resource in Ray: where any node has it, passages are looked up by those that do."""
A_LITTLE = 0.001
"""Of a resource that only says where: it is never used up."""
SLICE = 1024
"""Rows for each engine that are rewritten before those that need it are judged."""
MOST_SLICE = 16_384
"""Such rows in all: they wait in memory."""
WORTH_IT = 1024
"""Gates take milliseconds a row: fewer rows are checked here before an actor has started."""


class ClusterTools:
    """Hands the work of `inner` to actors; `maker` makes such tools again on a node.

    The journal, the plan for each row and the gates of what was just written stay in this process.
    Raises what RayLink raises.
    """

    def __init__(
        self,
        inner: Tools,
        link: RayLink,
        settings: Mapping[str, Any],
        *,
        progress: Progress,
        maker: str = MAKER,
    ) -> None:
        self.inner, self.link, self.progress = inner, link, progress
        self._recipe = Recipe("", maker, settings, facts_of(inner))
        self._threads = settings.get("threads")
        self._with_gpus = settings.get("gpu_layers") != 0
        self._crew: Crew[Request] | None = None
        self._effort: dict[str, Any] = {}
        self.sent_to = tell_where(
            link, "the texts of the rows", note=progress.note, warn=progress.warn
        )

    @property
    def workplace(self) -> Self:
        """Stages are carried out on the nodes."""
        return self

    @property
    def criteria(self) -> Criteria:
        return self.inner.criteria

    @property
    def identity(self) -> Identity:
        return self.inner.identity

    @property
    def check(self) -> Check:
        return self.inner.check

    @property
    def distrust(self) -> str:
        return self.inner.distrust

    @property
    def template_fault(self) -> str:
        return self.inner.template_fault

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        """That of this machine."""
        with self.inner.classifier() as label:
            yield label

    @contextmanager
    def search(self) -> Iterator[Search]:
        """That of this machine."""
        with self.inner.search() as search:
            yield search

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        """One engine on each node, or on each of its graphics cards."""
        recipe = dataclasses.replace(self._recipe, work=ENGINE, longest_tokens=longest_tokens)
        crew = Crew[Request](self.link, recipe, self._shares_of(ENGINE), say=self.progress.warn)
        with ManyEngines(crew) as engine:
            self._crew = crew
            try:
                yield engine
            finally:
                self._effort, self._crew = _effort_of(crew), None

    @property
    def slice_rows(self) -> int:
        """Rows that are rewritten before those that need it are judged."""
        shares = self._shares_of(ENGINE)
        engines = sum(len(shares(node)) for node in self.link.nodes())
        return min(MOST_SLICE, SLICE * max(1, engines))

    def spread(
        self, stage: Stage, samples: Iterable[Sample], here: RunStage, *, size: int
    ) -> Iterator[Sample]:
        """What the stage finds out about these samples, in the order in which it comes.

        Each batch of `size` goes out as it would be worked on here, as a batch's other rows may
        show in the last digits of a float. Where there are few rows for the gates, `here` does it.
        """
        waiting, least = iter(samples), WORTH_IT if stage.name == Verification.name else 1
        first = list(islice(waiting, least))
        if len(first) < least:
            yield from here(first)
            return
        recipe = dataclasses.replace(self._recipe, work=stage.name)
        shares = self._shares_of(stage.name)
        crew = Crew[Sequence[Sample]](self.link, recipe, shares, say=self.progress.warn)
        tasks = (
            (batch, {"samples": [sample_to_json(sample) for sample in batch]})
            for batch in batched(chain(first, waiting), size)
        )
        try:
            for batch, result in crew.answer(tasks):
                yield from _with_records(stage, batch, result)
        finally:
            crew.close()

    def _shares_of(self, work: str) -> Shares:
        def shares(node: Node) -> list[Share]:
            threads = min(self._threads or node.cpus, node.cpus)
            if not threads:
                return []
            if work == Verification.name:
                return [Share(1)] * node.cpus
            if work == ENGINE and node.gpus and self._with_gpus:
                each = max(1, node.cpus // node.gpus)
                return [Share(min(threads, each), 1)] * node.gpus
            extra = {}
            if work == Retrieval.name and any(INDEX in n.resources for n in self.link.nodes()):
                if INDEX not in node.resources:
                    return []
                extra = {INDEX: A_LITTLE}
            return [Share(threads, extra=extra)] * (node.cpus // threads)

        return shares

    def describe(self) -> Mapping[str, Any]:
        """What run.toml and stats.json say: the tools, and where the rows went."""
        return {**self.inner.describe(), **({"sent_to": self.sent_to} if self.sent_to else {})}

    def effort(self) -> Mapping[str, Any]:
        """The engines' counters together, how many actors there are, and how many died."""
        crew = self._crew  # another thread may end it meanwhile
        return _effort_of(crew) if crew else self._effort


class ManyEngines(Closing):
    """The Engine protocol over the engines of a crew. Pieces cannot be watched: no stage does."""

    def __init__(self, crew: Crew[Request]) -> None:
        self._crew = crew
        self._cancelled: set[str] = set()

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Answer the requests; a row that ended its engine again and again is failed."""
        if on_piece:
            raise EngineError("engines on a cluster show no pieces of an answer")
        self._cancelled.clear()
        tasks = ((request, {"request": request_to_json(request)}) for request in requests)
        for request, result in self._crew.answer(tasks):
            if isinstance(result, str):
                pieces = ("",) * len(request.answer)
                yield Completion(request.key, pieces, Finish.FAILED, error=result)
                continue
            found = completion_from_json(result["completion"])
            finish = Finish.CANCELLED if request.key in self._cancelled else found.finish
            yield dataclasses.replace(found, key=request.key, finish=finish)

    def cancel(self, key: str) -> None:
        """The request is completed as cancelled, when the node is through with it."""
        self._cancelled.add(key)

    def close(self) -> None:
        """End the actors."""
        self._crew.close()


def _with_records(stage: Stage, batch: Sequence[Sample], result: Line | str) -> Iterator[Sample]:
    if isinstance(result, str):
        raise EngineError(
            f"{stage.name} cannot get over the rows from {batch[0].index + 1}: {result}"
        )
    for sample, record in zip(batch, result["records"], strict=True):
        found = stage.apply(sample, record)
        if found is None:
            raise EngineError(f"a node answered for another task than row {sample.index + 1}'s")
        yield found


def _effort_of(crew: Crew[Any]) -> dict[str, Any]:
    """`cluster` has the actors that are ready, and those that died on the way."""
    return {"engine": crew.effort, "cluster": {"actors": crew.size, "lost": crew.lost}}


@contextmanager
def over_cluster(
    inner: Tools, settings: Settings, address: str, progress: Progress
) -> Iterator[ClusterTools]:
    """These tools, at work on the cluster at this address. Raises what RayLink raises."""
    if settings.server:
        raise UsageError(
            "--ray and --server exclude each other",
            hint="Servers are asked from here, as many rows at once as they like.",
        )
    link = RayLink(address)
    try:
        yield ClusterTools(inner, link, settings.model_dump(exclude_none=True), progress=progress)
    finally:
        link.close()
