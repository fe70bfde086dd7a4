"""How long a run will take, before it is started: classify, measure a sample, extrapolate.

Nothing is written. The rows that are measured go through the real engine and the real gates.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from realign_local.base.errors import BudgetReached
from realign_local.base.machine import peak_memory_bytes
from realign_local.base.progress import Progress, Unread
from realign_local.base.reasons import Status
from realign_local.base.records import Sample, content_key, sample_to_json
from realign_local.base.stop import Budget
from realign_local.data.formats import Row
from realign_local.engine.request import Message, Request, Sampling, Span
from realign_local.rewriting.plan import Plan
from realign_local.run.files import rundir
from realign_local.run.forecast import Measured, Work, engine_seconds, share, stratified
from realign_local.run.job import Job, Tools
from realign_local.run.through import finished
from realign_local.stages.classification import classify
from realign_local.stages.retrieval import given_passages, retrieve
from realign_local.stages.rewrite import Longest, plan_sample
from realign_local.stages.verification import verify

COUNTED_ROWS = 500
"""Rows that are classified and planned; a larger dataset is judged by these."""
MEASURED_ROWS = 16
MEASURED_TASKS = 6
MEASURED_S = 120.0
"""Measuring ends after so long, whatever is done by then: a slow model shows itself soon enough."""
PASSES = 4
"""How often a run brings every row up to date: to classify, rewrite, verify and write."""
WARM_UP = Request("warm-up", (Message("user", "Say hello."),), (Span(1),), Sampling())


@dataclass(slots=True)
class _ReadRows:
    """The dataset as it was read once: counts, and a sample that does not depend on the order."""

    rows: int = 0
    responses: int = 0
    unread: Unread = field(default_factory=Unread)
    chars: int = 0
    seconds: float = 0.0
    kept: Sequence[Sample] = ()

    @property
    def scale(self) -> float:
        """Responses of the dataset for each one in the sample."""
        return max(1.0, (self.responses - self.unread.rows) / max(1, len(self.kept)))


@dataclass(frozen=True, slots=True)
class _KnownRows:
    """The sample's rows as classified and planned, those for the model with their evidence."""

    skipped: Counter[str]
    tidied: tuple[Sample, ...]
    tried: tuple[Sample, ...]
    plans: tuple[Plan, ...]
    seconds_each: dict[str, float]
    seconds_once: float


def estimate(job: Job, tools: Tools, *, progress: Progress) -> dict[str, Any]:
    """What `realign estimate --json` prints. Raises what a run with the same settings would."""
    read = _read(job.rows())
    read.unread.tell(progress)
    started = time.monotonic()
    known = _get_to_know(job, tools, read, progress)
    measured, judged, load_s = _measure(job, tools, known, progress)
    counted = [_work(plan) for plan in known.plans]
    prefixes = {_work(plan).task: _prefix_chars(plan) for plan in known.plans}
    engine = engine_seconds(counted, read.scale, prefixes, measured)
    beside = _seconds_beside(read, known)
    won = sum(sample.status is Status.REWRITTEN for sample in judged)
    tidied = verify(known.tidied, tools.check)
    alone = sum(sample.status is Status.REWRITTEN for sample in tidied)
    prompts = read.scale * sum(w.own_chars + prefixes[w.task] for w in counted)
    tried = round(read.scale * len(counted))
    return {
        "rows": read.rows,
        "responses": read.responses,
        "tried": tried,
        "tidied": round(alone * read.scale),
        "skipped": {name: round(n * read.scale) for name, n in known.skipped.most_common()},
        "tasks": {
            task: round(n * read.scale)
            for task, n in Counter(sample.task for sample in known.tried).most_common()
        },
        "measured_rows": len(judged),
        "measured_s": round(time.monotonic() - started, 1),
        "seconds": engine.plus(beside + (load_s if counted else 0.0)).as_dict(),
        "engine_seconds": engine.as_dict(),
        "load_seconds": round(load_s + known.seconds_once, 1),
        "rows_per_s": round(tried / engine.likely, 3) if engine.likely else None,
        "acceptance": share(won, len(judged)).as_dict(3) if judged else None,
        "prompt_tokens": round(prompts * measured.tokens_per_char),
        "completion_tokens": round(measured.written * tried),
        "memory_mb": round(peak_memory_bytes() / 1e6),
        "disk_mb": round(_disk_bytes(tools, read, known, judged) / 1e6, 2),
    }


def _read(rows: Iterable[Row]) -> _ReadRows:
    """Read all rows and keep COUNTED_ROWS of their responses: those with the smallest hashes."""
    read, heap, started = _ReadRows(), list[tuple[int, int, Sample]](), time.monotonic()
    for row in rows:
        read.rows += 1
        read.chars += len(row.text)
        for sample in row.samples:
            read.responses += 1
            if read.unread.see(sample):
                continue
            number = -int(content_key(sample.index, sample.turn)[:12], 16)
            entry = (number, sample.index, sample)
            if len(heap) < COUNTED_ROWS:
                heapq.heappush(heap, entry)
            elif number > heap[0][0]:
                heapq.heapreplace(heap, entry)
    read.kept = [sample for _, _, sample in sorted(heap, key=lambda entry: entry[1])]
    read.seconds = time.monotonic() - started
    return read


