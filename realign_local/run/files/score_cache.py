"""Scores by content, model and question, kept for all runs and commands of a machine, bounded.

SQLite, without a lock that lasts: several processes may read and write at the same time. It is a
cache: what is damaged in it counts as not known, and whoever cannot have it goes on without.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from realign_local.base.errors import PlaceError
from realign_local.base.lock import Closing
from realign_local.base.untrusted import check_database, told
from realign_local.data.batches import batched
from realign_local.rewriting.scores import Scores, as_scores

NAME = "answer-scores.sqlite"
VERSION = 1
APPLICATION = 0x7265616C
"""Written into the file's header, so that no other program's database is taken for a cache."""
MOST = 1_000_000
"""Parts of answers that are kept, about 200 MB; those that nobody asked for longest go first."""
WAIT_S = 10.0
KEYS_AT_ONCE = 500
DAY_S = 86_400
SCHEMA = """
create table if not exists scores (
  key text primary key, payload text not null, crc integer not null, used integer not null
) without rowid;
create index if not exists by_use on scores (used);
"""


class ScoreCache(Closing):
    """The scores in one folder. Raises PlaceError where they cannot be had."""

    def __init__(self, folder: Path, *, most: int = MOST) -> None:
        self.path = folder / NAME
        self._most = most
        self._today = int(time.time() // DAY_S)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            check_database(self.path)
            self._db = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
            try:
                self._begin()
            except BaseException:
                self._db.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise PlaceError(
                f"scores cannot be kept in {folder}: {told(error)}",
                hint=f"Give another --cache DIR, or remove {self.path}.",
            ) from error

    def _begin(self) -> None:
        (application,) = self._db.execute("pragma application_id").fetchone()
        (version,) = self._db.execute("pragma user_version").fetchone()
        is_new = not self._db.execute("select 1 from sqlite_master limit 1").fetchone()
        if not is_new and (application, version) != (APPLICATION, VERSION):
            raise sqlite3.DatabaseError("it belongs to another version or program")
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.execute(f"pragma application_id={APPLICATION}")
        self._db.execute(f"pragma user_version={VERSION}")
        self._db.executescript(SCHEMA)

    def recall(self, keys: Sequence[str]) -> dict[str, Scores]:
        """Those of these keys that are known and not damaged."""
        found: dict[str, Scores] = {}
        for some in batched(keys, KEYS_AT_ONCE):
            marks = ",".join("?" * len(some))
            rows = self._tried(
                f"select key, payload, crc, used from scores where key in ({marks})", some
            )
            read = {key: _scores(key, payload, crc) for key, payload, crc, _ in rows}
            found |= {key: scores for key, scores in read.items() if scores}
            if old := [key for key, _, _, used in rows if used != self._today]:
                marks = ",".join("?" * len(old))
                self._tried(f"update scores set used=? where key in ({marks})", [self._today, *old])
        return found

    def keep(self, key: str, scores: Scores) -> None:
        """Remember the scores of one answer; a disk that takes no more is no trouble."""
        payload = json.dumps(scores)
        row = (key, payload, _crc(key, payload), self._today)
        self._tried("insert or replace into scores values (?,?,?,?)", row)

    def close(self) -> None:
        """Forget what is over the bound, and let go of the file."""
        over = [n - self._most for (n,) in self._tried("select count(*) from scores")]
        if over and over[0] > 0:
            self._tried(
                "delete from scores where key in (select key from scores order by used limit ?)",
                (over[0],),
            )
        self._db.close()

    def _tried(self, command: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows; none where the file is damaged, full or locked for too long."""
        try:
            return self._db.execute(command, values).fetchall()
        except sqlite3.Error:
            return []


def known_scores(
    folder: Path | None, stack: ExitStack, *, warn: Callable[[str], None]
) -> ScoreCache | None:
    """The scores in that folder; None where there is none, or it cannot be had, which is told."""
    try:
        return stack.enter_context(ScoreCache(folder)) if folder else None
    except PlaceError as error:
        warn(f"going on without the scores of earlier sessions: {error}")
        return None


def _crc(key: str, payload: str) -> int:
    return zlib.crc32(f"{key} {payload}".encode())


def _scores(key: Any, payload: Any, crc: Any) -> Scores:
    """What was kept; nothing where it is not as it was written."""
    if not isinstance(payload, str) or _crc(str(key), payload) != crc:
        return {}
    try:
        found = json.loads(payload)
    except ValueError:
        return {}
    return as_scores(found) if isinstance(found, dict) else {}
