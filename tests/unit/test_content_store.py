"""The store of answers: bounded, shared, private, and never trusted unread."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import PlaceError
from realign_local.run.kept.content_store import NAME, ContentStore
from realign_local.run.kept.remembering import remembering
from tests.unit.test_kept_results import Heard, _asks_nobody, _job, _store, _tools


def test_what_is_kept_lasts_and_belongs_to_its_owner(tmp_path: Path) -> None:
    with closing(_store(tmp_path / "deep" / "er")) as store:
        store.keep("k", {"text": "\ud800 Ä"})
        assert store.recall("k") == {"text": "\ud800 Ä"}
    with closing(_store(tmp_path / "deep" / "er")) as store:
        assert (store.recall("k"), store.recall("other")) == ({"text": "\ud800 Ä"}, None)
    assert (tmp_path / "deep" / "er" / NAME).stat().st_mode & 0o077 == 0


def test_the_store_is_bounded_and_the_least_recently_used_goes(tmp_path: Path) -> None:
    text = "x" * 2000
    with closing(_store(tmp_path)) as store:
        for number in range(60):
            store.keep(f"old {number}", text)
    bound = int(1.5 * (tmp_path / NAME).stat().st_size)
    with closing(_store(tmp_path)) as store:
        assert store.recall("old 7")
    with closing(_store(tmp_path, most_bytes=bound)) as store:
        for number in range(60):
            store.keep(f"new {number}", text)
    with closing(_store(tmp_path)) as store:
        assert store.recall("old 7")
        assert store.recall("new 59")
        assert not all(store.recall(f"old {number}") for number in range(60))
        assert all(store.recall(f"new {number}") for number in range(60))


def test_a_changed_payload_is_not_known(tmp_path: Path) -> None:
    with closing(_store(tmp_path)) as store:
        store.keep("a", "sound")
        store.keep("b", "sound")
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        db.execute("update results set payload=replace(payload, 'sound', 'wrong') where key='a'")
        db.execute("update results set key='c' where key='b'")
        db.commit()
    with closing(_store(tmp_path)) as store:
        assert [store.recall(key) for key in "abc"] == [None, None, None]


def _spoil_pages(data: bytes) -> bytes:
    return data[:4096] + b"\x5a" * (len(data) - 4096)


@pytest.mark.parametrize(
    "spoil",
    [lambda _: b"no database " * 99, lambda data: data[: len(data) // 2], _spoil_pages],
    ids=["other bytes", "half of it", "its pages"],
)
def test_a_damaged_file_is_begun_anew_with_a_line(tmp_path: Path, spoil: Any) -> None:
    with closing(_store(tmp_path)) as store:
        for number in range(200):
            store.keep(f"k{number}", "y" * 300)
    path = tmp_path / NAME
    path.write_bytes(spoil(path.read_bytes()))
    told: list[str] = []
    with closing(_store(tmp_path, warn=told.append)) as store:
        known = [store.recall(f"k{number}") for number in range(200)]
        assert set(known) <= {None, "y" * 300}
        store.keep("new", 1)
    assert len(told) == 1
    assert "begun anew" in told[0]
    with closing(_store(tmp_path)) as store:
        assert store.recall("new") == 1


@pytest.mark.parametrize(
    "used", ["'soon'", "x'00'", "9223372036854775807", "-9223372036854775808", "9e999", "-1.5"]
)
def test_a_session_that_cannot_be_is_of_no_account(tmp_path: Path, used: str) -> None:
    with closing(_store(tmp_path)) as store:
        store.keep("a", 1)
    with closing(_store(tmp_path)) as store:
        store.keep("b", 2)
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        db.execute(f"update results set used={used} where key='a'")
        db.commit()
    with closing(_store(tmp_path)) as store:
        store.keep("c", 3)
        assert [store.recall(key) for key in "abc"] == [1, 2, 3]
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        rows = dict(db.execute("select key, used from results"))
    assert rows == {"a": 3, "b": 3, "c": 3}


@pytest.mark.parametrize("ending", ["", "-wal", "-journal"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused_and_stays(tmp_path: Path, make: Any, ending: str) -> None:
    if ending:
        _store(tmp_path).close()
    place = tmp_path / (NAME + ending)
    make(place)
    with pytest.raises(PlaceError, match=r"not a file|directory"):
        _store(tmp_path)
    assert place.exists()


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        db.execute("create table others (x)")
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(PlaceError, match="another program"):
        _store(tmp_path)
    assert (tmp_path / NAME).read_bytes() == before
    told = Heard()
    tools = _tools()
    with remembering(tools, tmp_path, told) as known:
        assert known is tools
    assert "going on without" in told.warnings[0]


def test_one_that_cannot_be_written_to_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _job(tmp_path / "one", range(2), _tools(), tmp_path / "cache")
    before = (tmp_path / "cache" / NAME).read_bytes()
    opened = os.open

    def refuses(path: Any, flags: int, *more: Any, **others: Any) -> int:
        if flags & os.O_RDWR and str(path).endswith(NAME):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", refuses)
    stats, told = _job(tmp_path / "two", range(3), _tools(), tmp_path / "cache")
    assert (stats["generated"], stats["found"]) == (1, 2)
    assert "nothing is added" in told.warnings[0]
    assert (tmp_path / "cache" / NAME).read_bytes() == before


def _keeps(folder: Path, name: str) -> None:
    with closing(ContentStore(folder, warn=_asks_nobody)) as store:
        for number in range(300):
            store.keep(f"{name} {number}", [name] * 20)
            store.recall(f"{number}")


def test_processes_share_a_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_keeps, args=(tmp_path, name)) for name in ("one", "two")]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    with closing(_store(tmp_path)) as store:
        for name in ("one", "two"):
            assert all(store.recall(f"{name} {n}") == [name] * 20 for n in range(300))
