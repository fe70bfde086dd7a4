"""The main job on the scripted engine: N in = N out, resume, reasons, the files of a run."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import UsageError
from realign_local.base.progress import Silent
from realign_local.base.reasons import Reason, Status
from realign_local.base.records import Passage
from realign_local.commands.merge import merge_runs
from realign_local.engine.request import Request
from realign_local.gates import GATES
from realign_local.run.files.opening import open_run
from realign_local.stages.gate_check import RUN_ONLY
from tests.scripted import FREE, GUIDED, ScriptedTools, rewrite_preferred, run


def _rows(*rows: Any) -> str:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows)


def _row(number: int, **more: Any) -> dict[str, Any]:
    """A question with a bare answer, which the model makes a sentence of."""
    asked = f"Who built mill {number}?"
    return {"instruction": asked, "input": "", "output": "Ada Crane", **more}


def _tidy_row(number: int) -> dict[str, Any]:
    """A row that the program mends without a model."""
    said = f"Sure, here you go!\n\nMill {number} grinds wheat. It is driven by the river."
    return {"instruction": f"Tell me about mill {number}.", "input": "", "output": said}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def good(request: Request) -> Sequence[str]:
    """The full sentence that a question about a mill and its bare answer make."""
    number = "".join(filter(str.isdigit, request.messages[-1].content))
    return [f"Ada Crane built mill {number}."]


def rubbish(_: Request) -> Sequence[str]:
    return ["There are 99 bottles of beer and 98 more."]


class Told(Silent):
    """Remembers the phases, the notes and the warnings."""

    def __init__(self) -> None:
        self.name = ""
        self.steps: Counter[str] = Counter()
        self.totals: dict[str, int | None] = {}
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def phase(self, name: str, total: int | None) -> None:
        self.name = name
        self.totals[name] = total

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        self.steps[self.name] += steps

    def note(self, text: str) -> None:
        self.notes.append(text)

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
    assert row["output"] == "Ada Crane built mill 1."
    assert {k: v for k, v in row.items() if k != "output"} == {
        "instruction": "Who built mill 1?", "input": "", "score": 1.5, "ü": "é"
    }  # fmt: skip
    assert line["status"] == "rewritten"
    assert line["reason"] == ""
    assert line["rewritten"] == row["output"]
    assert line["sections"] == [["model", row["output"]]]
    assert line["operations"] == ["sentence"]
    assert stats["operations"] == {"sentence": 1}


def test_rubbish_from_the_model_keeps_every_row_with_a_reason(source: Path, tmp_path: Path) -> None:
    stats = run(source, tmp_path / "run", ScriptedTools(answer=rubbish), rewriting=FREE)
    assert (tmp_path / "run" / "output.jsonl").read_bytes() == source.read_bytes()
    assert stats["acceptance"] == 0
    assert stats["operations"] == {}
    for line in _lines(tmp_path / "run" / "provenance.jsonl"):
        assert line["status"] == Status.KEPT
        assert line["reason"] == Reason.ANSWER_CHANGED
        assert line["rejected"] != line["rewritten"] == line["original"]
        assert line["operations"] == ["free"]


def test_a_sentence_that_is_none_of_the_row_is_not_even_a_candidate(
    source: Path, tmp_path: Path
) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=rubbish))
    for line in _lines(tmp_path / "run" / "provenance.jsonl"):
        assert (line["status"], line["reason"]) == (Status.SKIPPED, Reason.ALREADY_CONFORMS)
        assert "found nothing to mend" in line["detail"]


def test_rubbish_gives_way_to_what_the_program_made_alone(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(_rows(_tidy_row(1)), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools(answer=rubbish), rewriting=FREE)
    (line,) = _lines(tmp_path / "run" / "provenance.jsonl")
    assert (line["status"], line["operations"]) == (Status.REWRITTEN, ["boilerplate"])
    assert line["rewritten"] == "Mill 1 grinds wheat. It is driven by the river."
    assert line["sections"] == [["given", line["rewritten"]]]


def test_rows_that_need_no_model_never_start_one(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    plain = {"instruction": "Tell me about tin.", "output": "Tin is soft. It melts early."}
    asked = {"instruction": "Answer in one word: where is it?", "output": "North"}
    source.write_text(_rows(_tidy_row(1), plain, asked, _tidy_row(1)), encoding="utf-8")
    tools, told = ScriptedTools("information_extraction"), Told()
    assert "proofread" not in tools.criteria["information_extraction"].operations
    stats = run(source, tmp_path / "run", tools, progress=told)
    assert (tools.started, stats["generated"], stats["generated_twice"]) == (0, 0, 0)
    assert stats["status"] == {"rewritten": 2, "kept": 0, "skipped": 2}
    assert stats["operations"] == {"boilerplate": 2}
    assert told.steps["tidy"] == 4
    assert "rewrite" not in told.totals


def test_rows_of_low_confidence_are_only_tidied(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(_rows(_row(1), _tidy_row(2)), encoding="utf-8")
    tools = ScriptedTools(answer=good, confidence=0.2)
    run(source, tmp_path / "run", tools, rewriting=replace(GUIDED, min_confidence=0.3))
    bare, tidied = _lines(tmp_path / "run" / "provenance.jsonl")
    assert (bare["status"], bare["reason"]) == (Status.SKIPPED, Reason.LOW_CONFIDENCE)
    assert (tidied["status"], tidied["operations"]) == (Status.REWRITTEN, ["boilerplate"])
    assert not tools.generated
    run(source, tmp_path / "run", tools)
    assert _lines(tmp_path / "run" / "provenance.jsonl")[0]["status"] == Status.REWRITTEN


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
        ("open_qa", "Is it deep, north, or both?", Reason.ALREADY_CONFORMS),
    ],
)
def test_rows_that_are_left_alone_say_why(
    tmp_path: Path, task: str, instruction: str, reason: Reason
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(_rows({"instruction": instruction, "output": "North"}), encoding="utf-8")
    tools = ScriptedTools(task)
    run(source, tmp_path / "run", tools)
    (line,) = _lines(tmp_path / "run" / "provenance.jsonl")
    assert (line["status"], line["reason"]) == ("skipped", reason)
    assert not tools.generated


def test_evidence_reaches_the_prompt_and_the_provenance(source: Path, tmp_path: Path) -> None:
    passage = Passage("17", "Lakes", "North", "The lakes were dug by glaciers.", 0.8)
    tools = ScriptedTools(answer=good, passages=[passage])
    run(source, tmp_path / "run", tools, rewriting=FREE)
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
    assert len(tools.generated) == 2 * 6
    equal = _lines(tmp_path / "run" / "provenance.jsonl")[0]
    assert equal["candidates"] == 1


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


def test_a_damaged_result_is_made_again(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    whole = (tmp_path / "run" / "output.jsonl").read_bytes()
    with sqlite3.connect(tmp_path / "run" / "journal.sqlite") as db:
        db.execute("update results set payload=replace(payload, 'a', 'b') where stage='rewrite'")
    db.close()
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    assert (tmp_path / "run" / "output.jsonl").read_bytes() == whole


def test_a_model_that_adds_nothing_makes_no_rewrite(source: Path, tmp_path: Path) -> None:
    stats = run(source, tmp_path / "run", ScriptedTools(answer=lambda _: [""]))
    assert stats["status"] == {"rewritten": 0, "kept": 0, "skipped": 6}
    assert stats["reasons"] == {"already_conforms": 6}


def test_an_operation_that_is_switched_off_is_not_done_and_makes_other_keys(
    tmp_path: Path,
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(_rows(_row(1), _tidy_row(2)), encoding="utf-8")
    first = ScriptedTools(answer=good)
    assert run(source, tmp_path / "run", first)["operations"] == {"sentence": 1, "boilerplate": 1}
    for off, left in (("sentence", "boilerplate"), ("boilerplate", "sentence")):
        tools = ScriptedTools(answer=good)
        settings = replace(GUIDED, off=(off, *GUIDED.off))
        stats = run(source, tmp_path / "run", tools, rewriting=settings)
        assert stats["operations"] == {left: 1}
        assert stats["generated_twice"] == 0
    again = ScriptedTools(answer=good)
    assert run(source, tmp_path / "run", again)["operations"] == {"sentence": 1, "boilerplate": 1}
    assert (again.started, again.generated) == (0, [])


def test_a_gate_that_is_switched_off_lets_its_rows_pass_without_the_model(
    source: Path, tmp_path: Path
) -> None:
    tools = ScriptedTools(answer=rubbish, margin=rewrite_preferred)
    assert run(source, tmp_path / "run", tools, rewriting=FREE)["acceptance"] == 0
    off = dict.fromkeys((*GATES, *RUN_ONLY), False)
    tools = ScriptedTools(answer=rubbish, margin=rewrite_preferred, gates=off)
    stats = run(source, tmp_path / "run", tools, rewriting=FREE)
    assert (stats["acceptance"], stats["generated"], tools.generated) == (1, 6, [])


def test_a_json_array_comes_out_as_one_too(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text(json.dumps([_row(1), _row(2)], indent=2), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools(answer=good))
    array = json.loads((tmp_path / "run" / "output.json").read_text(encoding="utf-8"))
    assert array == _lines(tmp_path / "run" / "output.jsonl")
