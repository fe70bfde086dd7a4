"""What a user sees when something is wrong: one line, a hint, the right exit code, no traceback."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from realign_local.base.assets import find_model
from realign_local.base.errors import UsageError
from realign_local.cli.options import check_output
from tests.command import realign

pytestmark = pytest.mark.usefixtures("demo_assets")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"instruction": "a", "output": "b"}) + "\n", encoding="utf-8")
    return path


def _check(done: CompletedProcess[str], code: int, *named: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    error = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(error) == 1, done.stderr
    for name in named:
        assert name in error[0]
    assert "hint: " in done.stderr


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        ("", 5, "no rows"),
        ("plain words\n", 5, "in.jsonl"),
        ('{"colour": "red"}\n', 5, "colour"),
        ("\x1f\x8b broken gzip", 5, "in.jsonl"),
    ],
)
def test_unreadable_datasets(tmp_path: Path, content: str, code: int, named: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(content.encode("latin-1"))
    _check(realign("run", source, "-o", tmp_path / "run"), code, named)
    assert not (tmp_path / "run" / "output.jsonl").exists()


def test_a_dataset_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    _check(realign("run", tmp_path / "none.jsonl", "-o", tmp_path / "run"), 5, "none.jsonl")
    _check(realign("run", tmp_path, "-o", tmp_path / "run"), 5, tmp_path.name)


def test_a_model_that_is_not_there_or_is_damaged(source: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.gguf"
    _check(realign("run", source, "-o", tmp_path / "run", "-m", missing), 4, "none.gguf")
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(find_model(None).read_bytes()[:100_000])
    _check(realign("run", source, "-o", tmp_path / "run", "-m", torn), 4, "torn.gguf")
    other = tmp_path / "other.gguf"
    other.write_text("not a model", encoding="utf-8")
    _check(realign("run", source, "-o", tmp_path / "run", "-m", other), 4, "other.gguf")
    assert not (tmp_path / "run").exists()


def test_an_index_that_is_not_there(source: Path, tmp_path: Path) -> None:
    done = realign("run", source, "-o", tmp_path / "run", "--index", tmp_path / "none")
    _check(done, 4, "none")


def test_a_search_in_no_index_loads_nothing(tmp_path: Path) -> None:
    done = realign("index", "search", tmp_path / "none", "why")
    assert done.returncode == 4
    assert "no index at" in done.stderr
    assert "loading" not in done.stderr


def test_settings_and_options_that_are_wrong(source: Path, tmp_path: Path) -> None:
    config = tmp_path / "realign.toml"
    config.write_text("colour = 1\n", encoding="utf-8")
    _check(realign("run", source, "-o", tmp_path / "run", "-c", config), 2, "colour")
    _check(realign("run", source, "-o", source), 2, "in.jsonl")
    assert realign("run", source, "-o", tmp_path / "run", "--shard", "3/2").returncode == 2
    wrong = realign("runn", source)
    assert wrong.returncode == 2
    assert "Did you mean 'run'?" in wrong.stderr


def test_an_output_that_is_the_input_or_no_jsonl_is_refused(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    link = tmp_path / "link.jsonl"
    link.symlink_to(source)
    _check(realign("classify", source, "-o", source), 2, "is the input itself")
    _check(realign("retrieve", source, "-o", link, "--index", tmp_path), 2, "is the input itself")
    for output in (link, source.parent / "." / ".." / source.parent.name / source.name):
        with pytest.raises(UsageError, match="is the input itself"):
            check_output(output, source=source)
    with pytest.raises(UsageError, match="JSON lines"):
        check_output(tmp_path / "out.CSV", source=source)
    check_output(tmp_path / "out.jsonl", source=source)
    assert source.read_bytes() == before


def test_rows_that_classify_cannot_read_are_told_in_one_line(source: Path, tmp_path: Path) -> None:
    with source.open("a", encoding="utf-8") as file:
        file.write('{"instruction": "torn\n')
    done = realign("classify", source, "-o", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert "1 row could not be read" in warning
    assert "in.jsonl:2" in warning


def test_every_command_has_help_and_an_example() -> None:
    from realign_local.cli import COMMANDS

    for name in COMMANDS:
        done = realign(name, "--help")
        assert done.returncode == 0, done.stderr
        assert "Example: realign" in " ".join(done.stdout.split())


def test_version() -> None:
    assert "0.1.0" in realign("--version").stdout


@pytest.mark.parametrize(
    "words", ["classify", "select --budget 5%", "run", "report", "index build", "merge"]
)
def test_a_dash_is_no_file_to_write(words: str, tmp_path: Path) -> None:
    _check(realign(*words.split(), tmp_path, "-o", "-"), 2, "- is no file to write")


def test_a_cache_inside_a_run_and_a_slip_in_an_address(source: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert realign("run", source, "-o", run, "--mode", "tidy").returncode == 0
    done = realign("score", source, "-o", tmp_path / "s.jsonl", "--cache", run)
    _check(done, 2, "lies in the folder of the run")
    _check(realign("doctor", "--server", "http://127.0.0.1:x"), 2, "not the address of a server")
