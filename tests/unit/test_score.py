"""Scores: expected digits, each answer asked once, columns, and a run before and after."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.config import Settings
from realign_local.base.errors import AssetError, UsageError
from realign_local.base.progress import Silent
from realign_local.cli.rows.score import _counted, scorer_of
from realign_local.commands.export import export_run
from realign_local.commands.score import of_dataset, of_run, score
from realign_local.data.formats import open_dataset
from realign_local.engine.request import Completion, Finish, Given, Request
from realign_local.rewriting.scorer import AnswerToScore, Scorer
from realign_local.rewriting.scores import DIGITS, Scored, expected, questions, scores_of
from realign_local.run import tools
from realign_local.run.files.finished import open_finished
from realign_local.run.files.run_scores import (
    ScoredResponse,
    columns_of_run,
    read_scores,
    writing_scores,
)
from realign_local.run.files.score_cache import NAME, ScoreCache, known_scores
from tests.scripted import ScriptedTools, run
from tests.unit.test_gguf import METADATA, write_gguf
from tests.unit.test_pipeline import Told

ROWS = [
    {"instruction": "Name three trees.", "output": "1)Oak.\n2)Ash.\n3)Elm."},
    {"instruction": "Name a tree.", "output": "The oak is a tree."},
]


def _completion(*logs: float, finish: Finish = Finish.STOP) -> Completion:
    return Completion("k", ("0",), finish, log_probability=logs[0], instead=logs[1:])


@given(st.lists(st.floats(-40, 0), min_size=6, max_size=6))
def test_the_expected_digit_lies_between_the_digits(logs: list[float]) -> None:
    value = expected(_completion(*logs))
    assert value is not None
    assert 0 <= value <= 5
    shifted = expected(_completion(*(log - 7 for log in logs)))
    assert shifted == pytest.approx(value)


def test_a_sure_digit_is_the_score_and_a_refused_question_has_none() -> None:
    sure = [-50.0] * 6
    sure[4] = 0.0
    assert expected(_completion(*sure)) == pytest.approx(4)
    assert expected(_completion(*sure, finish=Finish.PROMPT_TOO_LONG)) is None


def test_fit_is_the_gain_of_a_token() -> None:
    def told(log: float) -> Completion:
        return Completion("k", (), Finish.STOP, log_probability=log, scored_tokens=4)

    digits = _completion(*[math.log(1 / 6)] * 6)
    found = scores_of({"helpfulness": digits, "accuracy": digits})
    assert found == pytest.approx({"helpfulness": 2.5, "accuracy": 2.5})
    assert scores_of({"formed": told(-6.0), "plain": told(-8.0)}) == pytest.approx({"fit": 0.5})


def test_the_questions_of_an_answer_share_all_but_their_end() -> None:
    one, other = (r.messages[-1].content for r in questions(Scored("k", "Why?", "Because.")))
    shared = one[: one.index("How helpful")]
    assert other.startswith(shared)
    with_form = list(questions(Scored("k", "Why?", "Because.", form="A list.")))
    assert [r.key for r in with_form] == ["formed|k", "plain|k"]


class _Model:
    """Thinks an answer the better the longer it is, or bad for a crooked list; counts questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            (part,) = request.answer
            assert isinstance(part, Given)
            assert part.instead == DIGITS[1:]
            text = request.messages[-1].content
            self.asked.append(text)
            digit = 2 if "1)" in text else min(5, text.count("\n"))
            logs = [0.0 if n == digit else -30.0 for n in range(6)]
            yield Completion(
                request.key, ("0",), Finish.STOP, log_probability=logs[0], instead=tuple(logs[1:])
            )


def _dataset(folder: Path) -> Path:
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def test_columns_means_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    dataset, out = open_dataset(_dataset(tmp_path)), tmp_path / "out.jsonl"
    model = _Model()
    with ScoreCache(tmp_path) as known:
        scorer = Scorer(model, model="m", known=known)
        first = score(of_dataset(dataset), scorer, output=out, progress=Silent())
    with ScoreCache(tmp_path) as known:
        again = Scorer(model, model="m", known=known)
        second = score(of_dataset(dataset), again, progress=Silent())
        other = Scorer(model, model="n", known=known)
        score(of_dataset(dataset), other, progress=Silent())
    assert (first.asked, second.asked, other.asked) == (2, 0, 2)
    assert first.as_dict() == second.as_dict() | {"asked": 2}
    assert len(model.asked) == 8
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [{k: row[k] for k in ROWS[0]} for row in rows] == ROWS
    assert all(0 <= row["realign_helpfulness"] <= 5 for row in rows)
    assert all(0 <= row["realign_accuracy"] <= 5 for row in rows)


