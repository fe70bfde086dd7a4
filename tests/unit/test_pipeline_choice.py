"""The judge's part in a run: who is asked, what its word decides, and stops right before it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.reasons import Reason, Status
from realign_local.base.stop import Budget
from realign_local.engine.request import Request
from realign_local.rewriting.plan import Mode
from realign_local.run.files.journal import Journal
from realign_local.run.files.rundir import JOURNAL
from realign_local.run.job import InThisProcess
from realign_local.stages.judgement import MARGIN
from tests.scripted import FREE, ScriptedTools, rewrite_preferred, run

ROWS = 5
AUTO = replace(FREE, mode="auto")
SAID = "Tin is soft. It melts early, and so it is used for solder."
LISTED = "- Tin is soft.\n- It melts early, and so it is used for solder."


def edited(request: Request) -> Sequence[str]:
    """The answer as a list; every gate lets it pass."""
    assert request.messages[-1].content.endswith(f"Answer:\n{SAID}")
    return [LISTED]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    rows = ({"instruction": f"Tell me of tin, part {n}.", "output": SAID} for n in range(ROWS))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def lines(run_dir: Path, name: str = "provenance") -> list[dict[str, Any]]:
    text = (run_dir / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_what_the_judge_prefers_is_taken_with_its_margin(source: Path, tmp_path: Path) -> None:
    tools = ScriptedTools(answer=edited, margin=rewrite_preferred)
    stats = run(source, tmp_path / "run", tools, rewriting=FREE)
    assert stats["status"] == {"rewritten": ROWS, "kept": 0, "skipped": 0}
    assert stats["operations"] == {"free": ROWS}
    for line in lines(tmp_path / "run"):
        assert line["rewritten"] == LISTED
        assert (line["margin"], line["operations"], line["reason"]) == (3.0, ["free"], "")
        assert set(line["checks"].values()) == {"pass", "n/a"}


@pytest.mark.parametrize("margin", [0.0, MARGIN - 0.01, -5.0])
def test_a_rewrite_that_is_not_clearly_preferred_is_not_better(
    source: Path, tmp_path: Path, margin: float
) -> None:
    tools = ScriptedTools(answer=edited, margin=lambda *_: margin)
    stats = run(source, tmp_path / "run", tools, rewriting=FREE)
    assert stats["reasons"] == {"not_better": ROWS}
    assert stats["operations"] == {}
    assert (tmp_path / "run" / "output.jsonl").read_bytes() == source.read_bytes()
    for line in lines(tmp_path / "run"):
        assert (line["status"], line["margin"]) == (Status.KEPT, 0.0)
        assert line["rejected"] == LISTED


def test_a_judge_who_changes_his_mind_with_the_order_prefers_nothing(
    source: Path, tmp_path: Path
) -> None:
    tools = ScriptedTools(
        answer=edited, margin=lambda _, order: 9.0 if order == "in order" else -0.1
    )
    assert run(source, tmp_path / "run", tools, rewriting=FREE)["reasons"] == {"not_better": ROWS}


def test_the_judge_sees_both_answers_in_both_orders(source: Path, tmp_path: Path) -> None:
    tools = ScriptedTools(answer=edited, margin=rewrite_preferred)
    run(source, tmp_path / "run", tools, rewriting=FREE)
    assert len(tools.judged) == 4 * ROWS
    shown = {request.messages[-1].content for request in tools.judged}
    for number in range(ROWS):
        head = f"Request:\nTell me of tin, part {number}.\n\n"
        for first, second in ((SAID, LISTED), (LISTED, SAID)):
            pair = f"Answer A:\n{first}\n\nAnswer B:\n{second}\n\nWhich answer is better?"
            assert head + pair in shown


@pytest.mark.parametrize("mode", ["free", "auto"])
def test_for_a_model_that_is_not_trusted_nothing_is_written_freely(
    source: Path, tmp_path: Path, mode: Mode
) -> None:
    asked: list[str] = []

    def words(request: Request) -> Sequence[str]:
        asked.append(request.messages[-1].content)
        return [""] * len(request.answer)

    tools = ScriptedTools(answer=words, margin=rewrite_preferred, distrust="too small to judge")
    run(source, tmp_path / "run", tools, rewriting=replace(FREE, mode=mode))
    assert not tools.judged
    assert not [text for text in asked if text.endswith(f"Answer:\n{SAID}")]
    assert not [line for line in lines(tmp_path / "run") if "free" in line["operations"]]
    trusted = ScriptedTools(answer=edited, margin=rewrite_preferred)
    assert run(source, tmp_path / "run", trusted, rewriting=FREE)["acceptance"] == 1


def test_what_is_proven_needs_no_judge_and_what_is_not_must_beat_it(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    row = {"instruction": "Who built mill 1?", "output": "Ada Crane"}
    source.write_text(json.dumps(row) + "\n", encoding="utf-8")

    def both(request: Request) -> Sequence[str]:
        is_free = request.messages[-1].content.startswith("How:")
        return ["Mill 1 was built by Ada Crane." if is_free else "Ada Crane built mill 1."]

    guided = ScriptedTools(answer=both, margin=rewrite_preferred)
    run(source, tmp_path / "guided", guided, rewriting=replace(FREE, mode="guided"))
    assert not guided.judged
    for margin, operations in ((0.0, ["sentence"]), (4.0, ["free"])):
        tools = ScriptedTools(answer=both, margin=lambda *_, m=margin: m)
        run(source, tmp_path / f"auto{margin}", tools, rewriting=AUTO)
        (line,) = lines(tmp_path / f"auto{margin}")
        assert (line["status"], line["operations"]) == (Status.REWRITTEN, operations)
        assert "Ada Crane built mill 1." in tools.judged[0].messages[-1].content


def test_a_run_that_was_stopped_before_the_judge_goes_on_with_him_alone(
    source: Path, tmp_path: Path
) -> None:
    run(
        source, tmp_path / "whole", ScriptedTools(answer=edited, margin=rewrite_preferred),
        rewriting=FREE,
    )  # fmt: skip
    stopped = ScriptedTools(answer=edited, margin=rewrite_preferred, stop_at_verdict=True)
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "parts", stopped, rewriting=FREE)
    assert len(stopped.generated) == ROWS
    rest = ScriptedTools(answer=edited, margin=rewrite_preferred)
    stats = run(source, tmp_path / "parts", rest, rewriting=FREE)
    assert (rest.started, rest.generated, len(rest.judged)) == (1, [], 4 * ROWS)
    assert (stats["generated"], stats["generated_twice"]) == (ROWS, 0)
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    again = ScriptedTools(answer=edited, margin=rewrite_preferred)
    run(source, tmp_path / "parts", again, rewriting=FREE)
    assert (again.started, again.judged) == (0, [])


def test_rows_are_judged_slice_by_slice(source: Path, tmp_path: Path) -> None:
    order: list[str] = []

    def writes(request: Request) -> Sequence[str]:
        order.append("write")
        return edited(request)

    def judges(_asked: str, _order: str) -> float:
        order.append("judge")
        return 3.0

    tools = ScriptedTools(answer=writes, margin=judges)
    tools.workplace = InThisProcess(slice_rows=2)
    stats = run(source, tmp_path / "run", tools, rewriting=FREE)
    part = ["write"] * 2 + ["judge"] * 8
    assert order == [*part, *part, "write", *["judge"] * 4]
    assert (stats["status"]["rewritten"], tools.started) == (ROWS, 1)


def test_a_budget_that_ends_before_the_judge_leaves_rows_not_reached(
    source: Path, tmp_path: Path
) -> None:
    now = [100.0]

    def slow(_asked: str, _order: str) -> float:
        now[0] += 1000
        return 3.0

    def writes(request: Request) -> Sequence[str]:
        now[0] += 30
        return edited(request)

    tools = ScriptedTools(answer=writes, margin=slow)
    budget = Budget(100, clock=lambda: now[0])
    stats = run(source, tmp_path / "run", tools, rewriting=FREE, budget=budget)
    assert 0 < stats["unfinished"] < ROWS
    assert stats["unfinished"] + stats["status"]["rewritten"] == ROWS
    for line in lines(tmp_path / "run"):
        assert line["reason"] in ("", Reason.NOT_REACHED)
        assert (line["rewritten"] == line["original"]) == (line["reason"] != "")
    rest = ScriptedTools(answer=edited, margin=rewrite_preferred)
    done = run(source, tmp_path / "run", rest, rewriting=FREE)
    assert (done["unfinished"], done["generated"], done["generated_twice"]) == (0, ROWS, 0)


def test_a_damaged_verdict_is_asked_for_again(source: Path, tmp_path: Path) -> None:
    first = ScriptedTools(answer=edited, margin=rewrite_preferred)
    run(source, tmp_path / "run", first, rewriting=FREE)
    whole = (tmp_path / "run" / "output.jsonl").read_bytes()
    with sqlite3.connect(tmp_path / "run" / JOURNAL) as db:
        db.execute("update results set payload=replace(payload, 'c', 'd') where stage='judge'")
    db.close()
    again = ScriptedTools(answer=edited, margin=rewrite_preferred)
    run(source, tmp_path / "run", again, rewriting=FREE)
    assert (len(again.judged), again.generated) == (4 * ROWS, [])
    assert (tmp_path / "run" / "output.jsonl").read_bytes() == whole


def test_the_journal_holds_a_verdict_for_each_row_once(source: Path, tmp_path: Path) -> None:
    tools = ScriptedTools(answer=edited, margin=rewrite_preferred)
    run(source, tmp_path / "run", tools, rewriting=FREE)
    with Journal(tmp_path / "run" / JOURNAL) as journal:
        for stage in ("rewrite", "verify", "judge"):
            assert journal.written_twice(stage) == 0
