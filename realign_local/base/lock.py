"""A folder held by one process at a time; the system lets go of it even when that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from realign_local.base.errors import DiskError, UsageError


@contextmanager
def held(file: Path, *, busy: str, hint: str) -> Iterator[None]:
    """Hold a lock file for the length of the block; the file itself may stay behind.

    Raises UsageError with `busy` and `hint` where another process or a block of this one holds it,
    DiskError where it cannot be made.
    """
    lock = FileLock(file, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise UsageError(busy, hint=hint) from error
    except OSError as error:
        raise DiskError.about("write", file, error) from error
    try:
        yield
    finally:
        lock.release()
