"""The main job on the scripted engine: N in = N out, resume, reasons, the files of a run."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.data.records import Passage
from realign_local.engine.request import Request, Span
from realign_local.errors import UsageError
from realign_local.merging import merge_runs
from realign_local.pipeline import open_run
from realign_local.progress import Silent
from realign_local.reasons import Reason, Status
from tests.scripted import GUIDED, ScriptedTools, run


def _rows(*rows: Any) -> str:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows)


def _row(number: int, **more: Any) -> dict[str, Any]:
    answer = f"Lake number {number} lies in the north of the country."
    return {"instruction": f"Where does lake {number} lie?", "input": "", "output": answer, **more}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def good(request: Request) -> Sequence[str]:
    """Short harmless sentences that every gate lets pass."""
    return [" where this lake lies." for part in request.answer if isinstance(part, Span)]


def rubbish(request: Request) -> Sequence[str]:
    return [" 99 bottles of beer and 98 more." for p in request.answer if isinstance(p, Span)]


class Told(Silent):
    """Remembers the phases and the warnings."""

    def __init__(self) -> None:
        self.name = ""
        self.steps: Counter[str] = Counter()
        self.totals: dict[str, int | None] = {}
        self.warnings: list[str] = []

    def phase(self, name: str, total: int | None) -> None:
        self.name = name
        self.totals[name] = total

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        self.steps[self.name] += steps

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text(_rows(*(_row(n) for n in range(6))), encoding="utf-8")
    return path


def test_accepted_rows_are_rewritten_and_the_rest_of_the_row_stays(
    source: Path, tmp_path: Path
) -> None:
    source.write_text(_rows({**_row(1), "score": 1.50, "ü": "é"}), encoding="utf-8")
    stats = run(source, tmp_path / "run", ScriptedTools(answer=good))
    (row,) = _lines(tmp_path / "run" / "output.jsonl")
    (line,) = _lines(tmp_path / "run" / "provenance.jsonl")
    assert stats["status"]["rewritten"] == 1
    assert _row(1)["output"] in row["output"]
    assert row["output"] != _row(1)["output"]
    assert {k: v for k, v in row.items() if k != "output"} == {
        "instruction": "Where does lake 1 lie?", "input": "", "score": 1.5, "ü": "é"
    }  # fmt: skip
    assert line["status"] == "rewritten"
    assert line["reason"] == ""
    assert line["rewritten"] == row["output"]
    assert "".join(text for _, text in line["sections"]) == row["output"]


def test_rubbish_from_the_model_keeps_every_row_with_a_reason(source: Path, tmp_path: Path) -> None:
    free = replace(GUIDED, mode="free")
    stats = run(source, tmp_path / "run", ScriptedTools(answer=rubbish), rewriting=free)
    assert (tmp_path / "run" / "output.jsonl").read_bytes() == source.read_bytes()
    assert stats["acceptance"] == 0
    for line in _lines(tmp_path / "run" / "provenance.jsonl"):
        assert line["status"] == Status.KEPT
        assert line["reason"] == Reason.NUMBER_LOST
        assert line["rejected"] != line["rewritten"] == line["original"]


def test_guided_rubbish_gives_way_to_the_request_in_its_own_words(
    source: Path, tmp_path: Path
) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=rubbish))
    for line in _lines(tmp_path / "run" / "provenance.jsonl"):
        assert line["status"] == Status.REWRITTEN
        assert line["original"] in line["rewritten"]
        assert "model" not in {origin for origin, _ in line["sections"]}


def test_malformed_rows_come_out_as_they_came_in(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    broken = [
        '{"instruction": "torn',
        '{"other": 1}',
        '{"instruction": "x", "output": null}',
        "[1]",
    ]
    source.write_text(_rows(_row(0), *broken, _row(1)), encoding="utf-8")
    stats = run(source, tmp_path / "run", ScriptedTools(answer=good))
    lines = (tmp_path / "run" / "output.jsonl").read_text(encoding="utf-8").split("\n")
    assert lines[1:5] == broken
    assert stats["rows"] == 6
    assert stats["reasons"] == {"malformed_row": 4}
    assert "in.jsonl:2" in _lines(tmp_path / "run" / "provenance.jsonl")[1]["detail"]


def test_unreadable_rows_are_told_once_and_classify_counts_all_others(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    evident = _row(1, category="open_qa")
    source.write_text(_rows(_row(0), '{"instruction": "torn', evident, _row(0)), encoding="utf-8")
    for _ in range(2):
        told = Told()
        run(source, tmp_path / "run", ScriptedTools(answer=good), progress=told)
        assert told.steps["classify"] == told.totals["classify"] == 3
        (warning,) = told.warnings
        assert warning.startswith("1 row could not be read")
        assert "in.jsonl:2" in warning


def test_the_memory_of_a_session_that_needed_more_stays(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    with open_run(tmp_path / "run", "auto") as journal:
        journal.set_fact("peak_memory_mb", 1e9)
    stats = run(source, tmp_path / "run", ScriptedTools(answer=good))
    assert stats["peak_memory_mb"] == 1e9


def test_the_way_out_of_a_folder_with_a_run_fits_the_command(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    with pytest.raises(UsageError) as told:
        merge_runs([tmp_path / "run"], tmp_path / "run", warn=print)
    assert "--resume" not in told.value.hint


def test_a_stopped_run_goes_on_and_equals_an_undisturbed_one(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "whole", ScriptedTools(answer=good))
    stopped = ScriptedTools(answer=good, stop_after=3)
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "parts", stopped)
    assert not (tmp_path / "parts" / "output.jsonl").exists()
    rest = ScriptedTools(answer=good)
    stats = run(source, tmp_path / "parts", rest)
    assert len(stopped.generated) + len(rest.generated) == 6
    assert (stats["generated"], stats["generated_twice"]) == (6, 0)
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_row_inserted_at_the_top_is_the_only_one_computed(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    source.write_text(_rows(_row(99)) + source.read_text(encoding="utf-8"), encoding="utf-8")
    again = ScriptedTools(answer=good)
    stats = run(source, tmp_path / "run", again)
    assert len(again.generated) == 1
    assert stats["rows"] == 7


def test_equal_rows_are_generated_once(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(_rows(_row(1), _row(1), _row(2)), encoding="utf-8")
    tools = ScriptedTools(answer=good)
    stats = run(source, tmp_path / "run", tools)
    assert len(tools.generated) == 2
    assert stats["status"]["rewritten"] == 3


def test_a_finished_run_asks_the_model_nothing(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    again = ScriptedTools(answer=good)
    run(source, tmp_path / "run", again)
    assert not again.generated


def test_resume_never_and_force(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    with pytest.raises(UsageError, match="already holds a run"):
        run(source, tmp_path / "run", ScriptedTools(), resume="never")
    forced = ScriptedTools(answer=good)
    run(source, tmp_path / "run", forced, resume="force")
    assert len(forced.generated) == 6


@pytest.mark.parametrize(
    ("task", "instruction", "reason"),
    [
        ("poem_generation", "Write about the sea.", Reason.TASK_NOT_REWRITTEN),
        ("open_qa", "Answer in one word: where is it?", Reason.INSTRUCTION_SETS_FORMAT),
        ("rejecting", "Say no.", Reason.FORMAT_NOT_MET),
    ],
)
def test_rows_that_are_left_alone_say_why(
    tmp_path: Path, task: str, instruction: str, reason: Reason
) -> None:
    source = tmp_path / "in.jsonl"
    row = {"instruction": instruction, "output": "```\nx\n```"}
    source.write_text(_rows(row), encoding="utf-8")
    tools = ScriptedTools(task)
    run(source, tmp_path / "run", tools)
    (line,) = _lines(tmp_path / "run" / "provenance.jsonl")
    assert (line["status"], line["reason"]) == ("skipped", reason)
    assert not tools.generated


def test_evidence_reaches_the_prompt_and_the_provenance(source: Path, tmp_path: Path) -> None:
    passage = Passage("17", "Lakes", "North", "The lakes were dug by glaciers.", 0.8)
    tools = ScriptedTools(answer=good, passages=[passage])
    run(source, tmp_path / "run", tools)
    assert "The lakes were dug by glaciers." in tools.generated[0].messages[-1].content
    line = _lines(tmp_path / "run" / "provenance.jsonl")[0]
    (found,) = line["evidence"]
    assert (found["passage_id"], found["title"], found["score"]) == ("17", "Lakes", 0.8)
    assert found["text"] == passage.text


def test_candidates_have_seeds_of_their_own(source: Path, tmp_path: Path) -> None:
    tools = ScriptedTools(answer=good)
    run(source, tmp_path / "run", tools, rewriting=replace(GUIDED, candidates=2, temperature=0.7))
    first, second = (r.sampling for r in tools.generated[:2])
    assert (first.temperature, second.temperature) == (0.0, 0.7)
    assert first.seed != second.seed
    assert _lines(tmp_path / "run" / "provenance.jsonl")[0]["candidates"] == 2


def test_limit_and_shards_take_their_rows(source: Path, tmp_path: Path) -> None:
    assert run(source, tmp_path / "a", ScriptedTools(answer=good), limit=2)["rows"] == 2
    run(source, tmp_path / "b", ScriptedTools(answer=good), shard=(2, 3))
    assert [r["index"] for r in _lines(tmp_path / "b" / "provenance.jsonl")] == [1, 4]


def test_annotations_are_flat_and_in_every_row(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=rubbish), annotate=True)
    for row in _lines(tmp_path / "run" / "output.jsonl"):
        added = {k: v for k, v in row.items() if k.startswith("realign_")}
        assert len(added) == 7
        assert all(isinstance(v, str | float | int) for v in added.values())


def test_a_folder_of_somebody_else_is_left_alone(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "README.md").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no run directory"):
        run(source, folder, ScriptedTools(answer=good))
    assert (folder / "README.md").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in folder.iterdir()] == ["README.md"]


def test_force_is_refused_while_another_process_works(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    code = "import sys, pathlib; from realign_local.data.journal import Journal;"
    code += "j = Journal(pathlib.Path(sys.argv[1])); print('held', flush=True); input()"
    path = tmp_path / "run" / "journal.sqlite"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(UsageError, match="in use"):
        run(source, tmp_path / "run", ScriptedTools(answer=good), resume="force")
    holder.communicate("\n")
    again = ScriptedTools(answer=good)
    run(source, tmp_path / "run", again)
    assert not again.generated


def test_leftovers_of_a_killed_process_are_removed(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    (tmp_path / "run" / ".output.jsonl.77.tmp").write_text("half", encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    assert not list((tmp_path / "run").glob(".*"))


def test_a_damaged_result_is_made_again(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    whole = (tmp_path / "run" / "output.jsonl").read_bytes()
    with sqlite3.connect(tmp_path / "run" / "journal.sqlite") as db:
        db.execute("update results set payload=replace(payload, 'a', 'b') where stage='rewrite'")
    db.close()
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    assert (tmp_path / "run" / "output.jsonl").read_bytes() == whole


def test_a_model_that_adds_nothing_makes_no_rewrite(source: Path, tmp_path: Path) -> None:
    def silent(request: Request) -> Sequence[str]:
        return ["" for part in request.answer if isinstance(part, Span)]

    tools = ScriptedTools("sentiment_analysis", answer=silent)
    stats = run(source, tmp_path / "run", tools)
    assert stats["status"] == {"rewritten": 0, "kept": 0, "skipped": 6}
    assert stats["reasons"] == {"already_conforms": 6}


def test_a_json_array_comes_out_as_one_too(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text(json.dumps([_row(1), _row(2)], indent=2), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    array = json.loads((tmp_path / "run" / "output.json").read_text(encoding="utf-8"))
    assert array == _lines(tmp_path / "run" / "output.jsonl")
