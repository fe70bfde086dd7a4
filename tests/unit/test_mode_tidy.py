"""`--mode tidy`: the program alone, with no model, no encoder and nothing heavy loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.config import Settings
from realign_local.base.errors import UsageError
from realign_local.base.reasons import Reason
from realign_local.cli import realign
from realign_local.report.rows import shown_rows
from realign_local.run.files.finished import open_finished
from realign_local.run.tidying import TidyTools, make_tools

SURE = "Sure, here you go!\n\nMills grind wheat. The river drives them."
ROWS = [
    {"instruction": "Tell me about mills.", "output": SURE},
    {"instruction": "Tell me about tin.", "output": "Tin is soft. It melts early."},
    {"instruction": "Answer in one word: what drives a mill?", "output": SURE},
    {"instruction": "Where do mills stand?", "output": "by the river"},
]
TIDY = Settings.model_validate({"mode": "tidy"})
NOWHERE = ("-m", "/does/not/exist.gguf", "--encoder", "/does/not/exist")


def write(folder: Path, rows: list[Any]) -> Path:
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def tidy(source: Path, run_dir: Path, *more: str) -> dict[str, Any]:
    """Run the command; returns what stats.json holds."""
    words = ["run", str(source), "-o", str(run_dir), "--mode", "tidy", *NOWHERE, *more]
    done = CliRunner().invoke(realign, [*words, "--json", "-q"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    stats: dict[str, Any] = json.loads(done.stdout)
    return stats


def test_no_model_and_no_encoder_is_needed(tmp_path: Path) -> None:
    stats = tidy(write(tmp_path, ROWS), tmp_path / "run")
    assert stats["status"] == {"rewritten": 1, "kept": 0, "skipped": 3}
    assert stats["operations"] == {"boilerplate": 1}
    assert (stats["generated"], stats["model_file"], stats["model_sha256"]) == (0, "", "")
    assert [line["reason"] for line in lines(tmp_path / "run" / "provenance.jsonl")] == [
        "", Reason.ALREADY_CONFORMS, Reason.INSTRUCTION_SETS_FORMAT, Reason.ALREADY_CONFORMS,
    ]  # fmt: skip
    after = lines(tmp_path / "run" / "output.jsonl")
    assert after[0]["output"] == "Mills grind wheat. The river drives them."
    assert after[1:] == ROWS[1:]


def test_a_task_that_came_with_the_row_is_respected(tmp_path: Path) -> None:
    answer = {"from": "gpt", "value": SURE}
    human = {"from": "human", "value": "Tell me about mills."}
    tasks = ("roleplay", "open_qa", "brainstorming")
    source = write(
        tmp_path,
        [{"id": task, "items": [{**human, "category": task}, answer]} for task in tasks],
    )
    tidy(source, tmp_path / "run")
    assert [
        (line["task"], line["status"]) for line in lines(tmp_path / "run" / "provenance.jsonl")
    ] == [("roleplay", "skipped"), ("open_qa", "rewritten"), ("default", "rewritten")]


def test_the_run_can_be_repeated_from_its_own_settings_and_read_by_the_other_commands(
    tmp_path: Path,
) -> None:
    source = write(tmp_path, ROWS)
    tidy(source, tmp_path / "run")
    settings = tmp_path / "run" / "run.toml"
    words = ["run", str(source), "-o", str(tmp_path / "again"), "-c", str(settings), "-q"]
    done = CliRunner().invoke(realign, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
    assert len(list(shown_rows(open_finished(tmp_path / "run")))) == len(ROWS)
    assert (tmp_path / "run" / "report.html").is_file()


@pytest.mark.parametrize("command", ["preview", "estimate"])
def test_preview_and_estimate_need_no_model_either(tmp_path: Path, command: str) -> None:
    source = write(tmp_path, ROWS)
    words = [command, str(source), "--mode", "tidy", *NOWHERE]
    done = CliRunner().invoke(realign, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    source = write(tmp_path, ROWS)
    code = (
        "import sys; from realign_local.cli import realign;"
        f"realign({['run', str(source), '-o', str(tmp_path / 'run'), '--mode', 'tidy', '-q']!r},"
        " standalone_mode=False);"
        "print(sorted({'torch', 'llama_cpp', 'faiss', 'tantivy', 'sentence_transformers'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("[]")


def test_every_response_of_a_conversation_is_tidied_in_its_place(tmp_path: Path) -> None:
    turns = [("user", "Tell me about mills."), ("assistant", SURE), ("user", "And about tin?"),
             ("assistant", SURE.replace("Mills", "Tins"))]  # fmt: skip
    messages = [{"role": role, "content": text} for role, text in turns]
    source = write(tmp_path, [{"messages": messages}])
    stats = tidy(source, tmp_path / "run", "--turns", "all")
    assert (stats["rows"], stats["responses"], stats["status"]["rewritten"]) == (1, 2, 2)
    (row,) = lines(tmp_path / "run" / "output.jsonl")
    said = [message["content"] for message in row["messages"]]
    assert said[::2] == [turns[0][1], turns[2][1]]
    assert [text.split()[0] for text in said[1::2]] == ["Mills", "Tins"]
    tidy(source, tmp_path / "last")
    (row,) = lines(tmp_path / "last" / "output.jsonl")
    assert [m["content"].split()[0] for m in row["messages"]] == ["Tell", "Sure,", "And", "Tins"]


def test_n_rows_in_are_n_rows_out_in_their_order(tmp_path: Path) -> None:
    rows = [{"instruction": f"Tell me about mill {n}.", "output": SURE, "n": n} for n in range(200)]
    tidy(write(tmp_path, rows), tmp_path / "run")
    after = lines(tmp_path / "run" / "output.jsonl")
    assert [row["n"] for row in after] == list(range(200))


def test_a_table_in_the_settings_switches_an_operation_off(tmp_path: Path) -> None:
    source = write(tmp_path, ROWS)
    config = tmp_path / "realign.toml"
    config.write_text("[operations]\nboilerplate = false\n", encoding="utf-8")
    stats = tidy(source, tmp_path / "run", "-c", str(config))
    assert (stats["operations"], stats["status"]["rewritten"]) == ({}, 0)
    assert "boilerplate = false" in (tmp_path / "run" / "run.toml").read_text(encoding="utf-8")
    assert tidy(source, tmp_path / "run")["operations"] == {"boilerplate": 1}


def test_an_operation_that_is_off_by_default_can_be_switched_on(tmp_path: Path) -> None:
    said = "One box holds 6 eggs.\n7 boxes hold 7*6 = <<7*6=42>>42 eggs.\n#### 42"
    source = write(tmp_path, [{"instruction": "How many eggs?", "output": said}])
    assert "calculator_marks" not in tidy(source, tmp_path / "off")["operations"]
    config = tmp_path / "realign.toml"
    config.write_text("[operations]\ncalculator_marks = true\n", encoding="utf-8")
    assert tidy(source, tmp_path / "on", "-c", str(config))["operations"]["calculator_marks"] == 1


def test_an_operation_that_nothing_is_called_is_named(tmp_path: Path) -> None:
    config = tmp_path / "realign.toml"
    config.write_text("[operations]\nboilerplat = false\n", encoding="utf-8")
    words = ["run", str(write(tmp_path, ROWS)), "-o", str(tmp_path / "run"), "--mode", "tidy"]
    with pytest.raises(UsageError, match="boilerplat"):
        CliRunner().invoke(realign, [*words, "-c", str(config)], catch_exceptions=False)


def test_only_this_mode_goes_without_a_model(tmp_path: Path) -> None:
    assert isinstance(make_tools(TIDY), TidyTools)
    with (
        pytest.raises(UsageError, match="has no model"),
        TidyTools(TIDY).engine(longest_tokens=1),
    ):
        pass
    words = ["run", str(write(tmp_path, ROWS)), "-o", str(tmp_path / "run"), *NOWHERE[:2]]
    done = CliRunner().invoke(realign, words)
    assert done.exit_code != 0
    assert not (tmp_path / "run").exists()
