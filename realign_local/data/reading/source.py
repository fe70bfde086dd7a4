"""Open a dataset's file as text, whatever its compression and encoding; errors name it."""

from __future__ import annotations

import codecs
import contextlib
import difflib
import errno
import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from realign_local.base.errors import DataError, RealignError
from realign_local.base.untrusted import told

GZIP, ZSTD, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
PIECE_BYTES = 1 << 10
"""Of packed data. A block of Zstandard's may be 4 bytes for 128 KiB: so little never grows to more
than some 32 MB at a time."""
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    r"""The file's text with its line ends untouched; lines end at \n only.

    Bytes that are not UTF-8 become lone surrogates (surrogateescape), so that they can be written
    back. Raises DataError where the file cannot be read or is damaged.
    """
    with reading(path), open_bytes(path) as file:
        start = file.peek(4)[:4]
        marked = next((name for mark, name in MARKS if start.startswith(mark)), "")
        if marked:
            yield io.TextIOWrapper(file, marked, "backslashreplace", newline="\n")
        else:
            skip = len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0
            file.read(skip)
            yield io.TextIOWrapper(file, "utf-8", "surrogateescape", newline="\n")


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while `path` is read into a DataError of one line."""
    try:
        yield
    except RealignError:
        raise
    except IsADirectoryError as error:
        raise DataError(f"{path} is a folder, not a dataset", hint="Name the file.") from error
    except FileNotFoundError as error:
        raise DataError(f"no file {path}", hint=nearest(path)) from error
    except PermissionError as error:
        raise DataError(f"{path} may not be read", hint="Check its permissions.") from error
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise DataError(f"no file {path}: its name is too long") from error
        raise DataError(
            f"{path} is damaged: {told(error)}", hint="Copy or unpack it again."
        ) from error


def nearest(path: Path, *, folders: bool = False) -> str:
    """A file of nearly this name beside it; otherwise the folder that is not there either."""
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    with contextlib.suppress(OSError):
        names = [each.name for each in path.parent.iterdir() if each.is_dir() == folders]
        if near := difflib.get_close_matches(path.name, names, n=1, cutoff=0.5):
            return f"Did you mean {path.with_name(near[0])}?"
    return "Check the path."


def magic(path: Path) -> bytes:
    """The first four bytes of the file as it lies on the disk; raises DataError."""
    with reading(path):
        check_is_file(path)
        with path.open("rb") as file:
            return file.read(4)


def check_is_file(path: Path) -> None:
    """Raise DataError for a pipe or a device: a dataset is read several times, they only once."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return
    once, device = f"{path} is a pipe, which can be read only once", f"{path} is no file"
    raise DataError(
        once if stat.S_ISFIFO(mode) else device, hint="Write the rows into a file first."
    )


def first_bytes(path: Path, size: int) -> bytes:
    """The beginning of the unpacked file, before anything is decoded; raises DataError."""
    with reading(path), open_bytes(path) as file:
        return file.read(size)


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    """The file unpacked; errors are left to `reading`."""
    start = magic(path)
    with path.open("rb") as file:
        if start.startswith(GZIP):
            with gzip.open(file) as unpacked:
                yield io.BufferedReader(cast(io.RawIOBase, unpacked))
        elif start.startswith(ZSTD):
            yield io.BufferedReader(_Unzstd(file))
        else:
            yield file


class _Unzstd(io.RawIOBase):
    """Zstandard frames as a stream; unlike the library's own reader it sees a missing end."""

    def __init__(self, packed: BinaryIO) -> None:
        import zstandard

        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj
        self._error = zstandard.ZstdError
        self._packed = packed
        self._frame = self._new()
        self._fed = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._ready and self._more():
            pass
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _more(self) -> bool:
        """Unpack another piece; False at the end. Raises EOFError for a damaged stream."""
        packed = self._packed.read(PIECE_BYTES)
        if not packed:
            if self._fed:
                raise EOFError("the compressed data ends too early")
            return False
        try:
            pieces = []
            while packed:
                pieces.append(self._frame.decompress(packed))
                packed, self._fed = self._frame.unused_data, not self._frame.eof
                if self._frame.eof:
                    self._frame = self._new()
            self._ready = memoryview(b"".join(pieces))
        except self._error as error:
            raise EOFError(str(error)) from error
        return True
