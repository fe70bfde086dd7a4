"""Rows through several stages at once: those that need no model, and the few of a preview.

Where a run only tidies, nobody is asked about any row and none has to wait for another one: each
is read, tidied, checked and put into lines in one go. The journal has the same results by the same
keys as it has of a run whose stages are passes of their own.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeVar

from realign_local.base.machine import physical_cores
from realign_local.base.processes.in_order import in_order
from realign_local.base.progress import Progress, Unread
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.base.stop import Budget
from realign_local.base.words.plural import counted
from realign_local.data.batches import batched_by_weight
from realign_local.data.reading.containers import RawRow
from realign_local.engine.request import Engine
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.files.journal import Entry, Journal
from realign_local.run.files.lines import Lines, lines_of
from realign_local.run.job import Job, Tools
from realign_local.run.results import Ledger, Stages, entry_of, stages_of
from realign_local.stages.rewrite import Longest
from realign_local.stages.verification import Check

Given = TypeVar("Given")
Made = TypeVar("Made")
Work = TypeVar("Work")

BATCH = 64
ROWS_FILED = 256
"""Rows of one transaction, where there is nothing but tidying."""
ROWS_FOR_POOL = 2000
"""Below this the start of processes, about a second, costs more than it saves."""
MEASURED_EACH_S, BATCHES = 1.0, 2
"""How often the passing is measured, and how many batches of each process tell of the work."""
REPORT, PASSING, LEAST_PASSING = 1.8, 1.5, 0.5
"""Of the time that a row takes to pass: what it takes in the report, measured as 1.6; what it takes
of all processes together, with some to spare; and of the one that reads and writes for them.
"""
SIGNS_AT_ONCE, SIGNS_FOR_POOL = 1 << 20, 1 << 24
"""The same of rows that are long: each process has several batches under way."""
DIED_HINT = "Run the same command again, it goes on; --threads 1 does without such processes."


class Way(NamedTuple):
    """A row that needs no model, `made` by the operations and `checked` by the gates; or one that
    `asks` it, as it came, and how many tokens its longest request may have.
    """

    made: Sample
    checked: Sample
    asks: bool = False
    longest_tokens: int = 0

    def entries(self, stages: Stages) -> Iterator[Entry]:
        """What the journal keeps of a row that needs no model."""
        yield entry_of(stages.rewrite, self.made)
        if stages.verify.needs(self.made):
            yield entry_of(stages.verify, self.checked)


@dataclass(frozen=True, slots=True)
class Unasked:
    """Plans rows, and takes those that need no model through the gates."""

    stages: Stages
    check: Check

    def __call__(self, samples: Sequence[Sample]) -> list[Way]:
        """The ways of a batch of samples that are classified and have their evidence."""
        return [self.way(sample) for sample in samples]

    def way(self, sample: Sample) -> Way:
        """The same for one of them."""
        made, plan = self.stages.rewrite.plan(sample)
        if plan is not None:
            longest = Longest()
            longest.see(plan)
            return Way(sample, sample, asks=True, longest_tokens=longest.tokens)
        (checked,) = self.stages.verify.run([made], self.check)
        return Way(made, checked)


def in_processes(
    work: Callable[[Sequence[Given]], Made],
    rows: Iterable[Given],
    *,
    size: int,
    signs: Callable[[Given], int],
    jobs: int,
    many: int | None = None,
) -> Iterator[Made]:
    """The work on batches of rows, in order; in processes of their own where there are `many`.

    `signs` tells how long a row is: long ones go in smaller batches, so that memory is bounded.
    """
    batches = batched_by_weight(rows, size, signs, most=SIGNS_AT_ONCE)
    many = many or ROWS_FOR_POOL
    head, left = list[tuple[Given, ...]](), many
    for batch in batches if jobs > 1 else ():
        head.append(batch)
        left -= max(len(batch), many * sum(map(signs, batch)) // SIGNS_FOR_POOL)
        if left <= 0:
            make = partial(_itself, work)
            return in_order(make, chain(head, batches), jobs=jobs, hint=DIED_HINT)
    return map(work, chain(head, batches))


def _itself(work: Work) -> Work:
    return work


def asking(
    samples: Iterable[Sample],
    ledger: Ledger,
    check: Check,
    *,
    jobs: int,
    progress: Progress,
    longest: Longest,
) -> Iterator[Sample]:
    """Those that the model has to be asked about; the others are filed in passing."""
    stages = ledger.stages
    work = Unasked(stages, check)
    for ways in in_processes(work, samples, size=BATCH, signs=_signs, jobs=jobs):
        done = [way for way in ways if not way.asks]
        ledger.keep([entry for way in done for entry in way.entries(stages)])
        progress.advance(len(ways))
        for way in ways:
            if way.asks:
                longest.see_tokens(way.longest_tokens)
                yield way.made
    if told := ledger.told_before(stages.rewrite):
        progress.note(told)


def _signs(sample: Sample) -> int:
    return len(sample.instruction) + len(sample.original)


class RawUnit(NamedTuple):
    """A row's number and text, and its samples where these are not to be worked on any more.

    One that is `left` passes as it is: the time is up, and nothing is known of it.
    """

    number: int
    raw: RawRow
    done: tuple[Sample, ...] = ()
    left: bool = False

    def signs(self) -> int:
        """How long it is."""
        return len(self.raw.text)


@dataclass(frozen=True, slots=True)
class TidiedRows:
    """What a process does with a batch of rows: their lines, and what the journal keeps."""

    job: Job
    stages: Stages
    check: Check

    def __call__(self, units: Sequence[RawUnit]) -> tuple[Lines, list[Entry], float]:
        """The rows in their order, and the seconds of a processor that they took."""
        begun = time.process_time()
        entries: list[Entry] = []
        rows = (self.job.read(unit.number, unit.raw) for unit in units)
        finished = (
            (row, unit.done or [self._end(sample, unit, entries) for sample in row.samples])
            for row, unit in zip(rows, units, strict=True)
        )
        rewrite = self.stages.rewrite
        lines = lines_of(
            finished, rewrite.criteria, model_sha256=rewrite.model, annotated=self.job.annotate
        )
        return lines, entries, time.process_time() - begun

    def _end(self, sample: Sample, unit: RawUnit, entries: list[Entry]) -> Sample:
        of_a_task = self.stages.classify.apply(sample, None)
        assert of_a_task is not None
        ready = self.stages.retrieve.apply(of_a_task, None)
        if not self.stages.rewrite.needs(ready):
            return ready
        if unit.left:
            return replace(ready, reason=Reason.NOT_REACHED)
        way = Unasked(self.stages, self.check).way(ready)
        entries += way.entries(self.stages)
        return way.checked


class _Ending:
    """When a budget ends the work: while there is time for what has to be done after it.

    Rows that are not reached have to pass, and the report takes them all in. How much of a
    processor that needs is measured on rows of this dataset, and how much of one there is on the
    work so far: others take their share of the machine.
    """

    def __init__(
        self,
        budget: Budget,
        rows: int,
        work: TidiedRows,
        *,
        jobs: int,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._budget, self._rows, self._work, self._jobs = budget, rows, work, jobs
        self._now, self._cpu, self._begun = budget.clock, cpu, budget.clock()
        self._taken = self._done = self._seen = self._batches = 0
        self._measured = self._looked_up = 0
        self._worked_s = self._passing_s = self._looking_s = 0.0
        self._last, self._measured_at = deque[RawUnit](maxlen=ROWS_FILED), float("-inf")

    def see(self, lines: Lines, worked_s: float) -> None:
        """Rows are done, after so much time of a processor; the first ones started it all."""
        self._done += lines.counts.tally.rows
        if self._batches:
            self._seen += lines.counts.tally.rows
            self._worked_s += worked_s
        else:
            self._begun = self._now()
        self._batches += 1

    def is_there(self, unit: RawUnit) -> bool:
        """Whether this row and those behind it have to be left; asked once about each."""
        self._taken += 1
        self._last.append(unit)
        if self._now() > self._measured_at + MEASURED_EACH_S:
            self._measure()
        taken_s = self._now() - self._begun
        if self._batches <= BATCHES * self._jobs or not self._worked_s or not taken_s:
            self._budget.report_s = REPORT * self._passing_s / self._measured * self._rows
            return self._budget.left_s <= 0
        share = self._worked_s / taken_s / self._jobs
        row_s = self._passing_s / self._measured / share
        self._budget.report_s = REPORT * row_s * self._rows
        for_report = self._budget.report_s * (self._budget.report_s < self._budget.seconds / 4)
        to_pass = row_s * max(PASSING / self._jobs, LEAST_PASSING)
        if self._looked_up:
            to_pass += self._looking_s / self._looked_up
        under_way = (self._taken - self._done) * taken_s / self._seen
        need_s = under_way + (self._rows - self._taken) * to_pass + for_report
        return self._budget.left_s <= need_s

    def _measure(self) -> None:
        rows = [unit._replace(left=True, done=()) for unit in self._last]
        self._work(rows[:1])  # what is read and made only once is no part of it
        begun = self._cpu()
        self._work(rows)
        self._passing_s += self._cpu() - begun
        self._measured += len(rows)
        full = len(rows) == ROWS_FILED
        self._measured_at = self._now() if full else float("-inf")

    @contextmanager
    def looking_up(self) -> Iterator[None]:
        """The block that looks for what is known of one row."""
        begun = self._now()
        yield
        self._looking_s += self._now() - begun
        self._looked_up += 1


def tidied_lines(
    job: Job, tools: Tools, ledger: Ledger, journal: Journal, progress: Progress, *, rows: int
) -> Iterator[Lines]:
    """The lines of all `rows`. What the journal knows already is not done again; where the job's
    budget ends, rows that are not finished keep their responses.
    """
    progress.phase("tidy", None)
    jobs, unread = (job.settings or {}).get("threads") or physical_cores(), Unread()
    work = TidiedRows(replace(job, budget=None), ledger.stages, tools.check)
    ending = _Ending(job.budget, rows, work, jobs=jobs) if job.budget else None
    units = _units(job, ledger, progress, ending)
    size, many = (BATCH, BATCH) if ending else (ROWS_FILED, None)
    made = in_processes(work, units, size=size, signs=RawUnit.signs, jobs=jobs, many=many)
    for lines, entries, seconds in made:
        journal.keep(entries)
        if ending:
            ending.see(lines, seconds)
        unread.add(lines.counts.unread)
        yield lines
    unread.tell(progress)
    if told := ledger.told_before(ledger.stages.rewrite):
        progress.note(told)


def _units(
    job: Job, ledger: Ledger, progress: Progress, ending: _Ending | None
) -> Iterator[RawUnit]:
    """The rows, with what is known of them; nothing is looked up in a journal that is new."""
    stopped, begun, left = False, 0, 0
    for number, raw in job.raw_rows():
        if job.budget and ending and not stopped and ending.is_there(RawUnit(number, raw)):
            # Each session does a batch, so that sessions come to an end, however short they are.
            stopped = begun >= BATCH or not job.budget.seconds
            if stopped:
                progress.note(f"{job.budget.reached()}; writing what is done")
        if ledger.is_new:
            begun, left = begun + (not stopped), left + stopped
            yield RawUnit(number, raw, left=stopped)
            continue
        with ending.looking_up() if ending else nullcontext():
            known = tuple(ledger.furthest(sample) for sample in job.read(number, raw).samples)
        for sample in known:
            ledger.see(ledger.stages.rewrite, sample)
        is_done = all(sample.reason is not Reason.NOT_REACHED for sample in known)
        begun, left = begun + (not stopped and not is_done), left + (stopped and not is_done)
        yield RawUnit(number, raw, known if stopped or is_done else ())
    if left:
        progress.note(f"{counted(left, 'row')} passed through as they came")


def finished(
    samples: Iterable[Sample],
    tools: Tools,
    engine: Engine,
    settings: RewriteSettings,
    *,
    seen: Callable[[Sample], None],
) -> Iterator[Sample]:
    """The samples as a run would leave them; `seen` is called with each when it is rewritten."""
    opened = []
    stages = stages_of(tools.criteria, tools.identity, settings)
    for sample in stages.rewrite.run(samples, engine.generate):
        seen(sample)
        (checked,) = stages.verify.run([sample], tools.check)
        if stages.judge.needs(checked):
            opened.append(checked)
        else:
            yield checked
    if opened:
        yield from stages.judge.run(opened, engine.generate)
