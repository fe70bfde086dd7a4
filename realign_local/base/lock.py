"""What is held for the length of a block: a folder by one process, and whatever must be closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from realign_local.base.errors import BusyError, DiskError


class Closing:
    """Is closed when its `with` block ends, however it ends."""

    def close(self) -> None:
        """Give back what it holds."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def held(file: Path, *, busy: str, hint: str) -> Iterator[None]:
    """Hold a lock file for the length of the block; the file itself may stay behind.

    The system lets go of it even when the process is killed.

    Raises BusyError with `busy` and `hint` where another process or a block of this one holds it,
    DiskError where it cannot be made.
    """
    from filelock import FileLock, Timeout  # a tenth of a second, for those who lock nothing

    lock = FileLock(file, blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(busy, hint=hint) from error
    except OSError as error:
        raise DiskError.about("write", file, error) from error
    try:
        yield
    finally:
        lock.release()
