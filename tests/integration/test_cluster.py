"""`realign run --ray` from outside, on clusters of several nodes in this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.on_cluster import rows

ROOT = Path(__file__).parents[2]
ROWS = 40
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
    return subprocess.Popen(
        [sys.executable, "-m", "tests.on_cluster", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(source: Path, run_dir: Path, address: str, **options: Any) -> dict[str, Any]:
    """What stats.json holds when the run is over."""
    process = started(source, run_dir, address, **options)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    stats: dict[str, Any] = json.loads(out.splitlines()[-1])
    return stats


def assert_same(one: Path, other: Path) -> None:
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    found = [json.loads((run / "stats.json").read_text("utf-8")) for run in (one, other)]
    first, second = ({k: v for k, v in stats.items() if k not in TIMES} for stats in found)
    assert first == second


@pytest.mark.parametrize("mode", ["guided", "free"])
def test_two_nodes_make_what_one_process_makes(
    mode: str, nodes: Any, source: Path, tmp_path: Path
) -> None:
    settings = {"passages": True, "rate": 200, "log": str(tmp_path / "log")}
    plain = finished(source, tmp_path / "plain", "none", mode=mode, settings={"passages": True})
    stats = finished(source, tmp_path / "ray", nodes.address, mode=mode, settings=settings)
    assert plain["status"]["rewritten"] == stats["status"]["rewritten"] == ROWS
    assert_same(tmp_path / "plain", tmp_path / "ray")
    assert stats["cluster"] == {"actors": 2, "lost": 0}
    asked = [line.split() for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert len({process for _, process in asked}) == 2, "both nodes had a hand in it"
