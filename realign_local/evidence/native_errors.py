"""What native code means by an error: a disk that is full, or a file that is damaged inside."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from realign_local.base.errors import AssetError
from realign_local.base.untrusted import told
from realign_local.evidence.manifest import REBUILD

LITTLE_BYTES = 128 << 20
"""tantivy's writer dies without a word of why; with so little left it was the disk."""
DIED = "writer was killed"
PANIC = "PanicException"
"""What Rust raises, which is no Exception and whose module cannot be imported."""


@contextlib.contextmanager
def told_as_os_error(path: Path) -> Iterator[None]:
    """Raise OSError where a library that writes to `path` has only wrapped the system's words.

    FAISS raises RuntimeError for everything, tantivy ValueError. Others of these go through.
    """
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if code := _code_in(str(error), path):
            raise OSError(code, os.strerror(code), str(path)) from error
        raise


@contextlib.contextmanager
def told_as_asset_error(path: Path) -> Iterator[None]:
    """Raise AssetError where FAISS, tantivy or SQLite finds that what they read is damaged.

    A hash that fits says that a file is the one that was written, not that it can be read; and the
    files of a build that was stopped have none yet.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, sqlite3.Error | ValueError):
            said = f": {told(error)}".partition("\n")[0]
        elif isinstance(error, RuntimeError) or type(error).__name__ == PANIC:
            said = ""  # FAISS and Rust name the line of their source
        else:
            raise
        raise AssetError(f"{path} is damaged inside{said}", hint=REBUILD) from error


@contextlib.contextmanager
def sqlite_as_os_error(path: Path) -> Iterator[None]:
    """The same for SQLite, which tells a full disk from others; damage goes through."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = errno.ENOSPC if "full" in str(error) else errno.EIO
        raise OSError(code, os.strerror(code), str(path)) from error


def _code_in(text: str, path: Path) -> int:
    """The number of the error whose words stand in the text; 0 where none do."""
    if DIED in text and shutil.disk_usage(path).free < LITTLE_BYTES:
        return errno.ENOSPC
    words = {os.strerror(code): code for code in errno.errorcode}
    return max(((len(said), words[said]) for said in words if said in text), default=(0, 0))[1]
