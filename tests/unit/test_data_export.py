"""Export: what each trainer gets out of one finished run, and what is said about the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.atomic import write_lines
from realign_local.base.errors import DataError, UsageError
from realign_local.cli.finished.export import command
from realign_local.commands import export
from realign_local.commands.export import export_run
from realign_local.data.formats import open_dataset
from realign_local.run.files import rundir
from realign_local.run.targets import TARGETS
from tests.vouched import vouch


def chat(*texts: str, system: str = "") -> dict[str, Any]:
    """A messages row in which user and assistant take turns."""
    roles = ["user", "assistant"] * len(texts)
    turns = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    return {"messages": [{"role": "system", "content": system}, *turns] if system else turns}


ROWS: list[Any] = [
    chat("ask 0", "say 0"),
    {**chat("q", "a", "ask 1", "<think>hm</think>\nsay 1", system="be"), "id": "mine"},
    chat("ask 2", "say 2", "thanks"),
    {"messages": [*chat("ask 3")["messages"], {"role": "assistant", "tool_calls": [1]},
                  *chat("x", "say 3")["messages"]]},
    {"messages": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "ask"}]},
                  {"role": "assistant", "content": "say 4"}]},
    chat("ask 5"),
    {"messages": [{"role": "user", "content": "ask 6"},
                  {"role": "assistant", "content": "say 6", "reasoning_content": "so"}]},
]  # fmt: skip
REWRITTEN = {0, 1}


def make_run(folder: Path, rows: list[Any], *, rewritten: set[int], turns: str = "last") -> Path:
    """A run directory as the pipeline leaves it behind; rewritten texts say so."""
    folder.mkdir(parents=True)
    source = folder / "in.jsonl"
    write_lines(source, (json.dumps(row) for row in rows))
    dataset = open_dataset(source)
    output, provenance = [], []
    for row in dataset.rows(turns="all" if turns == "all" else "last"):
        able = [s for s in row.samples if row.index in rewritten and not s.reason]
        new = {s.turn: f"better: {s.original}" for s in able}
        output.append(row.render(new))
        for sample in row.samples:
            status = "rewritten" if new else "skipped" if sample.reason else "kept"
            judged = {
                "id": sample.id, "index": row.index, "turn": sample.turn, "task": "open_qa",
                "status": status, "reason": sample.reason or "", "original": sample.original,
                "checks": {"numbers": "pass", "links": "n/a"},
                "rewritten": new.get(sample.turn, sample.original),
            }  # fmt: skip
            provenance.append(json.dumps(judged))
    write_lines(folder / rundir.OUTPUT, output)
    write_lines(folder / rundir.PROVENANCE, provenance)
    info = {"path": "gone.jsonl", "format": dataset.format, "turns": turns}
    rundir.write_text(
        folder / rundir.SETTINGS, rundir.to_toml({"model": "m/b.gguf", "input": info})
    )
    vouch(folder)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", ROWS, rewritten=REWRITTEN)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


THOUGHT = "<think>hm</think>\n"
PROMPT_1 = chat("q", "a", "ask 1", system="be")["messages"]


def test_messages(run: Path) -> None:
    done = export_run(run, run / "out.jsonl", target="messages")
    assert records(done.path) == [
        chat("ask 0", "better: say 0"),
        chat("q", "a", "ask 1", f"{THOUGHT}better: say 1", system="be"),
        chat("ask 2", "say 2", "thanks"),
        chat("ask 5"),
        chat("ask 6", "say 6"),
    ]
    assert (done.rows, done.records) == (7, 5)
    assert done.left_out == {"has_tool_calls": 1, "has_other_than_text": 1}
    assert done.notes == (
        "the turn field reasoning_content is lost in 1 row",
        "turns do not alternate: 2 rows; LLaMA-Factory skips them",
    )
    info = json.loads((run / "dataset_info.json").read_text())
    assert info["out"]["tags"]["role_tag"] == "role"


def test_alpaca_writes_only_columns_that_every_row_has(run: Path, tmp_path: Path) -> None:
    done = export_run(run, tmp_path / "a.jsonl", target="alpaca")
    assert [set(record) for record in records(done.path)] == [
        {"instruction", "input", "output", "system", "history"}
    ] * 4
    assert records(done.path)[1]["history"] == [["q", "a"]]
    plain = make_run(tmp_path / "plain", ROWS[:1], rewritten=set())
    done = export_run(plain, tmp_path / "b.jsonl", target="alpaca")
    assert records(done.path) == [{"instruction": "ask 0", "input": "", "output": "say 0"}]
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    assert list(info) == ["a", "b"]
    assert info["a"]["columns"]["history"] == "history"
    assert info["b"] == {
        "file_name": "b.jsonl",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    }


@pytest.mark.parametrize("instruction", ["ask\n\n", "ask", ""])
def test_alpaca_keeps_the_input_apart(tmp_path: Path, instruction: str) -> None:
    row = {"instruction": instruction, "input": "this", "output": "say"}
    run = make_run(tmp_path / "run", [row], rewritten=set())
    assert records(export_run(run, run / "a.jsonl", target="alpaca").path) == [row]


def test_preferences_are_rewritten_over_original(run: Path) -> None:
    done = export_run(run, run / "out.jsonl", target="dpo")
    first, second = records(done.path)
    assert first["prompt"] == chat("ask 0")["messages"]
    assert second["prompt"] == PROMPT_1
    assert second["chosen"] == [{"role": "assistant", "content": f"{THOUGHT}better: say 1"}]
    assert second["rejected"] == [{"role": "assistant", "content": f"{THOUGHT}say 1"}]
    assert second["realign_id"] == "mine"
    assert second["realign_won"] == "rewritten"
    assert second["realign_why"] == "in the form of its task; passed numbers"
    assert done.left_out["kept"] == 2
    info = json.loads((run / "dataset_info.json").read_text())["out_llama_factory"]
    assert info["ranking"] is True
    other = records(run / info["file_name"])[0]
    assert other["chosen"] == {"from": "gpt", "value": "better: say 0"}


def test_kto_labels_both(run: Path) -> None:
    done = export_run(run, run / "out.jsonl", target="kto")
    found = [(r["completion"][0]["content"], r["label"]) for r in records(done.path)]
    assert found[:2] == [("better: say 0", True), ("say 0", False)]
    assert done.records == 4
    info = json.loads((run / "dataset_info.json").read_text())["out_llama_factory"]
    assert info["columns"] == {"messages": "conversations", "kto_tag": "label"}


def test_pairs_of_every_turn(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [chat("q", "a", "r", "b")], rewritten={0}, turns="all")
    pairs = records(export_run(run, run / "o.jsonl", target="dpo").path)
    assert [pair["rejected"][0]["content"] for pair in pairs] == ["a", "b"]
    assert pairs[1]["prompt"] == chat("q", "better: a", "r")["messages"]
    assert [pair["realign_id"] for pair in pairs] == ["row-000000/1", "row-000000/3"]


def test_prompt_completion_and_batch(run: Path) -> None:
    done = export_run(run, run / "out.jsonl", target="prompt-completion")
    assert records(done.path)[2] == {
        "prompt": chat("ask 2")["messages"],
        "completion": [{"role": "assistant", "content": "say 2"}],
    }
    done = export_run(run, run / "batch.jsonl", target="openai-batch")
    assert records(done.path)[1] == {
        "custom_id": "row-000001",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "b", "messages": PROMPT_1, "max_tokens": 2048},
    }
    assert not (run / "dataset_info.json").exists()


def test_a_row_that_ends_with_the_user_goes_where_no_response_is_needed(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [chat("ask"), chat("ask", "say")], rewritten=set())
    left = {target: export_run(run, run / "o.jsonl", target=target).left_out for target in TARGETS}
    for target in ("realign", "sharegpt", "messages", "openai-batch"):
        assert left.pop(target) == {}
    assert left.pop("alpaca") == left.pop("prompt-completion") == {"nothing_to_rewrite": 1}
    assert left["dpo"] == left["kto"] == {"nothing_to_rewrite": 1, "kept": 1}


def test_realign(run: Path) -> None:
    done = export_run(run, run / "out.jsonl", target="realign")
    first, second, *_ = records(done.path)
    assert first == {
        "id": "row-000000",
        "items": [
            {"from": "human", "value": "ask 0", "category": "open_qa", "evidence": []},
            {"from": "gpt", "value": "better: say 0"},
        ],
        "tag": "rewrite",
    }
    assert second["id"] == "mine"


@pytest.mark.parametrize(
    "target", ["realign", "sharegpt", "messages", "prompt-completion", "alpaca"]
)
def test_what_is_exported_reads_back_as_the_same(run: Path, tmp_path: Path, target: str) -> None:
    rows = [chat("ask 0", "say 0"), ROWS[1], chat("e\u2028", '5\r\n\t"')]
    run = make_run(tmp_path / "again", rows, rewritten={0})
    done = export_run(run, tmp_path / "out.jsonl", target=target)
    before = [row.samples[0] for row in open_dataset(run / rundir.OUTPUT).rows()]
    opened = open_dataset(done.path)
    assert opened.format == target
    after = [row.samples[0] for row in opened.rows()]
    assert [(s.history, s.instruction, s.original) for s in after] == [
        (s.history, s.instruction, s.original) for s in before
    ]


def test_every_row_of_a_file_has_the_same_columns(run: Path) -> None:
    for target in TARGETS:
        done = export_run(run, run / "out.jsonl", target=target)
        assert len({tuple(record) for record in records(done.path)}) == 1
        from_rows = (2 if target == "kto" else 1) * (done.rows - sum(done.left_out.values()))
        assert done.records == from_rows
        assert None not in [value for record in records(done.path) for value in record.values()]


def test_a_run_that_is_not_finished(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown target 'trl'"):
        export_run(run, tmp_path / "o", target="trl")
    with pytest.raises(DataError, match=r"no folder .*none"):
        export_run(tmp_path / "none", tmp_path / "o", target="dpo")
    (run / rundir.PROVENANCE).write_text("{}\n")
    vouch(run)
    with pytest.raises(DataError, match=r"provenance.jsonl:1: not a line of provenance"):
        export_run(run, tmp_path / "o", target="dpo")
    (run / rundir.PROVENANCE).write_text("")
    vouch(run)
    with pytest.raises(DataError, match="have not the same rows"):
        export_run(run, tmp_path / "o", target="dpo")
    assert not (tmp_path / "o").exists()


def test_a_damaged_dataset_info_is_not_overwritten(run: Path) -> None:
    (run / "dataset_info.json").write_text("{")
    with pytest.raises(DataError, match=r"cannot read .*dataset_info.json"):
        export_run(run, run / "o.jsonl", target="messages")
    assert (run / "dataset_info.json").read_text() == "{"


def test_the_command(run: Path) -> None:
    args = [str(run), "--to", "dpo", "-o", str(run / "o.jsonl")]
    shown = CliRunner().invoke(command, args, catch_exceptions=False).output
    assert shown.startswith(
        "2 dpo records from 7 rows\n  left out: 2 rows, kept: its rewrite was turned down"
    )
    found = json.loads(CliRunner().invoke(command, [*args, "--json"]).output)
    assert found["records"] == 2
    assert found["files"][0] == str(run / "o.jsonl")


@pytest.mark.parametrize("ending", ["csv", "json", "Parquet", "jsonl.gz", "json.zip", "csv.JSON"])
def test_a_name_that_promises_another_container_is_refused(run: Path, ending: str) -> None:
    args = [str(run), "--to", "alpaca", "-o", str(run.parent / f"mine v1.2.{ending}")]
    done = CliRunner().invoke(command, args)
    assert isinstance(done.exception, UsageError)
    assert "what is written is JSON lines, not ." in str(done.exception)
    assert done.exception.hint == f"Give a name such as {run.parent / 'mine v1.2.jsonl'}."
    assert not list(run.parent.glob("mine*"))


def test_scores_of_what_is_no_run_are_not_asked_for(run: Path) -> None:
    file, empty = run.parent / "rows.jsonl", run.parent / "empty"
    file.write_text("{}\n")
    empty.mkdir()
    for place, words in ((file, "is a file, not the folder"), (empty, "is not a finished run")):
        args = [str(place), "--to", "alpaca", "-o", str(run.parent / "o.jsonl"), "--scores"]
        done = CliRunner().invoke(command, args)
        assert isinstance(done.exception, DataError)
        assert words in str(done.exception)
        assert "folder that was given to `realign run -o`" in done.exception.hint
    (empty / rundir.JOURNAL).touch()
    done = CliRunner().invoke(command, args)
    assert isinstance(done.exception, DataError)
    assert "goes on where it stopped" in done.exception.hint


def _amend(run: Path, index: int, **more: Any) -> None:
    """Change the line of provenance on a row."""
    lines = records(run / rundir.PROVENANCE)
    lines[index] |= more
    write_lines(run / rundir.PROVENANCE, map(json.dumps, lines))
    vouch(run)


def test_the_original_beats_a_rewrite_that_was_turned_down(run: Path) -> None:
    _amend(run, 6, rejected="say 7", reason="number_added", detail="added number: 7")
    done = export_run(run, run / "out.jsonl", target="dpo")
    last = records(done.path)[-1]
    assert (last["chosen"][0]["content"], last["rejected"][0]["content"]) == ("say 6", "say 7")
    assert last["realign_won"] == "original"
    assert last["realign_why"] == "number_added: added number: 7"
    assert "realign_won is original in 1 record" in done.notes


def test_rows_that_a_budget_left_out_are_mentioned(run: Path) -> None:
    _amend(run, 0, status="skipped", reason="not_reached")
    done = export_run(run, run / "out.jsonl", target="messages")
    assert "not reached by the run: 1 row; run it again first" in done.notes


def test_a_record_that_shows_the_types_is_not_left_far_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SEEN_AT_ONCE", 2)
    rows = [*(chat(f"ask {n}", "say") for n in range(3)), chat("q", "a", "ask 3", "say")]
    run = make_run(tmp_path / "run", rows, rewritten=set())
    found = records(export_run(run, tmp_path / "a.jsonl", target="alpaca").path)
    assert [row["instruction"] for row in found] == ["ask 3", "ask 0", "ask 1", "ask 2"]
    assert [row["history"] for row in found] == [[["q", "a"]], [], [], []]


@pytest.mark.parametrize("target", TARGETS)
def test_a_lone_surrogate_does_not_reach_the_trainer(tmp_path: Path, target: str) -> None:
    rows = [chat("ask", "say \ud800"), chat("ask", "say"), chat("ask \udfff", "say")]
    run = make_run(tmp_path / "run", rows, rewritten={0, 1, 2})
    done = export_run(run, tmp_path / "o.jsonl", target=target)
    unfit = 1 if target == "openai-batch" else 2  # which asks again and has no response
    assert done.left_out == {"not_utf8": unfit}
    assert len(records(done.path)) == done.records > 0
    assert b"\\u" not in done.path.read_bytes()


def test_where_a_judge_only_did_not_prefer_the_rewrite_there_is_no_pair(run: Path) -> None:
    _amend(run, 6, rejected="say 7", reason="not_better", detail="not in both orders")
    done = export_run(run, run / "out.jsonl", target="dpo")
    assert "original" not in {record["realign_won"] for record in records(done.path)}
    _amend(run, 6, rejected="say 7", reason="not_better", checks={"idle": "fail"})
    done = export_run(run, run / "out.jsonl", target="dpo")
    assert records(done.path)[-1]["realign_won"] == "original"
