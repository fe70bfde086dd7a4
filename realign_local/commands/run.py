"""The main job: classify, retrieve, rewrite, verify, judge, write; each stage is one pass.

A pass reads the dataset from its start, brings every sample up to date from the journal and works
only on what is missing. So a pass can be stopped at any moment and picked up again, the index and
the language model are never in memory together, and memory does not grow with the dataset. Rows
that are only tidied need no other pass than the one that writes them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from itertools import chain, islice
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_of
from realign_local.base.config import Settings
from realign_local.base.errors import BudgetReached, UsageError
from realign_local.base.machine import physical_cores
from realign_local.base.progress import Progress, Silent, Unread
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.base.stop import Budget
from realign_local.data.batches import batched
from realign_local.data.formats import open_dataset
from realign_local.data.reading.spool import needs_copy, spool
from realign_local.report.write import leave_picture, picture
from realign_local.rewriting.judge import JUDGED_TOKENS
from realign_local.rewriting.judge import Generate as Score
from realign_local.rewriting.scorer import Scorer
from realign_local.rewriting.scores import SCORED_TOKENS
from realign_local.run.feed import Feed
from realign_local.run.files import rundir
from realign_local.run.files.input_id import InputId, Sketch, check_same
from realign_local.run.files.journal import Journal
from realign_local.run.files.lines import Lines
from realign_local.run.files.opening import Resume, open_run
from realign_local.run.files.publish import rows_written
from realign_local.run.files.score_cache import known_scores
from realign_local.run.files.writing import (
    INPUT,
    begin_files,
    finished_lines,
    held_input,
    write_run,
)
from realign_local.run.job import Job, Tools, when_needed, without_judge
from realign_local.run.kept.remembering import remembering
from realign_local.run.pace import effort_of_row
from realign_local.run.priority import Priority, UsefulFirst, by_task
from realign_local.run.results import Ledger, stages_of
from realign_local.run.through import asking, tidied_lines
from realign_local.run.tidying import at_work, check_place, load_ahead, make_tools, tell
from realign_local.stages import classification, retrieval
from realign_local.stages.rewrite import Generate, Longest
from realign_local.stages.stage import Stage

WRITING = 2.0
"""Time that is kept for writing the files, in passes that bring all rows up to date."""
CHECKED = 256
"""Rows that are checked before they are filed."""


def rewrite_dataset(
    source: Path | str,
    run_dir: Path | str,
    settings: Settings,
    *,
    resume: Resume = "auto",
    limit: int | None = None,
    shard: tuple[int, int] = (1, 1),
    budget: Budget | None = None,
    target_rows: int | None = None,
    ray: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The whole job on one dataset: what `realign run SOURCE -o RUN` does, as one call.

    `shard` (i, n) takes every n-th row beginning with row i, from 1. With `target_rows` no model is
    asked any more once so many responses are rewritten. `ray` is the address of a cluster that does
    the work, or "local". Returns what stats.json holds; "unfinished"
    counts the responses that a `budget` or the target left. Raises UsageError, AssetError,
    DataError, DiskError or EngineError, each with a hint; what is finished by then is in the
    journal, and the same call goes on from there.
    """
    source, run_dir = Path(source), Path(run_dir)
    if run_dir == Path():
        raise UsageError("-o must name a folder of its own", hint="Give a new folder: -o RUN.")
    if settings.mode == "tidy" and (settings.min_score or settings.keep_if_not_worse):
        raise UsageError("--mode tidy has no model to score with", hint="Use --mode guided.")
    progress, copied = progress or Silent(), needs_copy(source, settings.encoding)
    tools = make_tools(settings)
    check_place(ray)
    with ExitStack() as stack:
        if copied:
            journal = stack.enter_context(open_run(run_dir, resume))
            stack.callback(rundir.put_input_back, run_dir)
            if source != run_dir / rundir.INPUT:
                rundir.set_input_aside(run_dir)
            source = spool(source, run_dir / rundir.INPUT, encoding=settings.encoding)
        dataset = open_dataset(source, format=settings.format, fields=settings.fields)
        if not copied:
            journal = stack.enter_context(open_run(run_dir, resume))
        job = Job.of(
            tools.resolved,
            dataset,
            run_dir,
            limit=limit,
            shard=shard,
            budget=budget,
            target_rows=target_rows,
        )
        progress.note(f"reading {dataset.described}")
        tell(tools, progress)
        placed = stack.enter_context(at_work(tools, ray, progress))
        if journal.is_empty:  # in later sessions there may be nothing to do for the model
            load_ahead(tools)
        # What other machines make hangs on theirs: nothing of it is kept for runs to come.
        kept = job.kept if ray is None else None
        known = stack.enter_context(remembering(placed, kept, progress))
        return run_job(job, known, journal, progress=progress)


