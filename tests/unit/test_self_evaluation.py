"""`--self-evaluate`: what is valued, when it is written again, what is taken, what is counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.records import Candidate, Sample, candidate_from
from realign_local.engine.request import Completion, Finish, Request
from realign_local.gates import GATES
from realign_local.rewriting.self_evaluation import MORE_ATTEMPTS, self_evaluated
from realign_local.stages.gate_check import RUN_ONLY
from realign_local.stages.rewrite import Rewrite
from tests.scripted import FREE, ScriptedTools, rewrite_preferred, run

SAMPLE = Sample(
    0, 0, "a", "Where is the tower?", "Pisa",
    candidates=(Candidate("first", operations=("stops", "sentence")),),
    prompt_tokens=10, completion_tokens=3,
)  # fmt: skip


def _judge(liked: dict[str, float]) -> Any:
    """Answers with these logarithms of odds for the second text, whichever place it has."""

    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            order, letter, _ = request.key.split("|", 2)
            is_new = letter == ("B" if order == "in order" else "A")
            text = request.messages[-1].content
            odds = next(value for name, value in liked.items() if name in text)
            yield Completion(request.key, (), Finish.STOP, log_probability=odds if is_new else 0.0)

    return generate


def _again(*texts: str) -> Any:
    def write(samples: Sequence[Sample], attempt: int) -> Iterator[Sample]:
        for sample in samples:
            assert sample.candidates == ()
            made = Candidate(texts[attempt - 1], operations=("sentence",))
            yield replace(sample, candidates=(made,), prompt_tokens=7, completion_tokens=2)

    return write


@pytest.mark.parametrize(
    ("liked", "taken", "attempts"),
    [
        ({"first": 3.0}, "first", 1),  # over 0.8 at once
        ({"first": 0.0, "second": 2.0}, "second", 2),
        ({"first": 0.5, "second": -1.0, "third": 0.2}, "first", 3),
        ({"first": -2.0, "second": -1.0, "third": 0.2}, "third", 3),
    ],
)
def test_the_best_attempt_is_taken_and_enough_is_enough(
    liked: dict[str, float], taken: str, attempts: int
) -> None:
    (done,) = self_evaluated([SAMPLE], _judge(liked), _again("second", "third"))
    assert done.candidates[0].text == taken
    assert done.candidates[0].attempts == attempts <= 1 + MORE_ATTEMPTS
    assert 0 <= done.candidates[0].value <= 1
    assert done.prompt_tokens == 10 + 7 * (attempts - 1)
    assert done.completion_tokens == 3 + 2 * (attempts - 1)


def test_a_judge_that_favours_a_place_values_everything_at_a_half() -> None:
    def first_is_better(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            log = 9.0 if request.key.split("|")[1] == "A" else 0.0
            yield Completion(request.key, (), Finish.STOP, log_probability=log)

    (done,) = self_evaluated([SAMPLE], first_is_better, _again("second", "third"))
    assert (done.candidates[0].text, done.candidates[0].value) == ("first", 0.5)


@pytest.mark.parametrize(
    "sample",
    [
        replace(SAMPLE, candidates=()),
        replace(SAMPLE, candidates=(Candidate("x", operations=("stops",), origin="given"),)),
        replace(SAMPLE, candidates=(Candidate("x", operations=("proofread",)),)),
        replace(SAMPLE, candidates=(Candidate("x"),)),
    ],
)
def test_what_the_program_made_and_corrections_are_not_valued(sample: Sample) -> None:
    assert list(self_evaluated([sample], _judge({}), _again())) == [sample]


def test_what_the_model_cannot_read_is_not_written_again() -> None:
    def refuses(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            yield Completion(request.key, (), Finish.PROMPT_TOO_LONG)

    (done,) = self_evaluated([SAMPLE], refuses, _again())
    assert (done.candidates[0].text, done.candidates[0].attempts) == ("first", 1)


def test_an_older_journal_knows_no_attempts() -> None:
    old = {"text": "x", "operations": ["sentence"], "origin": "model", "proven": True,
           "finish": "stop", "seed": 5}  # fmt: skip
    assert candidate_from(old).attempts == 0


def test_only_a_run_that_values_has_other_keys() -> None:
    tools = ScriptedTools()
    sample = replace(SAMPLE, task="open_qa", candidates=())
    plain, heeding = (Rewrite(tools.criteria, FREE, "m", on).key(sample) for on in (False, True))
    assert plain == Rewrite(tools.criteria, FREE, "m").key(sample) != heeding


ROWS = [{"instruction": f"Name the capital of land {n}.", "output": "Paris"} for n in range(3)]


def _run(folder: Path, **options: Any) -> tuple[dict[str, Any], ScriptedTools]:
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    tools = ScriptedTools(
        answer=lambda _: ["The capital of that land is Paris, as most people know."],
        gates=dict.fromkeys((*GATES, *RUN_ONLY), False),
        **options,
    )
    stats = run(source, folder / "run", tools, rewriting=FREE, self_evaluate=True)
    return stats, tools


def test_a_run_counts_what_was_written_again_and_asks_with_other_numbers(tmp_path: Path) -> None:
    stats, tools = _run(tmp_path)  # to the judge all are alike: 0.5
    assert stats["self_evaluation"] == {"valued": 3, "written_again": 6}
    lines = (tmp_path / "run" / "provenance.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [(r["value"], r["attempts"]) for r in records] == [(0.5, 3)] * 3
    first = [r.sampling for r in tools.generated if r.sampling.temperature == 0]
    others = [r.sampling for r in tools.generated if r.sampling.temperature > 0]
    assert len(first) <= 3
    assert len({one.seed for one in others}) == len(others)


def test_a_run_whose_words_are_liked_is_written_once(tmp_path: Path) -> None:
    stats, _ = _run(tmp_path, margin=rewrite_preferred)
    assert stats["self_evaluation"] == {"valued": 3, "written_again": 0}
