"""All rows of a run packed once: the blocks in a temporary file, what is small in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from realign_local.report.figures import Figures
from realign_local.report.packing import ListColumns, SizeBudget, grouped
from realign_local.report.rows import ShownResponse


@dataclass(slots=True)
class Spool:
    """Blocks by number; the file vanishes with `close`."""

    columns: ListColumns = field(default_factory=ListColumns)
    figures: Figures = field(default_factory=Figures)
    _places: list[tuple[int, int]] = field(default_factory=list)
    _file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def fill(self, rows: Iterable[ShownResponse], budget: SizeBudget) -> None:
        """Pack all rows, holding one block of them in memory."""
        for block in grouped(rows):
            self.columns.starts.append(len(self.columns.index))
            for shown in block:
                self.columns.add(shown)
                self.figures.count(shown)
            data = budget.pack(block)
            self._places.append((self._file.tell(), len(data)))
            self._file.write(data)

    def block(self, number: int) -> bytes:
        """The gzip bytes of one block; raises IndexError where there is none."""
        if number < 0:
            raise IndexError(number)
        start, size = self._places[number]
        self._file.seek(start)
        return self._file.read(size)

    def blocks(self) -> Iterator[bytes]:
        """All of them in order."""
        return map(self.block, range(len(self._places)))

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
