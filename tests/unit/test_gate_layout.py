"""The layout gate: sections in order, lists long enough, copied parts there."""

from __future__ import annotations

from pathlib import Path

import pytest

from realign_local.base.criterion import Section, read_criteria
from realign_local.gates.gate import Case
from realign_local.gates.layout import check, layout_gate, meets_layout

CRITERIA = Path(__file__).parents[2] / "criteria"

STEPS = (
    Section(kind="write", name="approach"),
    Section(kind="items", name="steps", part="steps", style="numbered", min_items=2),
    Section(kind="write", name="conclusion"),
    Section(kind="verbatim", name="answer", part="answer", optional=True),
)
ORIGINAL = "6*9 = 54.\n54-11 = 43.\n#### 43"
GOOD = "To find it, count.\n\n1. 6*9 = 54.\n2. 54-11 = 43.\n\nSo it is 43.\n\n#### 43"


def outcome(text: str, *, original: str = ORIGINAL, sections: tuple[Section, ...] = STEPS) -> str:
    verdict = meets_layout(text, original, sections)
    return verdict.detail if verdict.outcome == "fail" else verdict.outcome


@pytest.mark.parametrize(
    "task", [c for c in read_criteria(CRITERIA).values() if c.layout], ids=lambda c: c.task
)
def test_worked_examples_have_their_layout(task) -> None:  # type: ignore[no-untyped-def]
    for example in task.examples:
        verdict = meets_layout(example.rewritten.strip(), example.response.strip(), task.layout)
        assert verdict.outcome == "pass", verdict.detail


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("To find", "# Approach\n\nTo find"),
        GOOD.replace("1. 6", "Steps:\n\n1. 6"),
        GOOD.replace("\n2. 54", "\n\n   It follows.\n\n2. 54"),
        GOOD.replace("\n2. 54", "\n\nThen:\n\n2. 54"),
        GOOD.replace("So it is 43.\n\n#### 43", "So it is 43.\nThat is all.\n\n#### 43"),
    ],
)
def test_the_same_shape_in_other_clothes(text: str) -> None:
    assert outcome(text) == "pass"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "section 'approach' (paragraph) is missing"),
        ("To find it, count.", "section 'steps' (numbered) is missing"),
        (
            "To find it, count.\n\n1. 6*9 = 54.\n2. 54-11 = 43.",
            "section 'conclusion' (paragraph) is missing",
        ),
        (GOOD.replace("\n2. 54-11 = 43.", ""), "section 'steps': 1 items, at least 2 needed"),
        (GOOD.replace("1. ", "- ").replace("2. ", "- "), "section 'steps' (numbered) is missing"),
        (
            GOOD.replace("#### 43", "#### 44"),
            "section 'answer': this part of the original is missing",
        ),
        (
            GOOD.removeprefix("To find it, count.\n\n"),
            "numbered where section 'approach' should be",
        ),
    ],
)
def test_what_is_missing_is_named(text: str, problem: str) -> None:
    assert outcome(text) == problem


def test_code_that_is_to_be_copied_must_be_fenced() -> None:
    sections = (
        Section(kind="write", name="analysis"),
        Section(kind="verbatim", name="code", part="code", style="code", optional=True),
    )
    code = "def f(x):\n    return x"
    assert outcome(f"It does this.\n\n```\n{code}\n```", original=code, sections=sections) == "pass"
    assert "code" in outcome(f"It does this.\n\n{code}", original=code, sections=sections)
    assert outcome("There is none.", original="no code", sections=sections) == "pass"


def test_the_whole_of_the_original_may_be_reworded_but_not_left_out() -> None:
    sections = (
        Section(kind="write", name="analysis"),
        Section(kind="verbatim", name="answer", part="all"),
    )
    original = "Jupiter. It turns once in just under 10 hours."
    assert (
        outcome(f"This is about days.\n\n{original}", original=original, sections=sections)
        == "pass"
    )
    free = "This is about days.\n\nIt is Jupiter: it turns once in just under 10 hours."
    assert outcome(free, original=original, sections=sections) == "pass"
    assert "missing" in outcome(
        "This is about days.\n\nSaturn.", original=original, sections=sections
    )


def test_nothing_may_follow_the_last_section() -> None:
    sections = (Section(kind="items", name="keywords", part="list_items", style="bullets"),)
    assert outcome("- a\n- b", sections=sections) == "pass"
    assert outcome("- a\n- b\n\nI hope this helps.", sections=sections) != "pass"


def test_a_task_without_a_layout_is_not_judged() -> None:
    case = Case("", "a", "b")
    assert check(case, ()).outcome == "n/a"
    assert layout_gate(STEPS)(case).outcome == "fail"
