"""scores.jsonl of a run: what a model thinks of each response, as it was and as it is now.

`realign score RUN` writes it. It belongs to the provenance that it was made from: where a later
session wrote that anew, it counts as not there. Its last line has a hash of those before, so that
a score that was lost on the disk is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from realign_local.base.atomic import replacing
from realign_local.base.errors import DataError, UsageError
from realign_local.base.untrusted import loads
from realign_local.rewriting.scores import Scores, as_columns, as_scores
from realign_local.run.files import rundir
from realign_local.run.files.finished import open_finished
from realign_local.run.files.publish import told_files

ColumnsOf = Callable[[int], dict[str, float | None]]
"""A row's place in the output to its columns."""


@dataclass(frozen=True, slots=True)
class ScoredResponse:
    """The scores of one response of a run; `index` is its row's place in the output, from 0."""

    index: int
    turn: int
    task: str
    before: Scores
    after: Scores


@dataclass(frozen=True, slots=True)
class RunScores:
    """The scores of a run: by which model, and how far that agrees with people, "" if unknown."""

    path: Path
    model: str
    judge: str

    def responses(self) -> Iterator[ScoredResponse]:
        """One at a time, in the run's order."""
        with self.path.open("rb") as file:
            next(file, None)
            for line in file:
                if (one := _response(line)) is not None:
                    yield one


def read_scores(run: Path) -> RunScores | None:
    """The scores of a finished run; None where it has none, or was written anew since.

    Raises DataError where they are not as they were written.
    """
    path = run / rundir.SCORES
    rundir.refuse_no_file(path)
    if not path.exists():
        return None
    try:
        with path.open("rb") as file:
            first, seen, last = file.readline(), hashlib.sha256(), b""
            for line in chain((first,), file):
                seen.update(last)
                last = line
        about = loads(first)
        if about["provenance_sha256"] != provenance_sha256(run):
            return None
        if loads(last) != {"sha256": seen.hexdigest()}:
            raise ValueError
        return RunScores(path, str(about["model"]), str(about["judge"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is not as it was written",
            hint=f"`realign score {run} -m MODEL` writes it anew; or remove it.",
        ) from error


def columns_of_run(run: Path) -> ColumnsOf:
    """The scores of each row's last response as columns, the same in every row, None where a row
    has none. Raises UsageError for a run that nobody scored, DataError for what is no run.
    """
    open_finished(run)
    kept = read_scores(run)
    if kept is None:
        raise UsageError(
            f"{run} has no scores of its present files",
            hint=f"`realign score {run} -m MODEL` finds them out.",
        )
    found = {one.index: as_columns(one.after, one.before) for one in kept.responses()}
    empty: dict[str, float | None] = dict.fromkeys(
        name for columns in found.values() for name in columns
    )
    return lambda index: {**empty, **found.get(index, {})}


@contextmanager
def writing_scores(
    run: Path, *, model: str, judge: str
) -> Iterator[Callable[[ScoredResponse], None]]:
    """What takes the responses one by one; the file is there when the block ends, or not at all."""
    about = {"model": model, "judge": judge, "provenance_sha256": provenance_sha256(run)}
    seen = hashlib.sha256()
    with replacing(run / rundir.SCORES) as file:

        def put(line: bytes) -> None:
            file.write(line)
            seen.update(line)

        put(_line(about))
        yield lambda one: _put(put, one)
        file.write(_line({"sha256": seen.hexdigest()}))
    rundir.as_private_as(run, run / rundir.SCORES)


def provenance_sha256(run: Path) -> str:
    """As stats.json has it."""
    return str(told_files(run).get(rundir.PROVENANCE, {}).get("sha256", ""))


def _put(write: Callable[[bytes], Any], one: ScoredResponse) -> None:
    rounded = [{k: round(v, 4) for k, v in side.items()} for side in (one.before, one.after)]
    at = {"index": one.index, "turn": one.turn, "task": one.task}
    write(_line({**at, "before": rounded[0], "after": rounded[1]}))


def _line(record: Mapping[str, Any]) -> bytes:
    return rundir.to_json_line(record).encode() + b"\n"


def _response(line: bytes) -> ScoredResponse | None:
    try:
        found = loads(line)
        before, after = as_scores(found["before"]), as_scores(found["after"])
        return ScoredResponse(
            int(found["index"]), int(found["turn"]), str(found["task"]), before, after
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None
