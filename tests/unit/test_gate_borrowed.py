"""The gate against echoes of the worked examples, and against words from nowhere."""

from __future__ import annotations

import pytest

from realign_local.gates.borrowed import borrowed, topics_of
from realign_local.gates.gate import Case
from realign_local.reasons import Reason

EXAMPLE = "Sort these instruments: violin, trumpet. The classes are wind and string instruments."
ORIGINAL = "The French physicist André-Marie Ampère gave the unit of current its name."


def _judge(added: str, original: str = ORIGINAL) -> tuple[str, Reason]:
    case = Case("which scientist is the ampere named after", original, f"{added}\n\n{original}")
    verdict = borrowed(case, examples=(EXAMPLE,), wording=("The classes are",))
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("The question is which scientist the ampere is named after.", Reason.ACCEPTED),
        ("The classes are wind and string instruments for scientists.", Reason.PROMPT_LEAK),
        ("Anything like it could be a lie.", Reason.UNSUPPORTED_CLAIM),
        ("The question: which scientist is the ampere named after", Reason.ACCEPTED),
        ("The weather was lovely yesterday.", Reason.UNSUPPORTED_CLAIM),
        ("In short:", Reason.ACCEPTED),
        ("And so the classes are these here.", Reason.ACCEPTED),
        ('- "an" added: article missing.', Reason.ACCEPTED),
    ],
)
def test_added_sentences_must_belong_to_the_row(added: str, reason: Reason) -> None:
    outcome, found = _judge(added)
    assert found is reason
    assert (outcome == "fail") == (reason is not Reason.ACCEPTED)


def test_one_word_of_another_request_is_too_many() -> None:
    topics = topics_of([("explain what albedo means",), ("Who wrote this?",)])[0]
    case = Case("lend or borrow?", ORIGINAL, f"The unit concerns albedo.\n\n{ORIGINAL}")
    assert borrowed(case, examples=(), wording=()).outcome == "pass"
    assert borrowed(case, examples=("albedo",), wording=(), topics=topics).outcome == "fail"


def test_nothing_added_and_other_scripts_are_not_judged() -> None:
    assert borrowed(Case("", ORIGINAL, ORIGINAL), examples=(), wording=()).outcome == "n/a"
    assert _judge("问题是安培以谁命名。", "法国物理学家安培。")[0] == "n/a"
