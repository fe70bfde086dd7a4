"""Memory ownership: how many tokens each slot of the cache contains, in step with the backend.

Each slot has a cache of its own (a llama.cpp stream), as large as the longest row may get. Own
streams instead of one pool for all: attention then runs over the row's own tokens only. In a pool
every token is compared with the cells of all rows, which costs a third of the speed at sixteen rows
(benchmarks/LOG.md). The price is that a shared beginning is copied, a few milliseconds.
"""

from __future__ import annotations

from realign_local.engine.backend import Backend


class Slots:
    """The lengths of all slots; every change goes to the backend as well."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lengths = [0] * backend.slots

    def __len__(self) -> int:
        return len(self._lengths)

    def __repr__(self) -> str:
        filled = sum(length > 0 for length in self._lengths)
        return f"<Slots {filled}/{len(self._lengths)} filled, {sum(self._lengths)} tokens>"

    def length(self, slot: int) -> int:
        """Tokens that the slot holds."""
        return self._lengths[slot]

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
            kept = length if self._backend.can_rewind else 0
            self._backend.truncate(slot, kept)
            self._lengths[slot] = kept
        return self._lengths[slot]

    def restore(self, slot: int, state: bytes, length: int) -> bool:
        """Fill an empty slot with what `Backend.state` gave; false where it is not to be had."""
        self._lengths[slot] = length
        if self._backend.restore(slot, state) and self._backend.length(slot) == length:
            return True
        self._backend.truncate(slot, 0)
        self._lengths[slot] = 0
        return False

    def check_integrity(self) -> None:
        """Raise AssertionError where books and cache disagree; tests call it after every step."""
        for slot, length in enumerate(self._lengths):
            assert length == self._backend.length(slot), (slot, length)
            assert 0 <= length <= self._backend.cells, (slot, length)
