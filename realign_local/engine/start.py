"""From a model file to a running worker: read the header, choose the sizes, probe, start."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from realign_local.engine.capacity import TYPICAL_TOKENS, choose_capacity
from realign_local.engine.probe import build_facts, settle_buffers
from realign_local.engine.spec import llama_spec
from realign_local.engine.worker import Worker
from realign_local.gguf import read_gguf
from realign_local.machine import free_memory_bytes, physical_cores

log = logging.getLogger(__name__)


def open_engine(
    model: Path,
    *,
    threads: int | None = None,
    parallel: int | Literal["auto"] = "auto",
    longest_request_tokens: int = TYPICAL_TOKENS,
    gpu_layers: int | Literal["auto"] = "auto",
) -> Worker:
    """A worker over this model, sized for this machine; `Worker.spec["capacity"]` holds the sizes.

    Raises AssetError for a damaged model and EngineError for one that cannot run here.
    """
    capacity = choose_capacity(
        read_gguf(model),
        free_bytes=free_memory_bytes(),
        threads=threads or physical_cores(),
        longest_request_tokens=longest_request_tokens,
        parallel=parallel,
        gpu_layers=gpu_layers,
        has_gpu=bool(build_facts()["gpu_offload"]),
    )
    log.info("capacity: %s", capacity.reason)
    return Worker(llama_spec(model, settle_buffers(model, capacity)))
