"""Gates, operations and targets of other packages take part; broken ones are named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
from realign_local.base.reasons import Reason
from realign_local.gates import PASS, Case, Verdict, fail
from realign_local.rewriting.operation import Operation
from realign_local.run.target_rows import Target

def no_tabs(case: Case) -> Verdict:
    return fail(Reason.MEANING_DRIFT, "a tab") if "\\t" in case.rewritten else PASS

shout = Operation("shout", "Ends in three marks.", lambda text, request: text.rstrip("!") + "!!!")
upper = Target(lambda row, left: [{"text": turn.text.upper()} for turn in row.turns])
"""
POINTS = """[realign_local.gates]
no_tabs = other_package:no_tabs
[realign_local.operations]
shout = other_package:shout
[realign_local.targets]
upper = other_package:upper
"""
ROW = {"instruction": "Say hello to the new neighbours.", "output": "Hello and welcome to you all!"}


def _site(folder: Path, *, module: str = MODULE, points: str = POINTS) -> Path:
    site = folder / "site"
    about = site / "other_package-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: other-package\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(points)
    (site / "other_package.py").write_text(module)
    return site


def _realign(site: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "realign_local", *map(str, arguments)]
    path = os.pathsep.join([str(site), str(Path(__file__).parents[2])])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_an_operation_and_a_target_of_another_package(tmp_path: Path) -> None:
    site, source, run = _site(tmp_path), tmp_path / "in.jsonl", tmp_path / "run"
    source.write_text(json.dumps(ROW) + "\n")
    done = _realign(site, "run", source, "-o", run, "--mode", "tidy", "-q")
    assert done.returncode == 0, done.stderr
    (record,) = map(json.loads, (run / "provenance.jsonl").read_text().splitlines())
    assert record["operations"] == ["shout"]
    assert record["rewritten"] == "Hello and welcome to you all!!!"
    done = _realign(site, "export", run, "--to", "upper", "-o", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["text"] == "HELLO AND WELCOME TO YOU ALL!!!"


def test_a_gate_of_another_package(tmp_path: Path) -> None:
    site, old, new = _site(tmp_path), tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text(json.dumps(ROW) + "\n")
    new.write_text(json.dumps(ROW | {"output": ROW["output"].replace(" and", "\tand")}) + "\n")
    done = _realign(site, "verify", old, new)
    assert done.returncode == 3, done.stderr
    assert "a tab" in done.stdout


@pytest.mark.parametrize(
    ("module", "points", "told"),
    [
        ("raise OSError('no disk')", POINTS, "cannot be loaded: OSError: no disk"),
        (MODULE, "[realign_local.gates]\nnumbers = other_package:no_tabs\n", "name that is taken"),
        (MODULE, "[realign_local.gates]\nx = other_package:POINT\n", "cannot be loaded"),
        (MODULE + "\nPOINT = 3\n", "[realign_local.gates]\nx = other_package:POINT\n", "be called"),
    ],
)
def test_a_broken_one_is_named(tmp_path: Path, module: str, points: str, told: str) -> None:
    site, old = _site(tmp_path, module=module, points=points), tmp_path / "old.jsonl"
    old.write_text(json.dumps(ROW) + "\n")
    done = _realign(site, "verify", old, old)
    assert done.returncode == 4
    assert told in done.stderr
    assert "of other-package 1.0" in done.stderr
    assert "Traceback" not in done.stderr
