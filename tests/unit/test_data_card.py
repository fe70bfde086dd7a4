"""The dataset card: a header that the hub reads, and diffs that a person can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realign_local.run.files.card import DIFFS, Diffs, Facts, card
from tests.scripted import ScriptedTools, run

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")


def _record(number: int, *, task: str = "open_qa", text: str = "The lake.") -> dict[str, Any]:
    return {
        "index": number, "task": task, "status": "rewritten", "original": text,
        "rewritten": f"{text}\nIt is number {number}.",
    }  # fmt: skip


def _stats(rows: int) -> dict[str, Any]:
    return {
        "rows": rows, "responses": rows, "status": {"rewritten": rows, "kept": 0, "skipped": 0},
        "reasons": {}, "tasks": {"open_qa": {"rewritten": rows}}, "model_file": "m.gguf",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["in.jsonl", 'odd: "name" # 1.jsonl', "ünï-日本.csv"])
def test_the_header_is_yaml_whatever_the_input_is_called(name: str) -> None:
    text = card(Facts(name, "00", "realign run"), _stats(5000), [])
    _, header, body = text.split("---\n", 2)
    found = yaml.safe_load(header)
    assert found["pretty_name"].startswith(name)
    assert found["size_categories"] == ["1K<n<10K"]
    assert found["configs"][0]["data_files"] == [{"split": "train", "path": "output.jsonl"}]
    assert name in body


def test_the_hubs_own_reader_takes_it(tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    source = tmp_path / "in.jsonl"
    rows = [{"instruction": f"Where is lake {n}?", "output": f"{n} km north."} for n in range(3)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools())
    found = hub.DatasetCard((tmp_path / "run" / "README.md").read_text(encoding="utf-8"))
    assert found.data.license == "unknown"
    assert found.data.task_categories == ["text-generation"]
    assert "in.jsonl" in found.text


def test_ten_diffs_of_all_tasks_and_the_same_ones_in_any_order() -> None:
    records = [_record(n) for n in range(30)] + [_record(30, task="planning")]
    forth, back = Diffs(), Diffs()
    for record in records:
        forth.see(record)
    for record in reversed(records):
        back.see(record)
    assert forth.chosen() == back.chosen()
    assert len(forth.chosen()) == DIFFS
    assert {record["task"] for record in forth.chosen()} == {"open_qa", "planning"}


def test_a_response_with_fences_stays_inside_the_diff() -> None:
    record = _record(1, text="Run this:\n```\nx = 1\n```")
    text = card(Facts("a", "00", "realign"), _stats(1), [record])
    fence = "````"
    assert text.count(fence) == 2
    inside = text.split(f"{fence}diff\n")[1].split(f"\n{fence}")[0]
    assert "  ```" in inside
    assert "+ It is number 1." in inside
