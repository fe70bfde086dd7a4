"""Sources to unit files: this process reads and files; finished units are not done again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from realign_local.evidence.building.built import BuildLedger
from realign_local.evidence.building.documents import Document
from realign_local.evidence.building.dump import Source, open_source
from realign_local.evidence.building.parts import Context, UnitTask, unit_path
from realign_local.evidence.building.workshop import OnThisMachine, Workshop
from realign_local.evidence.manifest import write_atomically

DOCUMENTS_PER_UNIT = 256
CHARACTERS_PER_UNIT = 4_000_000
LEAST_BYTES_FOR_PROCESSES = 1 << 20  # below this, starting a process takes longer than the work
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

    def missing(
        self, source: Source, place: int, before: int, heard: Callable[[int], None]
    ) -> Iterator[UnitTask]:
        """The units that are not finished; `before` are the bytes of the sources before it."""
        finished = self.ledger.finished_units()
        for number, documents in self.units(source):
            if number not in finished:
                yield UnitTask(number, place, documents, source.site)
            heard(before + source.read_bytes)

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
    workshop: Workshop | None = None,
) -> list[dict[str, Any]]:
    """Make every unit that is missing; returns what was found in each source.

    A source that an earlier run read to its end is not read again, unless a unit of it is lost.
    `language` overrules what a source says of its own.
    """
    sources = [open_source(path, fields=fields) for path in paths]
    for source in sources:
        source.language = language or source.language
    if ledger.note("language") is None:
        ledger.set_note("language", _language_of(sources))
    for number in ledger.finished_units():
        if not ledger.is_whole(unit_path(ledger.folder, number)):
            ledger.forget_unit(number)
    finished = ledger.finished_units()
    sizes = [path.stat().st_size for path in paths]
    reader = _SourceReader(ledger, limit_pages)
    found = []
    jobs = jobs if sum(sizes) >= LEAST_BYTES_FOR_PROCESSES else 1
    with (workshop or OnThisMachine()).units(context, jobs=jobs) as make:
        for place, source in enumerate(sources):
            source.threads = min(jobs or os.cpu_count() or 1, MOST_UNPACKING)
            before = sum(sizes[:place])
            done = ledger.note(f"source {place}")
            if done is None or not finished.issuperset(range(reader.number, done["units"])):
                heard = partial(_read_so_far, report, sum(sizes))
                for task, made in make(reader.missing(source, place, before, heard)):
                    path = unit_path(ledger.folder, task.number)
                    write_atomically(path, made.packed)
                    counts = len(task.documents), made.passages
                    ledger.finish_unit(path, task.number, place, *counts)
                done = _found_in(source, reader)
                ledger.set_note(f"source {place}", done)
            reader.number, reader.articles = done["units"], done["articles"]
            found.append(done)
    report("read", sum(sizes), sum(sizes))
    return found


def _read_so_far(report: Report, total: int, done: int) -> None:
    report("read", done, total)


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
