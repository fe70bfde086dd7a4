"""Child processes that run no file of the folder in which somebody happens to stand."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext

_LEAKED = "ignore:resource_tracker"
"""Of a parent that was killed, the tracker tidies up; nobody has to be warned of it."""


def isolated_spawn() -> SpawnContext:
    """The context for processes that begin anew, without the current folder on their path.

    A spawned Python, and the tracker of its semaphores, look for `pickle` and `socket` in the
    current folder before they know any other. They take no options, but the environment. It stays
    set, as a pool starts its processes when work comes in.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    return get_context("spawn")


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes that are started within are born with Ctrl+C blocked, and so cannot die of it.

    This one hears it as soon as the block is left: not while a process has half of what it needs.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "pthread_sigmask") or not is_main:
        yield
        return
    heard = list[int]()
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
        if heard:
            signal.raise_signal(signal.SIGINT)


def start_quiet_tracker() -> None:
    """Start the process that tidies up semaphores: before `deaf_children`, whose block it lifts."""
    if os.name == "nt":
        return
    from multiprocessing import resource_tracker

    sys.warnoptions.append(_LEAKED)  # it is given them at its start
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.remove(_LEAKED)


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
