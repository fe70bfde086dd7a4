"""Facts about the machine, and the cache that keeps what was found out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from realign_local.base import assets, machine
from realign_local.base.cache import recall, remember
from realign_local.base.errors import AssetError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path / "cache"))


def test_there_is_a_core_and_memory() -> None:
    assert 1 <= machine.physical_cores() <= (os.cpu_count() or 1)
    assert 1 << 20 < machine.free_memory_bytes() < machine.UNLIMITED_BYTES
    assert machine.cpu_name()


def test_a_quota_of_the_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpu.max").write_text("100000 100000\n", encoding="utf-8")
    (tmp_path / "memory.max").write_text("1000\n", encoding="utf-8")
    (tmp_path / "memory.current").write_text("700\n", encoding="utf-8")
    (tmp_path / "memory.stat").write_text("anon 10\ninactive_file 200\n", encoding="utf-8")
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    monkeypatch.setattr(machine, "_cgroup_folders", lambda: iter([tmp_path]))
    assert machine.physical_cores() == 1
    assert machine.free_memory_bytes() == 500


def test_the_cache_remembers_by_kind_and_key(tmp_path: Path) -> None:
    assert recall("colour", ["sky", 1]) is None
    remember("colour", ["sky", 1], {"is": "blue"})
    assert recall("colour", ["sky", 1]) == {"is": "blue"}
    assert recall("colour", ["sky", 2]) is None
    assert recall("sound", ["sky", 1]) is None
    for file in (tmp_path / "cache").rglob("*.json"):
        file.write_text("torn", encoding="utf-8")
    assert recall("colour", ["sky", 1]) is None


def test_a_cache_that_cannot_be_written_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path / "file"))
    remember("colour", ["sky"], "blue")
    assert recall("colour", ["sky"]) is None


def test_a_file_is_hashed_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(b"one")
    first = assets.sha256_cached(path)
    assert first == assets.sha256_cached(path) == assets.sha256_of(path)
    path.write_bytes(b"other")
    assert assets.sha256_cached(path) == assets.sha256_of(path) != first
    with pytest.raises(AssetError, match="cannot read"):
        assets.sha256_cached(tmp_path / "absent")


@pytest.mark.parametrize("name", ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"])
def test_how_threads_wait_is_set_once_and_by_the_user_first(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}
    for each in names:
        monkeypatch.setenv(each, "")  # so that it is put back
        monkeypatch.delenv(each)
    monkeypatch.setattr(machine.sys, "platform", "linux")
    machine.wait_briefly()
    assert {each: os.environ.get(each) for each in names} == {
        "OMP_WAIT_POLICY": None, "GOMP_SPINCOUNT": "1000",
    }  # fmt: skip
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv(name, "7")
    machine.wait_briefly()
    assert {each: os.environ.get(each) for each in names} == dict.fromkeys(names) | {name: "7"}


def test_the_cores_of_other_programs_are_those_that_this_one_does_not_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = iter([(0.0, 100.0, 20.0), (2.0, 105.0, 22.0), (4.0, 105.5, 22.5), (6.0, 999.0, 22.5)])
    monkeypatch.setattr(machine.OtherPrograms, "_look", lambda _: next(seconds))
    monkeypatch.setattr(machine.psutil, "cpu_count", lambda: 2)
    others = machine.OtherPrograms()
    assert others.told() == "other programs use 1.5 of 2 cores"
    assert others.told() == ""
    assert others.busy_cores() == 2.0  # clocks of a machine that slept may jump


def test_work_of_this_process_and_its_children_is_not_that_of_others() -> None:
    before = machine.OtherPrograms._look()
    burn = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert machine.OtherPrograms._look()[2] - before[2] >= 0.25  # in ticks of 10 ms
