"""What reaches a terminal: no sign of the data steers it, JSON stays JSON, any encoding will do."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from rich.table import Table
from rich.text import Text

from realign_local.cli.setup import index as index_command
from realign_local.cli.terminal.output import echo, echo_json, visible
from realign_local.cli.terminal.run_table import print_summary
from realign_local.cli.terminal.screen import Screen

NASTY = "a\x1b]0;t\x07b\x9bc\u202ed\ud800e"
SHOWN = "a\\x1b]0;t\\x07b\\x9bc\\u202ed\\ud800e"
LONG = "n" * 300


def realign(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "realign_local", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, timeout=120, env={**os.environ, **variables}
    )


def _refused(done: subprocess.CompletedProcess[bytes], *codes: int, named: str = "") -> None:
    told = done.stderr.decode("utf-8", "replace")
    assert done.returncode in codes, told
    assert "unexpected:" not in told
    assert "Traceback" not in told
    assert named in told
    assert "hint: " in told


def test_signs_that_steer_are_written_out() -> None:
    assert visible(NASTY) == SHOWN
    assert visible(visible(NASTY)) == SHOWN


@pytest.mark.parametrize("plain", ["", "two\n\tlines", "Größe 日本 שלום", "a\\x1b", "👩\u200d🔬"])
def test_other_text_stays(plain: str) -> None:
    assert visible(plain) == plain


def test_echo(capsys: pytest.CaptureFixture[str]) -> None:
    echo(NASTY)
    echo(Path("x\x1b[2J"), err=True)
    assert capsys.readouterr() == (f"{SHOWN}\n", "x\\x1b[2J\n")


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    echo_json({"text": NASTY + "ü\x7f"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": NASTY + "ü\x7f"}
    assert visible(out) == out


@pytest.mark.parametrize("terminal", [True, False])
def test_a_screen_shows_signs_and_brackets(terminal: bool) -> None:
    file = io.StringIO()
    screen = Screen(file=file, width=100, force_terminal=terminal, color_system=None)
    table = Table("[/x] head")
    table.add_row("cell\x1b[2J[/red]")
    screen.print(table, "line\x1b[31m[/b]", Text("styled\x9b", style="bold"))
    shown = file.getvalue()
    for part in ("[/x] head", "cell\\x1b[2J[/red]", "line\\x1b[31m[/b]", "styled\\x9b"):
        assert part in shown
    assert "\x1b[2J" not in shown
    assert "\x1b[31m" not in shown
    assert "\x9b" not in shown


def test_an_error_line_shows_the_signs_of_a_name(tmp_path: Path) -> None:
    done = realign("verify", tmp_path / "gone\x1b[2J.jsonl", tmp_path / "b.jsonl")
    _refused(done, 5, named="gone\\x1b[2J.jsonl")
    assert b"\x1b" not in done.stderr


def test_verify_shows_the_signs_of_an_id(tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    row = {"id": "r\x1b[5m", "instruction": "Count.", "output": "There are 12."}
    old.write_text(json.dumps(row), encoding="utf-8")
    new.write_text(json.dumps({**row, "output": "There are 13\x1b[1m."}), encoding="utf-8")
    done = realign("verify", old, new)
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\\x1b[5m" in done.stdout


def test_criteria_show_and_lint_of_a_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('task = "x\\u001b[2J"\n', encoding="utf-8")
    for command in (("show", "x", "--criteria", tmp_path), ("lint", tmp_path)):
        done = realign("criteria", *command)
        assert done.returncode in (2, 3)
        assert b"\x1b" not in done.stdout + done.stderr


def test_an_ascii_terminal(tmp_path: Path) -> None:
    source = tmp_path / "zählung.jsonl"
    source.write_text('{"instruction": "Wie?", "output": "Größer — so."}\n', encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    _refused(realign("verify", tmp_path / "ö", source, **ascii_only), 5, named="\\xf6")
    done = realign("verify", source, source, "--json", **ascii_only)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 1


@pytest.mark.parametrize(
    "command",
    [
        ("run", LONG, "-o", "out"),
        ("verify", "d.jsonl", LONG),
        ("index", "info", LONG),
        ("classify", LONG, "-o", "out"),
        ("report", LONG),
        ("criteria", "lint", LONG),
        ("bundle", "create", "-o", LONG),
        ("run", "d.jsonl", "-o", "out", "-m", LONG),
    ],
)
def test_a_name_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    row = {"instruction": "Say it.", "output": "It is said."}
    (tmp_path / "d.jsonl").write_text(json.dumps(row), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    root = Path(__file__).parents[2]
    _refused(realign(*command, PYTHONPATH=str(root)), 1, 2, 4, 5, named="nnn")


@pytest.mark.parametrize("value", ["7" * 5000, "[" * 5000])
def test_a_setting_that_python_cannot_read(tmp_path: Path, value: str) -> None:
    (tmp_path / "realign.toml").write_text(f"threads = {value}\n", encoding="utf-8")
    done = realign("doctor", "-c", tmp_path / "realign.toml")
    _refused(done, 2, named="realign.toml: not valid TOML")


@pytest.mark.parametrize(
    "command",
    [
        ("bench", "index", "--sizes", "²"),
        ("bench", "index", "--sizes", "8" * 5000),
        ("run", "d", "-o", "o", "--shard", f"1/{'2' * 5000}"),
    ],
)
def test_numbers_that_python_cannot_read(command: tuple[str, ...]) -> None:
    _refused(realign(*command), 2, named="must be")


def test_index_search_shows_the_signs_of_a_passage(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(
        passage_id="p\x1b[1m", title="T\x07", section="S\x9b", text="high\x1b[2J\nlow", score=0.5
    )
    index = SimpleNamespace(search=lambda _texts, _count: [[found]], close=lambda: None)
    monkeypatch.setattr(index_command, "_opened", lambda *_: index)
    plain = CliRunner().invoke(index_command.command, ["search", "folder", "how"])
    assert plain.output.startswith("1. T\\x07 > S\\x9b  [p\\x1b[1m, 0.500]\n   high\\x1b[2J\nlow\n")
    as_json = CliRunner().invoke(index_command.command, ["search", "folder", "how", "--json"])
    assert json.loads(as_json.output)["passages"][0]["text"] == found.text
    assert "\x9b" not in as_json.output


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1 2", "1 2"])
def test_a_standard_stream_that_is_closed_gets_nothing(tmp_path: Path, closed: str) -> None:
    (tmp_path / "d.jsonl").write_text('{"instruction": "Say it.", "output": "It is."}\n')
    shut = " ".join(f"{number}>&-" for number in closed.split())
    command = f'"{sys.executable}" -m realign_local run d.jsonl -o r --mode tidy --json {shut}'
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r" / "output.jsonl").read_bytes() == (tmp_path / "d.jsonl").read_bytes()
    assert b"unexpected" not in done.stderr


def test_the_table_of_a_run_says_what_kept_and_skipped_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {"rewritten": 1, "kept": 2, "skipped": 3}
    stats = {"status": counts, "tasks": {"planning": counts}, "rows": 6, "responses": 6}
    print_summary({**stats, "seconds": 1.0, "generated_twice": 0}, tmp_path)
    shown = capsys.readouterr().out
    assert "1 rewritten, 2 kept, 3 skipped" in shown
    assert "kept: a rewrite was made and turned down; skipped: none was made" in shown
