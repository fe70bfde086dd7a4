"""The main job: classify, retrieve, rewrite, verify, write; each stage is one pass.

A pass reads the dataset from its start, brings every sample up to date from the journal and works
only on what is missing. So a pass can be stopped at any moment and picked up again, the index and
the language model are never in memory together, and memory does not grow with the dataset.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from realign_local.criteria import Criteria
from realign_local.data import rundir
from realign_local.data.atomic import line_bytes, replacing
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset, Row, annotate
from realign_local.data.journal import Journal
from realign_local.data.records import Sample
from realign_local.data.write_like import write_like
from realign_local.engine.request import Engine
from realign_local.errors import DataError, UsageError
from realign_local.ledger import CLASSIFY, RETRIEVE, REWRITE, VERIFY, Identity, Ledger
from realign_local.machine import peak_memory_bytes
from realign_local.progress import Progress
from realign_local.reasons import Reason
from realign_local.stages.classify import Label, classify
from realign_local.stages.retrieve import Search, retrieve
from realign_local.stages.rewrite import Longest, RewriteSettings, rewrite
from realign_local.stages.verify import Judge, verify

Resume = Literal["auto", "never", "force"]


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

    def effort(self) -> Mapping[str, Any]: ...


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
    settings: Mapping[str, Any] | None = None

    def rows(self) -> Iterator[Row]:
        """The rows that this run is about, in order; can be called once a pass."""
        part, parts = self.shard
        for row in self.dataset.rows(turns=self.turns):
            if self.limit is not None and row.index >= self.limit:
                return
            if row.index % parts == part - 1:
                yield row

    def samples(self) -> Iterator[Sample]:
        """Their responses, malformed rows among them."""
        for row in self.rows():
            yield from row.samples


def open_run(run_dir: Path, resume: Resume) -> Journal:
    """Make or reopen a run directory and hold it for this process.

    Raises UsageError where it is a file or somebody's folder, holds a run and `resume` is "never",
    or is in use; DiskError where it cannot be written.
    """
    path = run_dir / rundir.JOURNAL
    if rundir.is_there(run_dir) and not run_dir.is_dir():
        raise UsageError(f"{run_dir} is a file", hint="Give a folder for the run: -o RUN.")
    if resume == "never" and path.exists():
        raise UsageError(
            f"{run_dir} already holds a run", hint="Choose another -o, or --resume auto or force."
        )
    if taken := rundir.foreign_files(run_dir):
        raise UsageError(
            f"{run_dir} is no run directory, and {taken[0].name} in it would be replaced",
            hint="Give a new folder: -o RUN.",
        )
    rundir.make_folder(run_dir)
    journal = _begun_again(path) if resume == "force" else Journal(path)
    rundir.remove_leftovers(run_dir)
    return journal


def _begun_again(path: Path) -> Journal:
    """An empty journal; one that somebody works with is refused, a damaged one is replaced."""
    try:
        journal = Journal(path)
    except DataError:
        rundir.remove(path)
        return Journal(path)
    journal.clear()
    return journal


def run_job(job: Job, tools: Tools, journal: Journal, *, progress: Progress) -> dict[str, Any]:
    """Do all that is not done yet, then write the run's files; returns what stats.json holds."""
    started = time.monotonic()
    ledger = Ledger(journal, tools.criteria, tools.identity, job.rewriting)
    rundir.write_text(job.run_dir / rundir.SETTINGS, rundir.to_toml(_settings_of(job, tools)))
    total = sum(1 for sample in job.samples() if sample.reason is not Reason.MALFORMED_ROW)
    _classify(job, tools, ledger, progress, total)
    _retrieve(job, tools, ledger, progress)
    _rewrite(job, tools, ledger, journal, progress)
    _verify(job, tools, ledger, progress)
    journal.add({"seconds": time.monotonic() - started})
    return _write(job, tools, ledger, journal, progress)


def _classify(job: Job, tools: Tools, ledger: Ledger, progress: Progress, total: int) -> None:
    pending = ledger.missing(CLASSIFY, job.samples())
    progress.phase("classify", total)
    with ExitStack() as stack:
        label = _when_needed(lambda: stack.enter_context(tools.classifier()))
        labelled = classify(pending, lambda texts: label()(texts), tasks=tools.criteria)
        _file(ledger, CLASSIFY, labelled, progress, size=64)


