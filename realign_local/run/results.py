"""What the journal already knows about a sample, stage by stage, and the keys that say so.

A key is a hash of everything that decides the result: change the model, a criterion or a setting
and only the results that depend on it are made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any

from realign_local.base.criterion import Criteria
from realign_local.base.reasons import Reason
from realign_local.base.records import Passage, Sample, candidate_from, content_key
from realign_local.rewriting.choose import undecided
from realign_local.rewriting.evident import known_task
from realign_local.rewriting.plan import RewriteSettings, left_alone
from realign_local.run.files.journal import Journal
from realign_local.stages import judgement as judge
from realign_local.stages import retrieval as retrieve
from realign_local.stages import rewrite
from realign_local.stages.retrieval import given_passages, query_of

CLASSIFY, RETRIEVE, REWRITE, VERIFY, JUDGE = STAGES = (
    *("classify", "retrieve", "rewrite"),
    *("verify", "judge"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Hashes of what the stages work with; "" for a part that this run does without."""

    classifier: str
    index: str
    model: str
    gates: str
    passages: int
    judge: str = ""


class Ledger:
    """Brings samples up to date from the journal and files new results in it."""

    def __init__(
        self, journal: Journal, criteria: Criteria, identity: Identity, settings: RewriteSettings
    ) -> None:
        self._journal = journal
        self._criteria = criteria
        self._identity = identity
        self._settings = settings

    def after_classify(self, sample: Sample) -> Sample | None:
        """The sample with its task; None while that is not known."""
        if sample.reason is Reason.MALFORMED_ROW:
            return sample
        task = known_task(sample, self._criteria)
        if task and not self._may_route(task):
            return replace(sample, task=task, confidence=1.0)
        found = self._journal.get(CLASSIFY, self.key(CLASSIFY, sample))
        return replace(sample, **found) if found and found["task"] in self._criteria else None

    def _may_route(self, task: str) -> bool:
        """Whether it is open, for a known task, if evidence is to be looked up."""
        criterion = self._criteria[task]
        return bool(self._identity.index) and criterion.rewrite and not criterion.needs_evidence

    def after_retrieve(self, sample: Sample) -> Sample | None:
        """A classified sample with its evidence; None while that is not known."""
        if not sample.task:
            return sample
        if not (sample.needs_evidence or self._criteria[sample.task].needs_evidence):
            return sample
        if sample.given_evidence:
            return replace(sample, evidence=given_passages(sample))
        if not self._identity.index or self._skip(sample):
            return sample
        found = self._journal.get(RETRIEVE, self.key(RETRIEVE, sample))
        return None if found is None else _with_evidence(sample, found)

    def after_rewrite(self, sample: Sample) -> Sample | None:
        """A sample with evidence and its candidates, or the reason why there are none."""
        if sample.reason is not None:
            return sample
        found = self._journal.get(REWRITE, self.key(REWRITE, sample))
        return None if found is None else _with_candidates(sample, found)

    def after_verify(self, sample: Sample) -> Sample | None:
        """A sample with candidates and the gates' verdict on them."""
        if not sample.candidates:
            return sample
        found = self._journal.get(VERIFY, self.key(VERIFY, sample))
        return None if found is None else _with_verdict(sample, found)

    def after_judge(self, sample: Sample) -> Sample | None:
        """A sample that the gates have passed and, where only the judge can say, its word."""
        if not undecided(sample):
            return sample
        found = self._journal.get(JUDGE, self.key(JUDGE, sample))
        return None if found is None else _with_choice(sample, found)

    def up_to(self, stage: str, sample: Sample) -> Sample | None:
        """Bring a fresh sample up to the end of a stage; None where it or one before is missing."""
        known: Sample | None = sample
        for name in STAGES[: STAGES.index(stage) + 1]:
            known = known and self._step(name, known)
        return known

    def furthest(self, sample: Sample) -> Sample:
        """A fresh sample as far as the journal knows it, NOT_REACHED where that is not the end."""
        known = sample
        for name in STAGES:
            found = self._step(name, known)
            if found is None:
                return replace(known, candidates=(), reason=Reason.NOT_REACHED)
            known = found
        return known

    def _step(self, stage: str, sample: Sample) -> Sample | None:
        match stage:
            case "classify":
                return self.after_classify(sample)
            case "retrieve":
                return self.after_retrieve(sample)
            case "rewrite":
                return self.after_rewrite(sample)
            case "verify":
                return self.after_verify(sample)
        return self.after_judge(sample)

    def file(self, stage: str, samples: Iterable[Sample]) -> None:
        """Store what a stage found out about these samples."""
        self._journal.put(stage, {self.key(stage, s): _result(stage, s) for s in samples})

    def missing(self, stage: str, samples: Iterable[Sample]) -> Iterator[Sample]:
        """The samples, brought up to the stage before, for which `stage` has no result yet."""
        place = STAGES.index(stage)
        for fresh in samples:
            ready = self.up_to(STAGES[place - 1], fresh) if place else fresh
            if ready is not None and self._step(stage, ready) is None:
                yield ready

    def key(self, stage: str, sample: Sample) -> str:
        """The journal's key for this sample at this stage."""
        ids = self._identity
        match stage:
            case "classify":
                known = known_task(sample, self._criteria)
                return content_key(ids.classifier, sample.instruction, *([known] if known else []))
            case "retrieve":
                return content_key(retrieve.VERSION, ids.index, ids.passages, query_of(sample))
            case "rewrite":
                return content_key(*self._rewrite_parts(sample))
            case "verify":
                return content_key(ids.gates, *self._rewrite_parts(sample), _texts(sample))
            case "judge":
                parts = self._rewrite_parts(sample)
                asked = (judge.VERSION, ids.judge, sample.passed)
                return content_key(ids.gates, *parts, _texts(sample), asked)
        raise ValueError(f"stage must be one of {STAGES}, was: {stage!r}")

    def _rewrite_parts(self, sample: Sample) -> tuple[Any, ...]:
        return (
            rewrite.VERSION,
            self._identity.model,
            astuple(self._settings),
            (sample.task, self._criteria[sample.task].sha256, self._is_doubtful(sample)),
            [astuple(turn) for turn in sample.history],
            sample.instruction,
            sample.original,
            [(p.title, p.section, p.text) for p in sample.evidence],
        )

    def _is_doubtful(self, sample: Sample) -> bool:
        return sample.confidence < self._settings.min_confidence

    def _skip(self, sample: Sample) -> tuple[Reason, str] | None:
        return left_alone(sample, self._criteria, self._settings)


