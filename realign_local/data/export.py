"""Write a finished run in the form that a trainer reads, and say what could not go into it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from realign_local.data import rundir
from realign_local.data.atomic import write_lines
from realign_local.data.formats import Dataset, open_lines
from realign_local.data.json_text import encode, parse
from realign_local.data.llama_factory import companion_path, register
from realign_local.data.source import open_text
from realign_local.data.targets import TARGETS, Finished, Judged, Left, Records, Unfit, alternates
from realign_local.errors import DataError, UsageError


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
class _Count:
    rows: int = 0
    records: int = 0
    uneven: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)

    def notes(self, *, for_chat: bool) -> tuple[str, ...]:
        found = [f"{n} rows lose the turn field {name}" for name, n in self.beside.most_common()]
        if self.uneven and for_chat:
            found.append(f"{self.uneven} rows do not alternate; LLaMA-Factory skips such rows")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Run:
    folder: Path
    dataset: Dataset
    turns: Any
    model: str


def export_run(run: Path, output: Path, *, target: str) -> Exported:
    """Write the finished run in `run` to `output`, and a dataset_info.json entry beside it.

    Works from output.jsonl and provenance.jsonl alone. Raises UsageError for an unknown target,
    DataError where the run is not finished or its files do not belong together, DiskError.
    """
    if target not in TARGETS:
        raise UsageError(f"unknown target {target!r}", hint=f"Targets: {', '.join(TARGETS)}.")
    opened = _open_run(run)
    if output.resolve().parent == run.resolve() and output.name in rundir.FILES:
        raise UsageError(f"{output} is a file of the run", hint="Give another name: -o FILE.")
    rundir.make_folder(output.parent)
    form, count = TARGETS[target], _Count()
    used = map(form.columns, _finished(opened)) if form.columns else iter(())
    columns = frozenset[str]().union(*used)
    write_lines(output, _lines(opened, form.records, columns, count))
    files, companion = [output], form.companion
    if companion:
        files.append(companion_path(output))
        write_lines(files[1], _lines(opened, companion, columns, _Count()))
    files += register(files[-1], target, columns)
    chatty = companion is not None or target in ("sharegpt", "messages", "realign")
    return Exported(
        path=output,
        target=target,
        rows=count.rows,
        records=count.records,
        left_out=dict(count.left_out.most_common()),
        notes=count.notes(for_chat=chatty),
        files=tuple(files),
    )


def _lines(
    run: _Run, make: Callable[[Finished, Left], Records], columns: Left, count: _Count
) -> Iterator[str]:
    for row in _finished(run):
        count.rows += 1
        try:
            records = list(make(row, columns))
        except Unfit as error:
            count.left_out[str(error)] += 1
            continue
        count.records += len(records)
        count.uneven += not alternates(row)
        count.beside.update({name for turn in row.turns for name in turn.beside})
        yield from map(encode, records)


def _open_run(folder: Path) -> _Run:
    for name in (rundir.SETTINGS, rundir.OUTPUT, rundir.PROVENANCE):
        if not (folder / name).is_file():
            raise DataError(
                f"{folder} is not a finished run: it has no {name}",
                hint="Run the command that made it again; it goes on where it stopped.",
            )
    try:
        settings = tomllib.loads((folder / rundir.SETTINGS).read_text(encoding="utf-8"))
        source = settings["input"]
        form, turns = source["format"], source["turns"]
    except (KeyError, ValueError) as error:
        raise DataError(f"{folder / rundir.SETTINGS} is not a run's: {error}") from error
    dataset = open_lines(folder / rundir.OUTPUT, format=form, fields=settings.get("fields", {}))
    return _Run(folder, dataset, turns, Path(settings.get("model") or "model").stem)


def _finished(run: _Run) -> Iterator[Finished]:
    """Each row of the output with what provenance says about its responses."""
    judged = groupby(_judged(run.folder / rundir.PROVENANCE), key=lambda found: found.index)
    for row, group in zip_longest(run.dataset.rows(turns=run.turns), judged):
        if row is None or group is None:
            raise DataError(f"{run.folder}: output and provenance have not the same rows")
        yield Finished(row, group[0], {found.turn: found for found in group[1]}, run.model)


def _judged(path: Path) -> Iterator[Judged]:
    with open_text(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield Judged.of(parse(line))
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(f"{path}:{number}: not a line of provenance: {error!r}") from error
