"""Which rows run again after the worker died, so that only the row at fault is lost.

A native crash takes all running rows with it, and only one of them is to blame. Running rows are
tried again among the others; those that go on dying are set apart and halved until one of them
dies alone. Pure policy: no processes, no clocks.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from realign_local.engine.request import Request

CRASHES = 2
"""So many crashes of the worker make its rows suspects; one alone then is condemned by the next."""
KILLS = 5
"""The same for kills, which mostly come from outside (a person, the OOM killer)."""
KILLS_ALONE = 10


class Numbered(Protocol):
    """Work that can be told from other work."""

    @property
    def number(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A request under way; `number` tells two requests with an equal key apart."""

    number: int
    request: Request


@dataclass(slots=True)
class Retries(Generic[Row]):
    """The rows that must run again: `again` among the others, `apart` in groups of their own."""

    again: deque[Row] = field(default_factory=deque)
    apart: deque[tuple[Row, ...]] = field(default_factory=deque)
    crashes: Counter[int] = field(default_factory=Counter)
    kills: Counter[int] = field(default_factory=Counter)
    kills_alone: Counter[int] = field(default_factory=Counter)

    def next_group(self) -> tuple[Row, ...]:
        """Rows that must run with no others beside them; empty when none are under suspicion."""
        return self.apart.popleft() if self.apart else ()

    def once_more(self) -> Iterator[Row]:
        """The rows to run again among the others; each is taken off when it is pulled."""
        while self.again:
            yield self.again.popleft()

    def give_back(self, untouched: Sequence[Row], *, from_group: bool) -> None:
        """Rows that were sent but not begun when the worker died: they bear no suspicion."""
        if from_group and untouched:
            self.apart.appendleft(tuple(untouched))
        else:
            self.again.extendleft(reversed(untouched))

    def died(self, running: Sequence[Row], *, crashed: bool) -> Row | None:
        """Take note that the worker died with these rows running; returns the row to give up on.

        `crashed` is false when the worker was killed rather than failed by itself.
        """
        (self.crashes if crashed else self.kills).update(row.number for row in running)
        if len(running) == 1 and self._is_condemned(running[0], crashed=crashed):
            return running[0]
        self.again.extendleft(row for row in reversed(running) if not self._is_suspect(row))
        suspects = tuple(row for row in running if self._is_suspect(row))
        half = (len(suspects) + 1) // 2
        self.apart.extendleft(group for group in (suspects[half:], suspects[:half]) if group)
        return None

    def _is_suspect(self, row: Row) -> bool:
        return self.crashes[row.number] >= CRASHES or self.kills[row.number] >= KILLS

    def _is_condemned(self, row: Row, *, crashed: bool) -> bool:
        """Whether the row that ran alone is to blame."""
        if crashed:
            return self.crashes[row.number] >= CRASHES
        self.kills_alone[row.number] += 1
        return self.kills_alone[row.number] >= KILLS_ALONE
