"""The end of a run that only tidies, under a budget: on time, with all rows in its files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from realign_local.base.config import Settings
from realign_local.base.stop import Budget
from realign_local.commands.run import rewrite_dataset
from realign_local.data.reading.containers import RawRow
from realign_local.run.files.lines import Counts, Lines
from realign_local.run.files.rundir import Tally
from realign_local.run.through import BATCH, RawUnit, TidiedRows, _Ending
from tests.command import realign

ROWS = 400


class Clock:
    """A clock that work moves."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("row_s", [1e-5, 1e-4, 5e-4])
@pytest.mark.parametrize("work_s", [0.002, 0.02])
@pytest.mark.parametrize("looking_s", [0, 1e-4])
def test_the_rows_that_are_left_pass_in_time(row_s: float, work_s: float, looking_s: float) -> None:
    """Two processes at work; each row that is left costs what was measured, half of it in each."""
    clock, rows = Clock(), 50_000
    budget = Budget(60, clock=clock)

    def work(units: Sequence[RawUnit]) -> None:
        assert all(unit.left for unit in units)
        clock.now += row_s * len(units)

    ending = _Ending(budget, rows, cast(TidiedRows, work), jobs=2, cpu=clock)
    taken = done = 0
    lines = Lines(b"", b"", Counts(tally=Tally(rows=64)))
    while taken < rows and not ending.is_there(RawUnit(taken, RawRow("{}", 1))):
        taken += 1
        if taken - done == 6 * 64:  # as many are under way as may be
            done += 64
            clock.now += 64 * work_s / 2
            ending.see(lines, 64 * work_s)
        with ending.looking_up():
            clock.now += looking_s
    assert taken > 0
    clock.now += (taken - done) * work_s / 2 + (rows - taken) * (row_s / 2 + looking_s)
    assert budget.left_s >= 0
    assert budget.left_s < 15 or taken == rows  # nothing is given away, either


def _source(path: Path) -> Path:
    rows = [
        {"instruction": f"Name mill {n}.", "output": f"1)Mill {n}.\n2)Mill {n + 1}."}
        for n in range(ROWS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "torn\n", encoding="utf-8")
    return path


def _settings() -> Settings:
    return Settings(mode="tidy", threads=2)


def test_rows_that_nobody_reached_are_as_they_came_and_done_next_time(tmp_path: Path) -> None:
    source = _source(tmp_path / "in.jsonl")
    whole = rewrite_dataset(source, tmp_path / "whole", _settings())
    clock = Clock()
    over = Budget(1, clock=clock)
    clock.now += 2
    stats = rewrite_dataset(source, tmp_path / "run", _settings(), budget=over)
    done = ROWS - int(stats["unfinished"])
    assert 0 < done <= BATCH  # so that each session gets on
    came, left = (
        path.read_bytes().splitlines()[done:] for path in (source, tmp_path / "run/output.jsonl")
    )
    assert came == left
    lines = (tmp_path / "run" / "provenance.jsonl").read_text("utf-8").splitlines()
    reasons = [json.loads(line)["reason"] for line in lines]
    assert "not_reached" not in reasons[:done]
    assert reasons[done:] == ["not_reached"] * (ROWS - done) + ["malformed_row"]
    again = rewrite_dataset(source, tmp_path / "run", _settings())
    same: dict[str, Any] = {key: again[key] for key in ("status", "reasons", "unfinished")}
    assert same == {key: whole[key] for key in same}
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_report_for_which_no_time_is_left_is_left_out_and_said(tmp_path: Path) -> None:
    source = _source(tmp_path / "in.jsonl")
    words = ["run", source, "-o", tmp_path / "run", "--mode", "tidy", "--threads", "1"]
    assert realign(*words).returncode == 0
    assert (tmp_path / "run" / "report.html").exists()
    ended = realign(*words, "--resume", "force", "--budget", "0.001s")
    assert ended.returncode == 75
    assert not (tmp_path / "run" / "report.html").exists()
    assert "no time was left for report.html; `realign report " in ended.stderr
    assert realign("report", tmp_path / "run").returncode == 0
