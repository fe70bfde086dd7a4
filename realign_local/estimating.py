"""How long a run will take, before it is started: classify, measure a sample, extrapolate.

Nothing is written. The rows that are measured go through the real engine and the real gates.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from realign_local.criteria import Criteria
from realign_local.data import rundir
from realign_local.data.formats import Row
from realign_local.data.records import Sample, content_key, sample_to_json
from realign_local.engine.request import Message, Request, Sampling, Span
from realign_local.errors import BudgetReached
from realign_local.forecast import Measured, Work, engine_seconds, share, stratified
from realign_local.job import Job, Tools
from realign_local.machine import peak_memory_bytes
from realign_local.progress import Progress
from realign_local.prompts import build_messages
from realign_local.reasons import Reason, Status
from realign_local.stages.classify import classify
from realign_local.stages.retrieve import given_passages, retrieve
from realign_local.stages.rewrite import Longest, reason_to_skip, rewrite
from realign_local.stages.verify import verify
from realign_local.stop import Budget

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
class _Read:
    """The dataset as it was read once: counts, and a sample that does not depend on the order."""

    rows: int = 0
    responses: int = 0
    malformed: int = 0
    chars: int = 0
    seconds: float = 0.0
    kept: Sequence[Sample] = ()

    @property
    def scale(self) -> float:
        """Responses of the dataset for each one in the sample."""
        return max(1.0, (self.responses - self.malformed) / max(1, len(self.kept)))


@dataclass(frozen=True, slots=True)
class _Known:
    """The sample's rows as classified, planned and, where asked for, with evidence."""

    skipped: Counter[str]
    tried: tuple[Sample, ...]
    seconds_each: dict[str, float]
    seconds_once: float


def estimate(job: Job, tools: Tools, *, progress: Progress) -> dict[str, Any]:
    """What `realign estimate --json` prints. Raises what a run with the same settings would."""
    read = _read(job.rows())
    started = time.monotonic()
    known = _get_to_know(job, tools, read, progress)
    measured, judged, load_s = _measure(job, tools, known.tried, progress)
    counted = [_work(sample, tools.criteria) for sample in known.tried]
    prefixes = {w.task: _prefix_chars(tools.criteria, w.task) for w in counted}
    engine = engine_seconds(counted, read.scale, prefixes, measured)
    beside = _seconds_beside(read, known)
    won = sum(sample.status is Status.REWRITTEN for sample in judged)
    prompts = read.scale * sum(w.own_chars + prefixes[w.task] for w in counted)
    tried = round(read.scale * len(counted))
    return {
        "rows": read.rows,
        "responses": read.responses,
        "tried": tried,
        "skipped": {name: round(n * read.scale) for name, n in known.skipped.most_common()},
        "tasks": {
            task: round(n * read.scale)
            for task, n in Counter(w.task for w in counted).most_common()
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


def _read(rows: Iterable[Row]) -> _Read:
    """Read all rows and keep COUNTED_ROWS of their responses: those with the smallest hashes."""
    read, heap, started = _Read(), list[tuple[int, int, Sample]](), time.monotonic()
    for row in rows:
        read.rows += 1
        read.chars += len(row.text)
        for sample in row.samples:
            read.responses += 1
            if sample.reason is Reason.MALFORMED_ROW:
                read.malformed += 1
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


def _get_to_know(job: Job, tools: Tools, read: _Read, progress: Progress) -> _Known:
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
    reasons = [reason_to_skip(sample, tools.criteria, job.rewriting) for sample in labelled]
    planned = time.monotonic()
    tried = [s for s, reason in zip(labelled, reasons, strict=True) if reason is None]
    found, search_s = with_evidence(job, tools, tried)
    rows = max(1, len(labelled))
    return _Known(
        skipped=Counter(reason[0].value for reason in reasons if reason),
        tried=tuple(found),
        seconds_each={
            "classify": (classified - loaded) / rows,
            "plan": (planned - classified) / rows,
            "retrieve": search_s / rows,
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
    job: Job, tools: Tools, tried: Sequence[Sample], progress: Progress
) -> tuple[Measured, list[Sample], float]:
    """Rewrite and judge a stratified sample; also returns what loading the model took."""
    work = [_work(sample, tools.criteria) for sample in tried]
    chosen = [tried[place] for place in stratified(work, MEASURED_ROWS, tasks=MEASURED_TASKS)]
    chosen.sort(key=lambda sample: sample.task)
    if not chosen:
        return Measured((), 0.0, 0, 0, ()), [], 0.0
    longest = Longest(tools.criteria)
    for sample in tried:
        longest.seen(sample)
    progress.phase("measure", len(chosen))
    progress.watch(lambda: tools.effort().get("engine", {}))
    at = time.monotonic()
    with tools.engine(longest_tokens=longest.tokens) as engine:
        list(engine.generate([WARM_UP]))
        loaded, before = time.monotonic(), _read_tokens(tools)
        done: list[Sample] = []
        with suppress(BudgetReached), Budget(MEASURED_S).alarm():
            for sample in rewrite(
                chosen, engine.generate, criteria=tools.criteria, settings=job.rewriting
            ):
                done.append(sample)
                progress.advance(tokens=sum(c.completion_tokens for c in sample.candidates))
        seconds = time.monotonic() - loaded
    judged = list(verify(done, tools.judge, criteria=tools.criteria))
    measured = _measured(done, seconds, tools.criteria)
    if len(done) < len(chosen):
        measured = replace(measured, read_tokens=_read_tokens(tools) - before)
    return measured, judged, loaded - at


def _read_tokens(tools: Tools) -> int:
    return int(tools.effort().get("engine", {}).get("prompt_tokens_evaluated", 0))


def _measured(done: Sequence[Sample], seconds: float, criteria: Criteria) -> Measured:
    asked = [s for s in done if any(c.prompt_tokens for c in s.candidates)]
    return Measured(
        work=tuple(_work(sample, criteria) for sample in done),
        seconds=seconds,
        prompt_chars=sum(
            len(m.content) for s in asked for m in build_messages(criteria[s.task], s)
        ),
        prompt_tokens=sum(s.candidates[0].prompt_tokens for s in asked),
        written_tokens=tuple(sum(c.completion_tokens for c in s.candidates) for s in done),
    )


def _work(sample: Sample, criteria: Criteria) -> Work:
    """The row's own part of the prompt, and the original once more, as most of it is given."""
    own = build_messages(criteria[sample.task], sample)[-1].content
    return Work(sample.task, len(own) + len(sample.original))


def _prefix_chars(criteria: Criteria, task: str) -> int:
    """What all prompts of a task begin with."""
    empty = Sample(0, 0, "", "", "", task=task)
    return sum(len(message.content) for message in build_messages(criteria[task], empty)[:-1])


def _seconds_beside(read: _Read, known: _Known) -> float:
    """What a run does beside the engine: reading, classifying, searching, planning, writing."""
    each = known.seconds_each
    for_each = each["classify"] + each["retrieve"] + PASSES * each["plan"]
    return known.seconds_once + (PASSES + 1) * read.seconds + read.responses * for_each


def _disk_bytes(tools: Tools, read: _Read, known: _Known, judged: Sequence[Sample]) -> float:
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
