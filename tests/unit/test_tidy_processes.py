"""Tidying in several processes: the same files, nothing done twice, nobody left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from realign_local.base.config import Settings
from realign_local.base.errors import BudgetReached, RealignError
from realign_local.base.processes import in_order
from realign_local.base.records import Sample
from realign_local.base.stop import Budget
from realign_local.cli import realign
from realign_local.commands.run import rewrite_dataset
from realign_local.rewriting.plan import plan_row
from realign_local.run import through
from realign_local.run.files import rundir
from realign_local.run.files.journal import Entry, Journal
from realign_local.stages import rewrite

ANSWERS = [
    "Sure, here you go!\n\nMills grind wheat. The river drives them.",
    "Tin is soft. It melts early.",
    "Steps:\n* Oil the wheel.\n- Open the sluice.\n* Wait.",
]


def dataset(folder: Path, rows: int) -> Path:
    path = folder / "in.jsonl"
    path.write_text(
        "".join(
            # Every third request comes twice, one after the other.
            json.dumps({"instruction": f"Tell me {n // 3 * 2}.", "output": ANSWERS[n % 3 // 2]})
            + "\n"
            for n in range(rows)
        ),
        encoding="utf-8",
    )
    return path


def tidy(source: Path, run_dir: Path, *more: str) -> dict[str, Any]:
    words = ["run", str(source), "-o", str(run_dir), "--mode", "tidy", "--json", "-q", *more]
    done = CliRunner().invoke(realign, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    stats: dict[str, Any] = json.loads(done.stdout)
    return stats


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_files_do_not_depend_on_the_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    monkeypatch.setattr(in_order, "_context", lambda: multiprocessing.get_context(method))
    monkeypatch.setattr(through, "ROWS_FOR_POOL", 5)
    monkeypatch.setattr(through, "ROWS_FILED", 4)
    source = dataset(tmp_path, 50)
    alone = tidy(source, tmp_path / "one", "--threads", "1")
    many = tidy(source, tmp_path / "two", "--threads", "2")
    for name in (rundir.OUTPUT, rundir.PROVENANCE):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    assert (many["status"], many["generated_twice"]) == (alone["status"], 0)
    assert many["status"]["rewritten"] == 34


class Dies:
    """Work that ends its process."""

    def __call__(self, batch: Sequence[int]) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


def test_a_process_that_dies_is_an_error_with_a_way_out() -> None:
    with pytest.raises(RealignError, match="a worker process died") as caught:
        list(in_order.in_order(Dies, [(1,), (2,)], jobs=1, hint="Do without."))
    assert caught.value.hint == "Do without."


STUBBORN = """
import os, signal, sys, time
import multiprocessing
from realign_local.base.errors import BudgetReached, RealignError
from realign_local.base.processes import in_order
class One:
    def __call__(self, batch):
        if batch == 0:
            time.sleep(1)
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: None)
    in_order._context = lambda: multiprocessing.get_context("fork")
    try:
        list(in_order.in_order(One, [0, 1], jobs=2, hint=""))
    except RealignError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there are processes copied")
def test_one_that_is_killed_ends_the_others_whatever_the_parent_does_with_signals(
    tmp_path: Path,
) -> None:
    script = tmp_path / "stubborn.py"
    script.write_text(STUBBORN, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout) == (0, "a worker process died\n"), done.stderr


