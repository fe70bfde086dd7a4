"""Results by content for all runs of a machine: one SQLite file, checked, bounded, never needed.

Several processes may read and write at once. What is damaged counts as not known; a file that is no
database any more is begun anew. One that cannot be written to is read, and that is all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from realign_local.base.errors import PlaceError
from realign_local.base.untrusted import DATABASE_ENDINGS, check_database, told

NAME = "finished.sqlite"
VERSION = 1
APPLICATION = 0x7265616E
"""Written into the file's header, so that no other program's database is taken for ours."""
SQLITE = b"SQLite format 3\0"
HEADER_BYTES, APPLICATION_AT, VERSION_AT = 100, 68, 60
MOST_BYTES = 1 << 29
"""Of all results; those that were used longest ago go first."""
PENDING_MOST, PENDING_S = 64, 5.0
"""So many results, or so long, may be lost by a kill: the run's own journal has them."""
WAIT_S = 10.0
MOST_SESSIONS = 1 << 53
"""A number of a session above this was written by somebody else."""
GONE_AT_ONCE = 16
"""Of so many results one is forgotten where room is needed, then it is looked again."""
GONE_AT_MOST = 100
"""Rounds of that; a file that another process holds is left for the next time."""
SCHEMA = f"""
begin immediate;
pragma application_id={APPLICATION};
pragma user_version={VERSION};
create table if not exists results (
  key text primary key, payload text not null, digest blob not null, used integer not null
) without rowid;
create index if not exists by_use on results (used);
commit;
"""
"""In one piece, so that whoever opens the file meanwhile sees nothing or all of it."""


