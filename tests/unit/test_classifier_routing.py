"""Evidence is a decision of its own: a question of fact reaches the index whatever its task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.records import Passage
from tests.scripted import FREE, ScriptedTools, run

PASSAGE = Passage("17", "Lakes", "North", "The lakes were dug by glaciers.", 0.8)
TASK = "ordering"
"""One of the tasks that are rewritten and do not ask for evidence."""


def _source(tmp_path: Path, **more: Any) -> Path:
    path = tmp_path / "in.jsonl"
    answer = "The order is: Vänern, then Vättern, then Mälaren, as they are in size."
    human = {"from": "human", "value": "Sort the lakes by size.", **more}
    row = {"id": 0, "items": [human, {"from": "gpt", "value": answer}]}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


def _evidence(tmp_path: Path, source: Path, tools: ScriptedTools, **more: Any) -> list[str]:
    run(source, tmp_path / "run", tools, rewriting=FREE, **more)
    (line,) = (tmp_path / "run" / "provenance.jsonl").read_text("utf-8").splitlines()
    return [passage["passage_id"] for passage in json.loads(line)["evidence"]]


@pytest.mark.parametrize(("needs", "found"), [(True, ["17"]), (False, [])])
def test_the_classifiers_word_sends_a_row_to_the_index(
    tmp_path: Path, needs: bool, found: list[str]
) -> None:
    tools = ScriptedTools(TASK, passages=[PASSAGE], needs_evidence=needs)
    assert _evidence(tmp_path, _source(tmp_path), tools) == found
    assert len(tools.generated) == 1


@pytest.mark.parametrize(("needs", "found"), [(True, ["17"]), (False, [])])
def test_a_row_that_names_its_task_is_routed_all_the_same(
    tmp_path: Path, needs: bool, found: list[str]
) -> None:
    tools = ScriptedTools("open_qa", passages=[PASSAGE], needs_evidence=needs)
    source = _source(tmp_path, category=TASK)
    assert _evidence(tmp_path, source, tools) == found
    line = json.loads((tmp_path / "run" / "provenance.jsonl").read_text("utf-8"))
    assert (line["task"], line["confidence"]) == (TASK, 1.0)


def test_reclassify_takes_no_notice_of_the_category(tmp_path: Path) -> None:
    tools = ScriptedTools("open_qa", passages=[PASSAGE])
    source = _source(tmp_path, category=TASK)
    assert _evidence(tmp_path, source, tools, reclassify=True) == ["17"]
    line = json.loads((tmp_path / "run" / "provenance.jsonl").read_text("utf-8"))
    assert (line["task"], line["confidence"]) == ("open_qa", 0.9)


def test_a_resumed_run_remembers_what_was_routed(tmp_path: Path) -> None:
    source = _source(tmp_path)
    first = ScriptedTools(TASK, passages=[PASSAGE], needs_evidence=True)
    assert _evidence(tmp_path, source, first) == ["17"]
    again = ScriptedTools(TASK, passages=[PASSAGE])
    assert _evidence(tmp_path, source, again) == ["17"]
    assert not again.generated
