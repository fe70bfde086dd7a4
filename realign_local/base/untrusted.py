"""What comes from outside: paths that are no files, texts nested too deeply, lone surrogates.

And arrays whose file is damaged.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import stat
import time
import tokenize
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_BYTES = 1 << 28
"""Of a file that is read whole: more than any that is meant to be."""
WRITER_WAIT_S = 10.0
"""For somebody to open the other end of a named pipe."""
LOOK_AGAIN_S = 0.05
UNEXPECTED = re.compile("unexpected", re.IGNORECASE)
DATABASE_ENDINGS = ("", "-wal", "-shm", "-journal")
"""Of the files that SQLite keeps for one database."""


def check_plain(path: Path) -> None:
    """Raise OSError unless the path is a file: a pipe may never have a writer, a device no end."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "a pipe or a device, not a file", str(path))


def told(error: Exception) -> str:
    """What the system says of it, without the number and the path that Python adds."""
    return quoted(str(getattr(error, "strerror", None) or error))


def quoted(text: str) -> str:
    """What a library says of a file; the word by which we tell our own faults is not its to use."""
    return UNEXPECTED.sub("unforeseen", text)


def check_database(path: Path) -> None:
    """The same for the files of an SQLite database, as far as they are there."""
    for ending in DATABASE_ENDINGS:
        if (beside := path.with_name(path.name + ending)).exists():
            check_plain(beside)


def read_whole(path: Path, *, pipes: bool = False) -> bytes:
    """The bytes of a file, with `pipes` also what comes through one that a user named.

    Raises OSError, also for a device and for what is larger than MOST_BYTES.
    """
    if not (pipes and stat.S_ISFIFO(path.stat().st_mode)):
        check_plain(path)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        first = first_byte(handle) if stat.S_ISFIFO(os.fstat(handle).st_mode) else b""
        data = first + file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"larger than {MOST_BYTES >> 20} MiB", str(path))
    return data


def read_text(path: Path, encoding: str = "utf-8", *, pipes: bool = False) -> str:
    r"""The same as text whose lines end with \n; raises OSError and UnicodeDecodeError."""
    text = read_whole(path, pipes=pipes).decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def first_byte(handle: int) -> bytes:
    """Wait until somebody writes to a pipe that was opened without waiting, or just has it open.

    Returns "" where that is all, and makes the handle one that waits. Raises TimeoutError.
    """
    until = time.monotonic() + WRITER_WAIT_S
    first = b""
    while not first:
        try:
            first = os.read(handle, 1)
        except BlockingIOError:  # somebody has it open, and takes his time
            break
        if not first and time.monotonic() > until:
            raise TimeoutError(errno.ETIMEDOUT, "a pipe, and nobody writes to it")
        time.sleep(0 if first else LOOK_AGAIN_S)
    os.set_blocking(handle, True)
    return first


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError, also where it is nested too deeply to read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def loads_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text; raises TOMLDecodeError, whatever keeps them from being read."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("nested too deeply") from None
    except ValueError:  # Python reads no numbers of so many digits
        raise tomllib.TOMLDecodeError("a number is too long, or a date is none") from None


@contextlib.contextmanager
def reading_arrays() -> Iterator[None]:
    """Raise ValueError for whatever NumPy meets in a file that holds no array, or half of one."""
    try:
        yield
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
        *(tokenize.TokenError, SyntaxError, RecursionError, MemoryError, OverflowError),
    ) as error:
        raise ValueError("no array, or a damaged one") from error


def as_utf8(text: str) -> str:
    """The same text, with a question mark for each lone surrogate: libraries in C refuse them."""
    return text.encode("utf-8", "replace").decode()


def fits_utf8(text: str) -> bool:
    """Whether UTF-8 can hold the text: a lone surrogate cannot be written."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
