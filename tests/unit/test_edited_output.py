"""An output that somebody edited by hand: judged by its own name, never lost to a next session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError
from realign_local.cli import realign
from realign_local.run.files import edited, rundir
from tests.scripted import ScriptedTools, run
from tests.unit.test_run_files import OTHER, dug, wells
from tests.unit.test_same_input import Listening


def edit(file: Path, word: str) -> bytes:
    file.write_bytes(file.read_bytes().replace(b"dug", word.encode()))
    return file.read_bytes()


@pytest.fixture
def done(tmp_path: Path) -> Path:
    run(wells(tmp_path / "in.jsonl", 4), tmp_path / "run", ScriptedTools(answer=dug))
    return tmp_path / "run"


@pytest.mark.parametrize("links", [True, False])
def test_an_edited_output_is_kept_under_another_name(
    done: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_names: object) -> None:
        raise OSError("not here")

    if not links:
        monkeypatch.setattr(edited.os, "link", no_links)
    source, written = done.parent / "in.jsonl", (done / rundir.OUTPUT).read_bytes()
    first = edit(done / rundir.OUTPUT, "sunk")
    heard = Listening()
    run(source, done, ScriptedTools(answer=dug), progress=heard)
    assert (done / rundir.OUTPUT).read_bytes() == written
    assert (done / "output.edited.jsonl").read_bytes() == first
    assert heard.warnings == [
        f"{done / rundir.OUTPUT} was changed since the run wrote it:"
        " what it held is kept as output.edited.jsonl"
    ]
    second = edit(done / rundir.OUTPUT, "bored")
    run(source, done, ScriptedTools(answer=dug), rewriting=OTHER, resume="force")
    assert (done / "output.edited.jsonl").read_bytes() == first
    assert (done / "output.edited-2.jsonl").read_bytes() == second
    (done / rundir.OUTPUT).write_bytes(first)
    run(source, done, ScriptedTools(answer=dug))
    assert not (done / "output.edited-3.jsonl").exists()


def test_an_edited_dataset_card_is_kept_too(done: Path) -> None:
    source, heard = done.parent / "in.jsonl", Listening()
    mine = (done / rundir.CARD).read_bytes().replace(b"license: unknown", b"license: mit")
    (done / rundir.CARD).write_bytes(mine)
    run(source, done, ScriptedTools(answer=dug), rewriting=OTHER, progress=heard)
    assert (done / "README.edited.md").read_bytes() == mine
    assert any("kept as README.edited.md" in told for told in heard.warnings)
    run(source, done, ScriptedTools(answer=dug))  # one that nobody touched is only replaced
    assert not (done / "README.edited-2.md").exists()


def test_nothing_is_kept_of_what_the_run_wrote_or_writes_again(done: Path) -> None:
    heard = Listening()
    run(done.parent / "in.jsonl", done, ScriptedTools(answer=dug), rewriting=OTHER, progress=heard)
    (done / rundir.STATS).unlink()
    run(done.parent / "in.jsonl", done, ScriptedTools(answer=dug), rewriting=OTHER, progress=heard)
    assert not list(done.glob("output.edited*"))


def test_an_edited_container_is_kept_where_it_is_replaced_and_where_it_goes(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for array, words in (("a.json", "sunk"), ("b.jsonl", "bored")):
        run(wells(tmp_path / "a.json", 3), folder, ScriptedTools(answer=dug))
        edit(folder / "output.json", words)
        run(wells(tmp_path / array, 3), folder, ScriptedTools(answer=dug))
    assert b"sunk" in (folder / "output.edited.json").read_bytes()
    assert b"bored" in (folder / "output.edited-2.json").read_bytes()
    assert not (folder / "output.json").exists()


def test_the_gates_judge_an_edited_output_by_its_own_name(tmp_path: Path) -> None:
    source, folder = tmp_path / "in.jsonl", tmp_path / "run"
    rows = [{"frage": f"Who dug well {n}?", "antwort": "Bo Reed  dug it in 1904."} for n in (1, 2)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    fields = ["--field", "instruction=frage", "--field", "output=antwort"]
    words = ["run", str(source), "-o", str(folder), "--mode", "tidy", "-n", "1", *fields]
    assert not CliRunner().invoke(realign, words).exception
    output = folder / rundir.OUTPUT
    output.write_bytes(output.read_bytes().replace(b"1904", b"1951"))
    said = CliRunner().invoke(realign, ["verify", str(folder)]).exception
    assert isinstance(said, DataError)
    assert f"`realign verify DATA {output}`" in said.hint
    assert "realign review" in said.hint
    done = CliRunner().invoke(realign, ["verify", str(source), str(output)])
    assert done.exit_code == 3, done.output
    assert "number_" in done.output
    (folder / rundir.SETTINGS).write_text("mine = 1", encoding="utf-8")
    done = CliRunner().invoke(realign, ["verify", str(output), str(output), *fields])
    assert done.exit_code == 0, done.output


def test_a_run_of_another_dataset_says_which(tmp_path: Path) -> None:
    def words(*names: str) -> list[str]:
        return ["verify", *(str(tmp_path / name) for name in names)]

    source = wells(tmp_path / "wells.jsonl", 3)
    made = ["run", str(source), "-o", str(tmp_path / "run"), "--mode", "tidy"]
    assert not CliRunner().invoke(realign, made).exception
    turns = [{"role": "user", "content": "Dig?"}, {"role": "assistant", "content": "Dig."}]
    (tmp_path / "talks.jsonl").write_text(json.dumps({"messages": turns}) + "\n")
    wells(tmp_path / "more.jsonl", 5)
    for name in ("talks.jsonl", "more.jsonl"):
        said = CliRunner().invoke(realign, words(name, "run")).exception
        assert isinstance(said, DataError)
        assert said.hint == f"This run was made from wells.jsonl, and {name} is another file."
    rows = source.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "turned.jsonl").write_text("".join(reversed(rows)), encoding="utf-8")
    done = CliRunner().invoke(realign, words("turned.jsonl", "run"))
    assert done.exit_code == 3
    told = "warning: this run was made from wells.jsonl, and turned.jsonl is another file"
    assert told in done.output
    source.write_text("".join(rows[:2]), encoding="utf-8")
    said = CliRunner().invoke(realign, words("wells.jsonl", "run")).exception
    assert isinstance(said, DataError)
    assert said.hint == "This run was made from wells.jsonl as it was before it was changed."
