"""Which dataset a run directory belongs to: known again by its rows, whatever its name is now."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from realign_local.base.errors import UsageError
from realign_local.base.words.plural import counted

SKETCH_ROWS = 64
"""Rows that are remembered, those with the smallest hashes: as good as chosen by lot."""
LEAST_KEPT = 0.5
"""Of the rows that are remembered. Where fewer are still there, it is another dataset, which shares
some rows: the files of the run before would lose most of what was finished."""


class Sketch:
    """The rows with the smallest hashes, and how many of an earlier sketch's rows came by."""

    def __init__(self, known: Iterable[int] = ()) -> None:
        self._known = set(known)
        self._found: set[int] = set()
        self._largest_first: list[int] = []

    def add(self, text: str) -> None:
        """Take note of a row."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        number = int.from_bytes(digest[:6], "big")
        if number in self._known:
            self._found.add(number)
        if -number in self._largest_first:
            return
        if len(self._largest_first) < SKETCH_ROWS:
            heapq.heappush(self._largest_first, -number)
        else:
            heapq.heappushpop(self._largest_first, -number)

    @property
    def hashes(self) -> tuple[int, ...]:
        """Up to SKETCH_ROWS hashes of 48 bits, in order."""
        return tuple(sorted(-number for number in self._largest_first))

    @property
    def is_another(self) -> bool:
        """Whether most of the rows that were known did not come by."""
        return len(self._found) < LEAST_KEPT * len(self._known)


@dataclass(frozen=True, slots=True)
class InputId:
    """What a run was made from: the file, its hash, the part of it, some of its rows' hashes."""

    path: str
    sha256: str
    shard: str
    sketch: tuple[int, ...]

    def of_whole(self, others: Iterable[InputId]) -> InputId:
        """The same file with all its rows, put together from its shards."""
        hashes = {number for part in (self, *others) for number in part.sketch}
        return InputId(self.path, self.sha256, "1/1", tuple(sorted(hashes)[:SKETCH_ROWS]))

    def as_dict(self) -> dict[str, Any]:
        """For the journal."""
        return asdict(self)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> InputId:
        """The inverse of `as_dict`."""
        return cls(**{**value, "sketch": tuple(value["sketch"])})


def check_same(
    held: InputId, new: InputId, run_dir: object, *, is_another: bool, rows: tuple[int, int]
) -> str:
    """What to tell the user about a dataset that changed since the last session; mostly nothing.

    `rows` are those that the run's files have and those that they would have. Raises UsageError
    where the run directory holds another shard, more of the same rows, or rows that are mostly not
    among the new ones: its files would be replaced.
    """
    was, now = rows
    if held.shard != new.shard:
        raise UsageError(
            f"{run_dir} holds shard {held.shard} of {held.path}, not shard {new.shard}",
            hint="Give each shard its own -o and join them with `realign merge`;"
            " --resume force starts this one again.",
        )
    if held.sha256 == new.sha256:
        if now < was:
            raise UsageError(
                f"{run_dir} holds a run of {counted(was, 'row')}, and this is {now} of them",
                hint="Choose another -o for a part; --resume force starts this one again.",
            )
        return ""
    before, after = (f"{one.path} (sha256 {one.sha256[:12]})" for one in (held, new))
    if is_another:
        raise UsageError(
            f"{run_dir} holds a run of {before}, and most of its rows are not in {after}",
            hint="Choose another -o; --resume force starts this one again.",
        )
    fewer = f"; {counted(was - now, 'row')} fewer than the files there have" if now < was else ""
    return (
        f"the input was {before} when {run_dir} was last worked on and is {after} now{fewer};"
        " what was finished is used where its row is still there"
    )
