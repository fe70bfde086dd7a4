"""The gate against echoes of the editor's worked examples, and against words from nowhere."""

from __future__ import annotations

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.reasons import Reason
from realign_local.gates.gate import Case
from realign_local.gates.talk.borrowed import borrowed
from realign_local.rewriting.editor import PROMPT
from realign_local.stages.gate_check import GateCheck

EXAMPLE = "Sort these instruments: violin, trumpet. The classes are wind and string instruments."
ORIGINAL = "The French physicist André-Marie Ampère gave the unit of current its name."
ASKED = "which scientist is the ampere named after"


def _judge(added: str, original: str = ORIGINAL) -> tuple[str, Reason]:
    verdict = borrowed(Case(ASKED, original, f"{added}\n\n{original}"), examples=(EXAMPLE,))
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
        ('- "an" added: article missing.', Reason.ACCEPTED),
    ],
)
def test_added_sentences_must_belong_to_the_row(added: str, reason: Reason) -> None:
    outcome, found = _judge(added)
    assert found is reason
    assert (outcome == "fail") == (reason is not Reason.ACCEPTED)


def test_words_of_the_examples_that_the_row_has_too_are_its_own() -> None:
    own = "Wind and string instruments are classes of their own."
    said = f"The classes are wind and string instruments.\n\n{own}"
    assert borrowed(Case("Sort them.", own, said), examples=(EXAMPLE,)).outcome == "pass"


def test_nothing_added_and_other_scripts_are_not_judged() -> None:
    assert borrowed(Case("", ORIGINAL, ORIGINAL), examples=()).outcome == "n/a"
    assert _judge("问题是安培以谁命名。", "法国物理学家安培。")[0] == "n/a"


def test_a_run_knows_the_examples_that_its_editor_was_shown() -> None:
    assert any("Athens" in text for text in PROMPT.example_texts)
    echo = "Athens hosted the first modern Olympics in old newspaper for the ampere."
    case = Case(ASKED, ORIGINAL, f"{ORIGINAL}\n\n{echo}", task="open_qa")
    criteria = read_criteria(shared_path("criteria"))
    assert GateCheck(criteria, {})(case)["borrowed"].reason is Reason.PROMPT_LEAK
    assert "borrowed" not in GateCheck(criteria, {"borrowed": False})(case)
