"""What the main job is given: which rows, where to, how, and the tools that its stages use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from realign_local.criteria import Criteria
from realign_local.data.formats import Dataset, Row
from realign_local.data.records import Sample
from realign_local.engine.request import Engine
from realign_local.ledger import Identity
from realign_local.stages.classify import Label
from realign_local.stages.retrieve import Search
from realign_local.stages.rewrite import RewriteSettings
from realign_local.stages.verify import Judge
from realign_local.stop import Budget


class Tools(Protocol):
    """What the stages work with. Made when its pass begins, given back when the pass ends."""

    @property
    def criteria(self) -> Criteria: ...

    @property
    def identity(self) -> Identity: ...

    @property
    def judge(self) -> Judge: ...

    def classifier(self) -> AbstractContextManager[Label]: ...

    def search(self) -> AbstractContextManager[Search]: ...

    def engine(self, *, longest_tokens: int) -> AbstractContextManager[Engine]: ...

    def describe(self) -> Mapping[str, Any]: ...

    def effort(self) -> Mapping[str, Any]:
        """What the engine has done; may be asked from any thread while it works."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One run: which rows of which dataset, where to, and how."""

    dataset: Dataset
    run_dir: Path
    rewriting: RewriteSettings
    passages: int = 3
    turns: Literal["last", "all"] = "last"
    limit: int | None = None
    shard: tuple[int, int] = (1, 1)
    annotate: bool = False
    reclassify: bool = False
    settings: Mapping[str, Any] | None = None
    budget: Budget | None = None

    def rows(self) -> Iterator[Row]:
        """The rows that this run is about, in order; can be called once a pass."""
        part, parts = self.shard
        for row in self.dataset.rows(turns=self.turns):
            if self.limit is not None and row.index >= self.limit:
                return
            if row.index % parts == part - 1:
                yield without_category(row) if self.reclassify else row

    def samples(self) -> Iterator[Sample]:
        """Their responses, malformed rows among them."""
        for row in self.rows():
            yield from row.samples

    @property
    def shard_name(self) -> str:
        """Such as "2/4"."""
        return "{}/{}".format(*self.shard)


def without_category(row: Row) -> Row:
    """The row as if nobody had named its task."""
    return replace(row, samples=tuple(replace(sample, category="") for sample in row.samples))
