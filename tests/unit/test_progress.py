"""What is shown while a run works: a warning in time, lines for logs, objects for machines."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from realign_local.base.errors import BudgetReached
from realign_local.base.progress import FLOOR_AFTER_ROWS, Scores, Unread
from realign_local.base.reasons import Reason, Status
from realign_local.base.records import Sample
from realign_local.base.words.plural import duration
from realign_local.cli.terminal.live import Bars, JsonLines, Lines, Quiet, watcher
from realign_local.cli.terminal.meter import EngineMeter, Meter, left_s
from tests.unit.test_pipeline import Told


def _judge(scores: Scores, rewritten: int, *, of: int) -> list[str]:
    told = [
        scores.add("open_qa", Status.REWRITTEN if n < rewritten else Status.KEPT, "number_lost")
        for n in range(of)
    ]
    return [text for text in told if text]


def test_a_task_that_does_badly_is_named_once_and_at_once() -> None:
    (warning,) = _judge(Scores(), 2, of=3 * FLOOR_AFTER_ROWS)
    assert warning == (
        "open_qa: 2 of the first 20 rewrites were accepted,"
        " the commonest reason is number_lost (18)"
    )
    scores = Scores()
    assert not _judge(scores, 2, of=FLOOR_AFTER_ROWS - 1)
    assert scores.total == (2, FLOOR_AFTER_ROWS - 1)


def test_a_task_that_does_well_is_not_and_skipped_rows_do_not_count() -> None:
    scores = Scores()
    assert not _judge(scores, 10, of=FLOOR_AFTER_ROWS)
    assert not scores.add("planning", Status.SKIPPED, "already_conforms")
    assert scores.as_dict() == {"open_qa": {"tried": 20, "rewritten": 10}}


def _work(progress: Quiet) -> None:
    with progress:
        progress.note("reading")
        progress.phase("rewrite", 40)
        progress.watch(lambda: {"steps": 3, "prompt_tokens_evaluated": 100.0})
        for _ in range(FLOOR_AFTER_ROWS):
            progress.judged("open_qa", Status.KEPT, "too_long")
            progress.advance(tokens=5)
        progress.tick() if isinstance(progress, Lines | JsonLines) else None
        progress.phase("write", None)


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    _work(Lines())
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "reading"
    assert told[1].startswith("warning: open_qa: 0 of the first 20")
    assert told[2].startswith("rewrite: 20 rows in 0s")


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    _work(JsonLines())
    events: list[dict[str, Any]] = [json.loads(t) for t in capsys.readouterr().err.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds == ["note", "phase", "warning", "progress", "progress", "phase", "progress"]
    found = events[3]
    assert (found["phase"], found["done"], found["total"]) == ("rewrite", 20, 40)
    assert found["acceptance"] == {"open_qa": {"tried": 20, "rewritten": 0}}
    assert found["engine"]["steps"] == 3


def test_quiet_says_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    _work(Quiet())
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: ")


def test_the_live_view_shows_rows_engine_and_acceptance() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    progress = Bars(console)
    _work(progress)
    progress.name = "rewrite"
    progress.total = 40
    with console.capture() as shown:
        console.print(progress._view())
    text = shown.get()
    assert "0 of 20: open_qa 0/20" in text


@pytest.mark.parametrize(("columns", "term"), [("30", "xterm"), ("100", "dumb")])
def test_narrow_and_dumb_terminals_get_lines(
    columns: str, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", term)
    assert type(watcher()) is Lines


def test_a_wide_terminal_gets_the_live_view(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("COLUMNS", "100"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    assert type(watcher()) is Bars
    assert type(watcher("none")) is Quiet


def test_the_time_left_is_known_only_with_a_total_and_a_step() -> None:
    meter = Meter()
    assert meter.left_s(10) is None
    meter.add(1, 0)
    assert meter.left_s(None) is None
    assert meter.left_s(1) == 0
    assert meter.left_s(10) is None  # too soon to say
    assert duration(3900) == "1h05m"


def test_the_time_left_waits_for_a_rate_that_means_something() -> None:
    assert left_s(9, 100_000, seconds=5) is None
    assert left_s(50, 100, seconds=2.9) is None
    assert left_s(50, 100, seconds=4) == 4
    assert left_s(50, 100, seconds=4, before=40) == 20
    assert left_s(5, 100, seconds=6) is None  # neither a tenth nor ten seconds
    assert left_s(5, 100, seconds=10) == 190


def test_json_ends_a_phase_with_its_total_unless_it_was_cut_short(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def last() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(capsys.readouterr().err.splitlines()[-1])
        return found

    with JsonLines() as progress:
        progress.phase("verify", None)
        progress.advance(7)
    assert (last()["done"], progress.total) == (7, 7)
    with suppress(BudgetReached), JsonLines() as progress:
        progress.phase("verify", None)
        progress.advance(7)
        raise BudgetReached("time is up")
    assert last()["total"] is None


def test_rows_that_cannot_be_read_are_counted_with_the_place_of_the_first() -> None:
    unread, told = Unread(), Told()
    unread.tell(told)
    broken = Sample(1, 0, "2", "", "", reason=Reason.MALFORMED_ROW, detail="in.jsonl:2: torn")
    assert not unread.see(replace(broken, reason=None))
    assert unread.see(broken)
    unread.tell(told)
    assert unread.see(replace(broken, index=4, detail="in.jsonl:5: torn"))
    unread.tell(told)
    assert told.warnings == [
        "1 row could not be read and stays as it is: in.jsonl:2: torn",
        "2 rows could not be read and stay as they are, the first: in.jsonl:2: torn;"
        " the last is row 5",
    ]


def test_an_engine_without_counters_is_loading() -> None:
    assert EngineMeter().words == ""
    assert EngineMeter(dict).words == "loading the model"
