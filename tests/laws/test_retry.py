"""Whatever dies and whenever: each row ends exactly once, and only culprits are given up."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from realign_local.engine.process.retry import Retries, RunningRow
from realign_local.engine.request import Request

WIDTH = 6
ROWS = st.integers(0, 40)


class Simulation:
    """A worker that runs WIDTH rows, dies of the poisonous ones, and is killed at given steps."""

    def __init__(self, rows: int, poison: set[int], kills: set[int], *, crash: bool) -> None:
        self.source = iter([RunningRow(n, Request(str(n), (), ())) for n in range(rows)])
        self.poison, self.kills, self.crash = poison, kills, crash
        self.retries = Retries()
        self.steps = 0
        self.done: list[int] = []
        self.lost: list[int] = []

    def run(self) -> None:
        while True:
            group = self.retries.next_group()
            rows = iter(group) if group else self._open()
            if self._session(rows, from_group=bool(group)) and not group:
                return

    def _open(self) -> Iterator[RunningRow]:
        yield from self.retries.once_more()
        yield from self.source

    def _session(self, rows: Iterator[RunningRow], *, from_group: bool) -> bool:
        running = list[RunningRow]()
        while True:
            while len(running) < WIDTH and (row := next(rows, None)):
                running.append(row)
            if not running:
                return True
            self.steps += 1
            poisoned = any(row.number in self.poison for row in running)
            if poisoned or self.steps in self.kills:
                if from_group:
                    self.retries.give_back(list(rows), from_group=True)
                lost = self.retries.died(running, crashed=poisoned and self.crash)
                self.lost += [lost.number] if lost else []
                return False
            self.done.append(running.pop(0).number)


@given(ROWS, st.sets(st.integers(0, 39), max_size=4), st.sets(st.integers(1, 60)), st.booleans())
def test_every_row_ends_once_and_only_poison_is_lost(
    rows: int, poison: set[int], kills: set[int], crash: bool
) -> None:
    kills = set(sorted(kills)[:9])  # ten kills of one row alone would be taken for its own doing
    simulation = Simulation(rows, poison, kills, crash=crash)
    simulation.run()
    assert sorted(simulation.done + simulation.lost) == list(range(rows))
    assert set(simulation.lost) == {n for n in poison if n < rows}


def test_halving_finds_the_culprit_with_few_deaths() -> None:
    simulation = Simulation(WIDTH, {3}, set(), crash=True)
    simulation.run()
    assert simulation.lost == [3]
    assert simulation.retries.crashes[3] <= 5
