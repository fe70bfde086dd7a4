"""The word problems of benchmarks/effect, and how answers to them are counted."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.effect import problems
from benchmarks.effect.score import Answers, difference, final, number, read_questions, wilson

_MARK = re.compile(r"<<([^<>=]+)=(\d+)>>(\d+)")


def test_every_template_of_every_kind_is_used_and_no_test_template_is_trained_on() -> None:
    train, test = problems.read_templates("train"), problems.read_templates("test")
    assert {t["kind"] for t in train} == {t["kind"] for t in test}
    assert not {t["question"] for t in train} & {t["question"] for t in test}
    made = problems.make("train", 2 * len(train), seed=3)
    assert len({row["question"] for row in made}) == len(made)
    assert {row["kind"] for row in made} == {t["kind"] for t in train}


def test_the_same_seed_gives_the_same_problems_and_another_one_others() -> None:
    first = problems.make("train", 60, seed=1)
    assert first == problems.make("train", 60, seed=1)
    known = frozenset(row["question"] for row in first)
    others = problems.make("train", 60, seed=2, avoid=known)
    assert not known & {row["question"] for row in others}


@pytest.mark.parametrize("split", ["train", "test"])
def test_workings_are_right_and_filled(split: str) -> None:
    for row in problems.make(split, 200, seed=5):
        assert not re.search(r"[{}|]", row["question"] + row["answer"])
        working, _, answer = row["answer"].rpartition("\n#### ")
        sums = re.findall(r"([\d+*/ -]+?) ?= ?(?:<<[^<>]*>>)?(\d+)", working)
        assert sums
        assert sums[-1][1] == answer
        for sum_, result in sums:
            assert Decimal(str(eval(sum_))) == Decimal(result), row
        for sum_, inside, behind in _MARK.findall(working):
            assert inside == behind
            assert eval(sum_) == int(inside)


def test_all_styles_come_up() -> None:
    answers = [row["answer"] for row in problems.make("train", 100, seed=0)]
    assert any("<<" in text for text in answers)
    assert any("<<" not in text and re.search(r"[a-z]{3}", text) for text in answers)
    assert any(not re.search(r"[a-zA-Z]{3}", text) for text in answers)


def test_files_are_written_for_our_own_and_for_gsm8k(tmp_path: Path) -> None:
    problems.main([str(tmp_path / "own"), "--rows", "9", "--questions", "6"])
    rows = [json.loads(x) for x in (tmp_path / "own/train.jsonl").read_text().splitlines()]
    assert [list(row) for row in rows] == [["instruction", "input", "output"]] * 9
    assert len(read_questions(tmp_path / "own/unseen.jsonl")) == 6
    source = tmp_path / "gsm8k.jsonl"
    line = json.dumps({"question": "How far is it?", "answer": "600*2=1200\n#### 1,200"})
    source.write_text(f"{line}\n" * 5)
    problems.main([str(tmp_path), "--gsm8k", str(source), "--rows", "3"])
    assert len((tmp_path / "train.jsonl").read_text().splitlines()) == 3
    assert [q["answer"] for q in read_questions(tmp_path / "questions.jsonl")] == ["1200", "1200"]
    assert read_questions(source)[0]["answer"] == "1,200"


def test_a_question_without_a_number_for_an_answer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "Who?", "answer": "the baker"}\n')
    with pytest.raises(SystemExit, match="the baker"):
        read_questions(path)


@pytest.mark.parametrize(
    ("text", "value", "marked"),
    [
        ("3*4=12\n#### 12", "12", True),
        ("#### 7\nand again\n#### $1,250.00", "1250", True),
        (r"So it is \boxed{42}, 43 with the dog.", "42", True),
        ("The answer is **18** apples of 20.", "18", True),
        ("First 5, then 9 apples.", "9", False),
        ("-4 degrees", "-4", False),
        ("no idea", None, False),
        ("", None, False),
    ],
)
def test_final_answer(text: str, value: str | None, marked: bool) -> None:
    assert final(text) == (Decimal(value) if value else None, marked)


def test_numbers_are_compared_by_their_value() -> None:
    assert number("18.") == number("18.0") == number("$18")
    assert number("eighteen") is None


def test_wilson_is_that_of_the_tables() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 20)[0] == pytest.approx(0, abs=1e-9)


def test_difference_is_paired_by_question_and_seed() -> None:
    questions = [{"question": "?", "answer": "1"}] * 40

    def answers(arm: str, seed: int, right: int) -> Answers:
        said = [("#### 1", 3)] * right + [("#### 2", 3)] * (40 - right)
        return Answers(arm, seed, "unseen", questions, said)

    both = [answers("a", 0, 20), answers("a", 1, 20), answers("b", 0, 30), answers("b", 1, 25)]
    found = difference(both, "unseen", "a", "b")
    assert found["difference"] == pytest.approx(0.1875)
    assert found["of_each_seed"] == [0.25, 0.125]
    assert (found["won"], found["lost"]) == (15, 0)
    low, high = found["interval"]
    assert 0 < low < 0.1875 < high < 0.4
    assert difference(both[:3], "unseen", "a", "b")["of_each_seed"] == [0.25]
    assert difference(both[:2], "unseen", "a", "b") == {}
