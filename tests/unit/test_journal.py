"""The journal: durable, counted, one process at a time."""

from __future__ import annotations

import errno
import math
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import DataError, DiskError, PlaceError, UsageError
from realign_local.base.reasons import Reason
from realign_local.base.records import (
    Candidate,
    Passage,
    Sample,
    Turn,
    check_choice,
    check_types,
    sample_from_json,
    sample_to_json,
)
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.files.journal import Journal, _explain
from realign_local.run.files.opening import open_run
from realign_local.run.results import Identity, Ledger, stages_of

SAMPLE = Sample(
    index=3,
    turn=1,
    id="a",
    instruction="lone \ud800 surrogate",
    original="Ünïcode\u2028line",
    history=(Turn("user", "before"),),
    given_evidence=("fact",),
    evidence=(Passage("1", "T", "S", "text", 0.5),),
    candidates=(Candidate("t", ("steps", "free"), finish="length", seed=7),),
    passed=(0,),
    chosen=0,
    margin=1.25,
    reason=Reason.NUMBER_LOST,
    checks={"numbers": "fail"},
)


def test_who_only_reads_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.set_fact("input", {"path": "a"})
    before, at = path.read_bytes(), path.stat().st_mtime_ns
    with Journal(path) as journal:
        assert journal.fact("input") == {"path": "a"}
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, at)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_sample_survives_its_json() -> None:
    assert sample_from_json(sample_to_json(SAMPLE)) == SAMPLE


def test_results_are_found_again_and_second_writes_are_counted(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.put("rewrite", {"k": {"a": 1}})
        assert journal.written_twice("rewrite") == 0
    with Journal(tmp_path / "j.sqlite") as journal:
        assert journal.get("rewrite", "k") == {"a": 1}
        assert journal.get("verify", "k") is None
        journal.put("rewrite", {"k": {"a": 2}})
        assert journal.get("rewrite", "k") == {"a": 2}
        assert journal.written_twice("rewrite") == 1


def test_counters_add_up_over_sessions(tmp_path: Path) -> None:
    for _ in range(2):
        with Journal(tmp_path / "j.sqlite") as journal:
            journal.add({"generated": 2, "seconds": 0.5})
    with Journal(tmp_path / "j.sqlite") as journal:
        assert (journal.counter("generated"), journal.counter("seconds")) == (4, 1.0)
        assert journal.counter("never added to") == 0


def test_the_queue_groups_by_priority_and_drops_equal_keys(tmp_path: Path) -> None:
    samples = [replace(SAMPLE, index=n) for n in range(100)]
    with Journal(tmp_path / "j.sqlite") as journal:
        entries = [(f"task{s.index % 2}", f"key{s.index % 90}", s) for s in samples]
        assert journal.fill_queue(iter(entries)) == 90
        order = [sample.index for _, sample in journal.queued()]
        assert order == [*range(0, 90, 2), *range(1, 90, 2)]
        assert journal.fill_queue(iter(())) == 0


def test_whoever_fills_the_queue_may_file_results_meanwhile(tmp_path: Path) -> None:
    def entries() -> Iterator[tuple[str, str, Sample]]:
        for number in range(600):
            journal.put("rewrite", {f"done{number}": 1})
            yield ("t", f"key{number}", SAMPLE)

    with Journal(tmp_path / "j.sqlite") as journal:
        assert journal.fill_queue(entries()) == 600
        assert journal.get("rewrite", "done599") == 1
        assert journal.written_twice("rewrite") == 0


def test_a_failure_while_filling_the_queue_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[str, str, Sample]]:
        yield ("t", "new", SAMPLE)
        raise RuntimeError("stopped")

    with Journal(tmp_path / "j.sqlite") as journal:
        journal.fill_queue([("t", "old", SAMPLE)])
        with pytest.raises(RuntimeError):
            journal.fill_queue(broken())
        assert [key for key, _ in journal.queued()] == []


