"""A few rows of every task, rewritten and judged as a run would do it; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from realign_local.data.records import Candidate, Sample
from realign_local.estimating import with_evidence
from realign_local.forecast import Work, stratified
from realign_local.job import Job, Tools
from realign_local.layouts.diff import Part, after, before, labelled
from realign_local.progress import Progress
from realign_local.reasons import Reason
from realign_local.stages.classify import classify
from realign_local.stages.rewrite import Longest, reason_to_skip, rewrite
from realign_local.stages.verify import verify

LOOKED_AT = 400
"""Responses from the start of the dataset that are classified; the rows to show are among them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finished row, and both texts in parts: what went, and where new words are from."""

    sample: Sample
    before: tuple[Part, ...]
    after: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """How many responses were looked at, and why the model is not asked for some of them."""

    responses: int
    left_alone: Counter[str]


def preview(job: Job, tools: Tools, *, rows: int, progress: Progress) -> tuple[list[Shown], Looked]:
    """Up to `rows` rows for which the model is asked, every task in its turn, and the counts."""
    labelled_rows = list(_labelled(job, tools, progress))
    reasons = [reason_to_skip(s, tools.criteria, job.rewriting) for s in labelled_rows]
    asked = [s for s, reason in zip(labelled_rows, reasons, strict=True) if reason is None]
    work = [Work(sample.task, len(sample.original)) for sample in asked]
    chosen = sorted((asked[place] for place in stratified(work, rows)), key=lambda s: s.task)
    ready, _ = with_evidence(job, tools, chosen)
    done = _rewritten(job, tools, ready, progress)
    judged = verify(done, tools.judge, criteria=tools.criteria)
    shown = [_shown(sample) for sample in judged]
    left_alone = Counter(reason[0].value for reason in reasons if reason)
    return sorted(shown, key=lambda s: s.sample.index), Looked(len(labelled_rows), left_alone)


def _labelled(job: Job, tools: Tools, progress: Progress) -> Iterator[Sample]:
    sound = (s for s in job.samples() if s.reason is not Reason.MALFORMED_ROW)
    read = list(islice(sound, LOOKED_AT))
    progress.phase("classify", len(read))
    with tools.classifier() as label:
        for sample in classify(read, label, tasks=tools.criteria, route=bool(tools.identity.index)):
            progress.advance()
            yield sample


def _rewritten(
    job: Job, tools: Tools, samples: Sequence[Sample], progress: Progress
) -> Iterable[Sample]:
    if not samples:
        return []
    longest = Longest(tools.criteria)
    ready = [longest.seen(sample) for sample in samples]
    progress.phase("rewrite", len(ready))
    progress.watch(lambda: tools.effort().get("engine", {}))
    done = []
    with tools.engine(longest_tokens=longest.tokens) as engine:
        for sample in rewrite(
            ready, engine.generate, criteria=tools.criteria, settings=job.rewriting
        ):
            progress.advance(tokens=sum(c.completion_tokens for c in sample.candidates))
            done.append(sample)
    return done


def _shown(sample: Sample) -> Shown:
    candidate = _candidate(sample)
    if candidate is None:
        return Shown(sample, (Part("same", sample.original),), ())
    stretches = labelled(candidate)
    return Shown(sample, before(sample.original, stretches), after(sample.original, stretches))


def _candidate(sample: Sample) -> Candidate | None:
    if sample.mended:
        return sample.mended
    return sample.candidates[max(0, sample.chosen)] if sample.candidates else None
