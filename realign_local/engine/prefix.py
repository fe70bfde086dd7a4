"""Shared beginnings: which tokens some slot already holds, found by comparing tokens.

Every filled slot is a resident: a running row, or what a finished row left behind. A new row starts
with a copy from the resident that agrees with it longest. So an explicit system prompt, the worked
examples of a task and a whole prompt (the next candidate of a row, a retry) are
all the same to it.
"""

from __future__ import annotations

from collections.abc import Sequence as ListOf
from dataclasses import dataclass, replace

import numpy as np

from realign_local.engine.sequence import Tokens
from realign_local.engine.slots import Slots

WORTH_COPYING = 8
"""Shared tokens below which evaluating them is as fast as copying a slot."""
WORTH_WAITING = 32
"""Tokens that a running row is about to compute and that are worth waiting a step or two for."""


@dataclass(slots=True, eq=False)
class Resident:
    """A slot, the tokens it holds or will hold, and how many of them are computed.

    Its first `proven` tokens it has in common with other rows, earlier or later ones.
    """

    slot: int
    tokens: Tokens
    computed: int
    proven: int
    last_used: int
    running: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """The best start for a row: `ready` tokens can be copied now, `promised` a little later."""

    source: Resident | None
    ready: int
    promised: int

    @property
    def worth_waiting(self) -> bool:
        """Whether a running row will soon have computed clearly more of the common beginning."""
        return self.promised - self.ready >= WORTH_WAITING


NOTHING = Match(None, 0, 0)


def as_tokens(tokens: list[int]) -> Tokens:
    """The tokens as an array, which compares fast."""
    return np.array(tokens, dtype=np.int32)


def common_length(one: Tokens, other: Tokens) -> int:
    """How many tokens two lists have in common at their beginning."""
    size = min(len(one), len(other))
    different = one[:size] != other[:size]
    return int(different.argmax()) if different.any() else size


class Prefixes:
    """The residents of the cache."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._residents: dict[int, Resident] = {}
        self._clock = 0

    def __repr__(self) -> str:
        return f"<Prefixes {len(self._held())} held, {len(self._residents)} residents>"

    def _held(self, *, but: Resident | None = None) -> list[Resident]:
        """Residents that nobody runs in."""
        return [one for one in self._residents.values() if not one.running and one is not but]

    def match(self, tokens: Tokens) -> Match:
        """What the residents have in common with a row, whose last token is left to evaluate."""
        source, ready, promised = None, 0, 0
        for resident in self._residents.values():
            common = min(common_length(resident.tokens, tokens), len(tokens) - 1)
            now = min(common, resident.computed)
            if now > ready and now >= WORTH_COPYING:
                source, ready = resident, now
            promised = max(promised, common)
        return Match(source, ready, promised)

    def start(self, slot: int, tokens: Tokens, match: Match) -> int:
        """A row begins in this slot; returns how many tokens it was given."""
        self._clock += 1
        if match.source:
            self._slots.copy(match.source.slot, slot, match.ready)
            match.source.last_used = self._clock
            match.source.proven = max(match.source.proven, match.ready)
        self._residents[slot] = Resident(
            slot, tokens, match.ready, proven=match.ready, last_used=self._clock
        )
        return match.ready

    def progress(self, slot: int, computed: int) -> None:
        """The row in this slot has computed so many tokens."""
        resident = self._residents[slot]
        resident.computed = min(computed, len(resident.tokens))

    def finish(self, slot: int, tokens: Tokens, *, waiting: ListOf[Tokens]) -> None:
        """The row is done; what it computed is moved out of its slot and held for others."""
        self._clock += 1
        finished = self._residents[slot]
        finished.tokens, finished.computed, finished.running = tokens, len(tokens), False
        finished.last_used = self._clock
        if len(tokens) >= WORTH_COPYING and self._make_room_to_hold(finished, waiting):
            target = self._slots.take(hold=True)
            self._slots.copy(slot, target, len(tokens))
            self._residents[target] = replace(finished, slot=target)
        self.drop(slot)

    def move(self, slot: int) -> int:
        """Bring the row in this slot to a lower free one, if there is one; returns where it is."""
        if self._slots.lower(slot) is None:
            return slot
        target = self._slots.take()
        self._slots.copy(slot, target, self._slots.length(slot))
        self._residents[target] = replace(self._residents[slot], slot=target)
        self.drop(slot)
        return target

    def drop(self, slot: int) -> None:
        """Give a resident's slot back."""
        del self._residents[slot]
        self._slots.give_back(slot)

    def clear(self) -> None:
        """Drop all that is held."""
        for resident in self._held():
            self.drop(resident.slot)

    def _make_room_to_hold(self, finished: Resident, waiting: ListOf[Tokens]) -> bool:
        """Free a slot to hold in, if the finished row is worth more than what has to go for it.

        Worth most is what waiting rows begin with, then the only copy of a beginning that rows have
        had in common, then what was used last: the next request may be the same row once more.
        """
        if self._slots.room_to_hold:
            return True
        needed = {match.source.slot for match in map(self.match, waiting) if match.source}
        candidates = [finished, *self._held(but=finished)]
        least = min(
            candidates, key=lambda one: (one.slot in needed, self._is_only_copy(one), one.last_used)
        )
        if least is finished or not self._slots.has_held_slots:
            return False
        self.drop(least.slot)
        return True

    def _is_only_copy(self, resident: Resident) -> bool:
        """Whether a beginning that was shared would be lost with this resident."""
        kept = resident.tokens[: resident.proven]
        others = (one for one in self._residents.values() if one is not resident)
        return len(kept) > 0 and not any(
            min(common_length(one.tokens, kept), one.computed) == len(kept) for one in others
        )

    def check_integrity(self) -> None:
        """Raise AssertionError where a resident claims more than its slot holds."""
        for resident in self._residents.values():
            assert resident.computed <= self._slots.length(resident.slot), resident
            assert resident.computed <= len(resident.tokens), resident
