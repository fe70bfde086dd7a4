"""Finds CUDA's libraries where PyTorch or NVIDIA's packages keep them, for a wheel that has none.

The wheels of llama-cpp-python for CUDA expect libcudart and libcublas in the system. A CUDA build
of PyTorch brings the same files, in a folder that the loader does not search; loaded beforehand,
they are taken.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

NAMES = ("libcudart.so.*", "libcublasLt.so.*", "libcublas.so.*")
"""In the order in which they need each other."""
Loaded = TypeVar("Loaded")


def with_cuda_libraries(load: Callable[[], Loaded]) -> Loaded:
    """Call `load`; where a library of CUDA is missing, once more with those that lie around."""
    try:
        return load()
    except (RuntimeError, OSError) as error:
        if not any(name.partition(".")[0] in str(error) for name in NAMES) or not _preload():
            raise
    return load()


def _preload() -> bool:
    """Whether any was loaded."""
    folders = [Path(place) / "nvidia" for place in sys.path if place]
    found = [
        path
        for name in NAMES
        for folder in folders
        for path in sorted(folder.glob(f"*/lib/{name}"))
    ]
    for path in found:
        with contextlib.suppress(OSError):
            ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    return bool(found)
