"""A finished run read back from its files: each row of the output with its lines of provenance."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from realign_local.data import rundir
from realign_local.data.conversation import Turns
from realign_local.data.formats import Dataset, Row, open_lines
from realign_local.data.source import open_text
from realign_local.errors import DataError
from realign_local.untrusted import loads

Record = dict[str, Any]
"""One line of provenance.jsonl."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run directory that holds all that a run writes at its end."""

    folder: Path
    settings: Mapping[str, Any]
    dataset: Dataset
    turns: Turns

    def rows(self) -> Iterator[tuple[Row, list[Record]]]:
        """Each row of the output with the records on its responses, in order, one at a time.

        Raises DataError where the two files do not belong together.
        """
        groups = groupby(_records(self.folder / rundir.PROVENANCE), key=lambda r: r["index"])
        for row, group in zip_longest(self.dataset.rows(turns=self.turns), groups):
            if row is None or group is None:
                raise DataError(f"{self.folder}: output and provenance have not the same rows")
            yield row, list(group[1])


def open_finished(folder: Path) -> FinishedRun:
    """Raises DataError where the run is not finished or its settings cannot be read."""
    for name in (rundir.SETTINGS, rundir.OUTPUT, rundir.PROVENANCE):
        if not (folder / name).is_file():
            raise DataError(
                f"{folder} is not a finished run: it has no {name}",
                hint="Run the command that made it again; it goes on where it stopped.",
            )
    settings = read_settings(folder)
    form, turns = settings["input"]["format"], settings["input"]["turns"]
    dataset = open_lines(folder / rundir.OUTPUT, format=form, fields=settings.get("fields", {}))
    return FinishedRun(folder, settings, dataset, turns)


def read_settings(folder: Path) -> dict[str, Any]:
    """What run.toml holds; raises DataError where that is not what a run writes."""
    path = folder / rundir.SETTINGS
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        source = settings["input"]
        if not (isinstance(source["format"], str) and isinstance(source["turns"], str)):
            raise ValueError("its input has no format")
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is not a run's: {error}") from error
    return settings


def read_stats(folder: Path) -> dict[str, Any]:
    """What stats.json holds; {} where there is none or it cannot be read."""
    try:
        found = loads((folder / rundir.STATS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _records(path: Path) -> Iterator[Record]:
    with open_text(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                record = loads(line)
                record["index"] = int(record["index"])
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(f"{path}:{number}: not a line of provenance: {error!r}") from error
            yield record
