"""The judge: probabilities of two letters in both orders, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import pytest

from realign_local.base.reasons import Reason
from realign_local.base.records import Candidate, Sample
from realign_local.engine.request import Completion, Finish, Given, Request
from realign_local.rewriting.choose import settled
from realign_local.rewriting.judge import (
    MAX_ANSWER_BYTES,
    MAX_REQUEST_BYTES,
    PROMPT,
    AnswerPair,
    Generate,
    Preference,
    preferences,
    questions,
)
from realign_local.stages.judgement import prefer

PAIR = AnswerPair("7", "Name a metal.", "Tin.", "Tin is a metal.")
Score = Callable[[str, str, str], float]
"""(answer A, answer B, letter) -> the letter's logarithm of probability."""


def _shown(request: Request) -> tuple[str, str, str]:
    text = request.messages[-1].content
    a, b = text.split("\n\nAnswer A:\n")[1].split("\n\nAnswer B:\n")
    (letter,) = request.answer
    assert isinstance(letter, Given)
    return a, b.removesuffix("\n\nWhich answer is better?"), letter.text


def _judge(score: Score, *, failing: str = "", seen: list[Request] | None = None) -> Generate:
    """An engine whose letters are as probable as `score` says; prompts with `failing` fail."""

    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            if seen is not None:
                seen.append(request)
            a, b, letter = _shown(request)
            fails = failing and failing in request.messages[-1].content and letter == "B"
            finish = Finish.PROMPT_TOO_LONG if fails else Finish.STOP
            yield Completion(request.key, (letter,), finish, log_probability=score(a, b, letter))

    return generate


def _likes(word: str, by: float = 2.0) -> Score:
    """Prefers the answer that has the word, wherever it stands."""
    return lambda a, b, letter: by if word in (a if letter == "A" else b) else 0.0


def _place(favourite: str, by: float) -> Score:
    return lambda _a, _b, letter: by if letter == favourite else 0.0


def test_a_pair_is_four_requests_and_each_order_shares_all_but_the_letter() -> None:
    asked = list(questions(PAIR))
    assert [_shown(request) for request in asked] == [
        ("Tin.", "Tin is a metal.", "A"),
        ("Tin.", "Tin is a metal.", "B"),
        ("Tin is a metal.", "Tin.", "A"),
        ("Tin is a metal.", "Tin.", "B"),
    ]
    assert asked[0].messages == asked[1].messages
    assert asked[2].messages == asked[3].messages
    assert len({request.key for request in asked}) == 4
    for request in asked:
        assert request.messages[:-1] == PROMPT.beginning
        assert request.answer[0].scored  # type: ignore[union-attr]
        assert request.messages[-1].content.startswith("Request:\nName a metal.\n\n")


def test_long_texts_show_their_beginning_and_their_end() -> None:
    long = "first " + "x" * 5000 + " last"
    for request in questions(AnswerPair("1", long, long, "Tin.")):
        text = request.messages[-1].content
        assert len(text) < MAX_REQUEST_BYTES + MAX_ANSWER_BYTES + 200
        assert text.count("first ") == text.count(" last") == text.count(" [...] ") == 2


@pytest.mark.parametrize(
    ("score", "margin", "agrees"),
    [
        (_likes("metal"), 2.0, True),
        (_likes("Tin.", 3.0), -3.0, True),
        (_place("A", 5.0), 0.0, False),
        (_place("B", 5.0), 0.0, False),
        (lambda a, b, le: _likes("metal")(a, b, le) + _place("A", 1.0)(a, b, le), 2.0, True),
        (lambda a, b, le: _likes("metal")(a, b, le) + _place("B", 9.0)(a, b, le), 2.0, False),
    ],
)
def test_both_orders_count_alike(score: Score, margin: float, agrees: bool) -> None:
    ((key, found),) = preferences([PAIR], _judge(score))
    assert key == "7"
    assert found.margin == pytest.approx(margin)
    assert found.agrees == agrees


def test_exchanging_the_answers_turns_the_verdict_round() -> None:
    score: Score = lambda a, b, letter: 0.1 * len(a if letter == "A" else b)  # noqa: E731
    ((_, there),) = preferences([PAIR], _judge(score))
    ((_, back),) = preferences(
        [AnswerPair("7", PAIR.request, PAIR.second, PAIR.first)], _judge(score)
    )
    assert there.margin == pytest.approx(-back.margin)
    assert there.margin > 0


