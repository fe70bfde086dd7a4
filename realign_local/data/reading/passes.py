"""The passes over a file's rows: each later one must meet the rows that the first one met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from realign_local.base.errors import DataError
from realign_local.data.reading.containers import RawRow

EVERY_ROW = 1024
"""So many rows are remembered one by one, so that a pass over a few rows is checked too."""
STEP = 256
"""From there on one row in so many, which keeps the memory small: 4 bytes for a hundred rows."""


class Passes:
    """Called for a pass; remembers a digest of all rows up to certain ones, and where they ended.

    A run reads its input once a stage. If somebody writes to it meanwhile, the stages would speak
    of different rows, and the output would lack some: that is an error, never a shorter output.
    """

    def __init__(self, path: Path, rows: Callable[[Path], Iterator[RawRow]]) -> None:
        self._path, self._rows = path, rows
        self._bytes = path.stat().st_size
        self._marks: list[int] = []
        self._most = 0
        self._end: int | None = None

    def __call__(self) -> Iterator[RawRow]:
        """The rows from the first on; raises DataError where they are not those of before."""
        number, digest = 0, 0
        for raw in self._rows(self._path):
            number += 1
            digest = hash((digest, raw.text))
            self._see(number, digest)
            yield raw
        self._see_end(number)

    def _see(self, number: int, digest: int) -> None:
        self._most = max(self._most, number)
        if self._end is not None and number > self._end:
            raise self._changed(f"it had {self._end:,} rows and has more now")
        if number > EVERY_ROW and number % STEP:
            return
        beyond = max(0, number // STEP - EVERY_ROW // STEP)
        place = min(number, EVERY_ROW) - 1 + (beyond if number > EVERY_ROW else 0)
        if place == len(self._marks):
            self._marks.append(digest)
        elif self._marks[place] != digest:
            raise self._changed(f"row {number:,}, or one before it, is another one now")

    def _see_end(self, number: int) -> None:
        if number < self._most:
            raise self._changed(f"it had {self._most:,} rows or more and has {number:,} now")
        self._end = number
        if (size := self._path.stat().st_size) != self._bytes:
            raise self._changed(f"it had {self._bytes:,} bytes and has {size:,} now")

    def _changed(self, how: str) -> DataError:
        return DataError(
            f"{self._path} changed while it was being read: {how}",
            hint="Give the same command again when nothing writes to it any more; what was"
            " finished is used where its row is still there.",
        )
