"""Which rows of which dataset a run has: what `realign verify RUN` has to know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_of
from realign_local.base.errors import AssetError, DataError
from realign_local.data.reading.containers import RawRow
from realign_local.run.files import rundir
from realign_local.run.files.finished import open_finished, read_settings
from realign_local.run.files.publish import CONTAINERS, check_containers


@dataclass(frozen=True, slots=True)
class RunPart:
    """Which rows of its input a run has, and how it read them."""

    shard: tuple[int, int] = (1, 1)
    limit: int | None = None
    format: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""

    def of(self, rows: Iterator[RawRow]) -> Iterator[tuple[int, RawRow]]:
        """Those rows with their places in the input."""
        part, parts = self.shard
        return islice(enumerate(islice(rows, self.limit)), part - 1, None, parts)

    def made_from_other(self, path: Path) -> str:
        """What to say where the run was made from another dataset than `path`; "" where not."""
        try:
            if not self.sha256 or sha256_of(path) == self.sha256:
                return ""
        except AssetError:
            return ""
        name = Path(self.source).name
        if path.absolute() == Path(self.source):
            return f"this run was made from {name} as it was before it was changed"
        return f"this run was made from {name}, and {path.name} is another file"


WHOLE = RunPart()


def part_of_run(run: Path) -> RunPart:
    """What run.toml says of a finished run; raises DataError where its files are not as written."""
    settings = open_finished(run).settings
    check_containers(run)
    return _part(settings)


def _part(settings: Mapping[str, Any]) -> RunPart:
    source = settings["input"]
    shard = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", str(source.get("shard", "1/1")))
    limit = source.get("limit")
    return RunPart(
        (int(shard[1]), int(shard[2])) if shard else (1, 1),
        limit if isinstance(limit, int) and limit > 0 else None,
        source["format"],
        settings.get("fields", {}),
        str(source.get("path", "")),
        str(source.get("sha256", "")),
    )


def part_of_output(file: Path) -> RunPart:
    """The same for the output of a run that somebody edited, WHOLE for every other file."""
    is_output = file.name in (rundir.OUTPUT, *CONTAINERS)
    try:
        return _part(read_settings(file.parent)) if is_output else WHOLE
    except DataError:  # a file that only has that name
        return WHOLE


def input_of_run(run: Path) -> Path:
    """The dataset that a run was made from; raises DataError where it is not there as it was."""
    source = read_settings(run)["input"]
    path, way_out = Path(str(source.get("path", ""))), f"Name it: realign verify ORIGINAL {run}"
    if not path.is_file():
        raise DataError(f"{path}, the input of {run}, is not there any more", hint=way_out)
    if sha256_of(path) != source.get("sha256"):
        raise DataError(f"{path}, the input of {run}, was changed since", hint=way_out)
    return path