def test_a_second_process_is_told_to_wait(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    code = "import sys, pathlib; from realign_local.run.files.journal import Journal;"
    code += "Journal(pathlib.Path(sys.argv[1]))"
    with Journal(path) as journal:
        journal.put("rewrite", {"k": 1})
        other = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True
        )
    assert other.returncode == 1
    assert "BusyError" in other.stderr
    assert "in use by another realign" in other.stderr


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError, match="sqlite"):
        Journal(path)


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    Journal(path).close()
    import sqlite3

    with sqlite3.connect(path) as db:
        db.execute("pragma user_version=99")
    db.close()
    with pytest.raises(UsageError, match="was: 99"):
        Journal(path)


def test_a_full_disk_is_called_so_and_what_was_there_stays(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.put("rewrite", {"k": "kept"})
        (pages,) = journal._db.execute("pragma page_count").fetchone()
        journal._db.execute(f"pragma max_page_count={pages}")
        with pytest.raises(DiskError, match="full") as caught:
            journal.put("rewrite", {str(n): "x" * 9000 for n in range(9)})
        assert "Free some space" in caught.value.hint
        assert journal.get("rewrite", "k") == "kept"


def test_a_read_only_folder_is_told_from_a_full_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert "Free some space" in _explain(tmp_path / "j.sqlite", error).hint
    for code in (errno.EROFS, errno.EACCES):

        def refused(code: int = code, **_: object) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr("realign_local.run.files.journal.TemporaryFile", refused)
        told = _explain(tmp_path / "j.sqlite", error)
        assert isinstance(told, PlaceError)
        assert str(told) == f"cannot write {tmp_path / 'j.sqlite'}: {os.strerror(code)}"
        assert "may write there" in told.hint


def test_a_journal_is_read_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "a #?%" / "j.sqlite"
    path.parent.mkdir()
    with Journal(path) as journal:
        journal.put("rewrite", {"k": 1})
    with Journal(path, read_only=True) as one, Journal(path, read_only=True) as other:
        assert one.get("rewrite", "k") == other.get("rewrite", "k") == 1
        with pytest.raises(DiskError, match="readonly"):
            one.put("rewrite", {"k": 2})
    assert [p.name for p in path.parent.iterdir()] == ["j.sqlite"]
    (path.parent / "j.sqlite-wal").write_bytes(b"x")
    with pytest.raises(DataError, match="was not closed"):
        Journal(path, read_only=True)


def _damage(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement, values)


@pytest.mark.parametrize(
    "value",
    [b"\xff\xfe{}", b'{"a": 1', 7, 2.5, None],
    ids=["no UTF-8", "cut", "int", "real", "null"],
)
def test_one_damaged_payload_costs_that_result_alone(tmp_path: Path, value: object) -> None:
    path = tmp_path / "j.sqlite"
    with Journal(path) as journal:
        journal.put("rewrite", {"bad": {"a": 1}, "good": {"a": 2}})
    kept = "cast(? as text)" if isinstance(value, bytes) else "coalesce(?, x'00')"
    _damage(path, f"update results set payload={kept} where key='bad'", value)
    with Journal(path) as journal:
        assert journal.get("rewrite", "bad") is None
        assert journal.get("rewrite", "good") == {"a": 2}
        journal.put("rewrite", {"bad": {"a": 1}})
        assert journal.get("rewrite", "bad") == {"a": 1}


@pytest.mark.parametrize("value", [b"{", b"\xff", b"", b"[" * 5000, 7])
def test_a_damaged_fact_is_none(tmp_path: Path, value: object) -> None:
    path = tmp_path / "j.sqlite"
    with Journal(path) as journal:
        journal.set_fact("input", {"path": "a"})
    _damage(path, "update facts set value=?", value)
    with Journal(path) as journal:
        assert journal.fact("input") in (None, 7)
        journal.set_fact("input", {"path": "b"})
        assert journal.fact("input") == {"path": "b"}


def test_a_damaged_counter_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    with Journal(path) as journal:
        journal.add({"seconds": 2.0, "tokens@1": 3.0})
    _damage(path, "update counters set value=x'ff' where name='seconds'")
    with Journal(path) as journal:
        assert journal.counter("seconds") == 0
        assert journal.counters("") == {"tokens@1": 3.0}


@pytest.mark.parametrize("column", ["stage", "key"])
def test_what_is_no_text_stays_behind_in_a_merge(tmp_path: Path, column: str) -> None:
    with Journal(tmp_path / "part.sqlite") as part:
        part.put("rewrite", {"a": 1, "b": 2})
        part.add({"seconds": 2.0, "rows": 1.0})
    _damage(tmp_path / "part.sqlite", f"update results set {column}=x'fffe' where key='a'")
    _damage(tmp_path / "part.sqlite", "update counters set name=x'fffe' where name='rows'")
    with Journal(tmp_path / "all.sqlite") as whole, Journal(tmp_path / "part.sqlite") as part:
        whole.absorb(part)
        assert [whole.get("rewrite", key) for key in "ab"] == [None, 2]
        assert whole.counters("") == {"seconds": 2.0}


def test_time_is_counted_with_every_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 11.0, 13.5, 20.0])
    its_own = SimpleNamespace(monotonic=lambda: next(clock))  # other threads look at the real one
    monkeypatch.setattr("realign_local.run.files.journal.time", its_own)
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.put("rewrite", {"a": 1})
        journal.count_time("seconds")
        journal.put("rewrite", {"b": 1})
        assert journal.counter("seconds") == 1.0
        journal.add({"generated": 1})
        assert (journal.counter("seconds"), journal.counter("generated")) == (3.5, 1)
        journal.add({})
        assert journal.counter("seconds") == 10.0