def _texts(sample: Sample) -> list[tuple[str, str, bool]]:
    return [(c.text, c.finish, c.proven) for c in sample.candidates]


def _result(stage: str, sample: Sample) -> dict[str, Any]:
    reason = None if sample.reason is None else sample.reason.value
    match stage:
        case "classify":
            return {
                "task": sample.task,
                "confidence": sample.confidence,
                "needs_evidence": sample.needs_evidence,
            }
        case "retrieve":
            return {"evidence": [asdict(passage) for passage in sample.evidence]}
        case "rewrite":
            made = [asdict(candidate) for candidate in sample.candidates]
            tokens = {
                "prompt_tokens": sample.prompt_tokens,
                "completion_tokens": sample.completion_tokens,
            }
            return {"candidates": made, "reason": reason, "detail": sample.detail, **tokens}
        case "verify":
            return {
                "passed": sample.passed,
                "chosen": sample.chosen,
                "reason": reason,
                "detail": sample.detail,
                "checks": dict(sample.checks),
            }
        case _:
            return {
                "chosen": sample.chosen,
                "margin": sample.margin,
                "reason": reason,
                "detail": sample.detail,
            }


def _with_evidence(sample: Sample, found: dict[str, Any]) -> Sample:
    return replace(sample, evidence=tuple(Passage(**p) for p in found["evidence"]))


def _with_candidates(sample: Sample, found: dict[str, Any]) -> Sample:
    return replace(
        sample,
        candidates=tuple(candidate_from(c) for c in found["candidates"]),
        reason=_reason(found),
        detail=found["detail"],
        prompt_tokens=found["prompt_tokens"],
        completion_tokens=found["completion_tokens"],
    )


def _with_verdict(sample: Sample, found: dict[str, Any]) -> Sample:
    return replace(
        sample,
        passed=tuple(found["passed"]),
        chosen=found["chosen"],
        reason=_reason(found),
        detail=found["detail"],
        checks=found["checks"],
    )


def _with_choice(sample: Sample, found: dict[str, Any]) -> Sample:
    return replace(
        sample,
        chosen=found["chosen"],
        margin=found["margin"],
        reason=_reason(found),
        detail=found["detail"],
    )


def _reason(found: dict[str, Any]) -> Reason | None:
    return None if found["reason"] is None else Reason(found["reason"])
