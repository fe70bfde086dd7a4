"""Files at a path that a user names: what somebody else put there is not replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from realign_local.base.cache import recall, remember
from realign_local.base.errors import UsageError

KIND = "written"
"""Of what is remembered: by a file's path its size and time of change, as they were left."""


@contextmanager
def replacing_own(*outputs: Path) -> Iterator[None]:
    """A block that may write these files anew. Raises UsageError before it where one is there that
    this program did not write, or that was changed since; an empty one is nobody's.
    """
    before = {path: _state(path) for path in outputs}
    for path, state in before.items():
        if state and state[0] and recall(KIND, _key(path)) != state:
            raise UsageError(
                f"{path} is there already, and is not known as written by this program",
                hint="Give another name, or move that file away first.",
            )
    try:
        yield
    finally:
        for path, state in before.items():
            if (now := _state(path)) and now != state:
                remember(KIND, _key(path), now)


def _state(path: Path) -> list[int]:
    """[] where there is no such file; a folder or a pipe is for whoever opens it to refuse."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return []
    return [found.st_size, found.st_mtime_ns] if path.is_file() else []


def _key(path: Path) -> list[str]:
    return [os.path.realpath(path)]