def test_the_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    _damage(path, "create table entries (day text)")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="a database of another program"):
        Journal(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["j.sqlite"]


def test_the_way_out_of_a_damaged_journal_works(tmp_path: Path) -> None:
    path = tmp_path / "run" / "journal.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError) as told:
        open_run(path.parent, "auto")
    assert "--resume force" in told.value.hint
    open_run(path.parent, "force").close()
    open_run(path.parent, "auto").close()


GUESS = {"task": "open_qa", "confidence": 0.5, "second": "", "needs_evidence": False}


def test_every_field_of_a_record_has_its_type() -> None:
    check_types(SAMPLE)
    check_types(sample_from_json(sample_to_json(SAMPLE)))
    for name in fields(Sample):
        for odd in (object(), [SAMPLE], {"a": {}}, ((),), math.inf):
            with pytest.raises(TypeError, match=f"^{name.name} must not be"):
                check_types(replace(SAMPLE, **{name.name: odd}))
    with pytest.raises(TypeError, match="candidates"):
        check_types(replace(SAMPLE, candidates=(Candidate("t", attempts="1"),)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no candidate 1"):
        check_choice(replace(SAMPLE, chosen=1))
    with pytest.raises(ValueError, match="no candidate"):
        check_choice(replace(SAMPLE, passed=(-1,)))


@pytest.mark.parametrize(
    "payload",
    [
        *([1], {"task": []}, {"other": 1}, "text", 7),
        *({**GUESS, "confidence": odd} for odd in ("x", None, math.inf, [0.5])),
        *({**GUESS, "second": 1}, {**GUESS, "needs_evidence": "no"}),
    ],
)
def test_a_result_of_another_shape_is_made_again(tmp_path: Path, payload: Any) -> None:
    criteria = read_criteria(shared_path("criteria"))
    identity = Identity(classifier="c", index="", model="", gates="g", passages=3)
    stages = stages_of(criteria, identity, RewriteSettings())
    sample = Sample(index=0, turn=1, id="a", instruction="Say it.", original="It is said.")
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        ledger = Ledger(journal, stages)
        journal.put("classify", {stages.classify.key(sample): payload})
        assert list(ledger.missing(stages.classify, [sample])) == [sample]
        assert ledger.furthest(sample).reason is Reason.NOT_REACHED


@pytest.mark.parametrize("text", ["[" * 5000, "{", ""])
def test_a_result_that_is_no_json_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as journal:
        journal.put("verify", {"a": 1})
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update results set payload=?, crc=?", (text, zlib.crc32(text.encode())))
    with closing(Journal(path)) as journal:
        assert journal.get("verify", "a") is None
