"""Child processes that run no file of the folder in which somebody happens to stand."""

from __future__ import annotations

import os
from multiprocessing import get_context
from multiprocessing.context import SpawnContext


def isolated_spawn() -> SpawnContext:
    """The context for processes that begin anew, without the current folder on their path.

    A spawned Python, and the tracker of its semaphores, look for `pickle` and `socket` in the
    current folder before they know any other. They take no options, but the environment. It stays
    set, as a pool starts its processes when work comes in.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    return get_context("spawn")
