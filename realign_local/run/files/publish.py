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
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from realign_local.base.errors import (
    BusyError,
    DataError,
    DiskError,
    PlaceError,
    RealignError,
)
from realign_local.base.untrusted import check_plain, loads, read_text
from realign_local.run.files import rundir
from realign_local.run.files.edited import keep_edits
from realign_local.run.files.journal import Journal, was_left_open

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
EDITED = (
    "For an edit of your own: `realign verify DATA {path}` asks the gates about it, and"
    " `realign review` is where edits are made that stay. `realign run` with the same input and -o"
    " writes the file anew from the journal and keeps this one under another name."
)
COPY_AGAIN = "Copy all files of the run again, the journal among them."


@contextlib.contextmanager
def publishing(folder: Path, journal: Journal, *, warn: Callable[[str], None]) -> Iterator[Path]:
    """A folder for the new files of a run; they become the run's, all at once, when the block ends.

    The block must write stats.json with what `vouched` returns. Where it fails, nothing changed.
    Responses that somebody edited in the files that are replaced are kept. Raises DiskError.
    """
    settle(folder, journal)
    old = containers_of(folder)
    stage = folder / f".{secrets.token_hex(8)}.new"
    rundir.make_folder(stage)
    try:
        yield stage
        new = {path.name for path in stage.iterdir()}
        for path in stage.iterdir():
            rundir.as_private_as(folder, path)
        told = told_files(folder)
        edited = (rundir.OUTPUT, *CONTAINERS, *({rundir.CARD} & told.keys()))
        keep_edits(folder, stage, edited, told, warn)
        gone = [name for name in old if name not in new]
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


def containers_of(folder: Path) -> list[str]:
    """What the session before wrote in the container that came in; not the user's own files."""
    return [name for name in CONTAINERS if name in told_files(folder)]


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
    for path in sorted(stage.iterdir()):
        try:
            path.replace(folder / path.name)
        except OSError as error:
            raise DiskError.about("write", folder / path.name, error) from error
    for name in CONTAINERS:
        if name in gone:
            rundir.remove(folder / name)
    _sync(folder)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # where folders cannot be synced, the names are as good
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def as_journalled(folder: Path) -> str:
    """The sha256 of stats.json by the journal, after a move that was cut off has been finished.

    "" where the journal was not copied along, or another session works in the folder: then
    stats.json alone vouches for the other files. Raises DataError where it is damaged or does not
    tell, and what `Journal` raises.
    """
    path = folder / rundir.JOURNAL
    fixed = not (os.access(folder, os.W_OK) and os.access(path, os.W_OK))
    if not os.path.lexists(path) or (fixed and was_left_open(path)):
        return ""
    try:
        with Journal(path, read_only=fixed) as journal:
            if not fixed:
                settle(folder, journal)
            return written_stats(journal)
    except BusyError:
        return ""
    except PlaceError as error:
        raise DataError(f"{path} cannot be read", hint="Check its permissions.") from error


def written_stats(journal: Journal) -> str:
    """The sha256 of stats.json; raises DataError where that is there and the journal is silent."""
    told = str(_fact(journal).get("stats", ""))
    if not told and (journal.path.parent / rundir.STATS).exists():
        raise _does_not_tell(journal.path)
    return told


def vouch_again(folder: Path, journal: Journal) -> None:
    """Tell a new journal which files are there, where the one before was damaged."""
    with contextlib.suppress(DataError):
        journal.set_fact(WRITTEN, {"stats": _sha256(folder / rundir.STATS)})


def is_forgotten(folder: Path, journal: Journal) -> bool:
    """Whether a journal has nothing at all about a run whose files are there."""
    return journal.is_empty and not _fact(journal) and bool(read_stats(folder))


def written_at(journal: Journal) -> float | None:
    """When the files were written, in seconds since 1970; None where the journal does not tell."""
    at = _fact(journal).get("at")
    return float(at) if isinstance(at, int | float) else None


def _fact(journal: Journal) -> Mapping[str, Any]:
    fact = journal.fact(WRITTEN)
    return fact if isinstance(fact, dict) else {}


def check_files(folder: Path, stats_sha256: str, names: Iterable[str] = VOUCHED) -> None:
    """Raise DataError where a file is missing, cut short or another one than was written.

    `stats_sha256` is "" where only stats.json can tell.
    """
    if stats_sha256 and _sha256(folder / rundir.STATS) != stats_sha256:
        raise _not_as_written(folder / rundir.STATS)
    for name in names:
        _check_file(folder, name)


def check_containers(folder: Path) -> None:
    """The same for what of the output is there once more in the container that came in."""
    for name in containers_of(folder):
        rundir.refuse_no_file(folder / name)
        if (folder / name).exists():
            _check_file(folder, name)


def _check_file(folder: Path, name: str) -> None:
    files = told_files(folder)
    if not files:
        raise _does_not_tell(folder / rundir.STATS)
    if _sha256(folder / name) != files.get(name, {}).get("sha256"):
        raise _not_as_written(folder / name)


def _not_as_written(path: Path) -> DataError:
    error = unusable(path.parent, f"{path} is not the file that the run wrote")
    if error.hint == WRITE_ANEW and path.name in (rundir.OUTPUT, *CONTAINERS):
        error.hint = EDITED.format(path=path)
    return error


def _does_not_tell(path: Path) -> DataError:
    return unusable(path.parent, f"{path} does not tell which files the run wrote")


def unusable(folder: Path, message: str) -> DataError:
    """What is wrong with a file of a run, with a hint where it comes from anew."""
    has_journal = (folder / rundir.JOURNAL).is_file()
    return DataError(message, hint=WRITE_ANEW if has_journal else COPY_AGAIN)


def _sha256(path: Path) -> str:
    with _readable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        check_plain(path)
        yield
    except OSError as error:
        raise unusable(path.parent, f"{path} cannot be read: {error.strerror}") from error


def read_stats(folder: Path) -> dict[str, Any]:
    """What stats.json holds; {} where there is none or it cannot be read."""
    path = folder / rundir.STATS
    try:
        found = loads(read_text(path)) if path.is_file() else None
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def told_files(folder: Path) -> dict[str, dict[str, Any]]:
    """What stats.json tells of the files beside it, by name; {} where it does not."""
    files = read_stats(folder).get("files")
    found = files.items() if isinstance(files, dict) else ()
    return {name: told for name, told in found if isinstance(told, dict)}


def rows_written(folder: Path) -> int:
    """How many rows the files of a run have; 0 where it has none, or does not tell."""
    rows = read_stats(folder).get("rows")
    return rows if isinstance(rows, int) else 0
