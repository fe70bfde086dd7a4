"""One piece of work on many batches, in several processes, with the results in their order."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from realign_local.base.errors import RealignError
from realign_local.base.processes.isolated import (
    deaf_children,
    isolated_spawn,
    live_with_parent,
    start_quiet_tracker,
)

Batch = TypeVar("Batch")
Result = TypeVar("Result")

BATCHES_AHEAD = 3
"""Batches in flight for each process: enough that none waits, few enough to bound memory."""


def in_order(
    make: Callable[[], Callable[[Batch], Result]],
    batches: Iterable[Batch],
    *,
    jobs: int,
    hint: str,
) -> Iterator[Result]:
    """The result of each batch, in order; a bounded window of batches is under way.

    `make` gives the work, once in each process; it, the batches and the results go there by pickle.
    Raises RealignError with the hint where a process dies, and whatever the work raises.
    """
    with _pool(jobs, make, hint) as pool:
        window: deque[Future[Result]] = deque()
        for batch in batches:
            with deaf_children():
                window.append(pool.submit(_do, batch))
            if len(window) >= jobs * BATCHES_AHEAD:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()


_work: Callable[[Any], Any] | None = None


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    """Runs first in every process of a pool."""
    global _work
    live_with_parent()
    _work = make()


def _do(batch: Any) -> Any:
    assert _work is not None
    return _work(batch)


@contextmanager
def _pool(jobs: int, make: Callable[[], Any], hint: str) -> Iterator[ProcessPoolExecutor]:
    """The processes, ended however this ends."""
    start_quiet_tracker()
    pool = ProcessPoolExecutor(jobs, _context(), initializer=_start, initargs=(make,))
    try:
        yield pool
    except BrokenProcessPool as error:
        raise RealignError("a worker process died", hint=hint) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _context() -> BaseContext:
    """A copy of this process is there at once, but copies a thread's locks for ever locked."""
    alone = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork") if alone else isolated_spawn()
