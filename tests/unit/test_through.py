"""Rows go to processes in batches of so many rows and so much text, in their order."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from realign_local.run import through
from realign_local.run.through import in_processes


def told(rows: Sequence[str]) -> tuple[int, list[str]]:
    return os.getpid(), [row[:4] for row in rows]


def batches_of(rows: list[str], *, jobs: int) -> tuple[set[int], list[list[str]]]:
    made = list(in_processes(told, rows, size=8, signs=len, jobs=jobs))
    return {who for who, _ in made}, [batch for _, batch in made]


@pytest.mark.parametrize("jobs", [1, 2])
def test_long_rows_go_in_small_batches(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(through, "SIGNS_AT_ONCE", 100)
    rows = [f"{n:04}" + "x" * (96 if 20 <= n < 30 else 0) for n in range(50)]

    _, batches = batches_of(rows, jobs=jobs)

    assert [row for batch in batches for row in batch] == [row[:4] for row in rows]
    assert max(map(len, batches)) == 8
    assert [f"{n:04}" for n in range(21, 30)] == [b[0] for b in batches if len(b) == 1][-9:]


@pytest.mark.parametrize(
    ("rows", "jobs", "in_others"),
    [
        (["short"] * 31, 2, False),
        (["short"] * 32, 2, True),
        (["short"] * 40, 1, False),
        (["x" * 500] * 3, 2, True),
        (["x" * 500], 2, False),
        ([], 2, False),
    ],
)
def test_many_rows_or_much_text_is_for_processes(
    monkeypatch: pytest.MonkeyPatch, rows: list[str], jobs: int, in_others: bool
) -> None:
    monkeypatch.setattr(through, "ROWS_FOR_POOL", 32)
    monkeypatch.setattr(through, "SIGNS_FOR_POOL", 1000)
    monkeypatch.setattr(through, "SIGNS_AT_ONCE", 400)

    who, batches = batches_of(rows, jobs=jobs)

    assert sum(map(len, batches)) == len(rows)
    assert (os.getpid() not in who and bool(who)) == in_others
