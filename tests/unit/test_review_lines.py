"""Whole lines of a review that went: told by every reader, and a kill costs one at most."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from realign_local.commands.export import export_run
from realign_local.commands.merge import merge_reviews
from realign_local.run.files import decisions
from realign_local.run.files.decisions import (
    REVIEW,
    Decision,
    DecisionLog,
    Verdict,
    join_reviews,
    key_of,
    read_review,
)
from tests.command import realign
from tests.reported import make_run

COUNT = ".review.count"


def decide(folder: Path, *keys: str) -> Path:
    with closing(DecisionLog(folder)) as log:
        for key in keys:
            log.add(Decision(key, "reject"), index=0)
    return folder


def without(folder: Path, *places: int) -> None:
    lines = (folder / REVIEW).read_bytes().splitlines(keepends=True)
    kept = [line for place, line in enumerate(lines) if place not in places]
    (folder / REVIEW).write_bytes(b"".join(kept))


@pytest.mark.parametrize(
    ("gone", "lost"), [((0,), 1), ((1, 2), 2), ((4,), 1), ((3, 4), 2), (range(5), 5), ((0, 4), 2)]
)
def test_lines_that_went_are_counted_wherever_they_stood(
    tmp_path: Path, gone: tuple[int, ...], lost: int
) -> None:
    without(decide(tmp_path, *"abcde"), *gone)
    assert read_review(tmp_path).lost == lost
    decide(tmp_path, "f")  # and they stay lost, whatever comes after them
    assert read_review(tmp_path).lost == lost
    assert "f" in read_review(tmp_path).decisions


def test_a_whole_review_and_one_of_a_version_before_are_not_accused(tmp_path: Path) -> None:
    (tmp_path / REVIEW).write_text('{"key": "old", "verdict": "accept", "text": ""}\n')
    decide(decide(tmp_path, "a"), "b")
    assert read_review(tmp_path).faults == ()
    (tmp_path / COUNT).unlink()  # a copy without hidden files
    assert read_review(tmp_path).faults == ()
    without(tmp_path, 0)
    assert read_review(tmp_path).lost == 1


def test_a_number_that_was_changed_is_damage(tmp_path: Path) -> None:
    file = decide(tmp_path, "a", "b") / REVIEW
    file.write_bytes(file.read_bytes().replace(b'"number": 2', b'"number": 7'))
    read = read_review(tmp_path)
    assert (read.unread, read.lost, set(read.decisions)) == (1, 0, {"a"})


def test_every_command_that_reads_a_review_tells(tmp_path: Path) -> None:
    without(decide(make_run(tmp_path / "run"), "a", "b", "c"), 1)
    told = "review.jsonl: 1 decision was made that is not there any more"
    assert told in export_run(tmp_path / "run", tmp_path / "o.jsonl", target="alpaca").notes
    assert told in realign("report", tmp_path / "run").stderr


def test_a_merge_keeps_the_gaps(tmp_path: Path) -> None:
    parts = [tmp_path / name for name in ("one", "two", "three")]
    for number, part in enumerate(parts):
        part.mkdir()
        if number != 1:
            decide(part, *(f"{number}{key}" for key in "abcd"))
    without(parts[0], 3)
    without(parts[2], 1)
    whole = tmp_path / "whole"
    whole.mkdir()
    join_reviews(parts, whole)
    read = read_review(whole)
    assert (read.lost, read.unread, read.last) == (2, 0, 8)
    assert set(read.decisions) == {"0a", "0b", "0c", "2a", "2c", "2d"}


def test_a_review_that_goes_on_meanwhile_has_lost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = decisions.review_bytes
    decide(tmp_path, "a")

    def and_one_more(folder: Path) -> bytes:
        held = read(folder)
        monkeypatch.setattr(decisions, "review_bytes", read)
        decide(tmp_path, "b")
        return held

    monkeypatch.setattr(decisions, "review_bytes", and_one_more)
    assert read_review(tmp_path).faults == ()


KILLED = """
import sys
from pathlib import Path
from realign_local.run.files.decisions import Decision, DecisionLog
log = DecisionLog(Path(sys.argv[1]))
for number in range(100000):
    log.add(Decision(f"key{number}", "edit", "x" * 5000))
    print(number, flush=True)
