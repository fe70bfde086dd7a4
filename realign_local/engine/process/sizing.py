"""The sizes of an engine for this machine: its free memory, its GPU, what its build survives."""

from __future__ import annotations

import logging
from typing import Literal

from realign_local.base.machine import free_memory_bytes, gpu_refused, physical_cores
from realign_local.base.weights.gguf import GgufInfo
from realign_local.engine.capacity import TYPICAL_TOKENS, Capacity, choose_capacity
from realign_local.engine.process.probe import build_facts, settle_buffers

log = logging.getLogger(__name__)


def fit_to_machine(
    info: GgufInfo,
    *,
    threads: int | None = None,
    parallel: int | Literal["auto"] = "auto",
    longest_request_tokens: int = TYPICAL_TOKENS,
    gpu_layers: int | Literal["auto"] = "auto",
) -> Capacity:
    """`choose_capacity` fed with what this machine has, and with the verdict of the probe.

    The probe loads the model once in a child process, the first time that this build of llama.cpp
    meets it. Raises AssetError for a model that cannot be loaded, EngineError where it cannot run.
    """
    capacity = choose_capacity(
        info,
        free_bytes=free_memory_bytes(),
        threads=threads or physical_cores(),
        longest_request_tokens=longest_request_tokens,
        parallel=parallel,
        gpu_layers=gpu_layers,
        has_gpu=bool(build_facts()["gpu_offload"]) and not gpu_refused(),
    )
    log.info("capacity: %s", capacity.reason)
    return settle_buffers(info.path, capacity)
