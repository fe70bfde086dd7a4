"""Child processes that run no file of the folder in which somebody happens to stand."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext


def isolated_spawn() -> SpawnContext:
    """The context for processes that begin anew, without the current folder on their path.

    A spawned Python, and the tracker of its semaphores, look for `pickle` and `socket` in the
    current folder before they know any other. They take no options, but the environment. It stays
    set, as a pool starts its processes when work comes in.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    return get_context("spawn")


def live_with_parent() -> None:
    """Called first in a worker process: Ctrl+C is its parent's to handle, and it ends with that.

    A copy of the parent has the parent's handlers, too: it would take note of SIGTERM, and stay.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if parent := parent_process():
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
