"""Every error that may end a run: one tree, an exit code and a way out for each.

    RealignError                1   something unexpected
    ├── UsageError              2   an option or the configuration is wrong
    │   └── BusyError           2   another process is at work where this one wants to be
    ├── AcceptanceError         3   finished, but below what was asked for
    ├── AssetError              4   a model, index or encoder is missing or damaged
    │   └── EngineError         4   the model loaded, but cannot run here
    ├── DataError               5   the input file cannot be read as a dataset
    ├── DiskError               1   no space, a device that fails
    │   └── PlaceError          2   the folder or file that was named cannot be written to
    ├── BudgetReached          75   stopped on time, resumable
    └── Interrupted   129/130/143   stopped by a signal after a clean flush, resumable

Trouble with a single row is never raised: it is data, a `Reason` on that row.
"""

from __future__ import annotations

import errno

UNUSABLE_NAMES = {
    errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM,
}  # fmt: skip
"""What the system says of a name that was given, not of the disk."""
UNWRITABLE = UNUSABLE_NAMES | {errno.ENOENT, errno.EEXIST, errno.EROFS}
"""The same of a name that is to be written to."""


class RealignError(Exception):
    """Something that ends the command; `hint` says what to do about it."""

    exit_code = 1
    default_hint = "`realign -v COMMAND ...` shows the details."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = self.default_hint if hint is None else hint


class UsageError(RealignError):
    """An option or a setting that cannot be right."""

    exit_code = 2
    default_hint = "`realign COMMAND --help` lists every option with its default."


class BusyError(UsageError):
    """A folder that another process holds: waiting is a way out."""


class AcceptanceError(RealignError):
    """The work is done and written, but the result is below the bar that was set."""

    exit_code = 3
    default_hint = "report.html shows the commonest reasons by task."


class AssetError(RealignError):
    """A model, an index or an encoder that is missing, damaged, or not the one expected here."""

    exit_code = 4
    default_hint = "`realign doctor` shows what is installed and how to mend the rest."


class EngineError(AssetError):
    """The language model could not be loaded or kept running on this machine."""


class DataError(RealignError):
    """An input file that cannot be read; the message names the file and, where known, the line."""

    exit_code = 5
    default_hint = "Check that it is the right file, and that all of it is there."


class DiskError(RealignError):
    """The disk is full or does not work."""

    default_hint = "Free some space or choose another folder; the same command then goes on."

    @classmethod
    def about(cls, doing: str, path: object, error: OSError) -> DiskError:
        """What the system said about a path, with a hint that fits it."""
        kind = PlaceError if error.errno in UNWRITABLE else DiskError
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = None if full else PlaceError.default_hint
        return kind(f"cannot {doing} {path}: {error.strerror or error}", hint=hint)


class PlaceError(DiskError):
    """A folder or file was named that cannot be written to: another name is the way out."""

    exit_code = UsageError.exit_code
    default_hint = "Check that the folder exists and that you may write there."


class BudgetReached(RealignError):
    """The time that was given is used up; what is finished is safe."""

    exit_code = 75
    default_hint = "Run the same command again to go on from here."


class Interrupted(RealignError):
    """A signal stopped the run after everything finished had been written.

    `signal_number` 2 (SIGINT) gives exit code 130, 15 (SIGTERM) 143, 1 (SIGHUP) 129.
    """

    default_hint = "Run the same command again to go on from here."

    def __init__(self, message: str, *, signal_number: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.exit_code = 128 + signal_number
