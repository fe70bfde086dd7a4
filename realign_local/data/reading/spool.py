"""Copies of inputs that cannot be read as they are: pipes, standard input, other encodings.

A dataset is read once to see what it is and once a stage. What comes through a pipe comes once, so
it is written into a file first, whole, before anything is made of it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from realign_local.base.atomic import replacing
from realign_local.base.errors import DataError
from realign_local.base.untrusted import first_byte
from realign_local.data.reading.encodings import codec_name, to_utf8
from realign_local.data.reading.source import reading

STDIN = "-"
PIECE_BYTES = 1 << 20


def needs_copy(source: Path, encoding: str | None = None) -> bool:
    """Whether a dataset must be copied before it is read: it comes once, or is no UTF-8.

    Raises UsageError for an unknown encoding.
    """
    if str(source) == STDIN or (encoding and codec_name(encoding)):
        return True
    with reading(source):
        return source.exists() and not (source.is_file() or source.is_dir())


def spool(source: Path, to: Path, *, encoding: str | None = None) -> Path:
    """Copy the dataset to `to`, in UTF-8 where `encoding` says what it is in; returns `to`.

    Raises DataError for a device, a pipe that nobody writes to, and text of another encoding;
    DiskError.
    """
    if to.exists() and source.exists() and source.samefile(to):
        return to  # an earlier copy, which is UTF-8 already
    origin = source
    if needs_copy(source):
        with reading(source), _opened(source) as (first, file), replacing(to) as copy:
            _copy(first, file, copy, name=source)
        origin = to
    if encoding and (codec := codec_name(encoding)):
        to_utf8(origin, to, encoding=codec)
    return to


def _copy(first: bytes, file: BinaryIO, to: BinaryIO, *, name: Path) -> None:
    piece = first + file.read(PIECE_BYTES)
    if piece and not piece.strip(b"\0"):
        raise DataError(f"{name}: nothing but NUL bytes comes out of it", hint="Check its source.")
    while piece:
        to.write(piece)
        piece = file.read(PIECE_BYTES)


@contextmanager
def _opened(source: Path) -> Iterator[tuple[bytes, BinaryIO]]:
    """What had to be read of it to see whether anybody writes, and the rest as a file."""
    if str(source) == STDIN:
        _check_kind(_stdin_mode(), source, is_terminal=sys.stdin.isatty())
        yield b"", sys.stdin.buffer
        return
    handle = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        _check_kind(mode, source, is_terminal=os.isatty(handle))
        yield _first(handle, source) if stat.S_ISFIFO(mode) else b"", file


def _stdin_mode() -> int:
    try:
        return os.fstat(sys.stdin.fileno()).st_mode
    except OSError:  # replaced by something in memory
        return stat.S_IFREG


def _check_kind(mode: int, source: Path, *, is_terminal: bool) -> None:
    if (stat.S_ISCHR(mode) and not is_terminal) or stat.S_ISBLK(mode):
        what = "standard input" if str(source) == STDIN else str(source)
        raise DataError(f"{what} is a device, not a dataset", hint="Name a file or a pipe.")


def _first(handle: int, source: Path) -> bytes:
    try:
        return first_byte(handle)
    except TimeoutError as error:
        raise DataError(
            f"{source} is a pipe, and nobody writes to it",
            hint="Start what writes to it first, or beside this command.",
        ) from error
