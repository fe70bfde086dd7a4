"""Sources to unit files: one process reads, others render; finished units are not done again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realign_local.base.processes.isolated import isolated_spawn
from realign_local.evidence.building.built import BuildLedger
from realign_local.evidence.building.documents import Document, Site
from realign_local.evidence.building.dump import Source, open_source
from realign_local.evidence.building.parts import Context, UnitMaker, make_unit, start_worker

DOCUMENTS_PER_UNIT = 256
CHARACTERS_PER_UNIT = 4_000_000
LEAST_BYTES_FOR_PROCESSES = 1 << 20  # below this, starting a process takes longer than the work
WAITING_PER_PROCESS = 2
MOST_UNPACKING = 8  # threads; beyond, reading XML in the one process is what takes the time

Report = Callable[[str, int, int], None]
Units = Iterator[tuple[int, int, list[Document]]]


@dataclass
class _SourceReader:
    """Where the reading is: numbers of units and articles run through all sources."""

    ledger: BuildLedger
    limit_pages: int | None
    number: int = 0
    articles: int = 0

    def units(self, source: Source) -> Iterator[tuple[int, list[Document]]]:
        """The source's documents in units, numbered on; stops at the limit of pages."""
        pending: list[Document] = []
        characters = 0
        for document in source:
            if self.limit_pages is not None and self.articles >= self.limit_pages:
                break
            self.articles += not document.redirect
            pending.append(document)
            characters += len(document.text)
            if len(pending) >= DOCUMENTS_PER_UNIT or characters >= CHARACTERS_PER_UNIT:
                yield self._next(pending)
                pending, characters = [], 0
        if pending:
            yield self._next(pending)

    def _next(self, documents: list[Document]) -> tuple[int, list[Document]]:
        self.number += 1
        return self.number - 1, documents


def read_sources(
    paths: Sequence[Path],
    ledger: BuildLedger,
    context: Context,
    *,
    limit_pages: int | None,
    jobs: int | None,
    report: Report,
    language: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Make every unit that is missing; returns what was found in each source.

    A source that an earlier run read to its end is not read again. `language` overrules what a
    source says of its own.
    """
    sources = [open_source(path, fields=fields) for path in paths]
    for source in sources:
        source.language = language or source.language
    if ledger.note("language") is None:
        ledger.set_note("language", _language_of(sources))
    sizes = [path.stat().st_size for path in paths]
    reader = _SourceReader(ledger, limit_pages)
    found = []
    processes = _processes(jobs, sum(sizes))
    with _Pool(ledger, context, processes=processes) as pool:
        for place, source in enumerate(sources):
            source.threads = min(processes, MOST_UNPACKING)
            before = sum(sizes[:place])
            done = ledger.note(f"source {place}")
            if done is None:
                for number, documents in reader.units(source):
                    pool.submit(number, place, documents, source.site)
                    report("read", before + source.read_bytes, sum(sizes))
                pool.drain()
                done = _found_in(source, reader)
                ledger.set_note(f"source {place}", done)
            reader.number, reader.articles = done["units"], done["articles"]
            found.append(done)
    report("read", sum(sizes), sum(sizes))
    return found


def _language_of(sources: Sequence[Source]) -> str:
    """What a source says of itself goes before what a script tells."""
    told = [source.language for source in sources] + [source.script for source in sources]
    return next(filter(None, told), "en")


def _found_in(source: Source, reader: _SourceReader) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "damage": source.damage,
        "counts": dict(source.counts),
        "units": reader.number,
        "articles": reader.articles,
    }


def _processes(jobs: int | None, size: int) -> int:
    wanted = jobs or os.cpu_count() or 1
    return wanted if size >= LEAST_BYTES_FOR_PROCESSES else 1


class _Pool:
    """Makes units, here or in other processes, and enters each one that is done into the ledger."""

    def __init__(self, ledger: BuildLedger, context: Context, *, processes: int) -> None:
        self._ledger, self._context = ledger, context
        self._finished = ledger.finished_units()
        self._most_waiting = processes * WAITING_PER_PROCESS
        self._waiting: dict[Future[tuple[int, int]], tuple[int, int]] = {}
        self._maker: UnitMaker | None = None
        self._executor: ProcessPoolExecutor | None = None
        if processes > 1:
            self._executor = ProcessPoolExecutor(
                processes, isolated_spawn(), initializer=start_worker, initargs=(context,)
            )

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, number: int, source: int, documents: list[Document], site: Site) -> None:
        """Have a unit made unless it is finished; waits while enough others are under way."""
        if number in self._finished:
            return
        if self._executor is None:
            self._maker = self._maker or UnitMaker(self._context)
            _, passages = self._maker.make(number, documents, site)
            self._ledger.finish_unit(number, source, len(documents), passages)
            return
        future = self._executor.submit(make_unit, number, documents, site)
        self._waiting[future] = (source, len(documents))
        while len(self._waiting) > self._most_waiting:
            self._collect()

    def drain(self) -> None:
        """Wait until every unit that was submitted is finished."""
        while self._waiting:
            self._collect()

    def _collect(self) -> None:
        for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
            source, documents = self._waiting.pop(future)
            number, passages = future.result()
            self._ledger.finish_unit(number, source, documents, passages)
