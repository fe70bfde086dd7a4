"""The answer gate and the forms in which answers are stated."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case
from realign_local.gates.exact import final_answer
from realign_local.gates.exact.answer_forms import boxed, hashes, same_answer, stated

OPTIONS = "What is the capital of Australia?\nA. Sydney\nB. Melbourne\nC. Canberra\nD. Perth"


def test_where_answers_stand() -> None:
    assert hashes("a\n#### 1,200\n") == "1,200"
    assert hashes("#### Heading one\ntext") == "Heading one"
    assert boxed(r"so \boxed{\frac{1}{2}} and \boxed{x") == r"\frac{1}{2}"
    assert stated("The final answer is **42**.") == "42"
    assert stated("答案是20。") == "20"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,200", "1200"),
        ("$5", "5 dollars"),
        (r"\frac{1}{2}", "1/2"),
        ("0.5", "1/2"),
        ("x = 5", "5"),
        ("50\\%", "50%"),
        ("72", "seventy-two"),
        (r"\text{blue}", "blue"),
    ],
)
def test_equal_answers(one: str, other: str) -> None:
    assert same_answer(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("72", "27"), ("1/2", "1/3"), ("5", "-5"), ("1.2", "12")]
)
def test_different_answers(one: str, other: str) -> None:
    assert not same_answer(one, other)


SOLVED = "She bakes 6*9 = 54 rolls.\n#### 54"


@pytest.mark.parametrize(
    ("instruction", "original", "rewritten", "kept"),
    [
        ("", SOLVED, "1. She bakes 6*9 = 54 rolls.\n\nSo she bakes fifty-four rolls.", True),
        ("", SOLVED, "1. She bakes 6*9 = 54 rolls.\n\n#### 45", False),
        ("", SOLVED, "1. She bakes 6*9 = 54 rolls.\n\nSo she bakes 9 rolls.\n\n#### 54", False),
        ("", r"Thus \boxed{\frac{1}{2}}", r"We get 1/2. Thus \boxed{1/2}", True),
        ("", r"Thus \boxed{\frac{1}{2}}", r"Thus \boxed{\frac{1}{3}}", False),
        (
            OPTIONS,
            "C. Canberra",
            "The question asks for the seat of government.\n\nC. Canberra",
            True,
        ),
        (
            OPTIONS,
            "C. Canberra",
            "The question asks for the seat of government.\n\nB. Canberra",
            False,
        ),
        (OPTIONS, "The answer is C.", "The answer is B.", False),
        (OPTIONS, "The answer is C.", "Canberra is the seat. The answer is (C).", True),
        ("", "Yes, it does.", "Yes, it does.\n\nSo the answer is yes.", True),
        ("", "Yes, it does.", "No, it does.", False),
        (
            "",
            "True. Sound is faster in water.",
            "The statement is true.\n\nSound is faster in water.",
            True,
        ),
        (
            "",
            "True. Sound is faster in water.",
            "The statement is false.\n\nSound is faster in water.",
            False,
        ),
        ("", "42", "The result is 42.", True),
        ("", "42", "The result is 24.", False),
        ("", "Adding gives 2 + 3 = 5.", "1. Adding gives 2 + 3 = 5.\n\nSo the result is 3.", False),
    ],
)
def test_answers_kept_and_changed(
    instruction: str, original: str, rewritten: str, kept: bool
) -> None:
    verdict = final_answer.check(Case(instruction, original, rewritten))
    assert (verdict.outcome == "pass") is kept
    assert kept or verdict.reason == Reason.ANSWER_CHANGED


def test_prose_has_no_final_answer() -> None:
    assert (
        final_answer.check(Case("", "Plants need light and water to grow well.", "x")).outcome
        == "n/a"
    )
