"""A second task that is near, tasks that the response rules out, and what is left to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.records import Sample
from realign_local.classifier.features import asked, without_demands
from realign_local.classifier.guess import Guess
from realign_local.rewriting.evident import PROGRAMS, ruled_out
from realign_local.rewriting.plan import Mode, Plan, RewriteSettings, allowed, free_form, plan_row
from realign_local.stages.classification import classify

CRITERIA = read_criteria(shared_path("criteria"))
HELP = "Turn the heating down at night, and put draught strips on the windows."
CODE = "```python\nprint(sum(range(3)))\n```"


def guess(**shares: float) -> Guess:
    return Guess.best_of(tuple(shares), tuple(shares.values()))


def labelled(found: Guess, response: str) -> Sample:
    def label(texts: Sequence[str]) -> list[Guess]:
        return [found] * len(texts)

    (sample,) = classify([Sample(0, 0, "0", "Do it.", response)], label, tasks=CRITERIA)
    return sample


def test_a_second_task_is_named_only_where_it_is_near() -> None:
    assert guess(open_qa=0.5, closed_qa=0.4).second == "closed_qa"
    assert guess(open_qa=0.7, closed_qa=0.2).second == ""
    assert Guess("open_qa", 0.9).second == ""


def test_what_is_ruled_out_leaves_its_share_to_the_others() -> None:
    found = guess(rejecting=0.8, advice_giving=0.15, planning=0.05).without({"rejecting"})
    assert found.task == "advice_giving"
    assert found.confidence == pytest.approx(0.75)
    assert guess(rejecting=1.0).without({"rejecting"}).task == "rejecting"


@pytest.mark.parametrize(
    ("response", "out"),
    [
        (HELP, {"rejecting", *PROGRAMS}),
        (CODE, {"rejecting"}),
        ('=COUNTIF(B:B;"yes")', {"rejecting"}),
        ("I'm sorry, but I can't help with that.", set(PROGRAMS)),
        ("", {"rejecting"}),
    ],
)
def test_the_response_rules_tasks_out(response: str, out: set[str]) -> None:
    assert ruled_out(response) == out


def test_a_helpful_answer_is_no_refusal_and_prose_no_program() -> None:
    found = guess(rejecting=0.82, advice_giving=0.15)
    assert labelled(found, HELP).task == "advice_giving"
    assert labelled(found, "I'm sorry, but I can't help with that.").task == "rejecting"
    found = guess(text_to_code_translation=0.9, story_generation=0.06)
    assert labelled(found, HELP).task == "story_generation"
    assert labelled(found, CODE).task == "text_to_code_translation"


def test_of_two_near_tasks_the_model_may_do_what_both_allow() -> None:
    def left(task: str, second: str) -> tuple[str, ...]:
        return allowed(Sample(0, 0, "0", "?", "!", task=task, second=second), CRITERIA)

    assert left("open_qa", "") == ("sentence", "proofread")
    assert left("open_qa", "planning") == ("proofread",)
    assert left("open_qa", "poem_generation") == ()
    assert left("open_qa", "unknown here") == ("sentence", "proofread")


def test_a_free_rewrite_is_told_no_form_that_only_one_of_two_near_tasks_has() -> None:
    def form(task: str, second: str) -> str | None:
        return free_form(Sample(0, 0, "0", "?", "!", task=task, second=second), CRITERIA)

    assert form("open_qa", "") == CRITERIA["open_qa"].format
    assert form("open_qa", "planning") == ""
    assert form("open_qa", "poem_generation") is None
    assert form("poem_generation", "open_qa") is None
    assert form("open_qa", "unknown here") == CRITERIA["open_qa"].format


@pytest.mark.parametrize("mode", ["free", "auto"])
def test_free_rewriting_heeds_the_second_task(mode: Mode) -> None:
    def asked_for(second: str) -> list[str]:
        row = Sample(0, 0, "0", "Who built the mill?", "Ida Roe", task="open_qa", confidence=0.5)
        plan = plan_row(replace(row, second=second), CRITERIA, RewriteSettings(mode))
        drafts = plan.drafts if isinstance(plan, Plan) else ()
        return [d.asks[0].messages[-1].content for d in drafts if d.operation == "free"]

    (alone,) = asked_for("")
    (near,) = asked_for("planning")
    assert alone.startswith("How: ")
    assert near == alone[alone.index("Request:") :]
    assert asked_for("poem_generation") == []


@pytest.mark.parametrize(
    ("request_", "left"),
    [
        ("Praise the moon in verse. Do not use any commas.", "Praise the moon in verse."),
        (
            'Who was Ada? Your answer must have a title in double angular brackets, i.e. "x".',
            "Who was Ada?",
        ),
        ("Sum it up. Make sure the word tide appears twice.\n\nThe sea.", "Sum it up.\n\nThe sea."),
        ("Here is my story. Give it a title.", "Here is my story. Give it a title."),
        ("He go home. Put the sentence right.", "He go home. Put the sentence right."),
        ("Don't use commas. Why?", "Don't use commas. Why?"),
    ],
)
def test_demands_of_form_are_not_what_is_asked(request_: str, left: str) -> None:
    assert without_demands(request_).replace('" ', "").startswith(left)
    assert asked(without_demands(request_))