def _get_to_know(job: Job, tools: Tools, read: _ReadRows, progress: Progress) -> _KnownRows:
    """Classify and plan the sample, and look up evidence for what the engine will measure."""
    progress.phase("classify", len(read.kept))
    at = time.monotonic()
    with tools.classifier() as label:
        label(["A first request, which may load something."])
        loaded = time.monotonic()
        labelled = []
        routed = bool(tools.identity.index)
        for sample in classify(read.kept, label, tasks=tools.criteria, route=routed):
            labelled.append(sample)
            progress.advance()
    classified = time.monotonic()
    rows = [plan_sample(sample, tools.criteria, job.rewriting) for sample in labelled]
    planned = time.monotonic()
    asked = [(sample, plan) for sample, plan in rows if plan]
    found, search_s = with_evidence(job, tools, [sample for sample, _ in asked])
    count = max(1, len(labelled))
    return _KnownRows(
        skipped=Counter(sample.reason.value for sample, _ in rows if sample.reason),
        tidied=tuple(sample for sample, plan in rows if plan is None and sample.reason is None),
        tried=tuple(found),
        plans=tuple(plan for _, plan in asked),
        seconds_each={
            "classify": (classified - loaded) / count,
            "plan": (planned - classified) / count,
            "retrieve": search_s / count,
        },
        seconds_once=loaded - at,
    )


def with_evidence(job: Job, tools: Tools, tried: Sequence[Sample]) -> tuple[list[Sample], float]:
    """The samples in their order, with passages where needed, and the seconds that it took."""
    needy = [s for s in tried if s.needs_evidence or tools.criteria[s.task].needs_evidence]
    found = {id(s): replace(s, evidence=given_passages(s)) for s in needy if s.given_evidence}
    missing = [s for s in needy if not s.given_evidence]
    seconds = 0.0
    if tools.identity.index and missing:
        with tools.search() as search:
            at = time.monotonic()
            answers = retrieve(missing, search, passages=job.passages)
            found |= {id(s): new for s, new in zip(missing, answers, strict=True)}
            seconds = time.monotonic() - at
    return [found.get(id(sample), sample) for sample in tried], seconds


def _measure(
    job: Job, tools: Tools, known: _KnownRows, progress: Progress
) -> tuple[Measured, list[Sample], float]:
    """Rewrite and judge a stratified sample; also returns what loading the model took."""
    work = [_work(plan) for plan in known.plans]
    chosen = stratified(work, MEASURED_ROWS, tasks=MEASURED_TASKS)
    if not chosen:
        return Measured((), 0.0, 0, 0, ()), [], 0.0
    longest = Longest()
    for plan in known.plans:
        longest.see(plan)
    progress.phase("measure", len(chosen))
    progress.watch(lambda: tools.effort().get("engine", {}))
    at, written, judged = time.monotonic(), list[Sample](), list[Sample]()

    def seen(sample: Sample) -> None:
        written.append(sample)
        progress.advance(tokens=sample.completion_tokens)

    if tools.template_fault:
        progress.warn(tools.template_fault)
    with tools.engine(longest_tokens=longest.tokens) as engine:
        list(engine.generate([WARM_UP]))
        loaded, before = time.monotonic(), _read_tokens(tools)
        with suppress(BudgetReached), Budget(MEASURED_S).alarm():
            rows = (known.tried[place] for place in chosen)
            judged += finished(rows, tools, engine, job.rewriting, seen=seen)
        seconds = time.monotonic() - loaded
    plans = {(s.index, s.turn): p for s, p in zip(known.tried, known.plans, strict=True)}
    measured = _measured(written, plans, seconds)
    if len(written) < len(chosen):
        measured = replace(measured, read_tokens=_read_tokens(tools) - before)
    return measured, judged, loaded - at


def _read_tokens(tools: Tools) -> int:
    return int(tools.effort().get("engine", {}).get("prompt_tokens_evaluated", 0))


def _measured(
    done: Sequence[Sample], plans: Mapping[tuple[int, int], Plan], seconds: float
) -> Measured:
    made = [plans[sample.index, sample.turn] for sample in done]
    return Measured(
        work=tuple(map(_work, made)),
        seconds=seconds,
        prompt_chars=sum(
            len(message.content)
            for plan in made
            for draft in plan.drafts
            for ask in draft.asks
            for message in ask.messages
        ),
        prompt_tokens=sum(sample.prompt_tokens for sample in done),
        written_tokens=tuple(sample.completion_tokens for sample in done),
    )


def _work(plan: Plan) -> Work:
    """The rows' own parts of the prompts; what is asked for decides what they begin with."""
    own = sum(len(ask.messages[-1].content) for draft in plan.drafts for ask in draft.asks)
    return Work(" ".join(draft.operation for draft in plan.drafts), own)


def _prefix_chars(plan: Plan) -> int:
    """What all prompts for the same operations begin with."""
    return sum(len(m.content) for draft in plan.drafts for m in draft.asks[0].messages[:-1])


def _seconds_beside(read: _ReadRows, known: _KnownRows) -> float:
    """What a run does beside the engine: reading, classifying, searching, planning, writing."""
    each = known.seconds_each
    for_each = each["classify"] + each["retrieve"] + PASSES * each["plan"]
    return known.seconds_once + (PASSES + 1) * read.seconds + read.responses * for_each


def _disk_bytes(
    tools: Tools, read: _ReadRows, known: _KnownRows, judged: Sequence[Sample]
) -> float:
    """Output, provenance and journal, by what the measured rows would take."""
    rows = [*judged, *read.kept[: len(judged) or 1]]
    proof = [
        len(rundir.to_json_line(rundir.provenance_record(s, tools.criteria, model_sha256="0" * 64)))
        for s in rows
    ]
    growth = [len(s.rewritten) - len(s.original) for s in judged]
    queued = [len(sample_to_json(s)) for s in judged]
    tried = read.scale * len(known.tried)
    return (
        read.chars
        + read.responses * _mean(proof)
        + tried * (_mean(growth) + 2 * _mean(queued))
        + read.responses * 200
    )


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0
