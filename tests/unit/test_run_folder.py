"""The folder of a run: what is the user's stays, and only the run itself writes there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError, UsageError
from realign_local.cli import realign
from realign_local.commands.export import export_run
from realign_local.report.write import write_report
from realign_local.run.files import rundir
from tests.scripted import ScriptedTools, run
from tests.unit.test_run_files import OTHER, contents, dug, wells


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return wells(tmp_path / "in.jsonl", 6)


@pytest.fixture
def done(source: Path, tmp_path: Path) -> Path:
    run(source, tmp_path / "run", ScriptedTools(answer=dug), settings={"candidates": 1})
    return tmp_path / "run"


@pytest.mark.parametrize("name", [*sorted(rundir.OWN), "train.jsonl", "sub/train.jsonl"])
def test_nothing_else_is_written_into_a_run(done: Path, name: str) -> None:
    before = contents(done)
    held = (done / rundir.JOURNAL).read_bytes()
    with pytest.raises(UsageError, match="the run"):
        export_run(done, done / name, target="alpaca")
    if name != rundir.REPORT:
        with pytest.raises(UsageError, match="the run"):
            write_report(done, done / name)
    link = done.parent / "link"
    link.symlink_to(done)
    with pytest.raises(UsageError, match="the run"):
        export_run(done, link / name, target="alpaca")
    assert contents(done) == before
    assert (done / rundir.JOURNAL).read_bytes() == held


@pytest.mark.parametrize(
    "command",
    [
        ("classify", "{source}", "-o", "{run}/tasks.jsonl"),
        ("retrieve", "{source}", "-o", "{run}/found.jsonl", "--index", "none"),
        ("index", "build", "{source}", "-o", "{run}/index"),
        ("bundle", "create", "-o", "{run}/realign.tar"),
    ],
    ids=lambda command: command[0],
)
def test_no_other_command_writes_into_a_run(
    source: Path, done: Path, command: tuple[str, ...]
) -> None:
    before = contents(done)
    said = CliRunner().invoke(realign, [word.format(source=source, run=done) for word in command])
    assert isinstance(said.exception, UsageError)
    assert "lies in the folder of the run" in str(said.exception)
    assert contents(done) == before


def test_an_export_spares_the_input_and_the_list_of_datasets(source: Path, done: Path) -> None:
    before = source.read_bytes()
    for write in (
        lambda: export_run(done, source, target="alpaca"),
        lambda: write_report(done, source),
    ):
        with pytest.raises(UsageError, match="is the input of the run"):
            write()
    assert source.read_bytes() == before
    with pytest.raises(UsageError, match="list of datasets"):
        export_run(done, done.parent / "dataset_info.json", target="alpaca")


@pytest.mark.parametrize("resume", ["auto", "force", "never"])
def test_a_run_without_its_journal_is_called_so(source: Path, done: Path, resume: str) -> None:
    journal = (done / rundir.JOURNAL).read_bytes()
    (done / rundir.JOURNAL).unlink()
    before = contents(done)
    with pytest.raises(UsageError, match=r"a run without its journal\.sqlite") as told:
        run(source, done, ScriptedTools(), resume=resume)
    assert "another -o" in told.value.hint
    assert contents(done) == before
    said = CliRunner().invoke(realign, ["merge", str(done), "-o", str(done.parent / "all")])
    assert isinstance(said.exception, DataError)
    assert "journal among them" in said.exception.hint
    (done / rundir.JOURNAL).write_bytes(journal)
    again = ScriptedTools(answer=dug)
    run(source, done, again)
    assert not again.generated


@pytest.mark.parametrize(
    "name", ["output.csv", "output.json", ".mine.1.tmp", ".output.jsonl.7.tmp", "input", "a/b.txt"]
)
@pytest.mark.parametrize("resume", ["auto", "force", "never"])
def test_a_folder_with_anything_of_the_user_is_no_place_for_a_run(
    source: Path, tmp_path: Path, name: str, resume: str
) -> None:
    file = tmp_path / "mine" / name
    file.parent.mkdir(parents=True)
    file.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no run directory: it holds"):
        run(source, tmp_path / "mine", ScriptedTools(), resume=resume)
    assert file.read_text(encoding="utf-8") == "a,b\n"
    assert [path for path in (tmp_path / "mine").rglob("*") if path.is_file()] == [file]


def test_the_database_of_another_program_is_none_of_a_run(source: Path, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    with closing(sqlite3.connect(tmp_path / "app" / "journal.sqlite")) as db:
        db.execute("create table entries (day text)")
    for resume in ("auto", "force"):
        with pytest.raises(UsageError, match="database of another program"):
            run(source, tmp_path / "app", ScriptedTools(), resume=resume)


def test_files_of_the_user_inside_of_a_run_stay(source: Path, done: Path) -> None:
    for name in (".mine.12.tmp", "output.csv", "notes.txt"):
        (done / name).write_text("mine", encoding="utf-8")
    run(source, done, ScriptedTools(answer=dug))
    for name in (".mine.12.tmp", "output.csv", "notes.txt"):
        assert (done / name).read_text(encoding="utf-8") == "mine"


def test_a_container_that_is_not_needed_any_more_goes_with_the_others(tmp_path: Path) -> None:
    array, lines = wells(tmp_path / "a.json", 3), wells(tmp_path / "b.jsonl", 3)
    run(array, tmp_path / "run", ScriptedTools())
    assert (tmp_path / "run" / "output.json").exists()
    with pytest.raises(KeyboardInterrupt):
        run(lines, tmp_path / "run", ScriptedTools(stop_after=0), rewriting=OTHER)
    assert (tmp_path / "run" / "output.json").exists()
    run(lines, tmp_path / "run", ScriptedTools())
    assert not (tmp_path / "run" / "output.json").exists()


def test_rows_in_their_own_container_are_verified_too(tmp_path: Path) -> None:
    run(wells(tmp_path / "a.json", 3), tmp_path / "run", ScriptedTools())
    file = tmp_path / "run" / "output.json"
    file.write_bytes(file.read_bytes().replace(b"well 1", b"well 7"))
    said = CliRunner().invoke(realign, ["verify", str(tmp_path / "run")])
    assert isinstance(said.exception, DataError)
    assert "output.json is not the file that the run wrote" in str(said.exception)
    file.unlink()
    assert not CliRunner().invoke(realign, ["verify", str(tmp_path / "run")]).exception
    file.symlink_to(file)
    said = CliRunner().invoke(realign, ["verify", str(tmp_path / "run")])
    assert "output.json is not a file" in str(said.exception)


def test_a_run_lies_in_no_other_run_and_is_not_its_own_input(source: Path, done: Path) -> None:
    with pytest.raises(UsageError, match="lies in the folder of the run"):
        run(source, done / "inner", ScriptedTools())
    before = contents(done)
    (done.parent / "link.jsonl").symlink_to(done / rundir.OUTPUT)
    os.link(done / rundir.OUTPUT, done.parent / "hard.jsonl")
    for path in (done / rundir.OUTPUT, done.parent / "link.jsonl", done.parent / "hard.jsonl"):
        with pytest.raises(UsageError, match="is a file of the run"):
            run(path, done, ScriptedTools())
    assert contents(done) == before
    run(done / rundir.OUTPUT, done.parent / "second", ScriptedTools())


def test_files_are_open_to_nobody_to_whom_their_folder_is_closed(
    source: Path, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    before = os.umask(0o022)
    try:
        run(source, private, ScriptedTools())
        run(source, tmp_path / "open", ScriptedTools())
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in private.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "open").iterdir()} == {0o644}


def test_a_folder_of_somebody_else_is_left_alone(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "README.md").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no run directory"):
        run(source, folder, ScriptedTools(answer=dug))
    assert (folder / "README.md").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in folder.iterdir()] == ["README.md"]


def test_force_is_refused_while_another_process_works(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=dug))
    code = "import sys, pathlib; from realign_local.run.files.journal import Journal;"
    code += "j = Journal(pathlib.Path(sys.argv[1])); print('held', flush=True); input()"
    path = tmp_path / "run" / "journal.sqlite"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(UsageError, match="in use"):
        run(source, tmp_path / "run", ScriptedTools(answer=dug), resume="force")
    holder.communicate("\n")
    again = ScriptedTools(answer=dug)
    run(source, tmp_path / "run", again)
    assert not again.generated


def test_leftovers_of_a_killed_process_are_removed(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "run", ScriptedTools(answer=dug))
    half = f".output.jsonl.{os.getpid()}.{'0a' * 8}.tmp"
    others = (".output.jsonl.77.tmp", f".mine.77.{'0a' * 8}.tmp")
    for name in (half, *others):
        (tmp_path / "run" / name).write_text("half", encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools(answer=dug))
    assert {path.name for path in (tmp_path / "run").glob(".*")} == {*others}
