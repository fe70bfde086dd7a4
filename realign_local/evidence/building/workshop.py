"""Who makes the units and vectors of a build: this process, others beside it, or what is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

from realign_local.base.processes.isolated import isolated_spawn
from realign_local.evidence.building.parts import (
    Context,
    MadeUnit,
    UnitMaker,
    UnitTask,
    make_unit,
    start_worker,
)
from realign_local.evidence.encoders.batching import Vectors
from realign_local.evidence.encoders.encoder import Encoder, Precision

WAITING_PER_PROCESS = 2


@dataclass(frozen=True, slots=True)
class PartTask:
    """Passages whose vectors make one file. They are encoded together: which texts share a batch
    may show in the last digits."""

    number: int
    texts: list[str]


@dataclass(frozen=True, slots=True)
class PartEncoding:
    """How a build's vectors are made; `probe` has the texts by which int8 is calibrated."""

    encoder: Encoder
    precision: Precision
    probe: list[str]


MakeUnits = Callable[[Iterable[UnitTask]], Iterator[tuple[UnitTask, MadeUnit]]]
MakeVectors = Callable[[Iterable[PartTask]], Iterator[tuple[PartTask, Vectors]]]
"""Both pull tasks when there is room for them, and give each back with what was made, in any order.
What is made is the caller's to file."""


class Workshop(Protocol):
    """Where units and vectors are made; what is made does not depend on it."""

    def units(self, context: Context, *, jobs: int | None) -> AbstractContextManager[MakeUnits]:
        """Have units made by so many processes of a machine, None for one on each core."""
        ...

    def vectors(
        self, encoding: PartEncoding, heard: Callable[[int], None]
    ) -> AbstractContextManager[MakeVectors]:
        """Have parts encoded; `heard` may be told how many passages of a part are done."""
        ...


class OnThisMachine:
    """Units in processes of their own, if several are wanted; vectors in this one."""

    @contextmanager
    def units(self, context: Context, *, jobs: int | None) -> Iterator[MakeUnits]:
        """The units, each as soon as it is made."""
        processes = jobs or os.cpu_count() or 1
        if processes == 1:
            maker = cache(lambda: UnitMaker(context))
            yield lambda tasks: ((task, maker().make(task)) for task in tasks)
            return
        executor = ProcessPoolExecutor(
            processes, isolated_spawn(), initializer=start_worker, initargs=(context,)
        )
        try:
            yield partial(_side_by_side, executor, processes * WAITING_PER_PROCESS)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def vectors(
        self, encoding: PartEncoding, heard: Callable[[int], None]
    ) -> Iterator[MakeVectors]:
        """One part after the other."""
        encode = partial(
            encoding.encoder.encode, role="document", precision=encoding.precision, report=heard
        )
        yield lambda tasks: ((task, encode(task.texts)) for task in tasks)


def _side_by_side(
    executor: ProcessPoolExecutor, most: int, tasks: Iterable[UnitTask]
) -> Iterator[tuple[UnitTask, MadeUnit]]:
    waiting: dict[Future[MadeUnit], UnitTask] = {}
    for task in tasks:
        waiting[executor.submit(make_unit, task)] = task
        if len(waiting) > most:
            yield from _made(waiting)
    while waiting:
        yield from _made(waiting)


def _made(waiting: dict[Future[MadeUnit], UnitTask]) -> Iterator[tuple[UnitTask, MadeUnit]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        yield waiting.pop(future), future.result()
