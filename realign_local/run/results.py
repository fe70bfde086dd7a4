"""What the journal already knows about a sample, stage by stage, and the keys that say so.

A key is a hash of everything that decides the result: change the model, a criterion or a setting
and only the results that depend on it are made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

from realign_local.base.criterion import Criteria
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample, check_choice, check_types
from realign_local.base.words.plural import counted
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.files.journal import Entry, Journal, entry
from realign_local.stages.classification import Classification
from realign_local.stages.judgement import Judgement
from realign_local.stages.retrieval import Retrieval
from realign_local.stages.rewrite import Rewrite
from realign_local.stages.scoring import ScoreRule, Scoring
from realign_local.stages.stage import Stage
from realign_local.stages.verification import Verification


@dataclass(frozen=True, slots=True)
class Identity:
    """Hashes of what the stages work with; "" for a part that this run does without.

    `machine` is no part of the journal's keys: it stands for all that the last digit of a result
    may hang on (code, libraries, processor, card), and is known where results are kept.
    `unknown_task` is the task of rows that show none, where there is nobody to ask for it.
    """

    classifier: str
    index: str
    model: str
    gates: str
    passages: int
    judge: str = ""
    machine: str = ""
    unknown_task: str = ""


class Stages(NamedTuple):
    """All of them, in the order in which a sample goes through them."""

    classify: Classification
    retrieve: Retrieval
    rewrite: Rewrite
    verify: Verification
    judge: Judgement
    score: Scoring


def stages_of(
    criteria: Criteria,
    identity: Identity,
    settings: RewriteSettings,
    rule: ScoreRule | None = None,
    *,
    self_evaluate: bool = False,
) -> Stages:
    """The stages of a run that works with these; nothing is scored without a rule."""
    rewrite = Rewrite(criteria, settings, identity.model, self_evaluate)
    verify = Verification(identity.gates, before=rewrite.parts)
    return Stages(
        Classification(
            criteria,
            identity.classifier,
            routes=bool(identity.index),
            unknown=identity.unknown_task,
        ),
        Retrieval(criteria, settings, identity.index, identity.passages),
        rewrite,
        verify,
        Judgement(identity.judge, before=verify.parts),
        Scoring(rule or ScoreRule(), identity.model),
    )


def entry_of(stage: Stage, sample: Sample) -> Entry:
    """What the journal keeps of a sample that comes from a stage's `run`."""
    return entry(stage.name, stage.key(sample), stage.to_record(sample))


class Ledger:
    """Brings samples up to date from the journal and files new results in it."""

    def __init__(self, journal: Journal, stages: Stages) -> None:
        self._journal = journal
        self.stages = stages
        self.is_new = journal.is_empty
        self.met = Counter[str]()
        """By the names of stages: the samples whose result was there when it was looked for."""
        self.lacking = Counter[str]()

    def check_sound(self) -> None:
        """Raise DataError where results cannot be found again because the journal is damaged."""
        self._journal.check_sound()

    def furthest(self, sample: Sample) -> Sample:
        """A fresh sample as far as the journal knows it, NOT_REACHED where that is not the end."""
        known = sample
        for stage in self.stages:
            found = self._step(stage, known)
            if found is None:
                return replace(known, candidates=(), reason=Reason.NOT_REACHED)
            known = found
        return known

    def missing(self, stage: Stage, samples: Iterable[Sample]) -> Iterator[Sample]:
        """The fresh samples that lack this stage alone, brought up to it.

        Those that lack a stage before, and those that have its result, are left out.
        """
        for sample in samples:
            ready = self._up_to(stage, sample)
            if ready is None:
                self.lacking[stage.name] += 1
            elif self._step(stage, ready) is None:
                self.lacking[stage.name] += 1
                yield ready
            elif stage.needs(ready):
                self.met[stage.name] += 1

    def see(self, stage: Stage, sample: Sample) -> None:
        """Count a sample that is as far as the journal knows it."""
        if sample.reason is not Reason.MALFORMED_ROW:
            counts = self.lacking if sample.reason is Reason.NOT_REACHED else self.met
            counts[stage.name] += 1

    def told_before(self, stage: Stage) -> str:
        """How many samples had that stage behind them when the session began; "" for a new run."""
        found = self.met[stage.name]
        if self.is_new or not found:
            return ""
        total, verb = found + self.lacking[stage.name], "was" if found == 1 else "were"
        return f"{found:,} of {counted(total, 'response')} {verb} done before"

    def file(
        self,
        stage: Stage,
        samples: Iterable[Sample],
        *,
        counts: Mapping[str, float] | None = None,
    ) -> None:
        """Store what a stage found out about these samples, and add what it took to find it."""
        results = {stage.key(s): stage.to_record(s) for s in samples}
        self._journal.put(stage.name, results, counts=counts)

    def keep(self, entries: Sequence[Entry]) -> None:
        """Store results that were worked out ahead, without a model."""
        if entries:
            self._journal.keep(entries)

    def _up_to(self, stage: Stage, sample: Sample) -> Sample | None:
        """A fresh sample with all that the stages before have found; None where one is missing."""
        order: tuple[Stage, ...] = self.stages
        known = sample
        for before in takewhile(lambda other: other is not stage, order):
            found = self._step(before, known)
            if found is None:
                return None
            known = found
        return known

    def _step(self, stage: Stage, sample: Sample) -> Sample | None:
        if not stage.needs(sample):
            return stage.apply(sample, None)
        found = self._journal.get(stage.name, stage.key(sample))
        if found is None:
            return None
        try:
            applied = stage.apply(sample, found)
            if applied is not None:
                check_types(applied, unlike=sample)
                check_choice(applied)
        except (TypeError, KeyError, ValueError):  # not what this stage writes: made again
            return None
        return applied
