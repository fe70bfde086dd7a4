"""What a build has finished, in a small SQLite file, and the lock that keeps builds apart.

A build that was stopped goes on with what is as it was made: a note has a digest, a file its hash.
What is damaged is not there, and is made again.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_of
from realign_local.base.errors import DiskError, PlaceError
from realign_local.base.untrusted import DATABASE_ENDINGS, check_database, told

FOLDER = ".build"
LOCK = ".lock"
NAME = "ledger.sqlite"
TABLES = {"notes": "name, value", "units": "number, source, documents, passages"}
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")
"""What SQLite says of a file that is none of its own, or has other tables."""
FULL = re.compile("full|disk I/O")
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
        try:
            self._db = _opened(folder / NAME)
        except sqlite3.OperationalError as error:
            kind = DiskError if FULL.search(str(error)) else PlaceError
            raise kind(f"cannot write {folder / NAME}: {error}") from error

    def note(self, name: str) -> Any:
        """A value that was set before, None if it was not or is not as it was set."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        digest, _, text = str(row[0] if row else "").partition(" ")
        return json.loads(text) if digest == _digest(name, text) else None

    def set_note(self, name: str, value: Any) -> None:
        """Remember a JSON value."""
        text = json.dumps(value)
        kept = f"{_digest(name, text)} {text}"
        self._db.execute("INSERT OR REPLACE INTO notes VALUES(?,?)", (name, kept))

    def vouch_for(self, path: Path) -> None:
        """The file is finished."""
        self.set_note(self._name(path), sha256_of(path))

    def is_whole(self, path: Path) -> bool:
        """Whether the file is there as it was when it was finished."""
        told = self.note(self._name(path))
        return bool(told) and path.is_file() and told == sha256_of(path)

    def _name(self, path: Path) -> str:
        return f"file {path.relative_to(self.folder.parent).as_posix()}"

    def finish_unit(
        self, path: Path, number: int, source: int, documents: int, passages: int
    ) -> None:
        """The unit's file is in place."""
        self.vouch_for(path)
        row = (number, source, documents, passages)
        self._db.execute("INSERT OR REPLACE INTO units VALUES(?,?,?,?)", row)

    def finished_units(self) -> set[int]:
        """Numbers of the units that need no more work."""
        return {row[0] for row in self._db.execute("SELECT number FROM units")}

    def forget_unit(self, number: int) -> None:
        """The unit must be made again."""
        self._db.execute("DELETE FROM units WHERE number = ?", (number,))

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


def _opened(path: Path) -> sqlite3.Connection:
    try:
        check_database(path)
    except OSError as error:
        raise PlaceError(f"cannot write {path}: {told(error)}") from error
    if not _is_sound(path):
        for ending in DATABASE_ENDINGS:
            path.with_name(f"{NAME}{ending}").unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)
    return db


def _is_sound(path: Path) -> bool:
    """Whether the file is a ledger, not another database or what is left of one."""
    with closing(sqlite3.connect(path)) as db:
        try:
            (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
            named = set(db.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL"))
            for table, columns in TABLES.items():
                db.execute(f"SELECT {columns} FROM {table} LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname.startswith(DAMAGED):
                return False
            raise
    return bool(found == "ok" and named == {("table", table) for table in TABLES})


def _digest(name: str, text: str) -> str:
    return hashlib.sha256(f"{name} {text}".encode(errors="replace")).hexdigest()[:32]
