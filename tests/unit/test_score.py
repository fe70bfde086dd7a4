"""Scores: expected digits, each answer asked once, columns, and a run before and after."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.progress import Silent
from realign_local.base.records import Sample
from realign_local.commands.score import Scorer, of_dataset, of_run, score
from realign_local.data.formats import open_dataset
from realign_local.engine.request import Completion, Finish, Given, Request
from realign_local.rewriting.scores import DIGITS, Scored, expected, questions, scores_of
from realign_local.run.files.finished import open_finished
from realign_local.run.files.journal import Journal
from tests.scripted import ScriptedTools, run

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
    found = scores_of(
        {"helpfulness": digits, "accuracy": digits, "formed": told(-6.0), "plain": told(-8.0)}
    )
    assert found == pytest.approx({"helpfulness": 2.5, "accuracy": 2.5, "fit": 0.5})


def test_the_questions_of_an_answer_share_all_but_their_end() -> None:
    one, other = (r.messages[-1].content for r in questions(Scored("k", "Why?", "Because.")))
    shared = one[: one.index("How helpful")]
    assert other.startswith(shared)
    with_form = list(questions(Scored("k", "Why?", "Because.", form="A list.")))
    assert [r.key for r in with_form] == ["helpfulness|k", "accuracy|k", "formed|k", "plain|k"]


class _Model:
    """Thinks an answer the better the longer it is, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            (part,) = request.answer
            assert isinstance(part, Given)
            assert part.instead == DIGITS[1:]
            text = request.messages[-1].content
            self.asked.append(text)
            digit = min(5, text.count("\n"))
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
    with Journal(tmp_path / "scores.sqlite") as known:
        scorer = Scorer(model, model="m", known=known, criteria=None)
        first = score(of_dataset(dataset), scorer, output=out, progress=Silent())
        again = Scorer(model, model="m", known=known, criteria=None)
        second = score(of_dataset(dataset), again, output=None, progress=Silent())
        other = Scorer(model, model="n", known=known, criteria=None)
        score(of_dataset(dataset), other, output=None, progress=Silent())
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
    scorer = Scorer(model, model="m", known=None, criteria=None)
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
    scorer = Scorer(_Model(), model="m", known=None, criteria=None)
    found = score(of_dataset(open_dataset(path)), scorer, output=out, progress=Silent())
    assert (found.rows, found.responses) == (2, 1)
    assert out.read_text(encoding="utf-8").splitlines()[1] == '{"instruction": 1}'


def test_answers_that_differ_in_their_request_are_asked_apart() -> None:
    model = _Model()
    scorer = Scorer(model, model="m", known=None, criteria=None)
    one = Sample(0, 0, "a", "Why?", "Because.")
    scorer.scores([(one, "Because."), (one, "Because."), (Sample(1, 0, "b", "How?", "x"), "x")])
    assert scorer.asked == 2
