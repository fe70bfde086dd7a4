"""The journal of a run: SQLite, one row a sample a stage, keyed by all that decides the result.

What is in the journal is finished and is never done again; what is not, is. A result is durable
when `put` returns (WAL with synchronous=FULL), so kill -9 and power loss cost only rows in flight.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from realign_local.base.errors import (
    BusyError,
    DataError,
    DiskError,
    PlaceError,
    RealignError,
    UsageError,
)
from realign_local.base.lock import Closing
from realign_local.base.records import Sample, sample_from_json, sample_to_json
from realign_local.base.untrusted import fits_utf8, loads
from realign_local.data.batches import batched
from realign_local.run.files.rundir import refuse_no_file

Entry = tuple[str, str, str, int]
"""A result as it stands in the journal: stage, key, JSON text and its checksum."""

SCHEMA_VERSION = 2
PAGE = 256
"""Rows that are queued in one transaction."""
OPEN_OR_WRITE = re.compile("unable to open|readonly")
SCHEMA = """
create table if not exists results (
  stage text not null, key text not null, payload text not null, crc integer not null,
  writes integer not null default 1, primary key (stage, key)
) without rowid;
create table if not exists queue (
  priority text not null, place integer not null, key text not null unique, sample text not null,
  primary key (priority, place)
) without rowid;
create table if not exists counters (name text primary key, value real not null) without rowid;
create table if not exists facts (name text primary key, value text not null) without rowid;
"""


class Journal(Closing):
    """The journal of one run directory; holds the directory for one process at a time.

    One on a medium that cannot be written to is read without a lock: nobody can change it.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._timed = ""
        self._since = 0.0
        refuse_no_file(path)
        with _explained(path):
            self._db = _fixed(path) if read_only else _held(path)
            try:
                self._begin(read_only)
            except BaseException:
                self._db.close()
                raise

    def _begin(self, read_only: bool) -> None:
        """A file that is not ours is refused before anything in it changes."""
        self._db.text_factory = _text
        is_new = self._check_version()
        if not read_only:
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=full")
        if is_new and not read_only:  # whoever only reads leaves the file as it is, to the byte
            marked = f"pragma user_version={SCHEMA_VERSION};"
            self._db.executescript(f"begin immediate; {SCHEMA} {marked} commit;")

    def _check_version(self) -> bool:
        """Whether nothing has been written yet."""
        (version,) = self._db.execute("pragma user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise UsageError(
                f"{self.path}: journal version must be {SCHEMA_VERSION}, was: {version}",
                hint="Another version of realign wrote it: use that one, or a new run directory.",
            )
        if not version and self._db.execute("select 1 from sqlite_master").fetchone():
            raise UsageError(
                f"{self.path} is a database of another program", hint="Give a new folder: -o RUN."
            )
        return not version

    def get(self, stage: str, key: str) -> Any | None:
        """The result of that stage; None where there is none yet, or it was damaged on the disk."""
        with _explained(self.path):
            row = self._db.execute(
                "select payload, crc from results where stage=? and key=?", (stage, key)
            ).fetchone()
        try:
            return loads(row[0]) if row and _is_sound(*row) else None
        except ValueError:
            return None

    def put(
        self, stage: str, results: Mapping[str, Any], *, counts: Mapping[str, float] | None = None
    ) -> None:
        """Store results by key in one durable transaction; a key that was there counts a write.

        `counts` are added to the counters with them, so that a kill leaves both or neither.
        """
        entries = [entry(stage, key, value) for key, value in results.items()]
        self._insert(entries, "payload=excluded.payload, crc=excluded.crc, writes=writes+1", counts)

    def keep(self, entries: Iterable[Entry]) -> None:
        """Store what costs little to find out: of equal rows it may be found out more than once."""
        self._insert(entries, "payload=excluded.payload, crc=excluded.crc")

    def _insert(
        self, entries: Iterable[Entry], update: str, counts: Mapping[str, float] | None = None
    ) -> None:
        with self._transaction():
            self._db.executemany(
                "insert into results (stage, key, payload, crc) values (?,?,?,?)"
                f" on conflict (stage, key) do update set {update}",
                entries,
            )
            self._add({**(counts or {}), **self._passed()})

    def written_twice(self, stage: str) -> int:
        """How many results of a stage were computed more than once; 0 unless something is wrong."""
        with _explained(self.path):
            (count,) = self._db.execute(
                "select count(*) from results where stage=? and writes>1", (stage,)
            ).fetchone()
        return int(count)

    @property
    def is_empty(self) -> bool:
        """Whether there is no result of any stage."""
        with _explained(self.path):
            return self._db.execute("select 1 from results limit 1").fetchone() is None

    def add(self, amounts: Mapping[str, float]) -> None:
        """Add to counters that live as long as the run, over all its sessions."""
        with self._transaction():
            self._add({**amounts, **self._passed()})

    def _add(self, amounts: Mapping[str, float]) -> None:
        self._db.executemany(
            "insert into counters values (?,?) on conflict (name)"
            " do update set value=value+excluded.value",
            list(amounts.items()),
        )

    def count_time(self, name: str) -> None:
        """From now on add the time that passes to this counter, along with whatever is stored.

        So a session that is killed has counted its time up to its last result.
        """
        self._timed, self._since = name, time.monotonic()

    def _passed(self) -> dict[str, float]:
        """What has to be added for the time since this was asked last."""
        if not self._timed:
            return {}
        since, self._since = self._since, time.monotonic()
        return {self._timed: self._since - since}

    def counter(self, name: str) -> float:
        """The value of a counter, 0 where it was never added to or was damaged on the disk."""
        with _explained(self.path):
            row = self._db.execute("select value from counters where name=?", (name,)).fetchone()
        return float(row[0]) if row and isinstance(row[0], int | float) else 0.0

    def counters(self, prefix: str) -> dict[str, float]:
        """All counters whose names begin so."""
        with _explained(self.path):
            rows = self._db.execute(
                "select name, value from counters where substr(name, 1, ?)=?", (len(prefix), prefix)
            ).fetchall()
        return {name: value for name, value in rows if isinstance(value, int | float)}

    def absorb(self, other: Journal) -> None:
        """Take over another run's results and counters; a result that is here already stays.

        What was damaged on the disk stays behind: it is done again where it is needed.
        """
        with self._transaction(), _explained(other.path):
            found = other._db.execute("select stage, key, payload, crc, writes from results")
            while page := found.fetchmany(256):
                sound = [row for row in page if _is_sound(*row[2:4]) and _are_texts(*row[:2])]
                self._db.executemany("insert or ignore into results values (?,?,?,?,?)", sound)
        self.add({name: n for name, n in other.counters("").items() if _are_texts(name)})

    def set_fact(self, name: str, value: Any) -> None:
        """Remember something about the run as a whole, as JSON."""
        with self._transaction():
            self._db.execute("insert or replace into facts values (?,?)", (name, json.dumps(value)))

    def fact(self, name: str) -> Any | None:
        """What was remembered under that name; None where nothing was, or it was damaged."""
        with _explained(self.path):
            row = self._db.execute("select value from facts where name=?", (name,)).fetchone()
        try:
            return loads(row[0]) if row else None
        except (TypeError, ValueError):
            return None

    def fill_queue(self, entries: Iterable[tuple[str, str, Sample]]) -> int:
        """Replace the queue by (priority, key, sample); equal keys are queued once.

        Returns how many wait. The queue is what lets rows be worked on grouped by task without
        holding the dataset in memory.
        """
        with self._transaction():
            self._db.execute("delete from queue")
        # A page is read before its transaction begins: whoever makes the entries may write, too.
        for page in batched(enumerate(entries), PAGE):
            rows = [(priority, n, key, sample_to_json(s)) for n, (priority, key, s) in page]
            with self._transaction():
                self._db.executemany("insert or ignore into queue values (?,?,?,?)", rows)
        with _explained(self.path):
            (count,) = self._db.execute("select count(*) from queue").fetchone()
        return int(count)

    def queued(self) -> Iterator[tuple[str, Sample]]:
        """The queue by priority and then place, read a page at a time."""
        last: tuple[str, int] = ("", -1)
        while True:
            with _explained(self.path):
                page = self._db.execute(
                    "select priority, place, key, sample from queue where (priority, place) > (?,?)"
                    " order by priority, place limit 32",
                    last,
                ).fetchall()
            if not page:
                return
            last = (page[-1][0], page[-1][1])
            for _, _, key, text in page:
                yield key, sample_from_json(text)

    def clear(self, *, but: str = "") -> None:
        """Forget everything but the fact of that name: the run begins again."""
        with self._transaction():
            for table in ("results", "queue", "counters"):
                self._db.execute(f"delete from {table}")
            self._db.execute("delete from facts where name<>?", (but,))

    def check_sound(self) -> None:
        """Raise DataError where the database itself is damaged, which a look-up need not meet."""
        with _explained(self.path):
            (found,) = self._db.execute("pragma quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of the directory."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _explained(self.path):
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back on a full disk
                    self._db.execute("rollback")
                raise
            self._db.execute("commit")


def entry(stage: str, key: str, value: Any) -> Entry:
    """A result by its key, ready to be stored."""
    text = json.dumps(value)
    return stage, key, text, _crc(text)


def _held(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    db.execute("pragma locking_mode=exclusive")
    return db


def _fixed(path: Path) -> sqlite3.Connection:
    """Open a journal that cannot change; there must be no log, as SQLite would not read it so."""
    if was_left_open(path):
        raise DataError(
            f"{path} was not closed, and {path.parent} cannot be written to",
            hint="Copy the folder to where it can be written.",
        )
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def was_left_open(path: Path) -> bool:
    """Whether a journal has a log: somebody works with it, or was killed."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _text(data: bytes) -> str:
    """Bytes that are no UTF-8 any more are for the checksum to find, not for SQLite to refuse."""
    return data.decode("utf-8", "surrogateescape")


def _crc(text: str) -> int:
    return zlib.crc32(text.encode(errors="surrogatepass"))


def _is_sound(payload: Any, crc: Any) -> bool:
    return isinstance(payload, str) and _crc(payload) == crc


def _are_texts(*values: Any) -> bool:
    """SQLite keeps bytes in a column of text, if somebody puts them there."""
    return all(isinstance(value, str) and fits_utf8(value) for value in values)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _refused(path: Path) -> OSError | None:
    """What the system itself says of writing there, which SQLite keeps to itself."""
    try:
        with TemporaryFile(dir=path.parent):  # SQLite needs files of its own beside the journal
            pass
        if path.exists():
            os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        return error
    return None


def _explain(path: Path, error: sqlite3.Error) -> RealignError:
    text = str(error)
    if "locked" in text:
        return BusyError(
            f"{path.parent} is in use by another realign", hint="Wait for it or choose another -o."
        )
    is_full, is_closed = "full" in text or "disk I/O" in text, OPEN_OR_WRITE.search(text)
    if (is_full or is_closed) and (refused := _refused(path)):
        return DiskError.about("write", path, refused)
    if is_full:
        return DiskError(f"{path}: {text}")
    if is_closed:
        return PlaceError(f"cannot write {path}: {text}", hint="Check the folder's permissions.")
    return DataError(
        f"{path} is damaged: {text}",
        hint="The journal is damaged. --resume force starts the run again; the files in the folder"
        f" stay until it ends, and can be read once {path.name} is moved out of it.",
    )
