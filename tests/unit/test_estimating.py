"""The estimate: counts that are exact, ranges that hold, and nothing written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from realign_local.base.progress import Silent
from realign_local.cli.rows.estimate import _size
from realign_local.commands.estimate import MEASURED_ROWS, estimate
from realign_local.commands.forecast import Measured, Range, Work, engine_seconds, share, stratified
from realign_local.data.formats import open_dataset
from realign_local.engine.request import Span
from realign_local.rewriting.plan import Mode
from realign_local.run.job import Job
from tests.scripted import GUIDED, ScriptedTools, rewrite_preferred

PREFIX = {"a": 4000, "b": 400}


def _measured(work: list[Work], seconds: float) -> Measured:
    return Measured(tuple(work), seconds, 4000, 1000, (5,) * len(work))


def test_time_grows_with_the_rows_and_less_than_in_proportion() -> None:
    few, many = [Work("a", 800)] * 4, [Work("a", 800)] * 400
    measured = _measured(few, 10.0)
    assert engine_seconds(few, 1.0, PREFIX, measured).likely == pytest.approx(10.0)
    found = engine_seconds(many, 1.0, PREFIX, measured)
    assert 10 * 20 < found.likely < 10 * 100
    assert found.low < found.likely < found.high


def test_a_task_more_is_a_beginning_more() -> None:
    rows = [Work("a", 800)] * 4
    measured = _measured(rows, 10.0)
    other = engine_seconds([*rows, Work("b", 0)], 1.0, PREFIX, measured)
    assert other.likely > engine_seconds([*rows, Work("a", 0)], 1.0, PREFIX, measured).likely


def test_few_rows_give_a_wider_range() -> None:
    def width(rows: int) -> float:
        found = engine_seconds(
            [Work("a", 800)] * 500, 3.0, PREFIX, _measured([Work("a", 800)] * rows, rows)
        )
        return found.high / found.low

    assert width(2) > width(16) > 1


def test_a_sample_cut_short_is_judged_by_the_tokens_that_were_read() -> None:
    rows = [Work("a", 800)] * 8
    whole = engine_seconds(rows, 1.0, PREFIX, _measured(rows, 10.0))
    slow = Measured((), 10.0, 0, 0, (), read_tokens=500)
    assert engine_seconds(rows, 1.0, PREFIX, slow).likely > 3 * whole.likely


@pytest.mark.parametrize(
    ("megabytes", "shown"), [(0.0, "0.1 MB"), (0.26, "0.3 MB"), (12.4, "12 MB"), (5100, "5,100 MB")]
)
def test_disk_is_never_nothing(megabytes: float, shown: str) -> None:
    assert _size(megabytes) == shown


def test_a_dataset_without_work_takes_no_time() -> None:
    assert engine_seconds([], 1.0, {}, _measured([], 0.0)) == Range(0, 0, 0)


@pytest.mark.parametrize(("hits", "of"), [(0, 5), (5, 5), (3, 8), (0, 0)])
def test_a_share_lies_within_its_range(hits: int, of: int) -> None:
    found = share(hits, of)
    assert 0 <= found.low <= found.likely <= found.high <= 1
    assert found.low < found.high


@pytest.mark.parametrize("size", [1, 5, 16, 100])
def test_the_sample_has_each_row_once_and_the_large_tasks_first(size: int) -> None:
    rows = [Work("large", n) for n in range(40)] + [Work(f"t{n}", n) for n in range(10)]
    chosen = stratified(rows, size, tasks=99)
    assert len(set(chosen)) == len(chosen) == min(size, len(rows))
    tasks = [rows[place].task for place in chosen]
    assert "large" in tasks
    if size == 16:
        assert 6 <= tasks.count("large") <= 14
    assert {rows[place].task for place in stratified(rows, size, tasks=1)} == {"large"}


@pytest.mark.parametrize("rows", [3, 40])
def test_counts_are_those_of_the_run(tmp_path: Path, rows: int) -> None:
    source = tmp_path / "in.jsonl"
    texts = [{"instruction": f"Who built mill {n}?", "output": "Ada Crane"} for n in range(rows)]
    sure = "Sure, here you go!\n\nMills grind wheat. The river drives them."
    texts.append({"instruction": "Tell me about mills.", "output": sure})
    texts.append({"instruction": "Answer in one word: where is it?", "output": "North"})
    source.write_text("".join(json.dumps(t) + "\n" for t in texts) + "broken\n", encoding="utf-8")
    tools = ScriptedTools()
    found = estimate(Job(open_dataset(source), tmp_path / "none", GUIDED), tools, progress=Silent())
    assert (found["rows"], found["tried"], found["tidied"]) == (rows + 3, rows, 1)
    assert found["skipped"] == {"instruction_sets_format": 1}
    assert found["tasks"] == {"open_qa": rows}
    assert found["measured_rows"] == min(rows, MEASURED_ROWS)
    assert found["seconds"]["low"] <= found["seconds"]["likely"] <= found["seconds"]["high"]
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_dataset_that_needs_no_model_starts_none(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    row = {
        "instruction": "Tell me about mills.",
        "output": "Sure, here you go!\n\nMills grind wheat.",
    }
    source.write_text(json.dumps(row) + "\n", encoding="utf-8")
    tools = ScriptedTools("information_extraction")
    found = estimate(Job(open_dataset(source), tmp_path / "none", GUIDED), tools, progress=Silent())
    assert (found["tried"], found["tidied"], found["acceptance"]) == (0, 1, None)
    assert tools.started == 0
    assert found["prompt_tokens"] == found["completion_tokens"] == 0


@pytest.mark.parametrize("mode", ["guided", "free", "auto"])
def test_tokens_are_counted_for_what_the_mode_asks(tmp_path: Path, mode: Mode) -> None:
    source = tmp_path / "in.jsonl"
    rows = [{"instruction": f"Who built mill {n}?", "output": "Ada Crane"} for n in range(4)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tools = ScriptedTools(margin=rewrite_preferred)
    job = Job(open_dataset(source), tmp_path / "none", replace(GUIDED, mode=mode))
    found = estimate(job, tools, progress=Silent())
    assert found["tried"] == found["measured_rows"] == 4
    assert found["prompt_tokens"] > 0
    kinds = {"guided": ["sentence"], "free": ["free"], "auto": ["sentence", "free"]}[mode]
    asked = [part.name for r in tools.generated for part in r.answer if isinstance(part, Span)]
    assert [name for name in asked if name] == kinds * 4