class ContentStore:
    """The results in one folder. Raises PlaceError where they cannot be had.

    `warn` is told where a damaged file is begun anew. A result counts as used in the session that
    wrote or found it.
    """

    def __init__(
        self, folder: Path, *, warn: Callable[[str], None], most_bytes: int = MOST_BYTES
    ) -> None:
        self.path = folder / NAME
        self._warn, self._most_bytes = warn, most_bytes
        self._pending: dict[str, str] = {}
        self._used: set[str] = set()
        self._flushed = time.monotonic()
        self._db, self.is_writable = self._open()
        self._session = 1 + self._last_session()

    def recall(self, key: str) -> Any | None:
        """What is kept under this key; None where nothing is, or it is damaged."""
        if key in self._pending:
            return json.loads(self._pending[key])
        rows = self._tried("select payload, digest from results where key=?", (key,))
        if not rows or not _is_sound(key, *rows[0]):
            return None
        self._used.add(key)
        return json.loads(rows[0][0])

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON-able value; a disk that takes no more is no trouble."""
        if not self.is_writable:
            return
        self._pending[key] = json.dumps(value)
        is_late = time.monotonic() - self._flushed > PENDING_S
        if len(self._pending) >= PENDING_MOST or is_late:
            self._flush()

    def close(self) -> None:
        """Write what is still to be written, and let go of the file."""
        if self.is_writable:
            self._flush()
        self._db.close()

    def _open(self) -> tuple[sqlite3.Connection, bool]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if why := _unfit(self.path):
                self._remove(why)
            try:
                return self._writable(), True
            except (OSError, sqlite3.OperationalError) as error:
                if not self.path.exists() or not _is_forbidden(error):
                    raise
                return self._fixed(), False
            except sqlite3.DatabaseError as error:
                self._remove(str(error))
                return self._writable(), True
        except (OSError, sqlite3.Error) as error:
            raise PlaceError(
                f"{self.path} cannot be had: {told(error)}",
                hint=f"Give another --cache DIR, or remove {self.path}.",
            ) from error

    def _writable(self) -> sqlite3.Connection:
        """Open or make the file: it holds texts of rows, so it is its owner's alone."""
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
        try:
            db.executescript(SCHEMA)
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=normal")
        except BaseException:
            db.close()
            raise
        return db

    def _fixed(self) -> sqlite3.Connection:
        """A file that nobody can change, as on a medium that is only read."""
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        db = sqlite3.connect(uri, uri=True, isolation_level=None)
        db.execute("select count(*) from results where key=''")
        return db

    def _last_session(self) -> int:
        """Its number. What has none that can be was used longest ago; SQLite sorts text last."""
        bounds = (0, MOST_SESSIONS)
        if self.is_writable:
            self._tried("update results set used=0 where used < ? or used > ?", bounds)
        rows = self._tried("select max(used) from results where used between ? and ?", bounds)
        return int(rows[0][0] or 0) if rows else 0

    def _remove(self, why: str) -> None:
        self._warn(f"{self.path} is damaged ({why}); it is begun anew")
        for ending in DATABASE_ENDINGS:
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def _begin_anew(self, why: str) -> None:
        self._db.close()
        self._remove(why)
        self._db = self._writable()

    def _flush(self) -> None:
        """Write what is new, mark what was used, forget what is over the bound."""
        rows = [(k, p, _digest(k, p), self._session) for k, p in self._pending.items()]
        used = [(self._session, key) for key in self._used]
        self._pending.clear()
        self._used.clear()
        self._flushed = time.monotonic()
        if rows or used:
            self._tried("begin immediate")
            self._tried("update results set used=? where key=?", used, many=True)
            self._tried("insert or replace into results values (?,?,?,?)", rows, many=True)
            self._tried("commit")
        for _ in range(GONE_AT_MOST):
            if not self._is_over():
                return
            self._tried(
                "delete from results where key in (select key from results order by used limit"
                " (select 1 + count(*) / ? from results))",
                (GONE_AT_ONCE,),
            )

    def _is_over(self) -> bool:
        """Whether the pages that are in use take more than the bound."""
        names = ("page_count", "freelist_count", "page_size")
        found = [self._tried(f"pragma {name}") for name in names]
        if not all(found) or not self._tried("select 1 from results limit 1"):
            return False
        pages, free, size = (rows[0][0] for rows in found)
        return bool((pages - free) * size > self._most_bytes)

    def _tried(self, command: str, values: Sequence[Any] = (), *, many: bool = False) -> list[Any]:
        """The rows; none where the file is full, locked for too long, or was damaged just now."""
        try:
            return self._asked(command, values, many=many)
        except sqlite3.OperationalError:
            return []
        except sqlite3.DatabaseError as error:
            if self.is_writable:
                with contextlib.suppress(OSError, sqlite3.Error):
                    self._begin_anew(str(error))
            return []

    def _asked(self, command: str, values: Sequence[Any] = (), *, many: bool = False) -> list[Any]:
        run = self._db.executemany if many else self._db.execute
        return run(command, values).fetchall()


def _unfit(path: Path) -> str:
    """Why the file is no cache of this version; "" where it is one, or there is none.

    Raises OSError for the database of another program and for what is no file, where SQLite might
    wait for ever: both are left alone.
    """
    check_database(path)
    with path.open("rb") if path.exists() else contextlib.nullcontext() as file:
        header = file.read(HEADER_BYTES) if file else b""
    if not header:
        return ""
    if not header.startswith(SQLITE):
        return "it is no database"
    application, version = (
        int.from_bytes(header[at : at + 4], "big") for at in (APPLICATION_AT, VERSION_AT)
    )
    if application == APPLICATION:
        return "" if version == VERSION else "it belongs to another version"
    raise OSError("it belongs to another program")


def _is_forbidden(error: Exception) -> bool:
    """Whether the file or its medium can only be read, and not whether it is in use."""
    words = str(error)
    return isinstance(error, OSError) or "readonly" in words or "unable to open" in words


def _digest(key: str, payload: str) -> bytes:
    return hashlib.blake2b(f"{key} {payload}".encode(), digest_size=16).digest()


def _is_sound(key: str, payload: Any, digest: Any) -> bool:
    return isinstance(payload, str) and _digest(key, payload) == digest