def _retrieve(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    if not tools.identity.index:
        return
    pending = ledger.missing(RETRIEVE, job.samples())
    progress.phase("retrieve", None)
    with ExitStack() as stack:
        search = _when_needed(lambda: stack.enter_context(tools.search()))
        found = retrieve(pending, lambda texts, k: search()(texts, k), passages=job.passages)
        _file(ledger, RETRIEVE, found, progress, size=32)


def _rewrite(job: Job, tools: Tools, ledger: Ledger, journal: Journal, progress: Progress) -> None:
    """Queue what is missing, grouped by task so that neighbours share a prompt's beginning."""
    longest = Longest(tools.criteria)
    pending = map(longest.seen, ledger.missing(REWRITE, job.samples()))
    waiting = journal.fill_queue((s.task, ledger.key(REWRITE, s), s) for s in pending)
    if not waiting:
        return
    progress.phase("rewrite", waiting)
    with tools.engine(longest_tokens=longest.tokens) as engine:
        started = time.monotonic()
        queued = (sample for _, sample in journal.queued())
        for sample in rewrite(
            queued, engine.generate, criteria=tools.criteria, settings=job.rewriting
        ):
            tokens = sum(c.completion_tokens for c in sample.candidates)
            ledger.file(REWRITE, [sample])
            now = time.monotonic()
            journal.add(
                {
                    "generated": 1,
                    "completion_tokens": tokens,
                    "prompt_tokens": sum(c.prompt_tokens for c in sample.candidates),
                    "rewrite_seconds": now - started,
                }
            )
            started = now
            progress.advance(tokens=tokens)


def _verify(job: Job, tools: Tools, ledger: Ledger, progress: Progress) -> None:
    pending = ledger.missing(VERIFY, job.samples())
    progress.phase("verify", None)
    _file(ledger, VERIFY, verify(pending, tools.judge), progress, size=256)


def _file(
    ledger: Ledger, stage: str, samples: Iterable[Sample], progress: Progress, *, size: int
) -> None:
    for batch in batched(samples, size):
        ledger.file(stage, batch)
        progress.advance(len(batch))


def _when_needed(make: Callable[[], Any]) -> Callable[[], Any]:
    """Make a costly thing at its first use: a pass with nothing to do loads nothing."""
    made: list[Any] = []

    def get() -> Any:
        if not made:
            made.append(make())
        return made[0]

    return get


def _write(
    job: Job,
    tools: Tools,
    ledger: Ledger,
    journal: Journal,
    progress: Progress,
) -> dict[str, Any]:
    progress.phase("write", None)
    tally = rundir.Tally()
    model = tools.identity.model
    with (
        replacing(job.run_dir / rundir.OUTPUT) as output,
        replacing(job.run_dir / rundir.PROVENANCE) as provenance,
    ):
        for row in job.rows():
            done = [_finished(ledger, sample) for sample in row.samples]
            texts = {s.turn: s.rewritten for s in done if s.chosen >= 0}
            line = row.render(texts)
            if job.annotate and done[0].reason is not Reason.MALFORMED_ROW:
                line = annotate(line, rundir.columns_of(done[-1]))
            output.write(line_bytes(line) + b"\n")
            for sample in done:
                tally.count(sample)
                record = rundir.provenance_line(sample, tools.criteria, model_sha256=model)
                provenance.write(record.encode() + b"\n")
            tally.rows += 1
            progress.advance()
    _write_like(job)
    stats = {**tally.as_dict(), **_effort(journal), **tools.describe(), **tools.effort()}
    rundir.write_json(job.run_dir / rundir.STATS, stats)
    rundir.write_text(job.run_dir / rundir.CARD, rundir.card(job.dataset.path.name, stats))
    return stats


def _write_like(job: Job) -> None:
    """The same rows once more as JSON array, CSV or Parquet, where that is what came in."""
    for stale in job.run_dir.glob("output.*"):
        if stale.name != rundir.OUTPUT:
            rundir.remove(stale)
    with (job.run_dir / rundir.OUTPUT).open(
        encoding="utf-8", errors="surrogateescape", newline="\n"
    ) as lines:
        numbers = (row.index for row in job.rows())
        finished = (line.removesuffix("\n") for line in lines)
        write_like(job.dataset, job.run_dir / "output", finished, numbers=numbers)


def _finished(ledger: Ledger, sample: Sample) -> Sample:
    done = ledger.up_to(VERIFY, sample)
    if done is None:
        raise DataError(
            f"row {sample.index + 1} of the input changed while the run was going on",
            hint="Run the same command again; what was finished is used where it still fits.",
        )
    return done


def _effort(journal: Journal) -> dict[str, Any]:
    seconds = journal.counter("rewrite_seconds")
    generated = int(journal.counter("generated"))
    tokens = int(journal.counter("completion_tokens"))
    return {
        "generated": generated,
        "generated_twice": journal.written_twice(REWRITE),
        "prompt_tokens": int(journal.counter("prompt_tokens")),
        "completion_tokens": tokens,
        "seconds": round(journal.counter("seconds"), 2),
        "rewrite_seconds": round(seconds, 2),
        "tokens_per_s": round(tokens / seconds, 2) if seconds else None,
        "rows_per_s": round(generated / seconds, 3) if seconds else None,
        "peak_memory_mb": round(peak_memory_bytes() / 1e6, 1),
    }


def _settings_of(job: Job, tools: Tools) -> dict[str, Any]:
    part, parts = job.shard
    source = {
        "path": str(job.dataset.path),
        "format": job.dataset.format,
        "described": job.dataset.described,
        "turns": job.turns,
        "shard": f"{part}/{parts}",
    }
    return {**(job.settings or {}), "input": source, **tools.describe()}
