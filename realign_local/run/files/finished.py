"""A finished run read back from its files: each row of the output with its lines of provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError
from realign_local.base.untrusted import loads, loads_toml, read_text
from realign_local.data.conversation import Turns
from realign_local.data.formats import Dataset, Row, open_lines
from realign_local.data.reading.source import nearest, open_text
from realign_local.run.files import rundir
from realign_local.run.files.publish import COPY_AGAIN, as_journalled, check_files, unusable
from realign_local.run.files.publish import read_stats as read_stats

Record = dict[str, Any]
"""One line of provenance.jsonl."""
State = tuple[tuple[int, int, int], ...]
TOGETHER = (rundir.OUTPUT, rundir.PROVENANCE)
"""They are read side by side, and in several passes."""
NAME_A_RUN = "Name the folder that was given to `realign run -o`."


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run directory that holds all that a run writes at its end.

    `state` tells its files from those that a later session puts into their place.
    """

    folder: Path
    settings: Mapping[str, Any]
    dataset: Dataset
    turns: Turns
    state: State

    def rows(self) -> Iterator[tuple[Row, list[Record]]]:
        """Each row of the output with the records on its responses, in order, one at a time.

        Raises DataError where the two files do not belong together.
        """
        groups = groupby(_records(self.folder / rundir.PROVENANCE), key=lambda r: r["index"])
        for row, group in zip_longest(self.dataset.rows(turns=self.turns), groups):
            if row is None or group is None:
                raise DataError(f"{self.folder}: output and provenance have not the same rows")
            yield row, list(group[1])
        if _state(self.folder) != self.state:
            raise DataError(
                f"{self.folder}: a run wrote its files anew while they were read",
                hint="Give the same command again.",
            )


def open_finished(folder: Path | str, *, just_written: bool = False) -> FinishedRun:
    """Raises DataError where the run is not finished, or its files are not those that it wrote.

    Raises what `Journal` does. `just_written` is for whoever wrote them and holds the journal.
    """
    folder = Path(folder)
    check_is_folder(folder)
    stats_sha256 = "" if just_written else as_journalled(folder)
    check_has(folder, rundir.SETTINGS, rundir.OUTPUT, rundir.PROVENANCE, rundir.STATS)
    settings = read_settings(folder)
    if not just_written:
        check_files(folder, stats_sha256)
    form, turns = settings["input"]["format"], settings["input"]["turns"]
    dataset = open_lines(folder / rundir.OUTPUT, format=form, fields=settings.get("fields", {}))
    return FinishedRun(folder, settings, dataset, turns, _state(folder))


def check_is_folder(folder: Path) -> None:
    """Raise DataError where there is no such folder."""
    if not rundir.is_there(folder):
        raise DataError(f"no folder {folder}", hint=nearest(folder, folders=True))
    if not folder.is_dir():
        raise DataError(
            f"{folder} is a file, not the folder of a run",
            hint=NAME_A_RUN,
        )


def check_has(folder: Path, *names: str) -> None:
    """Raise DataError where the folder lacks a file that a finished run has."""
    for name in names:
        rundir.refuse_no_file(folder / name)
        if not (folder / name).is_file():
            is_begun = (folder / rundir.JOURNAL).exists()
            others = COPY_AGAIN if rundir.lacks_journal(folder) else NAME_A_RUN
            again = "Run the command that made it again; it goes on where it stopped."
            raise DataError(
                f"{folder} is not a finished run: it has no {name}",
                hint=again if is_begun else others,
            )


def _state(folder: Path) -> State:
    found = (file.stat() for name in TOGETHER if (file := folder / name).exists())
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)


def read_settings(folder: Path) -> dict[str, Any]:
    """What run.toml holds; raises DataError where that is not what a run writes."""
    path = folder / rundir.SETTINGS
    rundir.refuse_no_file(path)
    try:
        settings = loads_toml(read_text(path))
        source = settings["input"]
        if not (isinstance(source["format"], str) and isinstance(source["turns"], str)):
            raise ValueError("its input has no format")
        if not isinstance(settings.get("fields", {}), dict):
            raise ValueError("fields must be a table")
    except OSError as error:
        raise unusable(folder, f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise unusable(folder, f"{path} is not a run's: {error}") from error
    return settings


def _records(path: Path) -> Iterator[Record]:
    with open_text(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield rundir.as_record(loads(line))
            except ValueError as error:
                raise DataError(f"{path}:{number}: not a line of provenance: {error}") from error
