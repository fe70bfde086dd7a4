"""Files at a path that a user names: what somebody else put there is not replaced."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from realign_local.base.assets import sha256_of
from realign_local.base.atomic import around_replace, beside
from realign_local.base.cache import recall, remember
from realign_local.base.errors import AssetError, UsageError
from realign_local.base.machine import cache_folder

KIND = "written"
"""Of what is remembered: by a file's path the hash of what this program wrote there last."""


@contextmanager
def replacing_own(*outputs: Path) -> Iterator[None]:
    """A block that may write these files anew. Raises UsageError before it where one is there that
    this program did not write, or that was changed since; an empty one is nobody's. They are looked
    at again when a new one takes the name: one that came meanwhile stays, too.
    """
    for path in outputs:
        if not _is_own(path):
            raise _refused(path)
    real = [os.path.realpath(path) for path in outputs]
    around_replace.update(dict.fromkeys(real, _own_alone))
    try:
        yield
    finally:
        for name in real:
            around_replace.pop(name, None)


@contextmanager
def _own_alone(half: Path, path: Path) -> Iterator[None]:
    """Around the moment when `half` takes the name `path`. What is remembered is the hash of the
    half, whatever others do to the file from then on.
    """
    made = sha256_of(half)
    if not _is_own(path):
        kept = path.with_name(f"{beside(path.name)}.{secrets.token_hex(4)}.new")
        half.replace(kept)
        raise _refused(path, f"What was made is kept as {kept}.")
    yield
    remember(KIND, _key(path), made)


def _is_own(path: Path) -> bool:
    """Whether nobody's work is lost with it; a folder or a pipe is for whoever opens it to refuse.

    Content alone decides: size and time can be those of before in a file that was changed.
    """
    try:
        if not path.is_file() or not path.stat().st_size:
            return True
        known = recall(KIND, _key(path))
        return known is not None and known == sha256_of(path)
    except FileNotFoundError:  # it went meanwhile
        return True
    except (OSError, AssetError):  # what cannot be read is not known
        return False


def _refused(path: Path, kept: str = "") -> UsageError:
    ways = [kept, "Give another name, or move that file away first."]
    if not remember(KIND, [], ""):
        ways.append(
            f"Nothing can be remembered of what was written, because the cache {cache_folder()}"
            " cannot be written: REALIGN_CACHE names another folder for it."
        )
    return UsageError(
        f"{path} is there already, and is not known as written by this program",
        hint=" ".join(filter(None, ways)),
    )


def _key(path: Path) -> list[str]:
    return [os.path.realpath(path)]
