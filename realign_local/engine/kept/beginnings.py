"""Policy: which beginnings are taken from files instead of evaluated, and which go there.

Only what a prompt says itself to be its fixed part (`Message.recurs`) goes to a file. What rows
merely happen to share is mostly their own: two questions about one answer, candidates for one row.
"""

from __future__ import annotations

from dataclasses import replace

from realign_local.engine.backend import Backend, Tokens
from realign_local.engine.kept.state_files import StateFiles
from realign_local.engine.prefix import Prefixes
from realign_local.engine.scheduler import Share
from realign_local.engine.sequence import Sequence

LEAST_TOKENS = 64
"""Evaluating fewer takes no longer than reading a file."""


class Beginnings:
    """The way of states between files and slots; every beginning goes to a file once at most."""

    def __init__(self, files: StateFiles, backend: Backend, prefixes: Prefixes) -> None:
        self._files = files
        self._backend = backend
        self._prefixes = prefixes
        self._missing: set[bytes] = set()
        self._settled: set[bytes] = set()

    def __repr__(self) -> str:
        return f"<Beginnings {len(self._missing)} to write, {len(self._settled)} settled>"

    def fetch(self, sequence: Sequence) -> int:
        """Read the beginning of a row that waits into a free slot, where none has it yet.

        Returns how many tokens that were. Only before slots are copied for the next step: the
        backend may copy as late as in that step.
        """
        beginning = _beginning(sequence)
        key = beginning.tobytes()
        if not key or key in self._missing or self._prefixes.have(sequence.guest, len(beginning)):
            return 0
        slot = self._prefixes.free_slot()
        if slot is None and self._files.has(beginning):
            return 0
        state = None if slot is None else self._files.read(beginning)
        if slot is not None and state and self._prefixes.take_in(slot, beginning, state):
            self._settled.add(key)
            return len(beginning)
        if key not in self._settled:
            self._missing.add(key)
        return 0

    def halt(self, share: Share) -> Share:
        """The row's part of a step, ended where a beginning does that is to be written."""
        sequence = share.sequence
        left = sequence.recurring - sequence.computed
        if not 0 < left < share.count or self._to_write(sequence) is None:
            return share
        return replace(share, count=left, catches_up=False, drafted=(), scored=0)

    def keep(self, sequence: Sequence) -> None:
        """After a step: write the state of a row that has just computed its beginning."""
        beginning = self._to_write(sequence) if sequence.computed == sequence.recurring else None
        if beginning is None:
            return
        state = self._backend.state(sequence.slot)
        if state:
            self._files.write(beginning, state)
        self._missing.discard(beginning.tobytes())
        self._settled.add(beginning.tobytes())

    def _to_write(self, sequence: Sequence) -> Tokens | None:
        beginning = _beginning(sequence)
        return beginning if beginning.tobytes() in self._missing else None


def _beginning(sequence: Sequence) -> Tokens:
    """The tokens that are the same in other runs; none where they are too few."""
    return sequence.opening[: sequence.recurring if sequence.recurring >= LEAST_TOKENS else 0]
