"""A few rows of every task, rewritten and judged as a run would do it; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from realign_local.base.progress import Progress, Unread
from realign_local.base.records import Sample
from realign_local.commands.estimate import with_evidence
from realign_local.rewriting.plan import Plan
from realign_local.run.forecast import Work, stratified
from realign_local.run.job import Job, Tools
from realign_local.run.through import finished
from realign_local.stages.classification import classify
from realign_local.stages.rewrite import Longest, plan_sample
from realign_local.stages.verification import verify
from realign_local.text.diff import DiffPart, after, before, labelled

LOOKED_AT = 400
"""Responses from the start of the dataset that are classified; the rows to show are among them."""


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """A finished row, and both texts in parts: what went, and where new words are from."""

    sample: Sample
    before: tuple[DiffPart, ...]
    after: tuple[DiffPart, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """How many responses were looked at, and why the model is not asked for some of them."""

    responses: int
    left_alone: Counter[str]


def preview(
    job: Job, tools: Tools, *, rows: int, progress: Progress
) -> tuple[list[PreviewedRow], Looked]:
    """Up to `rows` rows that may become better, every task in its turn, and the counts."""
    planned = [
        plan_sample(sample, tools.criteria, job.rewriting)
        for sample in _labelled(job, tools, progress)
    ]
    open_rows = [(sample, plan) for sample, plan in planned if sample.reason is None]
    work = [Work(sample.task, len(sample.original)) for sample, _ in open_rows]
    chosen = sorted((open_rows[n] for n in stratified(work, rows)), key=lambda row: row[0].task)
    shown = [_shown(sample) for sample in _finished(job, tools, chosen, progress)]
    left_alone = Counter(sample.reason.value for sample, _ in planned if sample.reason)
    return sorted(shown, key=lambda s: s.sample.index), Looked(len(planned), left_alone)


def _labelled(job: Job, tools: Tools, progress: Progress) -> Iterator[Sample]:
    unread = Unread()
    sound = (s for s in job.samples() if not unread.see(s) and s.reason is None)
    read = list(islice(sound, LOOKED_AT))
    unread.tell(progress)
    progress.phase("classify", len(read))
    with tools.classifier() as label:
        for sample in classify(read, label, tasks=tools.criteria, route=bool(tools.identity.index)):
            progress.advance()
            yield sample


def _finished(
    job: Job, tools: Tools, rows: Sequence[tuple[Sample, Plan | None]], progress: Progress
) -> list[Sample]:
    """The rows as a run would leave them; the model is loaded only where one of them needs it."""
    done = list(verify((sample for sample, plan in rows if plan is None), tools.check))
    asked = [(sample, plan) for sample, plan in rows if plan]
    if not asked:
        return done
    longest = Longest()
    for _, plan in asked:
        longest.see(plan)
    ready, _ = with_evidence(job, tools, [sample for sample, _ in asked])
    if tools.template_fault:
        progress.warn(tools.template_fault)
    progress.phase("rewrite", len(ready))
    progress.watch(lambda: tools.effort().get("engine", {}))
    with tools.engine(longest_tokens=longest.tokens) as engine:
        done += finished(
            ready,
            tools,
            engine,
            job.rewriting,
            seen=lambda sample: progress.advance(tokens=sample.completion_tokens),
        )
    return done


def _shown(sample: Sample) -> PreviewedRow:
    if sample.shown is None:
        return PreviewedRow(sample, (DiffPart("same", sample.original),), ())
    stretches = labelled(sample.shown)
    return PreviewedRow(
        sample, before(sample.original, stretches), after(sample.original, stretches)
    )
