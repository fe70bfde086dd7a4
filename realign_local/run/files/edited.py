"""Hand edits of a run's output: kept beside it when a session puts its own files in their place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_of
from realign_local.base.errors import AssetError, DiskError
from realign_local.run.files import rundir


def keep_edits(
    folder: Path,
    stage: Path,
    names: tuple[str, ...],
    told: Mapping[str, Mapping[str, Any]],
    warn: Callable[[str], None],
) -> None:
    """Give what somebody made of these files a second name, and say which.

    `told` has the hashes of what the run wrote; what `stage` is about to put there anyway is not
    lost either. Raises DiskError.
    """
    for name in names:
        path = folder / name
        replaced = name in told or (stage / name).is_file()
        if not replaced or path.is_symlink() or not path.is_file():
            continue
        held = _hash(path)
        if held and held in (told.get(name, {}).get("sha256"), _hash(stage / name)):
            continue
        try:
            kept = _second_name(path, held)
        except OSError as error:
            raise DiskError.about("set aside", path, error) from error
        warn(f"{path} was changed since the run wrote it: what it held is kept as {kept.name}")


def _hash(path: Path) -> str:
    """ "" where there is no such file, or it cannot be read."""
    try:
        return sha256_of(path) if path.is_file() else ""
    except AssetError:
        return ""


def _second_name(path: Path, held: str) -> Path:
    """A name that no file had; that of a file with the same bytes, where one is there already."""
    for place in _places(path):
        if not os.path.lexists(place):
            try:
                os.link(path, place)
            except OSError:  # a file system without links
                with path.open("rb") as source, place.open("xb") as copy:
                    shutil.copyfileobj(source, copy)
            rundir.as_private_as(path.parent, place)
            return place
        if held and _hash(place) == held:
            return place
    raise AssertionError("there is always another number")


def _places(path: Path) -> Iterator[Path]:
    for number in count(1):
        more = f"-{number}" if number > 1 else ""
        yield path.with_name(f"{path.stem}.edited{more}{path.suffix}")
