"""The encoder on a graphics card: whether it goes there, and what happens when memory is short.

`torch` is handed over by the encoder's file.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from realign_local.base.errors import AssetError
from realign_local.base.machine import gpu_refused
from realign_local.evidence.encoders.batching import Vectors

DEVICE = "cuda"
CANNOT = (RuntimeError, AssertionError, NotImplementedError)
"""What torch raises for a card that it was not built for, or that is full."""
BFLOAT16_SINCE = (8, 0)
"""NVIDIA's compute capability from which the card itself computes in bfloat16 (Ampere)."""
NO_ROOM_HINT = "Free the card's memory, or set REALIGN_GPU_LAYERS=0 to leave it alone."


def is_there(torch: Any) -> bool:
    """Whether torch has a card of CUDA's, and nobody said to leave it alone."""
    if gpu_refused():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a driver that is too old is warned of, and is no card
        return bool(torch.cuda.is_available())


def loads_to(use_card: bool, there: bool) -> str | None:
    """Where weights are loaded to: the CPU, also if they go to a card then, so that failing to get
    there is no failure to load. None is the library's own choice, which knows other devices."""
    return "cpu" if there or not use_card or gpu_refused() else None


def has_bfloat16(torch: Any) -> bool:
    """Whether the card computes in bfloat16, which older ones only imitate."""
    return tuple(torch.cuda.get_device_capability()) >= BFLOAT16_SINCE


def in_parts(
    torch: Any, run: Callable[[dict[str, Any]], Vectors], features: dict[str, Any]
) -> Vectors:
    """Vectors of a batch, in halves where the card has no room for the whole of it.

    Raises AssetError where there is none for a single text.
    """
    rows = len(features["input_ids"])
    try:
        return run(dict(features))
    except torch.cuda.OutOfMemoryError as error:
        if rows < 2:
            full = "the graphics card has no memory left for the encoder"
            raise AssetError(full, hint=NO_ROOM_HINT) from error
    torch.cuda.empty_cache()
    parts = (slice(rows // 2), slice(rows // 2, rows))
    halves = ({k: _rows(v, part, rows) for k, v in features.items()} for part in parts)
    return np.concatenate([in_parts(torch, run, half) for half in halves])


def _rows(value: Any, part: slice, rows: int) -> Any:
    """The part of what has a line for each text; all else is said of the whole batch."""
    return value[part] if hasattr(value, "shape") and len(value) == rows else value
