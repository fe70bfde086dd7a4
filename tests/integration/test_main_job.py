"""The main job as a user starts it: the real model, encoder and index, real signals, no network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.config import Settings
from realign_local.base.reasons import Reason, Status
from realign_local.commands.run import rewrite_dataset
from realign_local.run.models.loaded_ahead import LoadedAhead

ROWS = [
    {
        "instruction": "A box holds 6 eggs. How many eggs are in 7 boxes?",
        "input": "",
        "output": "One box holds 6 eggs.\n7 boxes hold 7*6 = <<7*6=42>>42 eggs.\n#### 42",
    },
    {"instruction": "Who dug the canal of Aldal?", "input": "", "output": "Monks dug it in 1310."},
    {
        "instruction": "Write a Python function that doubles a number.",
        "input": "",
        "output": "def double(x):\n    return 2 * x",
    },
    {
        "instruction": "Write a poem about rain.",
        "input": "",
        "output": "Rain, rain,\nstay a while.",
    },
    {"instruction": "Answer in one word: what is H2O?", "input": "", "output": "Water"},
]
CANAL = {
    "title": "Aldal canal",
    "text": "The canal of Aldal was dug by monks of the abbey in 1310 to drive three mills.",
}
NO_NETWORK = """
import socket
def refuse(self, *address, **more):
    raise AssertionError(f"the network was asked for: {address}")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""
