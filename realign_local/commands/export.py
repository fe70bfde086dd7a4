"""Write a finished run in the form that a trainer reads, and say what could not go into it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from realign_local.base.atomic import write_lines
from realign_local.base.errors import DataError, UsageError
from realign_local.base.reasons import Reason
from realign_local.base.untrusted import fits_utf8
from realign_local.base.words.plural import counted
from realign_local.commands.llama_factory import INFO, check_entry, companion_path, register
from realign_local.data.json_text import encode
from realign_local.run.files import rundir
from realign_local.run.files.decisions import (
    ReadReview,
    decided,
    read_review,
    told_stale,
)
from realign_local.run.files.finished import FinishedRun, open_finished
from realign_local.run.files.run_scores import ColumnsOf
from realign_local.run.target_rows import (
    Finished,
    Judged,
    Left,
    Records,
    Target,
    Unfit,
    alternates,
)
from realign_local.run.targets import all_targets

PairColumns = Mapping[tuple[int, int], Mapping[str, Any]]
"""Columns of the pair that is the n-th of a row, by (row, n), both from 0."""
MakeRecords = Callable[[Finished, Left], Records]
DECIDED = {"accept": "accepted", "reject": "rejected", "edit": "edited"}
SEEN_AT_ONCE = 256
"""`datasets` learns the columns' types from its first 10 MB: so many rows are always among them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: records and the rows they came from, rows left out by reason, warnings."""

    path: Path
    target: str
    rows: int
    records: int
    left_out: dict[str, int]
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


@dataclass(slots=True)
class ExportCount:
    """What went out and what did not."""

    rows: int = 0
    records: int = 0
    uneven: int = 0
    won_by_original: int = 0
    not_reached: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    applied: set[str] = field(default_factory=set)

    def notes(self, *, for_chat: bool) -> tuple[str, ...]:
        found = [
            f"{counted(n, 'response')} {DECIDED[name]} in the review"
            for name, n in sorted(self.decided.items())
        ]
        found += [
            f"the turn field {name} is lost in {counted(n, 'row')}"
            for name, n in self.beside.most_common()
        ]
        if self.won_by_original:
            found.append(f"realign_won is original in {counted(self.won_by_original, 'record')}")
        if self.not_reached:
            found.append(
                f"not reached by the run: {counted(self.not_reached, 'row')}; run it again first"
            )
        if self.uneven and for_chat:
            found.append(
                f"turns do not alternate: {counted(self.uneven, 'row')}; LLaMA-Factory skips them"
            )
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """A finished run with the decisions on it."""

    finished: FinishedRun
    review: ReadReview
    model: str

    def notes(self, count: ExportCount) -> tuple[str, ...]:
        """Decisions that decide nothing, after all rows were counted."""
        stale = len(self.review.decisions.keys() - count.applied)
        return (*self.review.faults, *([told_stale(stale)] if stale else []))


def export_run(
    run: Path | str,
    output: Path | str,
    *,
    target: str,
    columns_of: PairColumns | None = None,
    scores: ColumnsOf | None = None,
) -> Exported:
    """Write the finished run in `run` to `output`, and a dataset_info.json entry beside it.

    With `columns_of`, records that stand for a pair each get its columns, and pairs without any are
    left out; with `scores`, every record gets those of its row. Works from output.jsonl,
    provenance.jsonl and the decisions of a review. Raises UsageError for an unknown target, where
    `output` lies in a run's folder or is its input, and where its entry is somebody else's;
    DataError where the run is not finished or its files are not as it wrote them; DiskError.
    """
    run, output = Path(run), Path(output)
    if target not in all_targets():
        raise UsageError(f"unknown target {target!r}", hint=f"Targets: {', '.join(all_targets())}.")
    rundir.refuse_run_file(output, run, None)
    if output.name == INFO:
        raise UsageError(f"{INFO} is LLaMA-Factory's list of datasets", hint="Give another -o.")
    opened = open_exported(run)
    rundir.refuse_run_file(output, run, opened.finished.settings["input"].get("path"))
    check_entry(files_of(output, target)[-1], target)
    rundir.make_folder(output.parent)
    form, count = all_targets()[target], ExportCount()
    if columns_of is not None:
        companion = _with_columns(form.companion, columns_of) if form.companion else None
        records = _with_columns(form.records, columns_of)
        form = replace(form, records=records, companion=companion)
    if scores is not None:
        companion = _with_scores(form.companion, scores) if form.companion else None
        form = replace(form, records=_with_scores(form.records, scores), companion=companion)
    used = map(form.columns, finished_rows(opened, ExportCount())) if form.columns else iter(())
    columns = frozenset[str]().union(*used)
    lead = _lead(opened, form, columns) if form.leads else None
    made = _records(opened, form.records, columns, count)
    write_lines(output, map(encode, _with_lead(made, lead)))
    files = [output]
    if form.companion:
        files.append(companion_path(output))
        made = _records(opened, form.companion, columns, ExportCount())
        write_lines(files[1], map(encode, made))
    files += register(files[-1], target, columns)
    for name in form.carries:  # it is in the records, so it is not lost
        count.beside.pop(name, None)
    chatty = form.companion is not None or target in ("sharegpt", "messages", "realign")
    notes = count.notes(for_chat=chatty) + opened.notes(count)
    return Exported(
        path=output,
        target=target,
        rows=count.rows,
        records=count.records,
        left_out=dict(count.left_out.most_common()),
        notes=notes,
        files=tuple(files),
    )


