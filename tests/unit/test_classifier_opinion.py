"""The model's second opinion with scores that a test gives, and how `--classifier` is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.classifier.choice import Choice, read_choice
from realign_local.classifier.features import Vectors
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import Labelled
from realign_local.classifier.neighbours import Neighbours
from realign_local.classifier.opinion import (
    CHOICES,
    DOUBTFUL,
    NOTHING,
    SHOWN_CHARS,
    SecondOpinion,
    shortened,
    weighed,
)
from realign_local.engine.request import Completion, Finish, Given, Request

CRITERIA = read_criteria(shared_path("criteria"))
SURE = Guess("poem_generation", 0.9, False, (("poem_generation", 0.9), ("roleplay", 0.1)))
UNSURE = Guess(
    "open_qa", 0.4, True,
    (("open_qa", 0.4), ("closed_qa", 0.35), ("explain_answer", 0.2), ("default", 0.05)),
)  # fmt: skip
QUERIES = [Labelled(f"{word} {task}", task, False) for task in CRITERIA for word in "abc"]
Score = Callable[[str, bool], float]
"""(task, whether the row was shown) to a log-probability."""


def letters(texts: Sequence[str]) -> Vectors:
    """Stands in for an encoder: how often the first letters of the alphabet occur."""
    counts = np.array([[text.count(c) + 0.1 for c in "abcdefgh"] for text in texts])
    found: Vectors = (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)
    return found


def first(texts: Sequence[str]) -> list[Guess]:
    return [SURE if "poem" in text else UNSURE for text in texts]


def heard(
    score: Score, *, every_row: bool = False, finish: Finish = Finish.STOP, backwards: bool = False
) -> tuple[list[Guess], list[Request]]:
    seen: list[Request] = []

    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        seen.extend(requests)
        for request in reversed(seen) if backwards else seen:
            (given,) = request.answer
            assert isinstance(given, Given)
            assert given.scored
            is_row = NOTHING not in request.messages[-1].content
            number = score(given.text.replace(" ", "_"), is_row)
            yield Completion(request.key, (given.text,), finish, log_probability=number)

    ask = SecondOpinion(
        first, generate, CRITERIA, Neighbours(QUERIES, letters), every_row=every_row
    )
    return ask(["Write a poem.", "What is meant by that?"]), seen


def closed(task: str, is_row: bool) -> float:
    return -1.0 if task == "closed_qa" and is_row else -4.0


def test_only_doubtful_rows_are_asked_about() -> None:
    found, seen = heard(closed)
    assert UNSURE.confidence < DOUBTFUL < SURE.confidence
    assert len(seen) == 2 * CHOICES
    assert found[0] == SURE
    assert found[1].task == "closed_qa"
    assert found[1].needs_evidence


def test_the_answers_to_a_row_share_its_prompt_and_its_examples() -> None:
    _, seen = heard(closed)
    assert len({request.messages for request in seen}) == 2
    assert len({request.messages[:-1] for request in seen}) == 1
    answers = [message.content for message in seen[0].messages if message.role == "assistant"]
    assert sorted(answers) == sorted(
        2 * [task.replace("_", " ") for task, _ in UNSURE.ranking[:CHOICES]]
    )


def test_a_name_that_the_model_likes_anyway_wins_nothing() -> None:
    def fond(task: str, is_row: bool) -> float:
        return -0.1 if task == "default" and not is_row else -9.0

    found = heard(fond)[0][1]
    assert found.task == "open_qa"
    assert dict(found.ranking)["default"] < dict(UNSURE.ranking)["default"]


def test_the_shares_stay_a_distribution_and_the_order_of_completions_plays_no_part() -> None:
    found = heard(closed)[0][1]
    assert sum(share for _, share in found.ranking) == pytest.approx(1)
    assert [share for _, share in found.ranking] == sorted(
        (share for _, share in found.ranking), reverse=True
    )
    assert found.ranking[0] == (found.task, found.confidence)
    assert heard(closed, backwards=True)[0] == heard(closed)[0]


def test_llm_follows_the_model_on_every_row() -> None:
    def odd(task: str, is_row: bool) -> float:
        return -1.0 if task in ("default", "roleplay") and is_row else -9.0

    found, seen = heard(odd, every_row=True)
    assert len(seen) == 2 * CHOICES + 2 * len(SURE.ranking)
    assert [guess.task for guess in found] == ["roleplay", "default"]


def test_a_request_that_failed_changes_nothing() -> None:
    assert heard(closed, finish=Finish.PROMPT_TOO_LONG)[0] == [SURE, UNSURE]
    assert weighed(UNSURE, {"open_qa": -1.0}, {}, weight=1) == UNSURE


def test_a_long_request_is_cut_in_the_middle() -> None:
    long = "Begin.\n\n" + "word " * 500 + "End?"
    assert len(shortened(long, SHOWN_CHARS)) < SHOWN_CHARS + 8
    assert shortened(long, SHOWN_CHARS).startswith("Begin. word")
    assert shortened(long, SHOWN_CHARS).endswith("End?")
    assert shortened(" a\n b ", 10) == "a b"


def test_neighbours_are_the_nearest_of_each_task_and_the_nearest_comes_last() -> None:
    queries = [
        Labelled(text, task, False)
        for text, task in (("aaa", "x"), ("aab", "x"), ("bbb", "x"), ("ccc", "y"), ("aa", "z"))
    ]
    found = Neighbours(queries, letters)
    assert found.near([], [], of_each=2) == []
    ((*rest, last),) = found.near(["aaaa"], [("x", "y")], of_each=2)
    assert last.instruction == "aaa"
    assert {query.instruction for query in rest} == {"aab", "ccc"}


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