CONTRACT = {
    "id", "index", "task", "confidence", "second", "status", "reason", "checks", "evidence",
    "candidates",
    "original", "rewritten", "length_ratio", "prompt_tokens", "completion_tokens", "model_sha256",
    "criterion_sha256", "seed", "operations", "margin",
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("demo_assets")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which every Python process refuses to open a connection."""
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, guarded: dict[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("index")
    source = folder / "passages.jsonl"
    source.write_text(json.dumps(CANAL) + "\n", encoding="utf-8")
    done = realign("index", "build", str(source), "-o", str(folder / "index"), env=guarded)
    assert done.returncode == 0, done.stderr
    return folder / "index"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def realign(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "realign_local", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=env, timeout=240, stdin=subprocess.DEVNULL
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_whole_job_without_a_network(
    source: Path, index: Path, guarded: dict[str, str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    done = realign("run", str(source), "-o", str(run), "--index", str(index), "--json", env=guarded)
    assert done.returncode == 0, done.stderr
    stats = json.loads(done.stdout)
    rows, proof = lines(run / "output.jsonl"), lines(run / "provenance.jsonl")
    assert stats["rows"] == len(rows) == len(proof) == len(ROWS)
    assert stats["generated_twice"] == 0
    for before, after, line in zip(ROWS, rows, proof, strict=True):
        assert {k: v for k, v in before.items() if k != "output"} == {
            k: v for k, v in after.items() if k != "output"
        }
        assert set(line) >= CONTRACT
        assert line["status"] in set(Status)
        assert line["reason"] in set(Reason)
        assert (line["reason"] == "") == (line["status"] == "rewritten")
        assert after["output"] == line["rewritten"]
        if line["status"] != "rewritten":
            assert after["output"] == before["output"]
    assert "#### 42" in rows[0]["output"]
    assert rows[2]["output"] == f"```python\n{ROWS[2]['output']}\n```"
    assert proof[2]["operations"] == ["fences"]
    assert [proof[n]["status"] for n in (3, 4)] == ["skipped", "skipped"]
    counted = Counter(name for line in proof if not line["reason"] for name in line["operations"])
    assert stats["operations"] == dict(counted.most_common())
    for name in ("run.toml", "stats.json", "journal.sqlite", "README.md"):
        assert (run / name).is_file()


def test_the_model_is_loaded_ahead_where_there_is_all_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, begun = tmp_path / "in.jsonl", []
    row = {"instruction": "Who dug the canal of Aldal?", "input": "", "output": "Monks"}
    source.write_text(json.dumps({**row, "category": "open_qa"}) + "\n", encoding="utf-8")
    begin = LoadedAhead.begin

    def noted(self: LoadedAhead, *model: Any, **more: Any) -> None:
        begun.append(model[0])
        begin(self, *model, **more)

    monkeypatch.setattr(LoadedAhead, "begin", noted)
    for _ in range(2):
        stats = rewrite_dataset(source, tmp_path / "run", Settings())
        assert stats["rows"] == 1
        assert len(begun) == 1


def test_a_free_run_is_judged_by_the_model_itself(
    source: Path, guarded: dict[str, str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    done = realign("run", str(source), "-o", str(run), "--mode", "free", "--json", env=guarded)
    assert done.returncode == 0, done.stderr
    stats = json.loads(done.stdout)
    assert (stats["rows"], stats["generated_twice"]) == (len(ROWS), 0)
    for line in lines(run / "provenance.jsonl"):
        by_model = line["status"] == "rewritten" and "free" in line["operations"]
        assert (line["margin"] >= 1.0) == by_model
    assert lines(run / "output.jsonl")[3:] == ROWS[3:]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_in_order(
    source: Path, tmp_path: Path, number: int, code: int
) -> None:
    child = _start(source, tmp_path / "run")
    _wait_for(tmp_path / "run" / "journal.sqlite")
    child.send_signal(number)
    _, told = child.communicate(timeout=60)
    assert child.returncode == code, told
    assert "Traceback" not in told
    assert not (tmp_path / "run" / "output.jsonl").exists()
    assert _is_free(tmp_path / "run")


def test_a_budget_and_kill_and_resume_equal_an_undisturbed_run(
    source: Path, tmp_path: Path
) -> None:
    whole = realign("run", str(source), "-o", str(tmp_path / "whole"), "--json")
    assert whole.returncode == 0, whole.stderr
    _stop_by_budget(source, tmp_path / "parts")
    child = _start(source, tmp_path / "parts")
    _wait_for(tmp_path / "parts" / "journal.sqlite")
    time.sleep(json.loads(whole.stdout)["seconds"] / 2)
    child.kill()
    child.communicate(timeout=60)
    again = realign("run", str(source), "-o", str(tmp_path / "parts"), "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["generated_twice"] == 0
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def _stop_by_budget(source: Path, run: Path) -> None:
    """A second is not enough to load the model."""
    done = realign(
        "run", str(source), "-o", str(run), "--budget", "1s", "--json", "--progress", "json"
    )
    assert done.returncode == 75, done.stderr
    stats, told = json.loads(done.stdout), [json.loads(t) for t in done.stderr.splitlines()]
    assert stats["unfinished"] > 0
    assert len(lines(run / "output.jsonl")) == len(lines(run / "provenance.jsonl")) == len(ROWS)
    assert told[-1]["event"] == "stopped"
    assert "the budget of 1s is used up" in told[-1]["text"]


def _start(source: Path, run: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "realign_local", "run", str(source), "-o", str(run)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert path.exists(), f"{path} never came"


def _is_free(run: Path) -> bool:
    """Whether nobody holds the journal any more."""
    from realign_local.run.files.journal import Journal

    Journal(run / "journal.sqlite").close()
    return True


def test_a_run_is_scored_and_evaluated(
    source: Path, index: Path, guarded: dict[str, str], tmp_path: Path
) -> None:
    run, cache, gold = tmp_path / "run", tmp_path / "cache", tmp_path / "gold.jsonl"
    assert realign("run", str(source), "-o", str(run), "--mode", "tidy").returncode == 0
    command = ["score", str(run), "--cache", str(cache), "--fit", "--json"]
    first = realign(*command, "-o", str(tmp_path / "scored.jsonl"), env=guarded)
    assert first.returncode == 0, first.stderr
    found, rows = json.loads(first.stdout), lines(tmp_path / "scored.jsonl")
    assert found["asked"] > 0
    assert len(rows) == len(ROWS)
    assert 0 <= found["accuracy"]["before"] <= 5
    again = json.loads(realign(*command, env=guarded).stdout)
    assert again == found | {"asked": 0}
    questions = [{"question": row["instruction"], "answers": [row["output"][:5]]} for row in ROWS]
    gold.write_text("".join(json.dumps(one) + "\n" for one in questions), encoding="utf-8")
    command = ["evaluate", str(run), "--answers", str(gold), "--index", str(index), "--json"]
    done = realign(*command, env=guarded)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)["factuality"]
    assert facts["gold_before"] == len(ROWS)
    assert facts["supported"] + facts["unsupported"] + facts["undecided"] > 0
