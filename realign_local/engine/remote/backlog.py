"""Which row is asked of which server next, and when one is given up. Pure policy, no clocks.

A row goes to another server after a failure. A server that dies takes all its rows with it, of
which one at most is to blame: rows that were there too often run alone, so that only such a row is
given up. What a server refuses, or fails at three times, is not asked of that server again.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field

from realign_local.engine.request import Request

FAULTS = 3
"""So many failures of one server at one row are enough."""
DEATHS = 3
"""So many broken connections make a row a suspect: from then on it runs alone."""
DEATHS_ALONE = 2
"""A suspect that is alone at a server whose connection breaks, so many times, is to blame."""


@dataclass(slots=True)
class OpenRow:
    """A row that is not answered; servers go by their number."""

    number: int
    request: Request
    refused: set[int] = field(default_factory=set)
    faults: Counter[int] = field(default_factory=Counter)
    deaths: int = 0
    deaths_alone: int = 0
    slow: int = 0
    words: str = ""

    @property
    def is_suspect(self) -> bool:
        """Whether it must run alone."""
        return self.deaths >= DEATHS

    def is_done_with(self, server: int) -> bool:
        """Whether this server is not asked any more."""
        return server in self.refused or self.faults[server] >= FAULTS


@dataclass(slots=True)
class Backlog:
    """The rows that wait, in order; suspects wait apart."""

    waiting: deque[OpenRow] = field(default_factory=deque)
    apart: deque[OpenRow] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.waiting) + len(self.apart)

    def add(self, row: OpenRow) -> None:
        """A new row."""
        self.waiting.append(row)

    def again(self, row: OpenRow) -> None:
        """A row that failed: before the new ones, or apart."""
        (self.apart if row.is_suspect else self.waiting).appendleft(row)

    def take(self, server: int, *, in_flight: int, is_reserved: bool) -> OpenRow | None:
        """The next row for a server; one that is reserved waits until a suspect can run alone."""
        queue = self.apart if is_reserved else self.waiting
        if is_reserved and in_flight:
            return None
        for place, row in enumerate(queue):
            if not row.is_done_with(server):
                del queue[place]
                return row
        return None

    def hopeless(self, servers: Collection[int]) -> list[OpenRow]:
        """Take out the rows that none of these servers is asked about any more."""
        lost = [
            row
            for row in (*self.waiting, *self.apart)
            if servers and all(row.is_done_with(server) for server in servers)
        ]
        for row in lost:
            (self.apart if row.is_suspect else self.waiting).remove(row)
        return lost

    def remove(self, key: str) -> list[OpenRow]:
        """Take out the rows of this key."""
        found = [row for row in (*self.waiting, *self.apart) if row.request.key == key]
        for row in found:
            (self.apart if row.is_suspect else self.waiting).remove(row)
        return found

    def killers(self) -> list[OpenRow]:
        """Take out the suspects that broke a server's connection whenever they were alone."""
        lost = [row for row in self.apart if row.deaths_alone >= DEATHS_ALONE]
        for row in lost:
            self.apart.remove(row)
        return lost
