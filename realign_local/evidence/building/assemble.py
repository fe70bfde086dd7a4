"""Unit files to passages.sqlite: numbers by the order of units, exact duplicates left out."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realign_local.evidence.building.built import BuildLedger
from realign_local.evidence.building.parts import UnitContent, read_unit, title_key
from realign_local.evidence.store import PageRow, StoreWriter

MOST_ALIASES = 12  # of a page: more names add noise, and no reader knows the thirteenth
TEMPLATES_SHOWN = 200

Report = Callable[[str, int, int], None]


def assemble(work: Path, target: Path, ledger: BuildLedger, report: Report) -> dict[str, Any]:
    """Write the store and return {"pages", "passages", "counts", "dropped"}.

    Two readings of the units: the first gathers the hashes of passages and the redirects, the
    second writes. Memory holds 8 bytes a passage.
    """
    units = ledger.totals()[0]
    with closing(_Aliases(work / "aliases.sqlite")) as aliases:
        kept = _first_of_each(_gather(work, units, aliases, report))
        temporary = work / "passages.tmp"
        totals = _write(work, units, temporary, kept, aliases, report)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(target)
    return totals


def _gather(
    work: Path, units: int, aliases: _Aliases, report: Report
) -> Iterator[NDArray[np.uint64]]:
    for number in range(units):
        content = read_unit(work, number)
        aliases.add(content)
        hashes = [_hash(page[3], text) for page in content.pages for _, text in page[5]]
        yield np.array(hashes, dtype=np.uint64)
        report("assemble", number + 1, 2 * units)


def _hash(title: str, text: str) -> int:
    """64 bits: among 40 million passages one false duplicate is a chance of 1 in 20,000."""
    return int.from_bytes(
        hashlib.blake2b(f"{title}\0{text}".encode(), digest_size=8).digest(), "big"
    )


def _first_of_each(hashes: Iterator[NDArray[np.uint64]]) -> NDArray[np.bool_]:
    """For every passage in order whether it is the first one with its hash."""
    everything = np.concatenate([np.zeros(0, dtype=np.uint64), *hashes])
    kept = np.zeros(len(everything), dtype=np.bool_)
    kept[np.unique(everything, return_index=True)[1]] = True
    return kept


def _write(
    work: Path,
    units: int,
    temporary: Path,
    kept: NDArray[np.bool_],
    aliases: _Aliases,
    report: Report,
) -> dict[str, Any]:
    counts: Counter[str] = Counter(duplicates=int((~kept).sum()))
    dropped: Counter[str] = Counter()
    place = 0
    with closing(StoreWriter(temporary)) as writer:
        for number in range(units):
            content = read_unit(work, number)
            counts.update(content.counts)
            dropped.update(content.dropped)
            for *page, title, names, passages in content.pages:
                mask = kept[place : place + len(passages)]
                place += len(passages)
                if mask.any():
                    names = "; ".join([*names, *aliases.of(title)][:MOST_ALIASES])
                    written = writer.add_page(PageRow._make([*page, title, names]))
                    writer.add_passages(written, list(compress(passages, mask)))
            report("assemble", units + number + 1, 2 * units)
        totals = {"pages": writer.pages, "passages": writer.passages}
    return {**totals, "counts": counts, "dropped": dict(dropped.most_common(TEMPLATES_SHOWN))}


class _Aliases:
    """Redirects by their target, on the disk: a large wiki has more of them than articles."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE aliases(target TEXT NOT NULL, name TEXT NOT NULL);"
        )
        self._indexed = False
        self.found = 0

    def add(self, content: UnitContent) -> None:
        """Remember the redirects of a unit."""
        rows = [(target, name) for name, target in content.redirects]
        self._db.executemany("INSERT INTO aliases VALUES(?,?)", rows)

    def of(self, title: str) -> list[str]:
        """Other names of a page, in the order of the dump."""
        if not self._indexed:
            self._db.execute("CREATE INDEX by_target ON aliases(target)")
            self._indexed = True
        query = "SELECT name FROM aliases WHERE target = ? ORDER BY rowid LIMIT ?"
        return [row[0] for row in self._db.execute(query, (title_key(title), MOST_ALIASES))]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