def test_a_run_is_scored_as_it_was_and_as_it_is(tmp_path: Path) -> None:
    run(_dataset(tmp_path), tmp_path / "run", ScriptedTools())
    finished, out, model = open_finished(tmp_path / "run"), tmp_path / "out.jsonl", _Model()
    scorer = Scorer(model, model="m")
    found = score(of_run(finished), scorer, output=out, progress=Silent())
    assert found.asked == 3  # the second response is as it was
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows[0]["output"].startswith("1. Oak.")
    assert all("realign_accuracy_before" in row for row in rows)
    assert set(found.as_dict()["helpfulness"]) == {"before", "after"}


def test_rows_without_a_response_have_no_score(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps(ROWS[0]) + '\n{"instruction": 1}\n', encoding="utf-8")
    out = tmp_path / "out.jsonl"
    scorer = Scorer(_Model(), model="m")
    found = score(of_dataset(open_dataset(path)), scorer, output=out, progress=Silent())
    assert (found.rows, found.responses) == (2, 1)
    assert out.read_text(encoding="utf-8").splitlines()[1] == '{"instruction": 1}'


def test_rows_that_cannot_be_read_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    path, told = tmp_path / "in.jsonl", Told()
    path.write_text(json.dumps(ROWS[0]) + '\n{"instruction": 1}\nno row\n', encoding="utf-8")
    assert _counted(of_dataset(open_dataset(path)), told) == (3, 2)
    (warning,) = told.warnings
    assert warning.startswith("2 rows could not be read and stay as they are, the first: ")
    assert f"{path.name}:2" in warning


def test_answers_that_differ_in_their_request_are_asked_apart() -> None:
    scorer = Scorer(_Model(), model="m")
    one = AnswerToScore("Why?", "Because.")
    heard: list[int] = []
    scorer.scores([one, one, AnswerToScore("How?", "Because.")], done=heard.append)
    assert scorer.asked == 2
    assert sum(heard) == 3


class _Killed(Exception):
    pass


def test_a_kill_costs_only_what_the_model_is_working_on(tmp_path: Path) -> None:
    answers = [AnswerToScore(f"Why {n}?", "Because.") for n in range(9)]

    def dies(requests: Iterable[Request]) -> Iterator[Completion]:
        for number, completion in enumerate(_Model()(requests)):
            if number == 7:
                raise _Killed
            yield completion

    with ScoreCache(tmp_path) as known:
        with pytest.raises(_Killed):
            Scorer(dies, model="m", known=known).scores(answers)
        left = Scorer(_Model(), model="m", known=known)
        left.scores(answers)
    assert left.asked == 6  # three had both their answers


def test_nothing_is_asked_of_a_model_that_is_not_needed(tmp_path: Path) -> None:
    def none(_requests: Iterable[Request]) -> Iterator[Completion]:
        raise AssertionError("no model is there")

    with ScoreCache(tmp_path) as known:
        Scorer(_Model(), model="m", known=known).scores([AnswerToScore("Why?", "Because.")])
        Scorer(none, model="m", known=known).scores([AnswerToScore("Why?", "Because.")])


def test_two_processes_share_a_cache_that_is_bounded(tmp_path: Path) -> None:
    with ScoreCache(tmp_path) as one, ScoreCache(tmp_path, most=3) as other:
        for number in range(5):
            one.keep(f"k{number}", {"helpfulness": 1.0 + number})
        other.keep("x", {"fit": -0.25})
        assert one.recall(["x", "k1", "none"]) == {"x": {"fit": -0.25}, "k1": {"helpfulness": 2.0}}
    with ScoreCache(tmp_path) as left:
        assert len(left.recall(["x", *(f"k{n}" for n in range(5))])) == 3


def test_what_nobody_asked_for_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScoreCache(tmp_path) as cache:
        cache.keep("a", {"fit": 1.0})
        cache.keep("b", {"fit": 2.0})
    monkeypatch.setattr("time.time", lambda: 4e9)
    with ScoreCache(tmp_path, most=1) as cache:
        cache.recall(["a"])
    with ScoreCache(tmp_path) as cache:
        assert cache.recall(["a", "b"]) == {"a": {"fit": 1.0}}


def test_a_damaged_score_is_not_known(tmp_path: Path) -> None:
    with ScoreCache(tmp_path) as cache:
        cache.keep("a", {"fit": 1.0})
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        db.execute("update scores set payload=?", ('{"fit": 4.0}',))
        db.commit()
    with ScoreCache(tmp_path) as cache:
        assert cache.recall(["a"]) == {}