"""


def test_kill_minus_nine_costs_no_decision_that_was_taken(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for _ in range(20):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        seen = 20 + len(process.stdout.read().split())
    read = read_review(tmp_path)
    assert seen <= len(read.decisions) <= seen + 1
    assert read.lost == 0
    assert read.unread <= 1


@pytest.mark.parametrize("kept", [-1, -9, 1])
def test_a_line_cut_off_in_the_middle_is_told_once(tmp_path: Path, kept: int) -> None:
    file = decide(tmp_path, "a") / REVIEW
    first = file.read_bytes()
    line = decide(tmp_path, "b") and file.read_bytes()[len(first) :]
    (tmp_path / COUNT).write_text("1\n")  # the kill came before it was counted
    cut = line[:kept]
    file.write_bytes(first + cut)
    whole = cut == line[:-1]  # only its end of line is missing
    assert (read_review(tmp_path).unread, read_review(tmp_path).lost) == (0 if whole else 1, 0)
    decide(tmp_path, "c")
    read = read_review(tmp_path)
    assert (read.unread, read.lost) == (0 if whole else 1, 0)
    assert {"a", "c"} <= set(read.decisions)


def rearranged(folder: Path, *places: int) -> None:
    lines = (folder / REVIEW).read_bytes().splitlines(keepends=True)
    (folder / REVIEW).write_bytes(b"".join(lines[place] for place in places))


def verdict_after(folder: Path, *verdicts: Verdict) -> None:
    with closing(DecisionLog(folder)) as log:
        for verdict in verdicts:
            log.add(Decision("same", verdict))


@pytest.mark.parametrize(
    ("places", "lost"),
    [
        ((0, 0, 2, 3), 1),
        ((0, 1, 2, 3, 1), 0),
        ((3, 3, 3, 3), 3),
        ((3, 2, 1, 0), 0),
        ((2, 0, 3, 2), 1),
    ],
)
def test_a_doubled_line_stands_for_no_other(
    tmp_path: Path, places: tuple[int, ...], lost: int
) -> None:
    rearranged(decide(tmp_path, *"abcd"), *places)
    assert (read_review(tmp_path).lost, read_review(tmp_path).last) == (lost, 4)
    decide(tmp_path, "e")
    assert (read_review(tmp_path).lost, read_review(tmp_path).last) == (lost, 5)


@pytest.mark.parametrize("places", [(1, 0), (0, 1, 0), (1, 0, 0)])
def test_the_newest_decision_holds_wherever_it_stands(
    tmp_path: Path, places: tuple[int, ...]
) -> None:
    part, whole = tmp_path / "part", tmp_path / "whole"
    for folder in (part, whole, tmp_path / "first"):
        folder.mkdir()
    decide(tmp_path / "first", "other")
    verdict_after(part, "accept", "reject")
    rearranged(part, *places)
    join_reviews([tmp_path / "first", part], whole)
    for folder in (part, whole):
        assert read_review(folder).decisions["same"].verdict == "reject"
        assert read_review(folder).faults == ()


@pytest.mark.parametrize(
    "count", ["9" * 15, "9" * 5000, "-3", "1e9", "4_000", "\u0669\u0669", "0x99", "9\n9"]
)
def test_a_count_that_can_be_none_says_nothing(tmp_path: Path, count: str) -> None:
    decide(tmp_path, "a", "b")
    (tmp_path / COUNT).write_text(count, encoding="utf-8")
    assert (read_review(tmp_path).faults, read_review(tmp_path).last) == ((), 2)


def test_a_number_beyond_all_counts_loses_no_decision(tmp_path: Path) -> None:
    decide(tmp_path, "a")
    with (tmp_path / REVIEW).open("ab") as file:
        file.write(Decision("b", "accept").line(10**15, {}))
    decide(tmp_path, "c")
    read = read_review(tmp_path)
    assert (set(read.decisions), read.faults, read.last) == ({"a", "b", "c"}, (), 3)


def test_a_merge_tells_of_shards_that_decided_otherwise(tmp_path: Path) -> None:
    parts = [tmp_path / name for name in ("one", "two", "three")]
    for part in parts:
        part.mkdir()
        decide(part, "agreed", part.name)
    verdict_after(parts[0], "edit")
    verdict_after(parts[2], "reject")
    warned: list[str] = []
    whole = tmp_path / "whole"
    whole.mkdir()
    merge_reviews(parts, whole, warned.append)
    [told] = warned
    assert told == (
        f"{parts[2]}: 1 decision of its review differs from that of another shard on the same"
        " texts, and holds for all of them"
    )
    assert read_review(whole).decisions["same"].verdict == "reject"


def test_what_one_shard_took_back_stays_decided_by_another(tmp_path: Path) -> None:
    parts = [tmp_path / name for name in ("one", "two")]
    for part, verdicts in zip(parts, (("edit",), ("accept", "undecided")), strict=True):
        part.mkdir()
        verdict_after(part, *verdicts)
    whole = tmp_path / "whole"
    whole.mkdir()
    join_reviews(parts, whole)
    assert read_review(whole).decisions["same"].verdict == "edit"
    assert read_review(whole).faults == ()


def test_a_run_that_writes_other_texts_tells_of_the_decisions_on_those_before(
    tmp_path: Path,
) -> None:
    data, run = tmp_path / "data.jsonl", tmp_path / "run"
    ask, say = "Tell me about the old pier.", "It had 3 halls , and a tower ."
    data.write_text(json.dumps({"instruction": ask, "output": say}) + "\n")
    command = ("run", data, "-o", run, "--mode", "tidy")
    assert realign(*command).returncode == 0
    record = json.loads((run / "provenance.jsonl").read_text())
    decide(run, key_of(ask, record))
    stale = "review.jsonl: 1 decision belongs to other texts and was not applied"
    assert stale not in realign(*command).stderr
    data.write_text(json.dumps({"instruction": ask, "output": say.replace("3", "4")}) + "\n")
    assert stale in realign(*command, "--resume", "force").stderr
