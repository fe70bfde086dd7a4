"""passages.sqlite: passages by number, the pages they come from, and the other names of pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from realign_local.base.errors import AssetError
from realign_local.evidence import filenames
from realign_local.evidence.native_errors import told_as_asset_error

NAME = filenames.STORE
_SCHEMA = """
CREATE TABLE pages(id INTEGER PRIMARY KEY, name TEXT NOT NULL, page_id TEXT NOT NULL,
  revision TEXT NOT NULL, title TEXT NOT NULL, aliases TEXT NOT NULL);
CREATE TABLE passages(id INTEGER PRIMARY KEY, page INTEGER NOT NULL, section TEXT NOT NULL,
  text TEXT NOT NULL);
"""
_SELECT = (
    "SELECT p.id, g.name, p.page, g.title, g.aliases, p.section, p.text"
    " FROM passages p JOIN pages g ON g.id = p.page"
)
_TYPES = (int, str, int, str, str, str, str)
_MOST_VARIABLES = 500  # SQLite takes at least 999 variables in one statement


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A stored passage: `id` is its row in the vectors, `page` the number of its page.

    `name` is the id that a row of a JSONL source brought along, empty for pages of a dump.
    """

    id: int
    name: str
    page: int
    title: str
    aliases: str
    section: str
    text: str

    @property
    def heading(self) -> str:
        """Title and section path, as the encoder sees them before the text."""
        return f"{self.title} - {self.section}" if self.section else self.title

    @property
    def encoded_text(self) -> str:
        """What the encoder reads for this passage."""
        return f"{self.heading}: {self.text}"


class PageRow(NamedTuple):
    """A page as it is stored; `aliases` are joined by semicolons."""

    name: str
    page_id: str
    revision: str
    title: str
    aliases: str


class StoreWriter:
    """Fills a new passages.sqlite; the caller moves it to its name when it is complete."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        # Safe, because a torn file is thrown away and written again.
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        self.pages = self.passages = 0

    def add_page(self, page: PageRow) -> int:
        """Store a page and return its number."""
        self._db.execute("INSERT INTO pages VALUES(?,?,?,?,?,?)", (self.pages, *page))
        self.pages += 1
        return self.pages - 1

    def add_passages(self, page: int, passages: Iterable[tuple[str, str]]) -> None:
        """Store (section, text) pairs of a page under the next numbers."""
        rows = [(self.passages + i, page, s, t) for i, (s, t) in enumerate(passages)]
        self._db.executemany("INSERT INTO passages VALUES(?,?,?,?)", rows)
        self.passages += len(rows)

    def close(self) -> None:
        """Write everything to the disk."""
        self._db.commit()
        self._db.close()


class Store:
    """Read-only access to a finished passages.sqlite. Raises AssetError where it is damaged."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise AssetError(f"{path} is missing from the index")
        self._path = path
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def __len__(self) -> int:
        with told_as_asset_error(self._path):
            return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def get(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages with these numbers."""
        found: dict[int, StoredPassage] = {}
        for start in range(0, len(ids), _MOST_VARIABLES):
            some = [int(i) for i in ids[start : start + _MOST_VARIABLES]]
            marks = ",".join("?" * len(some))
            rows = self._read(f"{_SELECT} WHERE p.id IN ({marks})", some)
            found.update((row.id, row) for row in rows)
        with told_as_asset_error(self._path):
            if missing := set(ids) - set(found):
                raise ValueError(f"it has no passage {min(missing)}")
        return found

    def scan(self, start: int = 0, stop: int | None = None) -> Iterator[StoredPassage]:
        """Passages in the order of their numbers, from `start` up to `stop`."""
        query = f"{_SELECT} WHERE p.id >= ? AND p.id < ? ORDER BY p.id"
        return self._read(query, (start, (1 << 62) if stop is None else stop))

    def _read(self, query: str, values: Sequence[int]) -> Iterator[StoredPassage]:
        with told_as_asset_error(self._path):
            for row in self._db.execute(query, values):
                if tuple(map(type, row)) != _TYPES:
                    raise ValueError(f"passage {row[0]} is none")
                yield StoredPassage(*row)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
