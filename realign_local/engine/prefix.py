"""Shared beginnings: which tokens some slot already holds, found by comparing tokens.

    slot  0 .. running-1   rows that are being answered, packed from 0 upwards, and what rows that
                           are done have left behind
    slot  running ..       shelves: beginnings held for rows to come

A new row takes over the slot of a finished one that agrees with it longest, or starts with a copy
from whatever slot does. So an explicit system prompt, the worked examples of a task and a whole
prompt (the next candidate of a row, a retry) are all the same to it. What is left behind goes when
its slot is needed; the only copy of a beginning that rows have shared goes to a shelf.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realign_local.engine.backend import Tokens
from realign_local.engine.slots import Slots

WORTH_COPYING = 8
"""Shared tokens below which evaluating them is as fast as copying a slot."""
WORTH_WAITING = 32
"""Tokens that a running row is about to compute and that are worth waiting a step or two for."""
NO_TOKEN = -1


@dataclass(slots=True, eq=False)
class Guest:
    """A row that waits: its tokens, and how many of them each slot's tokens begin with."""

    tokens: Tokens
    common: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Match:
    """The best start for a row: `ready` tokens are in the slot `source`, `promised` soon will."""

    source: int | None
    ready: int
    promised: int

    @property
    def worth_waiting(self) -> bool:
        """Whether a running row will soon have computed clearly more of the common beginning."""
        return self.promised - self.ready >= WORTH_WAITING


def as_tokens(tokens: list[int]) -> Tokens:
    """The tokens as an array, which compares fast."""
    return np.array(tokens, dtype=np.int32)


def common_length(one: Tokens, other: Tokens) -> int:
    """How many tokens two lists have in common at their beginning."""
    size = min(len(one), len(other))
    different = one[:size] != other[:size]
    place = int(different.argmax()) if size else 0
    return place if size and different[place] else size