@pytest.mark.parametrize("content", [b"no database at all" * 99, None])
def test_who_cannot_have_the_cache_goes_on_without(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        with closing(sqlite3.connect(tmp_path / NAME)) as db:
            db.execute("create table others (x)")
    else:
        (tmp_path / NAME).write_bytes(content)
    told: list[str] = []
    with ExitStack() as stack:
        assert known_scores(tmp_path, stack, warn=told.append) is None
    assert "without the scores" in told[0]
    if content is not None:
        assert (tmp_path / NAME).read_bytes() == content


def test_the_fit_has_its_own_part_and_the_digits_are_known_without_it(tmp_path: Path) -> None:
    def model(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            asked.append(request.key.partition("|")[0])
            yield Completion(request.key, (), Finish.STOP, log_probability=-1.0,
                             scored_tokens=2, instead=(-1.0,) * 5)  # fmt: skip

    asked: list[str] = []
    with ScoreCache(tmp_path) as known:
        Scorer(model, model="m", known=known).scores([AnswerToScore("Why?", "Because.")])
        (told,) = Scorer(model, model="m", known=known).scores(
            [AnswerToScore("Why?", "Because.", form="A list.")]
        )
    assert asked == ["helpfulness", "accuracy", "formed", "plain"]
    assert told == {"helpfulness": 2.5, "accuracy": 2.5, "fit": 0.0}


def test_a_run_keeps_its_scores_until_it_is_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(_dataset(tmp_path), folder, ScriptedTools())
    assert read_scores(folder) is None
    finished, scorer = open_finished(folder), Scorer(_Model(), model="m")
    with writing_scores(folder, model="tiny", judge="as good as chance") as record:
        score(of_run(finished), scorer, record=record, progress=Silent())
    kept = read_scores(folder)
    assert kept is not None
    assert (kept.model, kept.judge) == ("tiny", "as good as chance")
    first, second = kept.responses()
    assert first.before != first.after
    assert second.before == second.after
    stats = json.loads((folder / "stats.json").read_text("utf-8"))
    stats["files"]["provenance.jsonl"]["sha256"] = "0" * 64
    (folder / "stats.json").write_text(json.dumps(stats), encoding="utf-8")
    assert read_scores(folder) is None


class _Steps(Silent):
    def __init__(self) -> None:
        self.steps = 0

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        self.steps += steps


@pytest.mark.parametrize("rows", [ROWS, [*ROWS, {"instruction": "Say nothing.", "output": ""}]])
def test_progress_counts_rows(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    path, seen = tmp_path / "in.jsonl", _Steps()
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for known in range(2):
        with ScoreCache(tmp_path) as cache:
            scorer = Scorer(_Model(), model="m", known=cache)
            score(of_dataset(open_dataset(path)), scorer, progress=seen)
        assert seen.steps == len(rows) * (known + 1)


@pytest.mark.parametrize("target", ["messages", "dpo", "alpaca"])
def test_an_export_carries_the_scores_of_the_run(tmp_path: Path, target: str) -> None:
    folder, out = tmp_path / "run", tmp_path / "out.jsonl"
    run(_dataset(tmp_path), folder, ScriptedTools(), settings={})
    with pytest.raises(UsageError, match="no scores"):
        columns_of_run(folder)
    with writing_scores(folder, model="m", judge="") as record:
        record(ScoredResponse(0, 0, "", {"helpfulness": 2.0}, {"helpfulness": 3.0, "fit": 0.5}))
    plain = tmp_path / "plain.jsonl"
    export_run(folder, plain, target=target)
    export_run(folder, out, target=target, scores=columns_of_run(folder))
    names = ["realign_helpfulness", "realign_fit", "realign_helpfulness_before"]
    scored = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [scored[0][name] for name in names] == [3.0, 0.5, 2.0]
    assert all(row[name] is None for row in scored[1:] for name in names)
    bare = [{k: v for k, v in row.items() if k not in names} for row in scored]
    assert bare == [json.loads(line) for line in plain.read_text("utf-8").splitlines()]


def test_a_model_is_enough_to_score_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_there(_wanted: str | None) -> Path:
        raise AssetError("no encoder")

    monkeypatch.setattr(tools, "find_encoder", none_there)
    write_gguf(tmp_path / "m.gguf", METADATA)
    named = tools.ModelTools(Settings(model=str(tmp_path / "m.gguf")))
    assert (named.model_name, named.notes) == ("m.gguf", ())
    with pytest.raises(AssetError):
        tools.LocalTools(Settings(model=str(tmp_path / "m.gguf")))


def test_a_model_that_nobody_named_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_gguf(tmp_path / "small.gguf", METADATA)
    monkeypatch.setattr(tools, "find_model", lambda _: tmp_path / "small.gguf")
    told = Told()
    with ExitStack() as stack:
        scorer_of(tools.ModelTools(Settings(cache=str(tmp_path / "cache"))), stack, told)
    assert told.notes == ["no model was named: small.gguf is taken"]
