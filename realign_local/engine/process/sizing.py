"""The sizes of an engine for this machine: its free memory, its GPU, what its build survives."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Literal

from realign_local.base.machine import free_memory_bytes, physical_cores
from realign_local.base.weights.gguf import GgufInfo
from realign_local.engine.capacity import (
    TYPICAL_TOKENS,
    Capacity,
    KvType,
    choose_capacity,
    padded,
)
from realign_local.engine.process.devices import gpu_devices
from realign_local.engine.process.offload import Cards, offload
from realign_local.engine.process.probe import settle_buffers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CardChoice:
    """What the user says about graphics cards; `layers` 0 does without them."""

    layers: int | Literal["auto"] = "auto"
    kv_type: KvType = "f16"
    split: tuple[float, ...] = ()


def fit_to_machine(
    info: GgufInfo,
    *,
    threads: int | None = None,
    parallel: int | Literal["auto"] = "auto",
    longest_request_tokens: int = TYPICAL_TOKENS,
    cards: CardChoice | None = None,
) -> Capacity:
    """The sizes that this machine's memory and cards allow, and the verdict of the probe.

    The probe loads the model once in a child process, the first time that this build of llama.cpp
    meets it. Raises AssetError for a model that cannot be loaded, EngineError where it cannot run.
    """
    cards = cards or CardChoice()
    devices = gpu_devices() if cards.layers != 0 else ()
    capacity = choose_capacity(
        info,
        free_bytes=free_memory_bytes(),
        threads=threads or physical_cores(),
        longest_request_tokens=longest_request_tokens,
        parallel="auto" if devices else parallel,
    )
    if devices:
        need = min(longest_request_tokens, info.context_tokens or longest_request_tokens)
        capacity = offload(
            Cards(devices, info, padded(need), cards.kv_type),
            capacity,
            layers=cards.layers,
            parallel=parallel,
        )
        capacity = replace(capacity, split=cards.split)
    log.info("capacity: %s", capacity.reason)
    return settle_buffers(info.path, capacity)
