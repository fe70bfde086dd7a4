"""Versions of this program and of the libraries that decide its results, without loading them."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    "llama-cpp-python",
    "faiss-cpu",
    "sentence-transformers",
    "torch",
    "tantivy",
    "numpy",
    "pyarrow",
)


def versions() -> dict[str, str]:
    """Python's version and each library's, by the name under which it is installed."""
    return {"python": platform.python_version(), **{name: installed(name) for name in LIBRARIES}}


def installed(name: str) -> str:
    """A library's version, or that it has none here."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
