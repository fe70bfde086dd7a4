"""Memory ownership: which slot of the cache is free, running or held, and how much it contains.

Each slot has a cache of its own (a llama.cpp stream), as large as the longest row may get:

    slot  0 .. running-1   rows that are being answered, packed from 0 upwards
    slot  running ..       beginnings held for rows to come

Own streams instead of one pool for all: attention then runs over the row's own tokens only. In a
pool every token is compared with the cells of all rows, which costs a third of the speed at sixteen
rows (benchmarks/LOG.md). The price is that a shared beginning is copied, a few milliseconds.
"""

from __future__ import annotations

import heapq

from realign_local.engine.backend import Backend


class Slots:
    """Hands out slots and keeps the backend's cache in step with the books."""

    def __init__(self, backend: Backend, *, running: int) -> None:
        self._backend = backend
        self._lengths = [0] * backend.slots
        # The lowest first: llama.cpp evaluates neighbouring streams together.
        self._free_running = list(range(running))
        self._free_held = list(range(running, backend.slots))
        self._first_held = running

    def __repr__(self) -> str:
        filled = sum(length > 0 for length in self._lengths)
        return f"<Slots {filled}/{len(self._lengths)} filled, {sum(self._lengths)} tokens>"

    @property
    def used_cells(self) -> int:
        """Tokens in the cache, shared ones counted in each slot."""
        return sum(self._lengths)

    @property
    def has_held_slots(self) -> bool:
        """Whether there are slots for held beginnings at all."""
        return len(self._lengths) > self._first_held

    @property
    def room_to_hold(self) -> bool:
        """Whether a slot for a held beginning is free."""
        return bool(self._free_held)

    def length(self, slot: int) -> int:
        """Tokens that the slot holds."""
        return self._lengths[slot]

    def take(self, *, hold: bool = False) -> int:
        """An empty slot to run in, or to hold a beginning in; the caller knows that one is free."""
        return heapq.heappop(self._free_held if hold else self._free_running)

    def give_back(self, slot: int) -> None:
        """Empty a slot and make it free."""
        self._set(slot, 0)
        held = slot >= self._first_held
        heapq.heappush(self._free_held if held else self._free_running, slot)

    def lower(self, slot: int) -> int | None:
        """The lowest free slot to run in, if it is lower than this one."""
        lowest = self._free_running[0] if self._free_running else slot
        return lowest if lowest < slot else None

    def grow(self, slot: int, count: int) -> None:
        """Note that `count` tokens more have been evaluated."""
        self._lengths[slot] += count

    def copy(self, source: int, target: int, length: int) -> None:
        """Give an empty slot the first `length` tokens of another."""
        self._backend.copy(source, target, length)
        self._lengths[target] = length

    def truncate(self, slot: int, length: int) -> int:
        """Forget the tokens from `length` on; returns how many are left.

        A model that cannot rewind loses all of them, and evaluates them again.
        """
        if length < self._lengths[slot]:
            self._set(slot, length if self._backend.can_rewind else 0)
        return self._lengths[slot]

    def _set(self, slot: int, length: int) -> None:
        self._backend.truncate(slot, length)
        self._lengths[slot] = length

    def check_integrity(self) -> None:
        """Raise AssertionError where books and cache disagree; tests call it after every step."""
        free = [*self._free_running, *self._free_held]
        assert len(set(free)) == len(free), "a slot is free twice"
        for slot, length in enumerate(self._lengths):
            assert length == self._backend.length(slot), (slot, length)
            assert 0 <= length <= self._backend.cells, (slot, length)
            assert slot not in free or length == 0, f"free slot {slot} holds {length} tokens"
