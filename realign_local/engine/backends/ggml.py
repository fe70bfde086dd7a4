"""The graphics cards that ggml knows, by its C interface, which the bindings do not wrap."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GPU, INTEGRATED_GPU = 1, 2
"""Of `enum ggml_backend_dev_type`."""
NOT_FOR_CARDS = {"CPU", "BLAS", "RPC", "AMX", "ZDNN", "ZenDNN"}
"""Backends that compute on the processor, or elsewhere."""
MAPS = Path("/proc/self/maps")


class Ggml:
    """Functions of libggml and libggml-base; handed the loaded libraries, it loads nothing."""

    def __init__(self, *libraries: ctypes.CDLL) -> None:
        self._libraries = libraries

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        for library in self._libraries:
            if hasattr(library, name):
                function = library[name]
                function.restype, function.argtypes = result, list(arguments)
                return function
        raise AttributeError(name)

    def backends(self) -> list[str]:
        """Names of the backends for cards that are compiled in, whether a card is there or not."""
        count = self._function("ggml_backend_reg_count", ctypes.c_size_t)()
        get = self._function("ggml_backend_reg_get", ctypes.c_void_p, ctypes.c_size_t)
        name = self._function("ggml_backend_reg_name", ctypes.c_char_p, ctypes.c_void_p)
        names = [_text(name(get(index))) for index in range(count)]
        return [name for name in names if name not in NOT_FOR_CARDS]

    def devices(self) -> list[dict[str, Any]]:
        """The cards, dedicated or integrated, with their memory at this moment."""
        name = self._function("ggml_backend_dev_name", ctypes.c_char_p, ctypes.c_void_p)
        told = self._function("ggml_backend_dev_description", ctypes.c_char_p, ctypes.c_void_p)
        size_p = ctypes.POINTER(ctypes.c_size_t)
        memory = self._function("ggml_backend_dev_memory", None, ctypes.c_void_p, size_p, size_p)
        found = []
        for device in self._cards():
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            memory(device, ctypes.byref(free), ctypes.byref(total))
            found.append(
                {
                    "name": _text(name(device)),
                    "description": _text(told(device)),
                    "free_bytes": free.value,
                    "total_bytes": total.value,
                }
            )
        return found

    def _cards(self) -> Iterator[int]:
        count = self._function("ggml_backend_dev_count", ctypes.c_size_t)()
        get = self._function("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
        kind = self._function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)
        for index in range(count):
            device = get(index)
            if kind(device) in (GPU, INTEGRATED_GPU):
                yield device


def cuda_runtime() -> str:
    """The version of the CUDA runtime that is loaded, as in `13.0`; empty where there is none."""
    try:
        lines = MAPS.read_text(encoding="utf-8", errors="replace").splitlines()
        path = next((line.split(maxsplit=5)[5] for line in lines if "/libcudart.so" in line), "")
        version = ctypes.c_int()
        if not path or ctypes.CDLL(path).cudaRuntimeGetVersion(ctypes.byref(version)):
            return ""
    except OSError:
        return ""
    return f"{version.value // 1000}.{version.value % 1000 // 10}"


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
