"""What a run leaves for the next: found again by content, bounded, and never trusted unread."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.config import Settings
from realign_local.base.errors import PlaceError
from realign_local.base.records import Passage, Sample, sample_from_json, sample_to_json
from realign_local.engine.backends.scripted import ScriptedEngine
from realign_local.engine.request import (
    Completion,
    Engine,
    Finish,
    Given,
    Message,
    Request,
    Sampling,
    Span,
)
from realign_local.run.kept.content_store import NAME, ContentStore
from realign_local.run.kept.known_answers import KnownAnswers
from realign_local.run.kept.machine_id import machine_id
from realign_local.run.kept.remembering import remembering
from realign_local.run.results import Identity
from realign_local.stages.classification import Label
from realign_local.stages.retrieval import Search
from tests.scripted import FREE, ScriptedTools, rewrite_preferred, run
from tests.unit.test_pipeline import Told


class Heard(Told):
    """Remembers the notes, too."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


PASSAGE = Passage("p1", "Ropes", "Making", "Hemp is spun into yarn, yarn is laid into rope.", 0.5)


def _asks_nobody(_text: str) -> None:
    raise AssertionError("nothing is damaged")


def _store(folder: Path, **more: Any) -> ContentStore:
    return ContentStore(folder, **{"warn": _asks_nobody, **more})


class Machine(ScriptedTools):
    """Scripted tools of a machine that is known; counts what is asked of classifier and index."""

    machine = "this one"
    model = "model"

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.labelled: list[str] = []
        self.searched: list[str] = []

    @property
    def identity(self) -> Identity:
        return replace(super().identity, machine=self.machine, model=self.model)

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        with super().classifier() as label:

            def counted(texts: Sequence[str]) -> Any:
                self.labelled += texts
                return label(texts)

            yield counted

    @contextmanager
    def search(self) -> Iterator[Search]:
        with super().search() as search:

            def counted(queries: Sequence[str], k: int) -> Any:
                self.searched += queries
                return search(queries, k)

            yield counted


def _tools(**more: Any) -> Machine:
    return Machine(
        "explain_answer",
        answer=lambda _: ["Hemp is spun into yarn first, and yarn is then laid into rope."],
        margin=rewrite_preferred,
        passages=[PASSAGE],
        **more,
    )


def _row(number: int) -> dict[str, str]:
    return {
        "instruction": f"Explain how rope number {number} is made.",
        "output": f"Hemp is spun into yarn. Yarn is laid into rope {number}.",
    }


def _job(
    place: Path, rows: Iterable[int], tools: Machine, cache: Path | None
) -> tuple[dict[str, Any], Heard]:
    source = place.with_suffix(".jsonl")
    source.write_text("".join(json.dumps(_row(n)) + "\n" for n in rows), encoding="utf-8")
    told = Heard()
    with remembering(tools, cache, told) as known:
        return run(source, place, known, rewriting=FREE), told  # type: ignore[arg-type]


def _files(place: Path) -> list[bytes]:
    return [(place / name).read_bytes() for name in ("output.jsonl", "provenance.jsonl")]


