"""The array script of docs/many-machines.md under a scheduler that is played; then `merge`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import FENCE
from tests.integration.test_main_job import realign
from tests.stand_ins import write_tool

ROOT = Path(__file__).parents[2]
ROWS = 30
TIDY = 'mode = "tidy"\n'


@pytest.fixture
def script() -> str:
    """As the page shows it."""
    page = (ROOT / "docs/many-machines.md").read_text(encoding="utf-8")
    (found,) = [match[3] for match in FENCE.finditer(page) if match[2] == "slurm"]
    return found


class Scheduler:
    """Does what Slurm does with an array: the same script for each number, one node after another.

    Tasks run through a `realign` that only tidies, as no model is needed to see rows shared out.
    """

    def __init__(self, folder: Path, script: str) -> None:
        self.folder, self.script = folder, folder / "realign.slurm"
        self.script.write_text(script, encoding="utf-8")
        options = dict(re.findall(r"^#SBATCH --([\w-]+)(?:=(\S+))?$", script, re.M))
        first, last = map(int, options["array"].split("-"))
        self.tasks, self.cpus = range(first, last + 1), options["cpus-per-task"]
        assert "requeue" in options
        assert options["signal"].startswith("B:TERM@"), (
            "without B: only steps of srun are signalled"
        )
        write_tool(folder / ".venv/bin/activate", 'PATH="$PWD/bin:$PATH"')
        command = f'exec "{sys.executable}" -m realign_local "$@" -c tidy.toml'
        write_tool(folder / "bin/realign", command)
        (folder / "tidy.toml").write_text(TIDY, encoding="utf-8")

    def run(self, task: int, *, seconds: float = 120) -> int | None:
        """One task on a node; the exit code, None where it was killed when its time was up."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SLURM_ARRAY_TASK_ID": str(task),
            "SLURM_ARRAY_TASK_COUNT": str(len(self.tasks)),
            "SLURM_CPUS_PER_TASK": self.cpus,
        }
        words = ["bash", str(self.script)]
        try:
            done = subprocess.run(
                words, cwd=self.folder, env=environment, timeout=seconds, capture_output=True
            )
        except subprocess.TimeoutExpired:
            return None
        assert done.returncode == 0, done.stderr.decode()
        return done.returncode


def test_the_array_script_and_merge_make_what_one_run_makes(script: str, tmp_path: Path) -> None:
    rows = [
        {"instruction": f"Name {n} lakes.", "output": f"1) Lake {n}\n2) Lake A\n3) Lake B"}
        for n in range(ROWS)
    ]
    source = tmp_path / "data.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    scheduler = Scheduler(tmp_path, script)
    assert scheduler.run(2, seconds=0.3) is None, "killed while it starts, and queued again"
    assert [scheduler.run(task) for task in scheduler.tasks] == [0] * len(scheduler.tasks)
    parts = [str(tmp_path / f"runs/part{task}") for task in scheduler.tasks]
    merged = realign("merge", *parts, "-o", str(tmp_path / "runs/whole"))
    assert merged.returncode == 0, merged.stderr
    one = realign("run", str(source), "-o", str(tmp_path / "one"), "--mode", "tidy")
    assert one.returncode == 0, one.stderr
    for name in ("output.jsonl", "provenance.jsonl"):
        whole = (tmp_path / "runs/whole" / name).read_bytes()
        assert whole == (tmp_path / "one" / name).read_bytes()
    assert b'"rewritten"' in (tmp_path / "one/provenance.jsonl").read_bytes()
