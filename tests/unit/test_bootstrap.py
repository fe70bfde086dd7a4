"""The bootstrap: what it pins, the flags it builds with, and what it does about a bad build."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from realign_local.base.gpu.builds import GpuBuild
from scripts import bootstrap

ROOT = Path(__file__).parents[2]
PINS = [
    line
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[ ]", name)[0]).lower()


def test_constraints_are_exact_and_portable() -> None:
    for line in PINS:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line), f"no local tags, no paths: {line}"


def test_all_that_the_project_names_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [
        *project["dependencies"],
        *(d for e in project["optional-dependencies"].values() for d in e),
    ]
    assert {_plain(name) for name in named} <= {_plain(line) for line in PINS}
    assert "torch==2.13.0" in PINS


def test_the_guide_names_the_wheel_of_the_version_that_is_pinned() -> None:
    guide = (ROOT / "docs/gpu.md").read_text(encoding="utf-8")
    assert f" {bootstrap.pinned('llama-cpp-python')} nvidia-" in guide


def test_flags_against_the_amx_crash_only_for_gcc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    monkeypatch.setattr(bootstrap, "is_gcc", lambda: True)
    assert bootstrap.build_environment()["CMAKE_ARGS"] == f"-DGGML_CUDA=on {bootstrap.GCC_FLAGS}"
    monkeypatch.setattr(bootstrap, "is_gcc", lambda: False)
    assert bootstrap.build_environment()["CMAKE_ARGS"] == "-DGGML_CUDA=on"


def test_a_build_that_crashes_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = iter(["ended by SIGSEGV", ""])
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "probe", lambda: next(verdicts))
    monkeypatch.setattr(bootstrap, "pip", lambda *arguments: calls.append(arguments))
    bootstrap.ensure_decoding()
    assert {"--no-cache-dir", "--force-reinstall", "--no-deps"} <= set(calls[0])
    assert "ended by SIGSEGV" in capsys.readouterr().err


def test_a_build_that_works_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "probe", lambda: "")
    monkeypatch.setattr(bootstrap, "pip", lambda *_: pytest.fail("nothing is to be installed"))
    bootstrap.ensure_decoding()


def test_a_build_for_a_card_that_crashes_gives_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    verdicts = iter(["ended by SIGILL", ""])
    monkeypatch.setattr(bootstrap, "RECORD", tmp_path / "record")
    monkeypatch.setattr(bootstrap, "probe", lambda: next(verdicts))
    monkeypatch.setattr(bootstrap, "pip", lambda *_: None)
    build = GpuBuild("CUDA", "-DGGML_CUDA=on")
    bootstrap.write_record(bootstrap.key_of(build), "CUDA")
    bootstrap.ensure_decoding(build)
    assert bootstrap.read_record() == {"wanted": "CUDA: -DGGML_CUDA=on", "built": ""}


def test_the_probe_runs_in_a_child_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "PROBE", "print('')")
    monkeypatch.setattr(bootstrap, "PYTHON", bootstrap.sys.executable)
    assert bootstrap.probe() == ""
    monkeypatch.setattr(bootstrap, "PROBE", "raise SystemExit('no luck')")
    assert bootstrap.probe() == "no luck"
    monkeypatch.setattr(bootstrap, "PROBE", "class OddError(Exception): ...\nraise OddError('out')")
    assert bootstrap.probe() == "out"
