"""The model, loaded while the dataset is read or the encoder loads: neither takes all cores."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path

from realign_local.base.machine import free_memory_bytes
from realign_local.engine.capacity import TYPICAL_TOKENS, Capacity
from realign_local.engine.process.fleet import Fleet, open_engine
from realign_local.engine.process.probe import is_probed
from realign_local.engine.process.worker import Worker

MEMORY_SHARE = 0.25
"""Of the free memory, at most, for a model that nobody may need: else it waits for its turn."""


class LoadedAhead:
    """At most one engine that has begun to load; whoever takes it closes it."""

    def __init__(self) -> None:
        self._begun: tuple[Capacity, Worker] | None = None

    def begin(
        self, model: Path, capacity_for: Callable[[int], Capacity], *, kept: Path | None
    ) -> None:
        """Start to load it on the CPU, where there is room; a second call does nothing.

        Nor does one for a model that was not probed yet: that would hold everything up.
        """
        is_small = model.stat().st_size <= MEMORY_SHARE * free_memory_bytes()
        if self._begun or not is_small or not is_probed(model):
            return
        capacity = capacity_for(TYPICAL_TOKENS)
        if capacity.gpu_layers:
            return
        engine = open_engine(model, capacity, kept=kept)
        if isinstance(engine, Worker):
            engine.begin()
            self._begun = capacity, engine
            weakref.finalize(self, engine.close)

    def take(self, longest_tokens: int) -> tuple[Capacity, Worker | Fleet] | None:
        """The engine, if it has room for such a row; one that has not is closed."""
        found, self._begun = self._begun, None
        if found and longest_tokens > TYPICAL_TOKENS:
            found[1].close()
            return None
        return found
