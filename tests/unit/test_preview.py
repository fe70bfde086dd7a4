"""The preview: rows of every task, words marked by where they come from, nothing written."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from realign_local.cli.preview import command, print_rows
from realign_local.data.formats import open_dataset
from realign_local.data.records import Candidate
from realign_local.job import Job
from realign_local.layouts.diff import Part, after, before
from realign_local.previewing import preview
from realign_local.progress import Silent
from tests.scripted import GUIDED, ScriptedTools

ROWS = [
    {"instruction": "Why does bread rise?", "output": "Yeast gives off gas."},
    {"instruction": "Answer in one word: why?", "output": "Yeast."},
    {"instruction": "Why is tin soft?", "output": "Its atoms slide over each other."},
]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return Job(open_dataset(path), Path(), GUIDED)


def _printed(job: Job, *, width: int, colour: bool) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=colour, no_color=not colour, highlight=False,
        color_system="truecolor" if colour else None,
    )  # fmt: skip
    print_rows(console, *preview(job, ScriptedTools(), rows=8, progress=Silent()))
    return file.getvalue()


def test_rows_are_shown_and_those_left_alone_counted(job: Job, tmp_path: Path) -> None:
    shown, looked = preview(job, ScriptedTools(), rows=8, progress=Silent())
    assert [row.sample.index for row in shown] == [0, 2]
    assert looked.responses == 3
    assert looked.left_alone == {"instruction_sets_format": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("width", [40, 120])
def test_without_colour_marks_say_whose_words_they_are(job: Job, width: int) -> None:
    text = " ".join(_printed(job, width=width, colour=False).split())
    assert "\x1b" not in text
    assert "{+" in text
    assert "Yeast gives off gas." in text
    assert "left alone: instruction_sets_format 1" in text


def test_rows_are_numbered_as_in_provenance(job: Job) -> None:
    lines = _printed(job, width=120, colour=False).split("\n")
    assert [line.split("  ")[0] for line in lines if line.startswith("row ")] == ["row 0", "row 2"]


def test_a_narrow_screen_puts_one_text_below_the_other(job: Job) -> None:
    lines = _printed(job, width=60, colour=False).split("\n")
    assert "before" in [line.strip() for line in lines]
    assert max(map(len, lines)) <= 60
    wide = _printed(job, width=120, colour=False).split("\n")
    assert any("before" in line and "after" in line for line in wide)


def test_colours_need_no_marks(job: Job) -> None:
    text = _printed(job, width=120, colour=True)
    assert "\x1b[" in text
    assert "{+" not in text


def test_both_texts_are_whole_in_the_diff() -> None:
    stretches = (Part("given", "So"), Part("model", " tin is soft, "), Part("same", "it slides"))
    left, right = before("it really slides", stretches), after("it really slides", stretches)
    assert "".join(part.text for part in left) == "it really slides"
    assert "".join(part.text for part in right) == "So tin is soft, it slides"
    assert Part("gone", "really ") in left
    assert {part.kind for part in right} == {"given", "model", "same"}


def test_a_free_rewrite_marks_only_what_is_new() -> None:
    candidate = Candidate("one two three", "stop", 0, 0, 0, (("model", "one two three"),))
    parts = after("one three", [Part("model", text) for _, text in candidate.sections])
    assert parts == (Part("same", "one "), Part("model", "two "), Part("same", "three"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "none.jsonl")])
    assert result.exit_code != 0