def test_an_overlapping_dataset_computes_only_what_is_new(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first, second, alone = _tools(), _tools(), _tools()
    stats, _ = _job(tmp_path / "one", range(4), first, cache)
    assert (stats["generated"], stats["found"], first.started) == (4, 0, 1)
    stats, told = _job(tmp_path / "two", range(2, 7), second, cache)
    assert (stats["generated"], stats["found"], stats["generated_twice"]) == (3, 2, 0)
    assert (len(second.generated), len(second.labelled), len(second.searched)) == (3, 3, 3)
    assert {request.messages for request in second.judged}.isdisjoint(
        request.messages for request in first.judged
    )
    assert any("2 of 5 tasks" in line for line in told.notes)
    plain, _ = _job(tmp_path / "three", range(2, 7), alone, None)
    assert (plain["generated"], plain["found"]) == (5, 0)
    assert plain["completion_tokens"] > stats["completion_tokens"]
    assert _files(tmp_path / "two") == _files(tmp_path / "three")


def test_where_all_is_known_nothing_is_loaded(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    _job(tmp_path / "one", range(3), _tools(), cache)
    again = _tools()
    stats, told = _job(tmp_path / "two", range(3), again, cache)
    assert (again.started, again.generated, again.labelled, again.searched) == (0, [], [], [])
    assert (stats["generated"], stats["found"], stats["completion_tokens"]) == (0, 3, 0)
    assert (stats["rows_per_s"] or 0, stats["prompt_tokens"]) == (0, 0)
    (line,) = [line for line in told.notes if line.startswith("known from earlier runs")]
    assert "3 of 3 tasks, 3 of 3 searches" in line
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


@pytest.mark.parametrize(
    "change",
    [{"machine": "another"}, {"model": "another"}],
)
def test_another_machine_or_model_starts_from_nothing(
    tmp_path: Path, change: dict[str, str]
) -> None:
    _job(tmp_path / "one", range(2), _tools(), tmp_path / "cache")
    other = _tools()
    for name, value in change.items():
        setattr(other, name, value)
    stats, _ = _job(tmp_path / "two", range(2), other, tmp_path / "cache")
    assert (stats["generated"], stats["found"]) == (2, 0)


def test_tools_that_cannot_tell_what_they_hang_on_keep_nothing(tmp_path: Path) -> None:
    unknown = _tools()
    unknown.machine = ""
    _job(tmp_path / "one", range(2), unknown, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


REQUEST = Request("a", (Message("user", "Why?"),), (Given("Because "), Span(8, stop=("\n",))))
OTHERS = {
    "message": replace(REQUEST, messages=(Message("user", "Why not?"),)),
    "role": replace(REQUEST, messages=(Message("system", "Why?"),)),
    "given": replace(REQUEST, answer=(Given("As "), *REQUEST.answer[1:])),
    "bound": replace(REQUEST, answer=(REQUEST.answer[0], Span(9, stop=("\n",)))),
    "stop": replace(REQUEST, answer=(REQUEST.answer[0], Span(8))),
    "seed": replace(REQUEST, sampling=Sampling(seed=1)),
    "temperature": replace(REQUEST, sampling=Sampling(temperature=0.5)),
}


def _known(store: ContentStore, *asked: Request, **more: Any) -> tuple[list[Completion], int]:
    engine = ScriptedEngine(lambda _: ["it rains"])
    known = KnownAnswers(store, lambda: engine, hang_on=("m",), **more)
    return list(known.generate(asked)), known.asked


def test_a_name_is_no_part_of_a_request_and_all_else_is(tmp_path: Path) -> None:
    with closing(_store(tmp_path)) as store:
        (first,), _ = _known(store, REQUEST)
        (again,), asked = _known(store, replace(REQUEST, key="b"))
        assert (asked, again) == (0, replace(first, key="b", found=True))
        for name, other in OTHERS.items():
            assert _known(store, other)[1] == 1, name


def test_answers_come_as_they_are_known_and_each_once(tmp_path: Path) -> None:
    rows = [replace(REQUEST, key=str(n), sampling=Sampling(seed=n // 2)) for n in range(8)]
    with closing(_store(tmp_path)) as store:
        _known(store, *rows[2:4], *rows[6:])
        done, asked = _known(store, *rows)
        assert sorted(one.key for one in done) == [str(n) for n in range(8)]
        assert asked == 2  # of equal ones this engine is asked about the first
        assert {one.key for one in done if not one.found} == {"0", "4"}
        assert _known(store) == ([], 0)


def test_two_questions_under_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    class AllAtOnce(ScriptedEngine):
        def generate(self, requests: Iterable[Request], **_: Any) -> Iterator[Completion]:
            for request in list(requests):
                text = request.messages[0].content
                yield Completion(request.key, ("Because ", text), Finish.STOP)

    both = [REQUEST, OTHERS["message"], replace(OTHERS["seed"], key="b")]
    with closing(_store(tmp_path)) as store:
        known = KnownAnswers(store, lambda: AllAtOnce(lambda _: []), hang_on=("m",))
        assert [one.pieces[1] for one in known.generate(both)] == ["Why?", "Why not?", "Why?"]
        again = [(one.pieces[1], one.found) for one in known.generate(both)]
    assert sorted(again) == [("Why not?", False), ("Why?", False), ("Why?", True)]


def test_failures_and_watched_requests_are_not_kept(tmp_path: Path) -> None:
    class Fails(ScriptedEngine):
        def generate(self, requests: Iterable[Request], **_: Any) -> Iterator[Completion]:
            for request in requests:
                yield Completion(request.key, ("", ""), Finish.FAILED, error="it died")

    with closing(_store(tmp_path)) as store:
        failed = KnownAnswers(store, lambda: Fails(lambda _: []), hang_on=("m",))
        assert [one.finish for one in failed.generate([REQUEST])] == [Finish.FAILED]
        watched = KnownAnswers(store, lambda: ScriptedEngine(lambda _: ["x"]), hang_on=("m",))
        assert list(watched.generate([REQUEST], on_piece=lambda *_: True))
        assert _known(store, REQUEST)[1] == 1


def test_a_record_that_is_no_answer_is_not_believed(tmp_path: Path) -> None:
    with closing(_store(tmp_path)) as store:
        probe = KnownAnswers(store, lambda: ScriptedEngine(lambda _: ["x"]), hang_on=("m",))
        for wrong in (["no", "object"], {"pieces": ["x"]}, {"finish": "stop", "pieces": []}, 7):
            store.keep(probe._key(REQUEST), wrong)
            (answer,) = probe.generate([REQUEST])
            assert not answer.found


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
    with pytest.raises(PlaceError, match="is no file"):
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


def test_a_machine_is_told_by_what_a_number_may_hang_on() -> None:
    settings = Settings(gpu_layers=0)
    same = machine_id(settings, threads=2)
    assert same == machine_id(settings.model_copy(update={"seed": 7}), threads=2)
    for name, value in (("kv_type", "q8_0"), ("gpu_layers", 1)):
        assert machine_id(settings.model_copy(update={name: value}), threads=2) != same
    assert machine_id(settings, threads=1) != same


def test_a_sample_keeps_what_was_found() -> None:
    sample = Sample(0, 0, "a", "Why?", "So.", prompt_tokens=9, found_tokens=(9, 4))
    assert sample_from_json(sample_to_json(sample)) == sample


def test_engines_are_made_at_the_first_question_that_is_new(tmp_path: Path) -> None:
    made: list[Engine] = []

    def make() -> Engine:
        made.append(ScriptedEngine(lambda _: ["x"]))
        return made[-1]

    with closing(_store(tmp_path)) as store, KnownAnswers(store, make, hang_on=("m",)) as known:
        known.cancel("nothing runs")
        assert not made
        list(known.generate([REQUEST]))
        list(known.generate([REQUEST]))
        known.cancel("a")
    assert len(made) == 1
