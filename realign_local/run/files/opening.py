"""A run's folder made or opened again, and held for this process."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from realign_local.base.errors import DataError, UsageError
from realign_local.run.files import rundir
from realign_local.run.files.journal import Journal
from realign_local.run.files.publish import WRITTEN, is_forgotten, settle, vouch_again

Resume = Literal["auto", "never", "force"]
NO_JOURNAL = (
    f"Copy {rundir.JOURNAL} there again to go on; or choose another -o, and all is done anew."
    " `verify`, `report`, `review` and `export` read the folder as it is."
)
WAY_OUT = "Choose another -o, or --resume auto or force."


def open_run(run_dir: Path, resume: Resume, *, way_out: str = WAY_OUT) -> Journal:
    """Make or reopen a run directory and hold it for this process.

    Raises UsageError where it is a file or somebody's folder, lies in that of a run, holds a run
    and `resume` is "never", or is in use; DataError where its journal is damaged or empty;
    DiskError where it cannot be written. `way_out` is the hint where it holds one.
    """
    path = run_dir / rundir.JOURNAL
    check_folder(run_dir, resume, way_out=way_out)
    rundir.make_folder(run_dir)
    journal = _begun_again(path, run_dir) if resume == "force" else _gone_on_with(path, run_dir)
    rundir.as_private_as(run_dir, *run_dir.glob(f"{rundir.JOURNAL}*"))
    rundir.clear_up(run_dir)
    settle(run_dir, journal)
    return journal


def check_folder(run_dir: Path, resume: Resume, *, way_out: str = WAY_OUT) -> None:
    """The same checks as `open_run`, with nothing made yet."""
    if rundir.is_there(run_dir) and not run_dir.is_dir():
        raise UsageError(f"{run_dir} is a file", hint="Give a folder for the run: -o RUN.")
    if resume == "never" and (run_dir / rundir.JOURNAL).exists():
        raise UsageError(f"{run_dir} already holds a run", hint=way_out)
    if rundir.lacks_journal(run_dir):
        raise UsageError(
            f"{run_dir} holds the files of a run without its {rundir.JOURNAL}", hint=NO_JOURNAL
        )
    if taken := rundir.foreign_files(run_dir):
        raise UsageError(
            f"{run_dir} is no run directory: it holds {taken[0].name}",
            hint="Give a new folder, or an empty one: -o RUN.",
        )
    rundir.refuse_inside_run(run_dir)


def _gone_on_with(path: Path, run_dir: Path) -> Journal:
    """The journal as it is; raises DataError for one that was emptied: its results are lost."""
    journal = Journal(path)
    if is_forgotten(run_dir, journal):
        journal.close()
        raise DataError(
            f"{path} is empty, and the files of a run are there",
            hint="Choose another -o; --resume force starts this one again.",
        )
    return journal


def _cleared(path: Path, run_dir: Path) -> Journal:
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(path))
        settle(run_dir, journal)
        journal.check_sound()
        journal.clear(but=WRITTEN)
        stack.pop_all()
    return journal


def _begun_again(path: Path, run_dir: Path) -> Journal:
    """An empty journal; one that somebody works with is refused, a damaged one is replaced.

    It goes on telling what the files of the run before are: they stay until they are replaced.
    """
    try:
        journal = _cleared(path, run_dir)
    except DataError:
        for name in ("", "-wal", "-shm"):
            rundir.remove(path.with_name(path.name + name))
        journal = Journal(path)
    if is_forgotten(run_dir, journal):
        vouch_again(run_dir, journal)
    return journal
