"""The files of a run: they change together or not at all, and whatever reads them finds a loss."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError, DiskError
from realign_local.base.progress import Silent
from realign_local.cli.finished.report import command as report_command
from realign_local.commands.export import export_run
from realign_local.commands.run import run_job
from realign_local.data.formats import open_dataset
from realign_local.engine.request import Request
from realign_local.gates import judge
from realign_local.report.review_state import Review
from realign_local.report.write import write_report
from realign_local.run.files import publish, rundir, writing
from realign_local.run.files.finished import open_finished, read_settings
from realign_local.run.files.journal import Journal
from realign_local.run.files.opening import open_run
from realign_local.run.job import Job
from realign_local.run.pace import recorded_pace
from tests.scripted import FREE, GUIDED, ScriptedTools, rewrite_preferred, run
from tests.unit.test_same_input import Listening

OTHER = replace(GUIDED, candidates=2, temperature=0.7)


def wells(path: Path, rows: int) -> Path:
    """A dataset of questions with bare answers."""
    texts = ({"instruction": f"Who dug well {n}?", "output": "Bo Reed"} for n in range(rows))
    if path.suffix == ".json":
        path.write_text(json.dumps(list(texts)), encoding="utf-8")
    else:
        lines = (json.dumps(row, separators=(",", ":")) + "\n" for row in texts)
        path.write_text("".join(lines), encoding="utf-8")
    return path


def dug(request: Request) -> Sequence[str]:
    number = "".join(filter(str.isdigit, request.messages[-1].content))
    return [f"Bo Reed dug well {number}."]


def contents(folder: Path) -> dict[str, bytes]:
    """All files but those of the database."""
    found = (path for path in folder.iterdir() if not path.name.startswith(rundir.JOURNAL))
    return {path.name: path.read_bytes() for path in found}


def cut_off_while_moving(folder: Path, *names: str) -> None:
    """Put files back into the folder that they were moved from, as if a kill had come before."""
    with Journal(folder / rundir.JOURNAL) as journal:
        fact = journal.fact(publish.WRITTEN)
        assert fact
        stage = folder / fact["stage"]
    stage.mkdir(exist_ok=True)
    for name in names:
        (folder / name).replace(stage / name)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return wells(tmp_path / "in.jsonl", 6)


@pytest.fixture
def done(source: Path, tmp_path: Path) -> Path:
    run(source, tmp_path / "run", ScriptedTools(answer=dug), settings={"candidates": 1})
    return tmp_path / "run"


def export(folder: Path, target: str = "dpo") -> bytes:
    out = folder.parent / "exported" / f"{target}.jsonl"
    return export_run(folder, out, target=target).path.read_bytes()


@pytest.mark.parametrize("resume", ["auto", "force"])
def test_a_session_that_is_stopped_leaves_the_files_of_the_one_before(
    source: Path, done: Path, resume: str
) -> None:
    before, pairs = contents(done), export(done)
    stopped = ScriptedTools(answer=dug, stop_after=3)
    with pytest.raises(KeyboardInterrupt):
        run(source, done, stopped, rewriting=OTHER, settings={"candidates": 2}, resume=resume)
    assert contents(done) == before
    assert export(done) == pairs
    write_report(done, pace=recorded_pace(done))
    assert b"--candidates 1" in (done / rundir.REPORT).read_bytes()
    tools = ScriptedTools(answer=dug)
    run(source, done, tools, rewriting=OTHER, settings={"candidates": 2})
    assert read_settings(done)["candidates"] == 2
    write_report(done)
    assert b"--candidates 2" in (done / rundir.REPORT).read_bytes()


def test_a_first_session_that_is_stopped_says_what_it_was_about(
    source: Path, tmp_path: Path
) -> None:
    for seed in (1, 2):
        tools = ScriptedTools(answer=dug, stop_after=1)
        with pytest.raises(KeyboardInterrupt):
            run(source, tmp_path / "run", tools, settings={"seed": seed})
        assert read_settings(tmp_path / "run")["seed"] == seed
    with pytest.raises(DataError, match=r"not a finished run: it has no output\.jsonl"):
        open_finished(tmp_path / "run")


def test_the_pace_is_that_of_the_sessions_whose_files_are_there(done: Path) -> None:
    with Journal(done / rundir.JOURNAL) as journal:
        first = int(publish.written_at(journal) or 0) // 10
        assert first
        journal.add({f"tokens@{first - n}": 50 for n in (2, 3, 4)})
        journal.add({f"tokens@{first + n}": 900 for n in (2, 3)})
        journal.add({"tokens@\ufffd": 1})
    pace = recorded_pace(done)
    assert pace is not None
    assert max(speed for _, speed in pace.points) < 50


@pytest.mark.parametrize("moved", [0, 1, 3, 5])
def test_a_kill_while_files_are_moved_is_mended_by_whoever_comes_next(
    done: Path, moved: int
) -> None:
    whole = contents(done)
    names = sorted((*publish.VOUCHED, rundir.STATS, rundir.CARD))
    cut_off_while_moving(done, *names[moved:])
    assert len(list(open_finished(done).rows())) == 6
    assert contents(done) == whole


CHILD = """
import os, sys
from dataclasses import replace
from pathlib import Path
from realign_local.run.files import publish
from realign_local.run.files.journal import Journal
from tests.scripted import FREE, ScriptedTools, rewrite_preferred, run

