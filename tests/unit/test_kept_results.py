"""What a run leaves for the next: found again by content, bounded, and never trusted unread."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.config import Settings
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
from realign_local.run.kept.content_store import ContentStore
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
