"""The model's second opinion on a scripted engine, and how `--classifier` is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from realign_local.assets import shared_path
from realign_local.classifier.choice import Choice, read_choice
from realign_local.classifier.guess import Guess
from realign_local.classifier.opinion import CHOICES, DOUBTFUL, SecondOpinion, question
from realign_local.criteria import read_criteria
from realign_local.engine.request import Request, Span
from realign_local.engine.scripted import ScriptedEngine

CRITERIA = read_criteria(shared_path("criteria"))
SURE = Guess("poem_generation", 0.9, False, (("poem_generation", 0.9), ("roleplay", 0.1)))
UNSURE = Guess(
    "open_qa", 0.4, True,
    (("open_qa", 0.4), ("closed_qa", 0.35), ("explain_answer", 0.2), ("default", 0.05)),
)  # fmt: skip


def first(texts: Sequence[str]) -> list[Guess]:
    return [SURE if "poem" in text else UNSURE for text in texts]


def asked_of(answer: str, *, every_row: bool = False) -> tuple[list[Guess], list[Request]]:
    seen: list[Request] = []

    def script(request: Request) -> list[str]:
        seen.append(request)
        return [answer]

    with ScriptedEngine(script) as engine:
        ask = SecondOpinion(first, engine.generate, CRITERIA, every_row=every_row)
        return ask(["Write a poem.", "What is meant by that?"]), seen


def test_only_doubtful_rows_are_asked_about() -> None:
    found, seen = asked_of("A")
    assert UNSURE.confidence < DOUBTFUL < SURE.confidence
    assert [request.key for request in seen] == ["1"]
    assert found[0] == SURE
    assert found[1].task == "closed_qa"
    assert found[1].needs_evidence


def test_llm_hears_the_model_on_every_row() -> None:
    _, seen = asked_of("A", every_row=True)
    assert len(seen) == 2


def test_only_llm_follows_the_model_to_an_unlikely_task() -> None:
    assert sorted(UNSURE.ranking)[1] == ("default", 0.05)
    assert asked_of("B")[0] == [SURE, UNSURE]
    assert asked_of("B", every_row=True)[0][1].task == "default"


@pytest.mark.parametrize("answer", ["", "Z", "open_qa", " \n"])
def test_an_answer_that_is_no_letter_changes_nothing(answer: str) -> None:
    found, _ = asked_of(answer)
    assert found == [SURE, UNSURE]


def test_the_question_shows_each_kind_once_and_nothing_else_can_be_answered() -> None:
    request = question("7", "Why?", UNSURE, CRITERIA)
    (span,) = request.answer
    assert isinstance(span, Span)
    assert all(f'"{letter}"' in span.grammar for letter in "ABCD"[:CHOICES])
    assert request.messages[-1].content.count(CRITERIA["closed_qa"].description) == 1


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("encoder", Choice("encoder")),
        ("llm", Choice("llm")),
        ("both:my/dir", Choice("both", Path("my/dir"))),
        ("my/dir", Choice("encoder", Path("my/dir"))),
        ("./both", Choice("encoder", Path("both"))),
    ],
)
def test_what_classifier_may_be(text: str, choice: Choice) -> None:
    assert read_choice(text) == choice
    assert read_choice(str(choice)).mode == choice.mode