def test_verdicts_find_their_pair_in_whatever_order_they_come() -> None:
    pairs = [AnswerPair(f"a|{n}", "Name a metal.", "Tin.", f"Tin is metal {n}.") for n in range(3)]
    score: Score = lambda a, b, le: sum(map(int, filter(str.isdigit, a if le == "A" else b)))  # noqa: E731
    plain = _judge(score)

    def backwards(requests: Iterable[Request]) -> Iterator[Completion]:
        yield from reversed(list(plain(requests)))

    found = dict(preferences(pairs, backwards))
    assert found == dict(preferences(pairs, plain))
    assert [found[f"a|{n}"].margin for n in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("finish", [f for f in Finish if f is not Finish.STOP])
def test_a_pair_of_which_one_request_failed_has_no_verdict(finish: Finish) -> None:
    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        for number, request in enumerate(requests):
            yield Completion(
                request.key, (), finish if number == 2 else Finish.STOP, log_probability=-1.0
            )

    pairs = [PAIR, AnswerPair("8", "Name a metal.", "Zinc.", "Zinc is a metal.")]
    assert [key for key, _ in preferences(pairs, generate)] == ["8"]


def test_nothing_to_judge_asks_nothing() -> None:
    seen: list[Request] = []
    assert list(preferences([], _judge(_likes("metal"), seen=seen))) == []
    assert seen == []


def _sample(
    *texts: str, proven: int | None = None, passed: tuple[int, ...] | None = None
) -> Sample:
    candidates = tuple(Candidate(text, proven=n == proven) for n, text in enumerate(texts))
    numbers = tuple(range(len(texts))) if passed is None else passed
    return Sample(0, 0, "a", "Name a metal.", "Tin.", candidates=candidates, passed=numbers)


def _settle(sample: Sample, score: Score, *, failing: str = "", margin: float = 1.0) -> Sample:
    (done,) = prefer([sample], _judge(score, failing=failing), margin=margin)
    return done


def test_what_the_judge_prefers_in_both_orders_is_taken() -> None:
    done = _settle(_sample("Tin is a metal."), _likes("metal"))
    assert (done.chosen, done.reason, done.margin) == (0, Reason.ACCEPTED, 2.0)
    assert done.rewritten == "Tin is a metal."


@pytest.mark.parametrize("by", [0.5, 3.0, 50.0])
@pytest.mark.parametrize("letter", ["A", "B"])
def test_a_judge_that_favours_a_place_changes_nothing(letter: str, by: float) -> None:
    done = _settle(_sample("Tin is a metal."), _place(letter, by), margin=0.0)
    assert (done.chosen, done.reason) == (-1, Reason.NOT_BETTER)
    assert done.rewritten == "Tin."
    assert done.detail


@pytest.mark.parametrize(
    ("by", "margin", "chosen"), [(0.9, 1.0, -1), (1.0, 1.0, 0), (-2.0, 1.0, -1), (2.0, 2.5, -1)]
)
def test_the_margin_has_to_be_reached(by: float, margin: float, chosen: int) -> None:
    done = _settle(_sample("Tin is a metal."), _likes("metal", by), margin=margin)
    assert done.chosen == chosen


def test_of_several_the_most_preferred_wins_and_the_first_of_equals() -> None:
    def score(a: str, b: str, letter: str) -> float:
        return {"Tin.": 0.0, "It is tin.": 2.0, "The metal tin.": 4.0, "A metal, tin.": 4.0}[
            a if letter == "A" else b
        ]

    sample = _sample("It is tin.", "The metal tin.", "A metal, tin.")
    done = _settle(sample, score)
    assert (done.chosen, done.margin) == (1, 4.0)


def test_only_candidates_that_pass_the_gates_are_judged() -> None:
    seen: list[Request] = []
    sample = _sample("Tin is a metal.", "A metal is tin.", "Some metal.", passed=(1,))
    (done,) = prefer([sample], _judge(_likes("metal"), seen=seen), margin=1.0)
    assert len(seen) == 4
    assert done.chosen == 1


def test_a_candidate_has_to_beat_the_proven_one_and_not_the_original() -> None:
    seen: list[Request] = []
    sample = _sample("A metal is tin.", "Tin.\n", proven=1)
    (done,) = prefer([sample], _judge(_likes("metal"), seen=seen), margin=1.0)
    assert {_shown(request)[:2] for request in seen} == {
        ("Tin.", "A metal is tin."),
        ("A metal is tin.", "Tin."),
    }
    assert done.chosen == 0
    tidied = _sample("A metal is tin.", "Tin is a metal, too.", proven=1)
    assert _settle(tidied, _likes("metal")).chosen == 1
    assert _settle(tidied, _likes("metal")).margin == 0.0


def test_the_first_proven_candidate_stands_where_the_judge_prefers_nothing() -> None:
    done = _settle(_sample("A metal is tin.", "Tin, a metal.", proven=1), _likes("Tin, a"))
    assert (done.chosen, done.reason, done.rewritten) == (1, Reason.ACCEPTED, "Tin, a metal.")


def test_a_request_that_the_engine_refuses_prefers_nothing() -> None:
    done = _settle(_sample("Tin is a metal."), _likes("metal"), failing="metal")
    assert (done.chosen, done.reason) == (-1, Reason.NOT_BETTER)
    other = _sample("Tin is a metal.", "It is a soft metal.")
    done = _settle(other, _likes("metal"), failing="soft")
    assert done.chosen == 0


def test_a_probability_that_is_no_number_prefers_nothing() -> None:
    for odd in (math.nan, -math.inf):
        done = _settle(_sample("Tin is a metal."), lambda _a, _b, _l, odd=odd: odd)  # type: ignore[misc]
        assert done.chosen == -1


def test_samples_come_in_their_order_and_settled_ones_are_not_asked_about() -> None:
    seen: list[Request] = []
    samples = [
        _sample("Tin is a metal."),
        _sample("Zinc.", proven=0),
        _sample("Lead.", passed=()),
        _sample("A metal is tin."),
    ]
    done = list(prefer(samples, _judge(_likes("metal"), seen=seen), margin=1.0))
    assert [sample.rewritten for sample in done] == [
        "Tin is a metal.", "Zinc.", "Tin.", "A metal is tin.",
    ]  # fmt: skip
    assert len(seen) == 8


def test_without_a_judge_only_what_is_proven_is_taken() -> None:
    done = settled(_sample("A metal is tin.", "Tin is here.", proven=1), why_not="no judge")
    assert (done.chosen, done.reason, done.detail) == (1, Reason.ACCEPTED, "")
    done = settled(_sample("A metal is tin."), why_not="no judge")
    assert (done.chosen, done.reason, done.detail) == (-1, Reason.NOT_BETTER, "no judge")


def test_a_preference_of_exactly_nothing_is_none() -> None:
    assert Preference(0.0, 0.0).margin == 0
    assert not Preference(1.0, 0.0).agrees
    assert not Preference(-1.0, 1.0).agrees
