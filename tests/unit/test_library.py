"""The library's face: its names, its docstring's examples, the scripts in examples/."""

from __future__ import annotations

import doctest
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import realign_local

EXAMPLES = Path(__file__).parents[2] / "examples"


def _example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_is_there_and_documented() -> None:
    assert set(realign_local._HOMES) == set(realign_local.__all__)
    for name in realign_local.__all__:
        assert getattr(realign_local, name).__doc__, name
    with pytest.raises(AttributeError, match="nothing_such"):
        realign_local.nothing_such  # noqa: B018


def test_the_examples_of_the_docstring_are_true() -> None:
    assert doctest.testmod(realign_local).failed == 0


def test_importing_the_package_loads_none_of_it() -> None:
    code = "import sys, realign_local; print([m for m in sys.modules if 'realign_local.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tidy_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    _example("tidy_a_text").main()
    shown = capsys.readouterr().out
    assert "1. Fill it" in shown
    assert "gates: all pass" in shown


@pytest.mark.parametrize("name", ["check_a_rewrite", "rewrite_a_dataset"])
def test_a_script_without_its_files_says_how_it_is_used(name: str) -> None:
    script = EXAMPLES / f"{name}.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"usage: python examples/{name}.py ")


def test_a_run_and_a_check_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    changed = _example("rewrite_a_dataset").main(EXAMPLES / "demo.jsonl", run)
    assert capsys.readouterr().out.count("row ") == changed > 0
    check = _example("check_a_rewrite").main
    assert not check(EXAMPLES / "demo.jsonl", run / "output.jsonl")
    rows = [json.loads(line) for line in (run / "output.jsonl").read_text("utf-8").splitlines()]
    rows[0]["output"] += " It happened in 1742."
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert check(EXAMPLES / "demo.jsonl", spoilt)
