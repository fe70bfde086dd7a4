"""scores.jsonl of a run: what a model thinks of each response, as it was and as it is now.

`realign score RUN` writes it. It belongs to the provenance that it was made from: where a later
session wrote that anew, it counts as not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realign_local.base.atomic import replacing
from realign_local.base.errors import UsageError
from realign_local.base.untrusted import check_plain, loads
from realign_local.rewriting.scores import Scores, as_columns, as_scores
from realign_local.run.files import rundir
from realign_local.run.files.finished import check_has, check_is_folder
from realign_local.run.files.publish import read_stats

ColumnsOf = Callable[[int], dict[str, float | None]]
"""A row's number to its columns."""


@dataclass(frozen=True, slots=True)
class ScoredResponse:
    """The scores of one response of a run; `index` is its row's number, from 0."""

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
        """One at a time, in the run's order; a line that was damaged is passed over."""
        with self.path.open(encoding="utf-8", errors="replace") as file:
            next(file, None)
            for line in file:
                if (one := _response(line)) is not None:
                    yield one


def read_scores(run: Path) -> RunScores | None:
    """The scores of a finished run; None where it has none, or was written anew since."""
    path = run / rundir.SCORES
    try:
        check_plain(path)
        with path.open(encoding="utf-8", errors="replace") as file:
            about = loads(file.readline())
        fits = about["provenance_sha256"] == provenance_sha256(run)
        return RunScores(path, str(about["model"]), str(about["judge"])) if fits else None
    except (OSError, KeyError, TypeError, ValueError):
        return None


def columns_of_run(run: Path) -> ColumnsOf:
    """The scores of each row's last response as columns, the same in every row, None where a row
    has none. Raises UsageError for a run that nobody scored, DataError for what is no run.
    """
    check_is_folder(run)
    check_has(run, rundir.PROVENANCE)
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
    with replacing(run / rundir.SCORES) as file:
        file.write(_line(about))
        yield lambda one: _put(file.write, one)
    rundir.as_private_as(run, run / rundir.SCORES)


def provenance_sha256(run: Path) -> str:
    """As stats.json has it."""
    files = read_stats(run).get("files", {})
    told = files.get(rundir.PROVENANCE) if isinstance(files, dict) else None
    return str(told.get("sha256", "")) if isinstance(told, dict) else ""


def _put(write: Callable[[bytes], Any], one: ScoredResponse) -> None:
    rounded = [{k: round(v, 4) for k, v in side.items()} for side in (one.before, one.after)]
    at = {"index": one.index, "turn": one.turn, "task": one.task}
    write(_line({**at, "before": rounded[0], "after": rounded[1]}))


def _line(record: Mapping[str, Any]) -> bytes:
    return rundir.to_json_line(record).encode() + b"\n"


def _response(line: str) -> ScoredResponse | None:
    try:
        found = loads(line)
        before, after = as_scores(found["before"]), as_scores(found["after"])
        return ScoredResponse(
            int(found["index"]), int(found["turn"]), str(found["task"]), before, after
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None
