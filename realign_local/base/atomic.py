"""Write a file so that its name never stands for half of it: temporary name, fsync, replace."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from realign_local.base.errors import DiskError, UsageError

try:
    import fcntl
except ImportError:  # Windows, where nobody can remove a file that is open
    fcntl = None  # type: ignore[assignment]

_HALF = re.compile(r"\.(?P<name>.+)\.(?P<process>[1-9][0-9]{0,9})\.[0-9a-f]{16}\.tmp", re.DOTALL)
LONGEST_BYTES = 100
"""Of a name that others are made of: with what is put around it, it fits every file system, those
that encrypt names and allow 143 bytes among them."""
_NOT_A_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
Around = Callable[[Path, Path], contextlib.AbstractContextManager[None]]
around_replace: dict[str, Around] = {}
"""By the real path of a file that a user named: entered with the half and that path, left when the
half has taken its name."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes the name `path` when the block ends, and vanishes if it fails.

    A symbolic link stays, and its target is replaced. What a process that was killed has left of
    this file goes. Raises UsageError where `path` is a folder, a pipe or a device, DiskError that
    names it where it cannot be written.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    try:
        if path.is_symlink():  # one that leads to itself
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if path.is_dir():
            raise UsageError(f"{path} is a folder", hint="Give the name of a file.")
        if path.exists() and not path.is_file():
            raise UsageError(
                f"{path} is a pipe or a device, which cannot be replaced when it is whole",
                hint="Give the name of a file, and read that.",
            )
        remove_leftovers(path.parent, {path.name})
        with _half_of(path) as file:
            yield file
        _sync_folder(path.parent)
    except OSError as error:
        raise DiskError.about("write", path, error) from error


@contextlib.contextmanager
def _half_of(path: Path) -> Iterator[BinaryIO]:
    """A file of a name that nobody has or can foresee, and then of that name.

    The number of the process is not enough: two containers have the same ones.
    """
    half = path.parent / f".{beside(path.name)}.{os.getpid()}.{secrets.token_hex(8)}.tmp"
    opened = half.open("xb")
    try:
        with opened as file:
            with contextlib.suppress(OSError):  # a file system without locks
                _lock(file)
            yield file
            file.flush()
            os.fsync(file.fileno())
        around = around_replace.get(os.path.realpath(path))
        with around(half, path) if around else contextlib.nullcontext():
            half.replace(path)
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def beside(name: str) -> str:
    """What stands for a name within that of a file beside it: a hash where it is long."""
    named = os.fsencode(name)
    return name if len(named) <= LONGEST_BYTES else hashlib.sha256(named).hexdigest()[:32]


def remove_leftovers(folder: Path, names: Iterable[str], *, is_held: bool = False) -> None:
    """Remove the halves that killed processes have left of these files, none that is being written.

    A half goes where its process is not there and nobody holds its lock: a process of another
    container or machine, which works in the same folder, cannot be seen from here. In a folder
    that `is_held` by this process the lock alone decides. Links and all that is no file stay.
    """
    stems = set(map(beside, names))
    with contextlib.suppress(OSError):
        for half in folder.iterdir():
            found = _HALF.fullmatch(half.name)
            if not found or found["name"] not in stems:
                continue
            if is_held or not _is_of_another(int(found["process"])):
                with contextlib.suppress(OSError):
                    _remove_unlocked(half)


def _remove_unlocked(half: Path) -> None:
    if not stat.S_ISREG(half.lstat().st_mode):
        return
    with half.open("r+b") as file:
        _lock(file)
    half.unlink()


def _is_of_another(process: int) -> bool:
    """Whether it is there and not this one, which locks all that it writes."""
    import psutil  # needed so seldom that no start should wait for it

    return process != os.getpid() and bool(psutil.pid_exists(process))


def _lock(file: BinaryIO) -> None:
    """Hold the file until it is closed; raises OSError where another process holds it."""
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write each text with a line feed, as UTF-8; raises DiskError and leaves nothing behind."""
    with replacing(path) as file:
        for line in lines:
            file.write(line_bytes(line) + b"\n")


def line_bytes(line: str) -> bytes:
    """UTF-8, with bytes that could not be decoded put back and other lone surrogates escaped."""
    try:
        return line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        escaped = _NOT_A_BYTE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)
        return escaped.encode("utf-8", "surrogateescape")


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; where folders cannot be synced, the name is as good."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