def dies(*_, **__):
    os.kill(os.getpid(), 9)

where, source, folder = sys.argv[1:]
if where == "moving":
    publish._move = dies
else:
    publish.vouched.__globals__["rundir"].as_private_as = lambda *a: (
        dies() if str(a[-1]).endswith("stats.json") else None)
run(Path(source), Path(folder), ScriptedTools(margin=rewrite_preferred), rewriting=FREE)
"""


@pytest.mark.parametrize("where", ["moving", "before"])
def test_kill_9_while_files_are_written(
    source: Path, done: Path, tmp_path: Path, where: str
) -> None:
    before = contents(done)
    command = [sys.executable, "-c", CHILD, where, str(source), str(done)]
    child = subprocess.run(command, capture_output=True, text=True)
    assert child.returncode == -9, child.stderr
    list(open_finished(done).rows())
    tools = ScriptedTools(margin=rewrite_preferred)
    run(source, tmp_path / "whole", tools, rewriting=FREE)
    same = contents(tmp_path / "whole" if where == "moving" else done)
    for name in (rundir.OUTPUT, rundir.PROVENANCE):
        assert (done / name).read_bytes() == same[name]
        assert (before[name] == same[name]) == (where == "before")
    again = ScriptedTools(margin=rewrite_preferred)
    run(source, done, again, rewriting=FREE)
    assert not again.generated
    for name in (rundir.OUTPUT, rundir.PROVENANCE):
        assert (done / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not list(done.glob(".*"))


def test_a_stop_while_files_are_written_changes_nothing(
    source: Path, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(done)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "card", stop)
        with pytest.raises(KeyboardInterrupt):
            run(source, done, ScriptedTools(answer=dug), annotate=True)
    assert contents(done) == before
    run(source, done, ScriptedTools(answer=dug), annotate=True)
    assert contents(done)[rundir.OUTPUT] != before[rundir.OUTPUT]


def test_rows_lost_from_both_files_alike_are_noticed_and_a_card_may_be_edited(done: Path) -> None:
    (done / rundir.CARD).write_text("# Our wells\n", encoding="utf-8")
    assert export(done)
    for name in (rundir.OUTPUT, rundir.PROVENANCE):
        file = done / name
        file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(DataError, match=r"output\.jsonl is not the file") as told:
        export(done)
    assert "realign run" in told.value.hint


def test_the_same_command_writes_damaged_files_anew(source: Path, done: Path) -> None:
    whole = (done / rundir.OUTPUT).read_bytes()
    (done / rundir.OUTPUT).write_bytes(whole[:-10])
    tools = ScriptedTools(answer=dug)
    run(source, done, tools, settings={"candidates": 1})
    assert (done / rundir.OUTPUT).read_bytes() == whole
    assert not tools.generated


def test_a_run_is_read_without_its_journal_and_while_it_is_worked_on(done: Path) -> None:
    pairs = export(done)
    with Journal(done / rundir.JOURNAL):
        assert export(done) == pairs
    (done / rundir.JOURNAL).unlink()
    assert export(done) == pairs
    (done / rundir.OUTPUT).write_bytes((done / rundir.OUTPUT).read_bytes()[:-10])
    with pytest.raises(DataError, match=r"output\.jsonl is not the file"):
        export(done)


def test_files_that_are_replaced_while_they_are_read_are_not_mixed(
    source: Path, done: Path
) -> None:
    opened = open_finished(done)
    assert len(list(opened.rows())) == 6
    run(source, done, ScriptedTools(answer=dug), annotate=True)
    with pytest.raises(DataError, match=r"while (they were|it was being) read"):
        list(opened.rows())  # an export reads the rows several times


@pytest.mark.parametrize("rows", [2, 9, 0])
def test_an_input_that_changes_under_a_run_is_no_success(
    source: Path, done: Path, rows: int
) -> None:
    before = contents(done)

    def answer(request: Request) -> Sequence[str]:
        wells(source, rows)
        return dug(request)

    with pytest.raises(DataError):
        run(source, done, ScriptedTools(answer=answer), rewriting=OTHER)
    assert contents(done) == before


def test_rows_that_do_not_fit_their_container_are_still_there_as_lines(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfit(*_: Any, **__: Any) -> None:
        raise DataError("a rewritten text does not fit the columns")

    monkeypatch.setattr(writing, "write_jsonl_like", unfit)
    with pytest.raises(DataError, match="does not fit"):
        run(source, tmp_path / "run", ScriptedTools())
    assert len(list(open_finished(tmp_path / "run").rows())) == 6


def test_the_time_of_a_session_that_was_cut_off_counts(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock goes on by a second at each look; a kill leaves what stood at the last result."""
    seconds = iter(range(10_000))
    monkeypatch.setattr("realign_local.run.files.journal.time.monotonic", lambda: next(seconds))
    seen: list[float] = []

    def answer(request: Request) -> Sequence[str]:
        seen.append(journal.counter("seconds"))
        return dug(request)

    with open_run(tmp_path / "run", "auto") as journal:
        job = Job(open_dataset(source), tmp_path / "run", GUIDED)
        stats = run_job(job, ScriptedTools(answer=answer), journal, progress=Silent())
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] <= stats["seconds"]