def run_job(job: Job, tools: Tools, journal: Journal, *, progress: Progress) -> dict[str, Any]:
    """Do all that is not done yet, then write the run's files; returns what stats.json holds.

    Where the job's budget ends first, the files hold what is done, and "unfinished" counts the
    rest. Raises UsageError where the journal is about another dataset or shard, or the dataset is a
    file of this run.
    """
    _check_apart(job)
    job = without_judge(job, tools.distrust, progress.warn)
    journal.count_time("seconds")
    heed = job.self_evaluate
    stages = stages_of(tools.criteria, tools.identity, job.rewriting, job.rule, self_evaluate=heed)
    ledger = Ledger(journal, stages)
    made_from, rows = _get_to_know(job, journal, progress)
    rundir.take_new_input(job.run_dir)
    begin_files(job, tools, made_from, progress, begun_again=ledger.is_new)
    lines = _lines(job, tools, ledger, journal, progress, rows=rows)
    stats = write_run(job, tools, journal, made_from, lines, progress=progress)
    if job.budget and not job.budget.has_time_for_report:
        leave_picture(job.run_dir, warn=progress.warn)
    else:
        picture(job.run_dir, journal, warn=progress.warn)
    return stats


def _lines(
    job: Job, tools: Tools, ledger: Ledger, journal: Journal, progress: Progress, *, rows: int
) -> Iterator[Lines]:
    """All rows at their end: after a pass for each stage, or in one where nobody is asked."""
    if tools.identity.unknown_task:
        return tidied_lines(job, tools, ledger, journal, progress, rows=rows)
    stopped = False
    try:
        _classify(job, tools, ledger, progress)
        _retrieve(job, tools, ledger, progress)
        stopped = _rewrite(job, tools, ledger, journal, progress)
        if ledger.stages.rewrite.name in ledger.met:
            _verify(job, tools, ledger, progress)
            _judge(job, tools, ledger, progress)
        _score(job, tools, ledger, progress)
    except BudgetReached as reached:
        stopped = True
        progress.note(f"{reached}; writing what is done")
    finally:
        journal.add({})  # the time since the last result
    return finished_lines(job, tools, ledger, progress, stopped=stopped)


def _check_apart(job: Job) -> None:
    """A run that took its own output for its input would replace what it reads."""
    if rundir.is_own_file(job.dataset.path, job.run_dir):
        raise UsageError(
            f"{job.dataset.path} is a file of the run in {job.run_dir} itself",
            hint="Give the dataset that the run was made from, or another -o.",
        )
    if job.dataset.path == job.run_dir / rundir.INPUT:
        rundir.as_private_as(job.run_dir, job.dataset.path)


