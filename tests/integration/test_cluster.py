"""`realign run --ray` and `realign index build --ray` from outside, on nodes in this machine."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil
import pytest

from realign_local.base.errors import EngineError
from realign_local.evidence import dense, store
from realign_local.evidence.building.built import FOLDER, BuildLedger
from realign_local.run.cluster.ray_link import RayLink
from realign_local.run.files.rundir import JOURNAL
from tests.dumped import dump_of, static_encoder
from tests.on_cluster import ASKED, rows

ROOT = Path(__file__).parents[2]
ROWS = 250
"""More than one engine has in hand."""
MODES = ("free", "guided") if "REALIGN_FAULTS" in os.environ else ("free",)
"""Every stage has work in the first."""
FAULTS = int(os.environ.get("REALIGN_FAULTS", "4"))
"""How often something is killed or stopped in one run; one of each keeps the test short."""
PATIENCE_S = 120
ENGINE_ALONE = ("engine", "cluster", "seconds", "rewrite_seconds", "tokens_per_s", "rows_per_s")
TIMES = {*ENGINE_ALONE, "peak_memory_mb", "files"}

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="needs the extra: pip install ray")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """Two nodes with a CPU each."""
    cluster = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(ROWS)), encoding="utf-8")
    return path


def started(source: Path, run_dir: Path, address: str, **options: Any) -> subprocess.Popen[str]:
    """A run on its way; options are those of tests/on_cluster.py, `settings` among them."""
    words = [str(source), str(run_dir), "--address", address]
    words += ["--settings", json.dumps(options.pop("settings", {}))]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.on_cluster", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if address != "none":  # once it has joined the cluster it can be stopped in order
        assert process.stdout
        assert process.stdout.readline().startswith("note: a cluster of")
    return process


def finished(source: Path, run_dir: Path, address: str, **options: Any) -> dict[str, Any]:
    """What stats.json holds when the run is over."""
    process = started(source, run_dir, address, **options)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, out + err
    stats: dict[str, Any] = json.loads(out.splitlines()[-1])
    return stats


def assert_same(one: Path, other: Path) -> None:
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    found = [json.loads((run / "stats.json").read_text("utf-8")) for run in (one, other)]
    first, second = ({k: v for k, v in stats.items() if k not in TIMES} for stats in found)
    assert first == second


@pytest.mark.parametrize("mode", MODES)
def test_two_nodes_make_what_one_process_makes(
    mode: str, nodes: Any, source: Path, tmp_path: Path
) -> None:
    settings = {"passages": True, "rate": 100, "log": str(tmp_path / "log")}
    plain = finished(source, tmp_path / "plain", "none", mode=mode, settings={"passages": True})
    stats = finished(source, tmp_path / "ray", nodes.address, mode=mode, settings=settings)
    assert plain["status"]["rewritten"] == stats["status"]["rewritten"] == ROWS
    assert_same(tmp_path / "plain", tmp_path / "ray")
    assert stats["cluster"] == {"actors": 2, "lost": 0}
    asked = [line.split() for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert len({process for _, process in asked}) == 2, "both nodes had a hand in it"


def filed(run_dir: Path) -> set[str]:
    """The rows whose rewriting is in the journal."""
    with closing(sqlite3.connect(run_dir / JOURNAL)) as journal:
        found = journal.execute("select payload from results where stage='rewrite'").fetchall()
    return {ASKED.findall(payload)[0] for (payload,) in found}


def test_whatever_is_killed_no_row_is_lost_and_none_done_twice(
    nodes: Any, source: Path, tmp_path: Path
) -> None:
    log, run_dir = tmp_path / "log", tmp_path / "ray"
    log.touch()
    settings = {"rate": 25, "log": str(log)}
    finished(source, tmp_path / "plain", "none")
    last = nodes.add_node(num_cpus=1)
    process = started(source, run_dir, nodes.address, settings=settings)
    known: list[tuple[int, set[str]]] = []
    kinds = cycle(("actor", "node", "driver", "stop"))
    for number, kind in zip(range(FAULTS), kinds, strict=False):
        wait_for_lines(log, ROWS * (number + 1) // (FAULTS + 1), process)
        if kind == "actor":
            os.kill(one_at_work(log), signal.SIGKILL)
        elif kind == "node":
            nodes.remove_node(last, allow_graceful=False)
            last = nodes.add_node(num_cpus=1)
        else:
            process.send_signal(signal.SIGKILL if kind == "driver" else signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == (-9 if kind == "driver" else 143), out + err
            known.append((len(log.read_text("utf-8").splitlines()), filed(run_dir)))
            process = started(source, run_dir, nodes.address, settings=settings)
    out, err = process.communicate(timeout=PATIENCE_S)
    nodes.remove_node(last, allow_graceful=False)
    assert process.returncode == 0, out + err
    assert json.loads(out.splitlines()[-1])["generated_twice"] == 0
    assert "(raylet)" not in out, "stdout is for --json"
    assert_same(tmp_path / "plain", run_dir)
    asked = [line.split()[0] for line in log.read_text("utf-8").splitlines()]
    assert set(asked) == {str(n) for n in range(ROWS)}
    for lines, done in known:
        assert not done & set(asked[lines:]), "generated again after it had been filed"


def wait_for_lines(log: Path, lines: int, process: subprocess.Popen[str]) -> None:
    """Until so many requests were answered, or all that there were."""
    for _ in range(PATIENCE_S * 20):
        if len(log.read_bytes().splitlines()) >= lines or process.poll() is not None:
            return
        time.sleep(0.05)
    raise AssertionError(f"fewer than {lines} requests were answered")


def one_at_work(log: Path) -> int:
    """The process that answered last, of those that are still there."""
    for _ in range(PATIENCE_S * 20):
        for line in reversed(log.read_text("utf-8").splitlines()):
            if Path(f"/proc/{line.split()[1]}/stat").exists():
                return int(line.split()[1])
        time.sleep(0.05)
    raise AssertionError("no actor is at work")


def test_an_address_where_nobody_listens_is_named_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"no Ray cluster at {address}: .*refused"):
            RayLink(address)


BUILD = """
from realign_local.cli import main
from realign_local.evidence.building import reader
reader.DOCUMENTS_PER_UNIT = 8
main()
"""
"""The command with small units, so that a build of seconds has some dozens."""


def build_started(source: Path, folder: Path, encoder: Path, *more: str) -> subprocess.Popen[str]:
    words = ["index", "build", str(source), "-o", str(folder), "--encoder", str(encoder), *more]
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_units(folder: Path, units: int, process: subprocess.Popen[str]) -> set[int]:
    """Until so many are finished; returns which."""
    for _ in range(PATIENCE_S * 50):
        assert process.poll() is None, process.communicate()
        if (folder / FOLDER / "ledger.sqlite").exists():
            with closing(BuildLedger(folder / FOLDER)) as ledger:
                if len(done := ledger.finished_units()) >= units:
                    return done
        time.sleep(0.02)
    raise AssertionError(f"fewer than {units} units were made")


def builders() -> list[psutil.Process]:
    """The actors that make units now."""
    return [p for p in psutil.process_iter(["cmdline"]) if "BuildStation" in str(p.info["cmdline"])]


def test_an_index_is_the_same_whatever_is_killed_on_the_way(nodes: Any, tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    encoder = static_encoder(tmp_path / "encoder")
    source = dump_of(tmp_path / "pages.xml", 300, sentences=200)
    plain, over = tmp_path / "plain", tmp_path / "over"
    process = build_started(source, plain, encoder, "--jobs", "1")
    assert process.wait(PATIENCE_S) == 0, process.communicate()

    process = build_started(source, over, encoder, "--ray", nodes.address)
    wait_for_units(over, 5, process)
    builders()[0].kill()
    wait_for_units(over, 15, process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143, err
    assert "to be done again: " in err
    files = {path: path.stat().st_mtime_ns for path in over.rglob("units/*.json.gz")}
    assert 15 <= len(files) < 38

    process = build_started(source, over, encoder, "--ray", nodes.address)
    wait_for_units(over, len(files) + 1, process)
    assert all(path.stat().st_mtime_ns == when for path, when in files.items()), "made again"
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    parts = sorted(path.name for path in (plain / "vectors").iterdir())
    assert parts
    for name in (store.NAME, dense.NAME, *(f"vectors/{part}" for part in parts)):
        assert (plain / name).read_bytes() == (over / name).read_bytes(), name
