"""What the main job is given: which rows, where to, how, and the tools that its stages use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import starmap
from pathlib import Path
from typing import Any, Literal, Protocol, Self

from realign_local.base.config import Settings, unknown_name
from realign_local.base.criterion import Criteria
from realign_local.base.machine import cache_folder
from realign_local.base.records import Sample
from realign_local.base.stop import Budget
from realign_local.data.formats import Dataset, Row
from realign_local.data.reading.containers import RawRow
from realign_local.engine.request import Engine
from realign_local.rewriting.plan import RewriteSettings, names
from realign_local.rewriting.tidy.calculator import OFF_BY_DEFAULT
from realign_local.run.files.rundir import refuse_inside_run
from realign_local.run.results import Identity
from realign_local.stages.classification import Label
from realign_local.stages.retrieval import Search
from realign_local.stages.scoring import ScoreRule
from realign_local.stages.stage import Stage
from realign_local.stages.verification import Check

NOTHING_SCORED = ScoreRule()
NOWHERE = Path()
"""For a job that writes nothing."""
KEPT = "beginnings"
"""The folder in `--cache DIR` with what the engine has read of prompts."""

SLICE = 128
"""Rows at a time of one engine on this machine, as `Workplace.slice_rows` explains."""
RunStage = Callable[[Iterable[Sample]], Iterator[Sample]]
"""A stage's `run` with its tool in hand."""


class Workplace(Protocol):
    """Where a stage is carried out: in this process or on other machines."""

    @property
    def slice_rows(self) -> int:
        """Rows that are rewritten before those that need it are judged: the model's batches run
        empty once a slice, and a budget that ends leaves no more rows than these unjudged.
        """
        ...

    def spread(
        self, stage: Stage, samples: Iterable[Sample], here: RunStage, *, size: int
    ) -> Iterator[Sample]:
        """The samples as the stage leaves them, in any order; `here` is its work in this process,
        `size` how many it takes at a time.
        """
        ...


@dataclass(frozen=True, slots=True)
class InThisProcess:
    """One sample after the other."""

    slice_rows: int = SLICE

    def spread(
        self, stage: Stage, samples: Iterable[Sample], here: RunStage, *, size: int
    ) -> Iterator[Sample]:
        """As the stage itself does it."""
        return here(samples)


HERE = InThisProcess()


class Tools(Protocol):
    """What the stages work with. Made when its pass begins, given back when the pass ends."""

    @property
    def workplace(self) -> Workplace: ...

    @property
    def criteria(self) -> Criteria: ...

    @property
    def identity(self) -> Identity: ...

    @property
    def check(self) -> Check: ...

    @property
    def distrust(self) -> str:
        """Why this model's judgement is not asked for; "" where it is."""
        ...

    @property
    def template_fault(self) -> str:
        """Why the model's own chat template cannot be used; "" where it can, or has none."""
        ...

    def classifier(self) -> AbstractContextManager[Label]: ...

    def search(self) -> AbstractContextManager[Search]: ...

    def engine(self, *, longest_tokens: int) -> AbstractContextManager[Engine]: ...

    def describe(self) -> Mapping[str, Any]: ...

    def effort(self) -> Mapping[str, Any]:
        """What the engine has done; may be asked from any thread while it works."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One run: which rows of which dataset, where to, and how; `cache` keeps scores for others,
    `kept` all that was found out, where that was asked for.
    """

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
    target_rows: int | None = None
    rule: ScoreRule = NOTHING_SCORED
    cache: Path | None = None
    kept: Path | None = None
    self_evaluate: bool = False

    @classmethod
    def of(cls, settings: Settings, dataset: Dataset, run_dir: Path = NOWHERE, **more: Any) -> Self:
        """The job that the settings ask for; `more` names what only the command line knows."""
        return cls(
            dataset,
            run_dir,
            _rewriting(settings),
            passages=settings.passages,
            turns=settings.turns,
            annotate=settings.annotate,
            reclassify=settings.reclassify,
            rule=ScoreRule(settings.min_score, settings.keep_if_not_worse),
            cache=cache_of(settings),
            kept=Path(settings.cache) if settings.cache else None,
            self_evaluate=settings.self_evaluate,
            settings=settings.model_dump(exclude_none=True),
            **more,
        )

    def raw_rows(self) -> Iterator[tuple[int, RawRow]]:
        """Number and text of the rows that this run is about, in order; can be called once a pass.

        Raises DataError if the file turns out to be damaged on the way.
        """
        part, parts = self.shard
        for number, raw in enumerate(self.dataset.raw_rows()):
            if self.limit is not None and number >= self.limit:
                return
            if number % parts == part - 1:
                yield number, raw

    def read(self, number: int, raw: RawRow) -> Row:
        """The row that such a text holds."""
        row = self.dataset.read(raw, number, turns=self.turns)
        return without_category(row) if self.reclassify else row

    def rows(self) -> Iterator[Row]:
        """The same rows, read."""
        return starmap(self.read, self.raw_rows())

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


def without_judge(job: Job, distrust: str, warn: Callable[[str], None]) -> Job:
    """The job without what only a judge could let pass, where the model is none that is asked."""
    is_free = job.rewriting.mode in ("free", "auto")
    if not distrust or not (is_free or job.self_evaluate):
        return job
    warn(f"nothing is written freely or valued: {distrust}")
    rewriting = replace(job.rewriting, mode="guided") if is_free else job.rewriting
    return replace(job, rewriting=rewriting, self_evaluate=False)


def when_needed(make: Callable[[], Any]) -> Callable[[], Any]:
    """Make a costly thing at its first use: a pass with nothing to do loads nothing."""
    made: list[Any] = []

    def get() -> Any:
        if not made:
            made.append(make())
        return made[0]

    return get


def cache_of(settings: Settings) -> Path:
    """Where scores are kept for other runs and commands."""
    if settings.cache:
        refuse_inside_run(Path(settings.cache) / KEPT)
    return Path(settings.cache) if settings.cache else cache_folder()


def kept_folder(settings: Settings) -> Path | None:
    """Where the states of beginnings are kept: only in a folder that was asked for."""
    return Path(settings.cache) / KEPT if settings.cache else None


def _rewriting(settings: Settings) -> RewriteSettings:
    """The part of the settings that decides rewrites."""
    return RewriteSettings(
        mode=settings.mode,
        adaptive=settings.adaptive,
        candidates=settings.candidates,
        temperature=settings.temperature if settings.candidates > 1 else 0.0,
        seed=settings.seed,
        min_confidence=settings.min_confidence,
        off=_switched_off(settings),
    )


def _switched_off(settings: Settings) -> tuple[str, ...]:
    """The operations that are off, in sorted order; raises UsageError for a name that is none."""
    known, switches = names(), settings.operations
    if unknown := sorted(set(switches) - set(known)):
        raise unknown_name(settings.origin, "operation", unknown[0], known)
    return tuple(sorted(n for n in known if not switches.get(n, n not in OFF_BY_DEFAULT)))