class Prefixes:
    """Who has which slot: for each its tokens, how many are computed, and whether a row runs there.

    `proven` counts the tokens that a slot had in common with other rows, earlier or later ones.
    With `share` false every row begins with nothing.
    """

    def __init__(self, slots: Slots, *, running: int, cells: int, share: bool = True) -> None:
        self._slots = slots
        self._rows = running
        self._share = share
        count = len(slots)
        self._tokens = np.full((count, cells), NO_TOKEN, np.int32)
        self._known = np.zeros(count, np.int32)
        self._computed = np.zeros(count, np.int32)
        self._proven = np.zeros(count, np.int32)
        self._last_used = np.zeros(count, np.int64)
        self._runs = np.zeros(count, np.bool_)
        self._guests: list[Guest] = []
        self._clock = 0

    def __repr__(self) -> str:
        filled = int((self._known > 0).sum())
        return f"<Prefixes {int(self._runs.sum())} running, {filled} of {len(self._known)} filled>"

    @property
    def packed(self) -> bool:
        """Whether the rows have the lowest slots."""
        return bool(self._runs[: np.count_nonzero(self._runs)].all())

    def expect(self, tokens: Tokens) -> Guest:
        """A row is going to come; from now on it is kept in mind what it has in common."""
        guest = Guest(tokens, np.zeros(len(self._known), np.int32))
        if self._share:
            guest.common[:] = self._common_with_all(tokens)
            self._guests.append(guest)
        return guest

    def forget(self, guest: Guest) -> None:
        """The row will not come, or is here."""
        if self._share:
            self._guests.remove(guest)

    def matches(self, guests: list[Guest]) -> list[Match]:
        """What the slots have in common with rows, whose last token is left to evaluate."""
        most = np.array([[len(guest.tokens) - 1] for guest in guests], np.int32)
        common = np.minimum([guest.common for guest in guests], most)
        ready = np.minimum(common, self._computed)
        # Of equals the slot that can be taken over, which costs no copy.
        sources = (2 * ready + self._vacant).argmax(axis=1)
        found = ready[np.arange(len(guests)), sources]
        return [
            Match(None, 0, promised) if count < WORTH_COPYING else Match(source, count, promised)
            for source, count, promised in zip(
                sources.tolist(), found.tolist(), common.max(axis=1).tolist(), strict=True
            )
        ]

    def have(self, guest: Guest, length: int) -> bool:
        """Whether so much of a row's beginning is in a slot, or soon will be."""
        return bool(guest.common.max() > length - WORTH_COPYING)

    def free_slot(self) -> int | None:
        """A slot for what no row has brought: an empty one, or one that no row waits for."""
        shelf = self._shelf(None)
        if shelf is not None and not self._known[shelf]:
            return shelf
        wanted = self._wanted()
        vacant: list[int] = np.flatnonzero(self._vacant).tolist()
        for slot in sorted(vacant, key=lambda slot: int(self._known[slot])):
            if wanted[slot] < WORTH_COPYING and not self._is_only_copy(slot):
                return slot
        return shelf if shelf is not None and wanted[shelf] < WORTH_COPYING else None

    def take_in(self, slot: int, tokens: Tokens, state: bytes) -> bool:
        """Fill such a slot with a beginning from elsewhere; false where that fails."""
        self._clock += 1
        self._clear(slot)
        if not self._slots.restore(slot, state, len(tokens)):
            return False
        self._set(slot, tokens, computed=len(tokens), proven=len(tokens))
        return True

    def seat(self, guest: Guest, match: Match) -> tuple[int, int]:
        """Let the row begin: its slot, and how many tokens it was given."""
        self.forget(guest)
        self._clock += 1
        source = match.source
        if source is None:
            slot = self._least_wanted()
            self._empty(slot)
        elif self._vacant[source]:
            slot = source
            self._slots.truncate(slot, match.ready)
        else:
            slot = self._least_wanted()
            self._empty(slot, needed=source)
            self._slots.copy(source, slot, match.ready)
            self._last_used[source] = self._clock
            self._proven[source] = max(int(self._proven[source]), match.ready)
        self._runs[slot] = True
        self._set(slot, guest.tokens, computed=match.ready, proven=match.ready)
        return slot, match.ready

    def progress(self, slot: int, computed: int) -> None:
        """The row in this slot has computed so many tokens."""
        self._computed[slot] = min(computed, int(self._known[slot]))

    def finish(self, slot: int, tokens: Tokens) -> None:
        """The row is done; what it computed stays until its slot is needed."""
        self._clock += 1
        self._runs[slot] = False
        if self._share:
            self._set(slot, tokens, computed=len(tokens), proven=int(self._proven[slot]))
        else:
            self._clear(slot)

    def move(self, slot: int) -> int:
        """Bring the row in this slot to a lower one, if one is vacant; returns where it is."""
        target = int((~self._runs[: slot + 1]).argmax())
        if self._runs[target]:
            return slot
        self._empty(target)
        self._hand_over(slot, target)
        self._runs[target] = True
        self._clear(slot)
        return target

    def drop(self, slot: int) -> None:
        """The row in this slot is given up."""
        self._clear(slot)

    def clear(self) -> None:
        """Drop all that is held, and all who wait."""
        self._guests.clear()
        for slot in np.flatnonzero(self._known):
            self._clear(int(slot))

    @property
    def _vacant(self) -> NDArray[np.bool_]:
        """The slots that rows may run in and none does."""
        vacant = ~self._runs
        vacant[self._rows :] = False
        return vacant

    def _least_wanted(self) -> int:
        """The vacant slot to run in that is missed least; of empty ones the lowest."""
        vacant = np.flatnonzero(self._vacant)
        empty = vacant[self._known[vacant] == 0]
        if len(empty):
            return int(empty[0])
        order = np.lexsort((self._last_used[vacant], self._wanted()[vacant]))
        return int(vacant[order[0]])

    def _wanted(self) -> NDArray[np.int32]:
        """How much of each slot the rows that wait begin with."""
        commons = [guest.common for guest in self._guests]
        nobody = np.zeros(len(self._known), np.int32)
        return np.minimum(np.max(commons, axis=0), self._computed) if commons else nobody

    def _empty(self, slot: int, *, needed: int | None = None) -> None:
        """Make room in a slot; what only it has, and rows have shared, goes to a shelf."""
        shelf = self._shelf(needed) if self._is_only_copy(slot) else None
        if shelf is not None:
            self._clear(shelf)
            self._hand_over(slot, shelf)
        self._clear(slot)

    def _is_only_copy(self, slot: int) -> bool:
        """Whether a beginning that rows have shared would be lost with this slot."""
        proven = int(self._proven[slot])
        if proven < WORTH_COPYING:
            return False
        kept = self._tokens[slot, :proven]
        may_have = (self._computed >= proven) & (self._tokens[:, proven - 1] == kept[-1])
        may_have[slot] = False
        others: list[int] = may_have.nonzero()[0].tolist()
        return not any(np.array_equal(self._tokens[other, :proven], kept) for other in others)

    def _shelf(self, needed: int | None) -> int | None:
        """The shelf whose beginning is missed least: an empty one, or used longest ago."""
        shelves = [shelf for shelf in range(self._rows, len(self._known)) if shelf != needed]
        wanted = self._wanted()
        return min(
            shelves,
            key=lambda shelf: (
                self._known[shelf] > 0,
                wanted[shelf] >= WORTH_COPYING,
                self._last_used[shelf],
            ),
            default=None,
        )

    def _hand_over(self, source: int, target: int) -> None:
        """Copy a slot with all that is known of it; the books of the source stay."""
        self._slots.copy(source, target, self._slots.length(source))
        self._set(
            target,
            self._tokens[source, : self._known[source]],
            computed=int(self._computed[source]),
            proven=int(self._proven[source]),
        )
        self._last_used[target] = self._last_used[source]

    def _set(self, slot: int, tokens: Tokens, *, computed: int, proven: int) -> None:
        self._tokens[slot, : len(tokens)] = tokens
        self._tokens[slot, len(tokens) : self._known[slot]] = NO_TOKEN
        self._known[slot], self._computed[slot] = len(tokens), computed
        self._proven[slot], self._last_used[slot] = proven, self._clock
        for guest in self._guests:
            guest.common[slot] = common_length(self._tokens[slot, : len(tokens)], guest.tokens)

    def _clear(self, slot: int) -> None:
        self._slots.truncate(slot, 0)
        self._runs[slot] = False
        self._set(slot, self._tokens[slot, :0], computed=0, proven=0)

    def _common_with_all(self, tokens: Tokens) -> NDArray[np.int32]:
        """How many tokens of the list each slot's begin with: `(slots,)`."""
        size = min(len(tokens), self._tokens.shape[1])
        different = np.ones((len(self._known), size + 1), np.bool_)
        np.not_equal(self._tokens[:, :size], tokens[:size], out=different[:, :size])
        common: NDArray[np.int32] = different.argmax(axis=1).astype(np.int32)
        return common

    def check_integrity(self) -> None:
        """Raise AssertionError where a slot claims more than it holds, or a guest is misled."""
        for slot in range(len(self._known)):
            known, computed = int(self._known[slot]), int(self._computed[slot])
            assert computed <= self._slots.length(slot), slot
            assert computed <= known, slot
            assert known or not self._slots.length(slot) or self._runs[slot], slot
            for guest in self._guests:
                assert guest.common[slot] == common_length(self._tokens[slot, :known], guest.tokens)
