"""The files of a run change together or not at all, and a reader can tell that they are whole.

A session writes its files into a folder of its own inside of the run's. When all of them are on the
disk, one durable line in the journal makes them the run's files; then they are moved to their
places. Whoever opens the run after a kill between these two finishes the move, and a session that
is stopped before the line leaves the files of the session before it, run.toml among them.

stats.json holds size and hash of the others, the journal the hash of stats.json.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError, DiskError, RealignError
from realign_local.base.untrusted import check_plain, loads, read_text
from realign_local.run.files import rundir
from realign_local.run.files.journal import Journal

WRITTEN = "written"
"""The journal's fact about the files: which folder they came from, and the hash of stats.json."""
VOUCHED = (rundir.OUTPUT, rundir.PROVENANCE, rundir.SETTINGS)
"""What is read back from a run, so must be as it was written; a dataset card may be edited."""
CONTAINERS = tuple(f"{Path(rundir.OUTPUT).stem}.{kind}" for kind in ("json", "csv", "parquet"))
_STAGE = re.compile(r"\.[0-9a-f]{16}\.new")
WRITE_ANEW = (
    "`realign run` with the same input and -o writes the files anew from the journal; what is"
    " finished is not done twice."
)


@contextlib.contextmanager
def publishing(folder: Path, journal: Journal) -> Iterator[Path]:
    """A folder for the new files of a run; they become the run's, all at once, when the block ends.

    The block must write stats.json with what `vouched` returns. Where it fails, nothing changed.
    Raises DiskError.
    """
    settle(folder, journal)
    old = read_stats(folder)
    stage = folder / f".{secrets.token_hex(8)}.new"
    rundir.make_folder(stage)
    try:
        yield stage
        new = {path.name for path in stage.iterdir()}
        for path in stage.iterdir():
            rundir.as_private_as(folder, path)
        gone = [name for name in _containers_of(old) if name not in new]
        fact = {"stage": stage.name, "stats": _sha256(stage / rundir.STATS), "gone": gone}
        journal.set_fact(WRITTEN, {**fact, "at": time.time()})
    except BaseException:
        with contextlib.suppress(
            RealignError
        ):  # a signal may come when the line is written already
            if _fact(journal).get("stage") != stage.name:
                shutil.rmtree(stage, ignore_errors=True)
        raise
    settle(folder, journal)


def _containers_of(stats: Mapping[str, Any]) -> list[str]:
    """The files of an earlier session that a later one may not need; not those of the user.

    A run of a version that did not keep a list may have written any of them.
    """
    known = stats.get("files", CONTAINERS if stats else ())
    return [name for name in CONTAINERS if name in known]


def vouched(stage: Path) -> dict[str, dict[str, Any]]:
    """Size and sha256 of every file there, for stats.json."""
    return {
        path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(stage.iterdir())
    }


def settle(folder: Path, journal: Journal) -> None:
    """Finish the move that a kill cut off, and remove what no session finished writing.

    Call it only with the journal held. Raises DiskError.
    """
    fact = _fact(journal)
    for stage in folder.iterdir():
        if _STAGE.fullmatch(stage.name) and stage.is_dir():
            if stage.name == fact.get("stage"):
                _move(stage, folder, fact.get("gone", ()))
            shutil.rmtree(stage, ignore_errors=True)


def _move(stage: Path, folder: Path, gone: Any) -> None:
    try:
        for path in sorted(stage.iterdir()):
            path.replace(folder / path.name)
        for name in CONTAINERS:
            if name in gone:
                (folder / name).unlink(missing_ok=True)
        _sync(folder)
    except OSError as error:
        raise DiskError.about("write into", folder, error) from error


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # where folders cannot be synced, the names are as good
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def as_journalled(folder: Path) -> str:
    """The sha256 of stats.json by the journal, after a move that was cut off has been finished.

    "" where the journal does not tell or cannot be had: another session works in the folder, it
    was not copied along, it is damaged. Then stats.json alone vouches for the other files.
    """
    path = folder / rundir.JOURNAL
    if path.is_file():
        fixed = not os.access(folder, os.W_OK)
        with contextlib.suppress(RealignError), Journal(path, read_only=fixed) as journal:
            if not fixed:
                settle(folder, journal)
            return written_stats(journal)
    return ""


def written_stats(journal: Journal) -> str:
    """The sha256 of stats.json, "" where the journal does not tell."""
    return str(_fact(journal).get("stats", ""))


def written_at(journal: Journal) -> float | None:
    """When the files were written, in seconds since 1970; None where the journal does not tell."""
    at = _fact(journal).get("at")
    return float(at) if isinstance(at, int | float) else None


def _fact(journal: Journal) -> Mapping[str, Any]:
    fact = journal.fact(WRITTEN)
    return fact if isinstance(fact, dict) else {}


def check_files(folder: Path, stats_sha256: str) -> None:
    """Raise DataError where a file is missing, cut short or another one than was written.

    `stats_sha256` is "" where only stats.json can tell. A run of a version that kept no hashes is
    held to its counts: a row more or less, or half of one, is told there, too.
    """
    if stats_sha256 and _sha256(folder / rundir.STATS) != stats_sha256:
        raise _not_as_written(folder / rundir.STATS)
    stats = read_stats(folder)
    files = stats.get("files")
    if not isinstance(files, dict):
        _check_counts(folder, stats)
        return
    for name in VOUCHED:
        known = files.get(name)
        if not isinstance(known, dict) or _sha256(folder / name) != known.get("sha256"):
            raise _not_as_written(folder / name)


def _not_as_written(path: Path) -> DataError:
    return DataError(f"{path} is not the file that the run wrote", hint=WRITE_ANEW)


def _check_counts(folder: Path, stats: Mapping[str, Any]) -> None:
    for name, counted in ((rundir.OUTPUT, "rows"), (rundir.PROVENANCE, "responses")):
        if counted in stats and _lines(folder / name) != stats[counted]:
            raise DataError(
                f"{folder / name} must have {stats[counted]} whole lines, as {rundir.STATS} says",
                hint=WRITE_ANEW,
            )


def _lines(path: Path) -> float:
    """Lines that are whole; half of one counts as a half."""
    lines, last = 0, b"\n"
    with _readable(path), path.open("rb") as file:
        while piece := file.read(1 << 20):
            lines, last = lines + piece.count(b"\n"), piece[-1:]
    return lines if last == b"\n" else lines + 0.5


def _sha256(path: Path) -> str:
    with _readable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        check_plain(path)
        yield
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", hint=WRITE_ANEW) from error


def read_stats(folder: Path) -> dict[str, Any]:
    """What stats.json holds; {} where there is none or it cannot be read."""
    try:
        found = loads(read_text(folder / rundir.STATS))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def rows_written(folder: Path) -> int:
    """How many rows the files of a run have; 0 where it has none, or does not tell."""
    rows = read_stats(folder).get("rows")
    return rows if isinstance(rows, int) else 0