def _get_to_know(job: Job, journal: Journal, progress: Progress) -> tuple[InputId, int]:
    """What the input is, checked against what the journal is about, and its rows."""
    held = held_input(journal)
    if held is None and not journal.is_empty:
        progress.warn(f"{journal.path} no longer tells which input it belongs to; going on")
    sketch, rows = Sketch(held.sketch if held else ()), 0
    for _, raw in job.raw_rows():
        rows += 1
        sketch.add(raw.text)
    path = job.dataset.path
    new = InputId(str(path.absolute()), sha256_of(path), job.shard_name, sketch.hashes)
    if held:
        was = rows_written(job.run_dir)
        note = check_same(held, new, job.run_dir, is_another=sketch.is_another, rows=(was, rows))
        if note:
            progress.warn(note)
    if not rows:
        progress.warn(f"shard {job.shard_name} of {path} has no rows; its output is empty")
    journal.set_fact(INPUT, new.as_dict())
    return new, rows


def _classify(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    stage, unread = ledger.stages.classify, Unread()
    total = sum(not unread.see(sample) for sample in job.samples())
    unread.tell(progress)
    progress.phase(stage.name, total)
    pending = _without_known(ledger, job.samples(), progress)
    with ExitStack() as stack:
        label = when_needed(lambda: stack.enter_context(tools.classifier()))
        labelled = tools.workplace.spread(
            stage,
            pending,
            lambda samples: stage.run(samples, lambda texts: label()(texts)),
            size=classification.BATCH,
        )
        _file(ledger, stage, labelled, job, progress, size=64)


def _without_known(
    ledger: Ledger, samples: Iterable[Sample], progress: Progress
) -> Iterator[Sample]:
    """Those that must be classified; the others count as done when they are passed."""
    for sample in samples:
        if found := next(ledger.missing(ledger.stages.classify, [sample]), None):
            yield found
        elif sample.reason is not Reason.MALFORMED_ROW:
            progress.advance()


def _retrieve(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    if not tools.identity.index:
        return
    stage = ledger.stages.retrieve
    pending = ledger.missing(stage, job.samples())
    progress.phase(stage.name, None)
    with ExitStack() as stack:
        search = when_needed(lambda: stack.enter_context(tools.search()))
        found = tools.workplace.spread(
            stage,
            pending,
            lambda samples: stage.run(samples, lambda texts, k: search()(texts, k)),
            size=retrieval.BATCH,
        )
        _file(ledger, stage, found, job, progress, size=32)


def _rewrite(job: Job, tools: Tools, ledger: Ledger, journal: Journal, progress: Progress) -> bool:
    """Do what needs no model, queue the rest, and judge each row as soon as it is rewritten.

    Returns whether rows were left because there are as many rewritten ones as were wanted.
    """
    stage = ledger.stages.rewrite
    longest, begun = Longest(), time.monotonic()
    priority: Priority = UsefulFirst(tools.criteria) if job.budget else by_task
    progress.phase("tidy", None)
    missing = ledger.missing(stage, job.samples())
    jobs = (job.settings or {}).get("threads") or physical_cores()
    asked = asking(missing, ledger, tools.check, jobs=jobs, progress=progress, longest=longest)
    with _until(job.budget):
        waiting = journal.fill_queue((priority(s), stage.key(s), s) for s in asked)
    if job.budget:
        job.budget.reserve(WRITING * (time.monotonic() - begun))
    if not waiting:
        return False
    wanted = _still_wanted(job, tools, ledger, progress)
    feed = Feed((sample for _, sample in journal.queued()), job.budget, wanted=wanted)
    if feed.has_enough:
        return True
    if tools.template_fault:
        progress.warn(tools.template_fault)
    progress.phase(stage.name, waiting)
    progress.watch(lambda: tools.effort().get("engine", {}))
    with tools.engine(longest_tokens=longest.tokens) as engine, _until(job.budget):
        rows = iter(feed)
        while part := list(islice(rows, 1)):
            done = chain(part, islice(rows, tools.workplace.slice_rows - 1))
            opened = list(_written(done, feed, engine.generate, tools, ledger, progress))
            for sample in _decided(opened, engine.generate, ledger):
                feed.settled(sample)
    feed.check()
    return feed.has_enough


def _still_wanted(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> int | None:
    """How many responses more are to be rewritten, beside those that needed no model."""
    if job.target_rows is None:
        return None
    _verify(job, tools, ledger, progress)
    done = sum(ledger.furthest(sample).chosen >= 0 for sample in job.samples())
    return max(0, job.target_rows - done)


def _written(
    rows: Iterable[Sample],
    feed: Feed,
    generate: Generate,
    tools: Tools,
    ledger: Ledger,
    progress: Progress,
) -> Iterator[Sample]:
    """Rewrite, file and check rows one by one; hands out those that wait for the judge."""
    stages, last = ledger.stages, time.monotonic()
    for sample in stages.rewrite.run(rows, generate):
        feed.done(sample)
        now = time.monotonic()
        counts = effort_of_row(sample, seconds=now - last)
        ledger.file(stages.rewrite, [sample], counts=counts)
        last = now
        (checked,) = stages.verify.run([sample], tools.check)
        if stages.verify.needs(sample):
            ledger.file(stages.verify, [checked])
        feed.settled(checked)
        if stages.judge.needs(checked):
            yield checked
        progress.judged(checked.task, checked.status, checked.reason or "")
        progress.advance(tokens=sample.completion_tokens - sample.found_tokens[1])


def _decided(opened: Sequence[Sample], generate: Score, ledger: Ledger) -> list[Sample]:
    """File the judge's word on each sample, or that this model is not asked."""
    done = list(ledger.stages.judge.run(opened, generate)) if opened else []
    ledger.file(ledger.stages.judge, done)
    return done


def _verify(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    """Judge what was rewritten under other gates, or by a session that was cut off just then.

    What a session rewrites is judged at once, so this is needed only where there was one before.
    """
    stage = ledger.stages.verify
    pending = ledger.missing(stage, job.samples())
    progress.phase(stage.name, None)
    checked = tools.workplace.spread(
        stage, pending, lambda samples: stage.run(samples, tools.check), size=CHECKED
    )
    _file(ledger, stage, checked, job, progress, size=CHECKED)


def _judge(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    """Settle what a session left open that was cut off between two slices."""
    stage = ledger.stages.judge
    progress.phase(stage.name, None)
    with ExitStack() as stack, _until(job.budget):
        engine = when_needed(
            lambda: stack.enter_context(tools.engine(longest_tokens=JUDGED_TOKENS))
        )
        for batch in batched(ledger.missing(stage, job.samples()), tools.workplace.slice_rows):
            _decided(batch, lambda requests: engine().generate(requests), ledger)
            progress.advance(len(batch))


def _score(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    """Have the model score what would be taken, where the job asks for it."""
    stage = ledger.stages.score
    if not stage.rule.is_set:
        return
    progress.phase(stage.name, sum(1 for _ in ledger.missing(stage, job.samples())))
    with ExitStack() as stack, _until(job.budget):
        engine = when_needed(
            lambda: stack.enter_context(tools.engine(longest_tokens=SCORED_TOKENS))
        )
        known = known_scores(job.cache, stack, warn=progress.warn)
        scorer = Scorer(
            lambda requests: engine().generate(requests), model=tools.identity.model, known=known
        )
        for batch in batched(ledger.missing(stage, job.samples()), tools.workplace.slice_rows):
            ledger.file(stage, stage.run(batch, scorer.scores))
            progress.advance(len(batch))


def _file(
    ledger: Ledger,
    stage: Stage,
    samples: Iterable[Sample],
    job: Job,
    progress: Progress,
    *,
    size: int,
) -> None:
    with _until(job.budget):
        for batch in batched(samples, size):
            ledger.file(stage, batch)
            progress.advance(len(batch))


def _until(budget: Budget | None) -> AbstractContextManager[None]:
    return budget.alarm() if budget else nullcontext()
