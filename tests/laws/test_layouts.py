"""Laws of taking responses apart and planning rewrites: nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.assets import shared_path
from realign_local.criteria import read_criteria
from realign_local.data.records import Candidate, Sample
from realign_local.engine.request import Given
from realign_local.gates.gate import Verdict, fail
from realign_local.layouts.anatomy import take_apart
from realign_local.layouts.assign import share_out
from realign_local.layouts.mend import mend
from realign_local.layouts.plan import Plan, plan_rewrite, shown_as
from realign_local.reasons import Reason

CRITERIA = read_criteria(shared_path("criteria"))
REWRITTEN = [task for task, criterion in CRITERIA.items() if criterion.rewrite]

LINES = st.sampled_from(
    [
        "", "", "Plain words here.", "Two sentences. In one line!", "1. first step", "2. second",
        "- a bullet", "   continued", "* star", "```python", "```", "x = 1", "def f(a):",
        "    return a", "| a | b |", "|---|---|", "| 1 | 2 |", "#### 42", "# Title", "> quoted",
        "<div>html</div>", "[ref]: http://example.org", "---", "\tTabbed line", "第一步。第二步。",
        "Ends with colon:", "So 3 + 4 = 7", "apples, pears, plums",
    ]
)  # fmt: skip
TEXTS = st.lists(LINES, min_size=1, max_size=14).map("\n".join) | st.text(max_size=120)


def _words(text: str) -> Counter[str]:
    return Counter(text.split())


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_line_is_in_exactly_one_block(text: str) -> None:
    together = "\n".join(block.text for block in take_apart(text))
    assert _words(together) == _words(text)


@given(TEXTS, st.sampled_from(REWRITTEN))
@settings(max_examples=300, deadline=None)
def test_every_block_has_exactly_one_owner(text: str, task: str) -> None:
    blocks = take_apart(text)
    shares = share_out(blocks, CRITERIA[task].layout)
    if not isinstance(shares, str) and any(s.section.part for s in shares):
        owned = [id(block) for share in shares for block in share.blocks]
        assert sorted(owned) == sorted(id(block) for block in blocks)


@given(TEXTS, st.sampled_from(REWRITTEN), st.integers(0, 1 << 40))
@settings(max_examples=400, deadline=None)
def test_a_plan_holds_every_word_of_the_original(text: str, task: str, pick: int) -> None:
    sample = Sample(0, 0, "row", "What is asked?", text, task=task)
    plan = plan_rewrite(CRITERIA[task], sample, pick=pick)
    if not isinstance(plan, Plan):
        return
    planned = Counter[str]()
    for piece in plan.pieces:
        if piece.origin == "original":
            assert isinstance(piece.part, Given)
            planned.update(_bare_words(piece.part.text))
    lost = Counter(_bare_words(text)) - planned
    assert not lost, f"{task} loses {lost}"


def _bare_words(text: str) -> list[str]:
    """Words without list markers and punctuation, which belong to the form."""
    import re

    return [
        word
        for token in text.split()
        for word in re.findall(r"\w+", token)
        if not re.fullmatch(r"\(?\d{1,3}[.)]", token) and word not in ("and", "python", "1", "2")
    ]


def test_prose_beside_a_list_of_terms_is_not_dropped() -> None:
    text = "The committee met twice.\n\napples, pears, plums"
    plan = plan_rewrite(
        CRITERIA["recommendations"], Sample(0, 0, "a", "Ask", text, task="recommendations"), pick=0
    )
    assert isinstance(plan, Plan)
    shown = "".join(p.part.text for p in plan.pieces if isinstance(p.part, Given))
    assert "The committee met twice." in shown


@pytest.mark.parametrize("task", REWRITTEN)
def test_a_plan_does_not_depend_on_anything_but_its_arguments(task: str) -> None:
    sample = Sample(0, 0, "a", "Ask", "First do this. Then do that. At last rest.", task=task)
    again = Sample(7, 3, "b", "Ask", "First do this. Then do that. At last rest.", task=task)
    assert plan_rewrite(CRITERIA[task], sample, pick=5) == plan_rewrite(
        CRITERIA[task], again, pick=5
    )


@given(TEXTS, st.sampled_from(REWRITTEN), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_mending_keeps_every_stretch_of_the_original(text: str, task: str, written: str) -> None:
    sample = Sample(0, 0, "row", "What is asked here today?", text, task=task)
    plan = plan_rewrite(CRITERIA[task], sample, pick=0)
    if not isinstance(plan, Plan):
        return
    texts = [part.text if isinstance(part, Given) else written for part in plan.answer]
    candidate = shown_as(Candidate("", "stop", 0, 0, 0), plan.compose(texts))
    seen: list[Candidate] = []

    def judged(edited: Candidate) -> dict[str, Verdict]:
        seen.append(edited)
        return {"numbers": fail(Reason.NUMBER_ADDED, written)}

    assert mend(candidate, sample, criterion=CRITERIA[task], judged=judged) is None
    for edited in seen:
        assert _original(edited) == _original(candidate)
        assert edited.text == "".join(text for _, text in edited.sections)


def _original(candidate: Candidate) -> str:
    return "".join("".join(t.split()) for origin, t in candidate.sections if origin == "original")