def files_of(output: Path, target: str) -> list[Path]:
    """What an export writes as a whole; of dataset_info.json only an entry is its own."""
    form = all_targets().get(target)
    return [output, companion_path(output)] if form and form.companion else [output]


def _with_scores(make: MakeRecords, scores: ColumnsOf) -> MakeRecords:
    return lambda row, columns: [{**one, **scores(row.row.index)} for one in make(row, columns)]


def _with_columns(make: MakeRecords, found: PairColumns) -> MakeRecords:
    def records(row: Finished, columns: Left) -> Records:
        made = enumerate(make(row, columns))
        kept = [{**one, **found[row.index, n]} for n, one in made if (row.index, n) in found]
        if not kept:
            raise Unfit(Reason.PROMPT_TOO_LONG.value)
        return kept

    return records


def _lead(run: ExportedRun, form: Target, columns: Left) -> dict[str, Any] | None:
    """The first record that shows the columns' types, where it stands far from the beginning."""
    for number, record in enumerate(_records(run, form.records, columns, ExportCount())):
        if form.leads and form.leads(record):
            return record if number >= SEEN_AT_ONCE else None
    return None


def _with_lead(
    records: Iterator[dict[str, Any]], lead: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """The same records with `lead`, the first of its kind, in front."""
    if lead is not None:
        yield lead
    for record in records:
        if record == lead:
            lead = None
        else:
            yield record


def _records(
    run: ExportedRun, make: MakeRecords, columns: Left, count: ExportCount
) -> Iterator[dict[str, Any]]:
    for row in finished_rows(run, count):
        count.rows += 1
        try:
            records = [writable(record) for record in make(row, columns)]
        except Unfit as error:
            count.left_out[str(error)] += 1
            continue
        count.records += len(records)
        count.uneven += not alternates(row)
        count.not_reached += row.last.reason == Reason.NOT_REACHED
        count.beside.update({name for turn in row.turns for name in turn.beside})
        count.won_by_original += sum(r.get("realign_won") == "original" for r in records)
        yield from records


def writable(record: dict[str, Any]) -> dict[str, Any]:
    """The record; raises Unfit for a lone surrogate, at which `datasets` gives up on the file."""
    if not fits_utf8(json.dumps(record, ensure_ascii=False)):
        raise Unfit("not_utf8")
    return record


def open_exported(folder: Path) -> ExportedRun:
    """Raises what `open_finished` raises."""
    finished = open_finished(folder)
    model = Path(finished.settings.get("model") or "model").stem
    return ExportedRun(finished, read_review(folder), model)


def finished_rows(run: ExportedRun, count: ExportCount) -> Iterator[Finished]:
    """Each row as it goes out, with what provenance and the review say about its responses."""
    for read, records in run.finished.rows():
        row, records, applied = decided(read, records, run.review.decisions)
        count.decided.update(decision.verdict for decision in applied)
        count.applied.update(decision.key for decision in applied)
        judged = [_judged(run, record) for record in records]
        yield Finished(row, judged[0].index, {found.turn: found for found in judged}, run.model)


def _judged(run: ExportedRun, record: dict[str, object]) -> Judged:
    try:
        return Judged.of(record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        path = run.finished.folder / rundir.PROVENANCE
        raise DataError(f"{path}: not a line of provenance: {error!r}") from error
