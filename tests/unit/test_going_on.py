"""A session that goes on says how much was done before it; a new run says nothing of the kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.progress import Silent
from realign_local.cli import realign
from tests.scripted import ScriptedTools, run
from tests.unit.test_run_files import dug, wells


class Hearing(Silent):
    """Remembers the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def notes(source: Path, folder: Path, resume: str = "auto", **script: int) -> list[str]:
    heard = Hearing()
    tools = ScriptedTools(answer=dug, **script)  # type: ignore[arg-type]
    run(source, folder, tools, progress=heard, resume=resume)
    return [note for note in heard.notes if "done before" in note]


def test_a_session_that_goes_on_says_what_was_done_before(tmp_path: Path) -> None:
    source, folder = wells(tmp_path / "in.jsonl", 6), tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        notes(source, folder, stop_after=2)
    assert notes(source, folder) == ["2 of 6 responses were done before"]
    assert notes(source, folder) == ["6 of 6 responses were done before"]
    assert notes(source, folder, resume="force") == []
    twice = tmp_path / "twice.jsonl"
    twice.write_bytes(source.read_bytes() * 50)
    assert notes(twice, tmp_path / "other") == []


def test_so_does_a_run_that_only_tidies(tmp_path: Path) -> None:
    rows = [{"instruction": f"Where is mill {n}?", "output": "It is  north."} for n in range(3)]
    source = tmp_path / "in.jsonl"

    def said(*more: object) -> str:
        texts = (json.dumps(row) + "\n" for row in (*rows, *more))
        source.write_text("".join(texts), encoding="utf-8")
        words = ["run", str(source), "-o", str(tmp_path / "run"), "--mode", "tidy"]
        return CliRunner().invoke(realign, words, catch_exceptions=False).output

    assert "done before" not in said()
    more = {"instruction": "Where is the kiln?", "output": "It is south."}, {"riddle": "x"}
    assert "3 of 4 responses were done before" in said(*more)
