"""What a build has finished, in a small SQLite file, and the lock that keeps builds apart."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

FOLDER = ".build"
LOCK = ".lock"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS notes(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS units(number INTEGER PRIMARY KEY, source INTEGER NOT NULL,
  documents INTEGER NOT NULL, passages INTEGER NOT NULL);
"""


class BuildLedger:
    """Units and notes of one build; every write is on the disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._db = sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)

    def note(self, name: str) -> Any:
        """A value that was set before, None if it was not."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def set_note(self, name: str, value: Any) -> None:
        """Remember a JSON value."""
        self._db.execute("INSERT OR REPLACE INTO notes VALUES(?,?)", (name, json.dumps(value)))

    def finish_unit(self, number: int, source: int, documents: int, passages: int) -> None:
        """The unit's file is in place."""
        row = (number, source, documents, passages)
        self._db.execute("INSERT OR REPLACE INTO units VALUES(?,?,?,?)", row)

    def finished_units(self) -> set[int]:
        """Numbers of the units that need no more work."""
        return {row[0] for row in self._db.execute("SELECT number FROM units")}

    def totals(self) -> tuple[int, int, int]:
        """(units, documents, passages) so far."""
        query = (
            "SELECT count(*), coalesce(sum(documents), 0), coalesce(sum(passages), 0) FROM units"
        )
        units, documents, passages = self._db.execute(query).fetchone()
        return units, documents, passages

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
