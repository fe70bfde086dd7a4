"""A run with a time limit: it stops in order, says so, and goes on to the undisturbed result."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.base import stop
from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import BudgetReached, Interrupted
from realign_local.base.records import Passage, Sample
from realign_local.base.stop import Budget
from realign_local.commands.run import Feed
from realign_local.engine.request import Request
from realign_local.evidence.encoders import encoder
from realign_local.run.priority import ROUND_ROWS, UsefulFirst
from tests.scripted import ScriptedTools, run

ROWS = 40


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    rows = ({"instruction": f"Who built mill {n}?", "output": "Ada Crane"} for n in range(ROWS))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _spans(request: Request) -> Sequence[str]:
    number = "".join(filter(str.isdigit, request.messages[-1].content))
    return [f"Ada Crane built mill {number}."]


class SpentAfter:
    """Answers so many rows, then the time is up."""

    def __init__(self, clock: Clock, rows: int) -> None:
        self.clock, self.rows, self.asked = clock, rows, 0

    def __call__(self, request: Request) -> Sequence[str]:
        self.asked += 1
        if self.asked == self.rows:
            self.clock.now += 1000
        return _spans(request)


@pytest.mark.parametrize("stopped", [BudgetReached("over"), Interrupted("over", signal_number=15)])
def test_a_stop_while_the_encoder_loads_is_no_damaged_encoder(
    stopped: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_folder: Path) -> None:
        raise stopped

    monkeypatch.setattr(encoder, "_load_static", load)
    with pytest.raises(type(stopped), match="over"):
        encoder._load(tmp_path)


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGINT, "Ctrl+C"), (signal.SIGTERM, "SIGTERM")]
)
def test_a_signal_is_named_and_only_what_saves_says_so(number: signal.Signals, name: str) -> None:
    with pytest.raises(Interrupted) as told, stop.orderly_stop():
        signal.raise_signal(number)
    assert str(told.value) == f"stopped by {name}"
    assert told.value.hint == ""
    assert told.value.exit_code == 128 + number
    with pytest.raises(Interrupted, match="saved") as told, stop.orderly_stop(saves=True):
        signal.raise_signal(number)
    assert "same command" in told.value.hint


def test_what_is_done_is_written_and_the_rest_keeps_its_response(
    source: Path, tmp_path: Path
) -> None:
    clock = Clock()
    tools = ScriptedTools(answer=SpentAfter(clock, 9))
    stats = run(source, tmp_path / "run", tools, budget=Budget(60, clock=clock))
    before, after = _lines(source), _lines(tmp_path / "run" / "output.jsonl")
    proof = _lines(tmp_path / "run" / "provenance.jsonl")
    assert [row["instruction"] for row in after] == [row["instruction"] for row in before]
    assert 0 < stats["status"]["rewritten"] < ROWS
    assert stats["unfinished"] == stats["reasons"]["not_reached"]
    assert stats["unfinished"] == ROWS - stats["status"]["rewritten"]
    for old, new, line in zip(before, after, proof, strict=True):
        reached = line["reason"] != "not_reached"
        assert line["status"] == ("rewritten" if reached else "skipped")
        assert (old["output"] == new["output"]) is not reached


def test_a_run_cut_by_its_budget_and_resumed_equals_an_undisturbed_one(
    source: Path, tmp_path: Path
) -> None:
    run(source, tmp_path / "whole", ScriptedTools(answer=_spans))
    generated = 0
    for _ in range(20):
        clock = Clock()
        tools = ScriptedTools(answer=SpentAfter(clock, 7))
        stats = run(source, tmp_path / "parts", tools, budget=Budget(60, clock=clock))
        generated += stats["generated"] > generated
        if not stats["unfinished"]:
            break
    assert generated > 2
    assert (stats["generated"], stats["generated_twice"]) == (ROWS, 0)
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_the_alarm_rings_while_nothing_else_looks_at_the_clock() -> None:
    with pytest.raises(BudgetReached), Budget(0.05).alarm():
        time.sleep(30)


def test_the_alarm_rings_again_where_it_was_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop, "RING_AGAIN_S", 0.02)
    with pytest.raises(BudgetReached), Budget(0.02).alarm():
        _sleep_on()


def _sleep_on() -> None:
    with suppress(Exception):
        time.sleep(30)
    time.sleep(30)


def test_no_alarm_after_the_block() -> None:
    budget = Budget(0.05)
    with budget.alarm():
        pass
    time.sleep(0.1)
    with pytest.raises(BudgetReached):
        budget.check()


def test_no_row_is_begun_that_could_not_be_finished() -> None:
    samples = [Sample(n, 0, str(n), "ask", "say", task="open_qa") for n in range(3)]
    budget = Budget(1000)
    feed = Feed(samples, budget)
    handed = iter(feed)
    feed.done(next(handed))
    feed.check()
    budget.reserve(2000)
    assert list(handed) == []
    with pytest.raises(BudgetReached):
        feed.check()


def test_cheap_and_likely_rows_come_first_and_tasks_take_turns() -> None:
    order = UsefulFirst(read_criteria(shared_path("criteria")))
    sure = Sample(0, 0, "", "ask", "say", task="math_puzzles", confidence=0.9)
    fact = replace(sure, task="open_qa")
    found = replace(fact, evidence=(Passage("1", "", "", "text"),))
    assert order(sure) < order(replace(sure, confidence=0.5))
    assert order(sure) < order(replace(sure, original="long " * 2000))
    assert order(found) < order(fact)
    rounds = [order(sure) for _ in range(2 * ROUND_ROWS)]
    assert rounds == sorted(rounds)
    assert order(found) < rounds[-1]
