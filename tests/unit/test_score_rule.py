"""`--min-score`, `--keep-if-not-worse` and `--target-rows`: what a run takes, and when it stops."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.progress import Silent
from realign_local.base.reasons import Reason
from realign_local.base.records import Candidate, Sample
from realign_local.cli import realign
from realign_local.commands.run import run_job
from realign_local.data.formats import open_dataset
from realign_local.engine.request import Completion, Finish, Given, Request
from realign_local.gates import GATES
from realign_local.rewriting.scorer import Scorer
from realign_local.run.files.opening import open_run
from realign_local.run.job import Job
from realign_local.stages.gate_check import RUN_ONLY
from realign_local.stages.scoring import ScoreRule, Scoring
from tests.scripted import FREE, ScriptedTools, rewrite_preferred
from tests.unit.test_pipeline import Told

Digit = Callable[[str], int]
SAMPLE = Sample(
    0, 0, "a", "Why is the sky blue?", "Short.",
    candidates=(Candidate("A longer answer.", proven=True),),
    passed=(0,), chosen=0, reason=Reason.ACCEPTED,
)  # fmt: skip


def _model(digit: Digit) -> Callable[[Iterable[Request]], Iterator[Completion]]:
    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            assert isinstance(request.answer[0], Given)
            text = request.messages[-1].content
            logs = [0.0 if n == digit(text) else -60.0 for n in range(6)]
            yield Completion(
                request.key, ("0",), Finish.STOP, log_probability=logs[0], instead=tuple(logs[1:])
            )

    return generate


def _settled(rule: ScoreRule, digit: Digit) -> Sample:
    (done,) = Scoring(rule, "m").run([SAMPLE], Scorer(_model(digit), model="m").scores)
    return done


@pytest.mark.parametrize(
    ("rule", "digit", "taken"),
    [
        (ScoreRule(least=4), lambda _: 4, True),
        (ScoreRule(least=4.5), lambda _: 4, False),
        (ScoreRule(least=4), lambda text: 3 if "accurate" in text else 5, False),
        (ScoreRule(not_worse=True), lambda _: 3, True),
        (ScoreRule(not_worse=True), lambda text: 5 if "Short." in text else 4, False),
        (ScoreRule(not_worse=True), lambda text: 2 if "Short." in text else 4, True),
    ],
)
def test_what_the_rule_takes(rule: ScoreRule, digit: Digit, taken: bool) -> None:
    done = _settled(rule, digit)
    assert (done.chosen == 0) is taken
    assert done.reason is (Reason.ACCEPTED if taken else Reason.NOT_BETTER)
    assert taken or done.detail
    stage = Scoring(rule, "m")
    assert stage.apply(SAMPLE, stage.to_record(done)) == done
    assert stage.key(done) == stage.key(SAMPLE)


def test_what_cannot_be_scored_is_not_taken() -> None:
    def refuses(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            yield Completion(request.key, (), Finish.PROMPT_TOO_LONG)

    (done,) = Scoring(ScoreRule(least=1), "m").run([SAMPLE], Scorer(refuses, model="m").scores)
    assert done.chosen == -1
    assert done.detail == "by its score: the model could tell none"


def test_nothing_is_scored_without_a_rule_or_a_rewrite() -> None:
    assert not Scoring(ScoreRule(), "m").needs(SAMPLE)
    assert not Scoring(ScoreRule(least=3), "m").needs(replace(SAMPLE, chosen=-1))
    assert Scoring(ScoreRule(least=3), "m").needs(SAMPLE)
    keys = {Scoring(r, "m").key(SAMPLE) for r in (ScoreRule(3), ScoreRule(4), ScoreRule(3, True))}
    assert len(keys) == 3


ROWS = [{"instruction": f"Name the capital of land {n}.", "output": "Paris"} for n in range(200)]
FIRST = 5


def _job(folder: Path, **more: Any) -> tuple[Job, ScriptedTools]:
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    tools = ScriptedTools(
        answer=lambda _: ["The capital of that land is Paris, as most people know."],
        margin=rewrite_preferred,
        gates=dict.fromkeys((*GATES, *RUN_ONLY), False),
    )
    return Job(open_dataset(source), folder / "run", FREE, **more), tools


def _run(job: Job, tools: ScriptedTools) -> dict[str, Any]:
    with open_run(job.run_dir, "auto") as journal:
        return run_job(job, tools, journal, progress=Silent())


def test_a_run_stops_asking_when_enough_are_rewritten_and_goes_on_for_more(tmp_path: Path) -> None:
    job, tools = _job(tmp_path, target_rows=FIRST)
    stats = _run(job, tools)
    assert FIRST <= stats["status"]["rewritten"] < len(ROWS)
    assert stats["unfinished"] == len(ROWS) - stats["status"]["rewritten"]
    asked = len(tools.generated)
    assert _run(job, tools)["status"] == stats["status"]
    assert len(tools.generated) == asked
    whole = _run(replace(job, target_rows=None), tools)
    assert (whole["unfinished"], whole["status"]["rewritten"]) == (0, len(ROWS))


def test_scoring_says_how_much_there_is_to_do(tmp_path: Path) -> None:
    job, tools = _job(tmp_path, rule=ScoreRule(not_worse=True), limit=7)
    heard = Told()
    for left in (7, 0):
        with open_run(job.run_dir, "auto") as journal:
            run_job(job, tools, journal, progress=heard)
        assert (heard.totals["score"], heard.steps["score"]) == (left, 7)


def test_tidying_alone_cannot_score(tmp_path: Path) -> None:
    job, _ = _job(tmp_path)
    command = ["run", str(job.dataset.path), "-o", str(tmp_path / "x"), "--mode", "tidy"]
    done = CliRunner().invoke(realign, [*command, "--min-score", "4"], standalone_mode=False)
    assert "no model to score with" in str(done.exception)
    assert not (tmp_path / "x").exists()


def _provenance(run_dir: Path) -> list[dict[str, Any]]:
    lines = (run_dir / "provenance.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_another_run_over_the_same_rows_asks_for_no_score_again(tmp_path: Path) -> None:
    job, tools = _job(tmp_path, rule=ScoreRule(least=1.0), cache=tmp_path / "cache", limit=4)
    _run(job, tools)
    first = [request.key for request in tools.generated if request.key.startswith("helpfulness|")]
    assert len(first) == 2 * 4
    assert all(line["reason"] == "not_better" for line in _provenance(job.run_dir))
    page = (job.run_dir / "report.html").read_text("utf-8")
    assert "100 % gave way to the original because the model scored them lower" in page
    assert "or, for 4, the model scored it too low" in page
    assert "gave way to the original because nothing showed" not in page
    _, others = _job(tmp_path)
    elsewhere = replace(job, run_dir=tmp_path / "other", rule=ScoreRule(not_worse=True))
    _run(elsewhere, others)
    assert len(others.generated) == 4  # the texts are written anew, and nothing is scored
    without = replace(job, run_dir=tmp_path / "third", cache=None)
    _run(without, tools)
    again = [request.key for request in tools.generated if request.key.startswith("helpfulness|")]
    assert len(again) == 2 * len(first)