SLOW = """
import sys, time
from realign_local.base.processes.in_order import in_order
class Slow:
    def __call__(self, batch):
        print("working", flush=True)
        time.sleep(60)
if __name__ == "__main__":
    list(in_order(Slow, [1, 2], jobs=2, hint=""))
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a thing of POSIX")
def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(SLOW, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline()
        children = psutil.Process(parent.pid).children(recursive=True)
        assert len(children) >= 2
        parent.kill()
    _, left = psutil.wait_procs(children, timeout=20)
    assert left == []


class Torn(Exception):
    """In the place of a kill."""


def test_a_run_that_is_cut_off_goes_on_with_what_the_journal_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, planned = dataset(tmp_path, 40), list[int]()
    plan, keep = plan_row, Journal.keep

    def counted(sample: Sample, *rest: Any) -> Any:
        planned.append(sample.index)
        return plan(sample, *rest)

    def torn(journal: Journal, entries: Iterable[Entry]) -> None:
        keep(journal, entries)
        if len(planned) >= 12:
            raise Torn

    monkeypatch.setattr(rewrite, "plan_row", counted)
    monkeypatch.setattr(through, "ROWS_FILED", 4)
    tidy(source, tmp_path / "whole")
    assert sorted(planned) == list(range(40))
    planned.clear()
    monkeypatch.setattr(Journal, "keep", torn)
    with pytest.raises(Torn):
        tidy(source, tmp_path / "parts")
    monkeypatch.setattr(Journal, "keep", keep)
    assert [path.name for path in (tmp_path / "parts").glob("*.jsonl")] == []
    assert planned == list(range(12))
    planned.clear()
    tidy(source, tmp_path / "parts")
    assert planned == list(range(12, 40))
    for name in (rundir.OUTPUT, rundir.PROVENANCE):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_rows_that_a_budget_leaves_keep_their_responses(tmp_path: Path) -> None:
    source = dataset(tmp_path, 40)
    settings = Settings(mode="tidy")
    left = rewrite_dataset(source, tmp_path / "run", settings, budget=Budget(0.0))
    assert (left["rows"], left["unfinished"]) == (40, 40)
    assert (tmp_path / "run" / rundir.OUTPUT).read_bytes() == source.read_bytes()
    done = rewrite_dataset(source, tmp_path / "run", settings)
    assert (done["unfinished"], done["status"]["rewritten"]) == (0, 27)


def test_rows_that_cannot_be_read_are_told_once(
    tmp_path: Path,
) -> None:
    source = dataset(tmp_path, 6)
    source.write_text(source.read_text(encoding="utf-8") + '{"torn\n[1]\n', encoding="utf-8")
    for _ in range(2):
        words = ["run", str(source), "-o", str(tmp_path / "run"), "--mode", "tidy"]
        done = CliRunner().invoke(realign, words, catch_exceptions=False)
        assert done.exit_code == 0
        assert done.stderr.count("2 rows could not be read") == 1
        assert "in.jsonl:7" in done.stderr


def test_each_session_of_a_budget_gets_on(tmp_path: Path) -> None:
    source, run_dir, left = dataset(tmp_path, 150), tmp_path / "run", list[int]()
    while not left or left[-1]:
        stats = rewrite_dataset(source, run_dir, Settings(mode="tidy"), budget=Budget(1e-6))
        left.append(stats["unfinished"])
        assert len(left) < 5
    assert all(after <= max(0, before - through.BATCH) for before, after in pairwise([150, *left]))


def test_a_short_budget_is_told_as_it_was_given(tmp_path: Path) -> None:
    words = ["run", str(dataset(tmp_path, 150)), "-o", str(tmp_path / "run"), "--mode", "tidy"]
    done = CliRunner().invoke(realign, [*words, "--budget", "0.001s"])
    assert isinstance(done.exception, BudgetReached)
    assert "the budget of 0.001s is used up: 64 of 150" in str(done.exception)
    assert "86 rows passed through as they came" in done.stderr


INTERRUPTED = """
import os, signal, time
from realign_local.base.processes import in_order
class Work:
    def __call__(self, batch):
        return batch
if __name__ == "__main__":
    in_order._context = in_order.isolated_spawn
    results = in_order.in_order(Work, iter(range(100)), jobs=2, hint="")
    submit = in_order.ProcessPoolExecutor.submit
    def torn(*given):
        made = submit(*given)
        os.killpg(0, signal.SIGINT)
        return made
    in_order.ProcessPoolExecutor.submit = torn
    try:
        list(results)
    except KeyboardInterrupt:
        print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="groups of processes are a thing of POSIX")
def test_ctrl_c_while_processes_start_is_heard_by_their_parent_alone(tmp_path: Path) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=50,
        start_new_session=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")
