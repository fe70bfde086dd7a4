"""`realign doctor` and the probe, on the real llama.cpp and the demo model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.assets import find_model
from realign_local.base.cache import recall
from realign_local.base.errors import AssetError, EngineError
from realign_local.cli.setup.doctor import command
from realign_local.commands import doctor
from realign_local.commands.doctor import Wanted, diagnose
from realign_local.engine.capacity import Capacity
from realign_local.engine.process import probe
from realign_local.engine.process.spec import EngineSpec, fault_spec

SIZES = Capacity(512, 1, 512, 512, threads=2)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path / "cache"))


def _pretend(monkeypatch: pytest.MonkeyPatch, *, with_extra: str, without: str = "") -> None:
    """Let the probe start an engine that crashes while loading, depending on extra buffers."""

    def spec(_model: Path, *, threads: int, extra_buffers: bool) -> EngineSpec:
        assert threads
        return fault_spec(on_start=with_extra if extra_buffers else without)

    monkeypatch.setattr(probe, "_probe_spec", spec)


def test_all_is_well_here() -> None:
    done = CliRunner().invoke(command, ["--json"], catch_exceptions=False)
    shown = json.loads(done.stdout)
    assert shown["ok"], shown
    assert {"name", "ok", "detail", "hint"} == set(shown["findings"][0])
    findings = {finding["name"]: finding for finding in shown["findings"]}
    assert findings["decode"]["detail"].startswith("the model answers, ")
    assert findings["index"]["ok"], "a missing index is a note"


def test_a_crash_with_extra_buffers_is_worked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, with_extra="[crash]")
    model = find_model(None)
    assert not probe.settle_buffers(model, SIZES).extra_buffers
    _pretend(monkeypatch, with_extra="")
    assert not probe.settle_buffers(model, SIZES).extra_buffers, "the verdict is remembered"
    assert recall("probe", [*probe.build_key(), "another model"]) is None
    findings = {finding.name: finding for finding in diagnose(Wanted())}
    assert findings["decode"].detail.startswith("the model answers, "), "the doctor probes anew"
    assert probe.settle_buffers(model, SIZES).extra_buffers


def test_the_doctor_explains_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, with_extra="[crash]")
    finding = {finding.name: finding for finding in diagnose(Wanted())}["decode"]
    assert finding.ok
    assert "extra buffers" in finding.detail
    assert "-fno-tree-dse" in finding.hint


def test_a_build_that_always_crashes_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, with_extra="[crash]", without="[crash]")
    with pytest.raises(EngineError, match="SIGSEGV"):
        probe.settle_buffers(find_model(None), SIZES)
    finding = {finding.name: finding for finding in diagnose(Wanted())}["decode"]
    assert not finding.ok
    assert "-fno-tree-dse" in finding.hint


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(find_model(None).read_bytes()[:1000])
    wanted = Wanted(model=str(torn), encoder="nowhere", index="nowhere", criteria=str(tmp_path))
    bad = {finding.name: finding for finding in diagnose(wanted) if not finding.ok}
    assert set(bad) == {"model", "encoder", "index", "criteria"}
    assert all(finding.hint for finding in bad.values())


def test_trouble_gives_exit_code_4(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--json", "-m", str(tmp_path / "absent.gguf")])
    assert isinstance(done.exception, AssetError)
    assert done.exception.exit_code == 4
    assert not json.loads(done.stdout)["ok"]


def test_no_room_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_DISK_BYTES", 1 << 62)
    found = {check.name: check.ok for check in diagnose(Wanted(model="absent"))}
    assert not found["disk"]
