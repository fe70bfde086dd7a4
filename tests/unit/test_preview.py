"""The preview: rows of every task, words marked by where they come from, nothing written."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from realign_local.base.progress import Silent
from realign_local.base.records import Candidate
from realign_local.cli.rows import preview as preview_page
from realign_local.cli.rows.preview import command, print_rows
from realign_local.commands.estimate import estimate
from realign_local.commands.preview import preview
from realign_local.data.formats import open_dataset
from realign_local.engine.request import Request
from realign_local.gates import GATES
from realign_local.run.job import Job
from realign_local.stages.gate_check import RUN_ONLY
from realign_local.text.diff import DiffPart, after, before, labelled
from tests.scripted import FREE, GUIDED, ScriptedTools
from tests.unit.test_pipeline import Told

ROWS = [
    {"instruction": "Who built the mill of Aldal?", "output": "Ada Crane"},
    {"instruction": "Answer in one word: why?", "output": "Yeast."},
    {"instruction": "Where does the river Main rise?", "output": "in Franconia"},
]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return Job(open_dataset(path), Path(), GUIDED)


def good(request: Request) -> Sequence[str]:
    """The full sentence that each bare answer makes."""
    if "Ada Crane" in request.messages[-1].content:
        return ["Ada Crane built the mill of Aldal."]
    return ["The river Main rises in Franconia."]


def _printed(job: Job, *, width: int, colour: bool) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=colour, no_color=not colour, highlight=False,
        color_system="truecolor" if colour else None,
    )  # fmt: skip
    tools = ScriptedTools(answer=good)
    print_rows(console, *preview(job, tools, rows=8, progress=Silent()))
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
    assert "Ada Crane {+built the mill of Aldal.+}" in text
    assert "left alone: instruction_sets_format 1" in text


def test_a_row_that_is_only_tidied_is_shown_and_starts_no_model(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    row = {"instruction": "Tell me of rye.", "output": "Sure, here you go!\n\nRye is a grain."}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    tools = ScriptedTools("information_extraction")
    (shown,), _ = preview(Job(open_dataset(path), Path(), GUIDED), tools, rows=8, progress=Silent())
    assert shown.sample.rewritten == "Rye is a grain."
    assert shown.before[0].kind == "gone"
    assert tools.started == 0


@pytest.mark.parametrize(("margin", "status"), [(3.0, "rewritten"), (0.0, "kept")])
def test_the_judge_has_its_say_as_in_a_run(job: Job, margin: float, status: str) -> None:
    tools = ScriptedTools(
        answer=lambda request: [request.messages[-1].content.rpartition(":\n")[2].upper()],
        margin=lambda *_: margin, gates=dict.fromkeys((*GATES, *RUN_ONLY), False),
    )  # fmt: skip
    shown, _ = preview(replace(job, rewriting=FREE), tools, rows=8, progress=Silent())
    assert {row.sample.status.value for row in shown} == {status}
    assert len(tools.judged) == 4 * len(shown)


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
    stretches = (
        DiffPart("given", "So"),
        DiffPart("model", " tin is soft, "),
        DiffPart("same", "it slides"),
    )
    left, right = before("it really slides", stretches), after("it really slides", stretches)
    assert "".join(part.text for part in left) == "it really slides"
    assert "".join(part.text for part in right) == "So tin is soft, it slides"
    assert DiffPart("gone", "really ") in left
    assert {part.kind for part in right} == {"given", "model", "same"}


def test_a_template_that_cannot_be_used_is_told(job: Job) -> None:
    class Told(Silent):
        text = ""

        def warn(self, text: str) -> None:
            self.text = text

    tools = ScriptedTools(answer=good, template_fault="the template is broken")
    progress = Told()
    preview(job, tools, rows=3, progress=progress)
    assert progress.text == "the template is broken"


def test_rows_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path, told = tmp_path / "in.jsonl", Told()
    path.write_text(json.dumps(ROWS[0]) + "\nno row\n", encoding="utf-8")
    torn = Job(open_dataset(path), Path(), GUIDED)
    preview(torn, ScriptedTools(answer=good), rows=3, progress=told)
    estimate(torn, ScriptedTools(answer=good), progress=told)
    assert len(told.warnings) == 2
    assert all("could not be read and stays as it is: in.jsonl:2" in w for w in told.warnings)


def test_a_new_end_of_a_line_between_old_words_is_shown() -> None:
    old, new = "Paint it. Let it dry.", "Paint it.\n\nLet it dry."
    parts = after(old, (DiffPart("given", new),))
    assert parts == (
        DiffPart("same", "Paint it."),
        DiffPart("blank", "\n\n"),
        DiffPart("same", "Let it dry."),
    )
    for encoding, sign in (("utf-8", "↵\n↵\nLet"), ("ascii", "\\n\n\\n\nLet")):
        console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding), width=80)
        assert sign in preview_page._text(console, parts).plain


def test_a_free_rewrite_marks_only_what_is_new() -> None:
    parts = after("one three", labelled(Candidate("one two three", ("free",))))
    assert parts == (DiffPart("same", "one "), DiffPart("model", "two "), DiffPart("same", "three"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "none.jsonl")])
    assert result.exit_code != 0