def test_rows_that_no_model_wrote_are_not_counted_as_generated(
    source: Path, tmp_path: Path
) -> None:
    stats = run(source, tmp_path / "run", ScriptedTools(answer=lambda _: [""]))
    assert (stats["generated"], stats["completion_tokens"], stats["rows_per_s"]) == (0, 0, 0.0)


def test_what_a_damaged_fact_told_is_said_and_the_run_goes_on(source: Path, done: Path) -> None:
    for damage in ('{"path"', '{"path": 1}', "7", "[]", "\udcff"):
        with closing(sqlite3.connect(done / rundir.JOURNAL)) as db, db:
            text = damage.encode("utf-8", "surrogateescape")
            db.execute("update facts set value=cast(? as text)", (text,))
        heard, tools = Listening(), ScriptedTools(answer=dug)
        assert run(source, done, tools, progress=heard)["rows"] == 6
        assert not tools.generated
        assert "no longer tells which input it belongs to" in heard.warnings[0]
        assert export(done)


def test_a_report_needs_no_folder_for_temporary_files(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(done / "nowhere"))
    (done / rundir.REPORT).unlink()
    assert write_report(done).exists()
    with closing(Review(done, judge)) as review:
        assert review.rows == 6


def test_a_full_disk_under_a_report_is_called_so(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("realign_local.report.write.TemporaryFile", full)
    with pytest.raises(DiskError, match="No space left") as told:
        write_report(done)
    assert "Free some space" in told.value.hint


def test_settings_that_may_not_be_read_are_named(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("realign_local.run.files.finished.read_text", forbidden)
    found = CliRunner().invoke(report_command, [str(done)])
    assert isinstance(found.exception, DataError)
    assert str(found.exception) == f"{done / rundir.SETTINGS} cannot be read: Permission denied"


def test_a_closed_folder_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", forbidden)
    with pytest.raises(DiskError, match="cannot look at"):
        rundir.is_there(tmp_path / "a")


def test_lines_of_a_review_that_cannot_be_read_are_mentioned(done: Path) -> None:
    (done / rundir.REVIEW).write_text('{"key": "a", "verdict": "reject"}{"key"\n', "utf-8")
    told = export_run(done, done.parent / "o.jsonl", target="messages").notes
    assert "review.jsonl: 1 line could not be read and decide nothing" in told
