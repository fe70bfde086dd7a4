"""What a command writes at a path of the user's: its own file anew, nobody else's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from realign_local.base.atomic import write_lines
from realign_local.base.errors import DataError, UsageError
from realign_local.cli.own_output import replacing_own
from realign_local.commands.llama_factory import TARGETS, register
from tests.command import realign
from tests.reported import make_run

HELD = "is there already, and is not known as written by this program"


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run in `run` and its input beside it, with a cache of their own."""
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path / "cache"))
    make_run(tmp_path / "run", rows=6)
    data = tmp_path / "data.jsonl"
    data.write_text('{"instruction": "Name a tool.", "output": "A saw."}\n' * 4)
    return tmp_path


COMMANDS = [
    ("export", "run", "--to", "alpaca"),
    ("report", "run"),
    ("select", "data.jsonl", "--budget", "2", "--by", "longest", "--no-measure"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_own_files_are_written_anew_and_others_kept(rows: Path, command: tuple[str, ...]) -> None:
    words = [str(rows / w) if (rows / w).exists() else w for w in command]
    output = rows / "made.jsonl"
    for _ in range(2):
        again = realign(*words, "-o", output)
        assert again.returncode == 0, again.stderr
    made = output.read_bytes()
    output.write_bytes(made + b"a note of my own\n")
    refused = realign(*words, "-o", output)
    assert refused.returncode == 2
    assert HELD in refused.stderr
    assert str(output) in refused.stderr
    assert output.read_bytes() == made + b"a note of my own\n"
    output.write_bytes(b"")  # what mktemp leaves is nobody's
    assert realign(*words, "-o", output).returncode == 0
    assert output.read_bytes() == made


@pytest.mark.parametrize("command", ["classify", "retrieve", "score", "bundle create"])
def test_every_command_looks_before_it_works(rows: Path, command: str) -> None:
    letter, data = rows / "letter.jsonl", rows / "data.jsonl"
    letter.write_text("Dear Ada")
    source = [] if command == "bundle create" else [data]
    more = ["--index", rows / "none"] if command == "retrieve" else []
    refused = realign(*command.split(), *source, *more, "-o", letter)
    assert refused.returncode == 2
    assert HELD in refused.stderr
    assert letter.read_text() == "Dear Ada"


def test_what_goes_beside_the_file_is_looked_at_too(rows: Path) -> None:
    beside = rows / "pairs_llama_factory.jsonl"
    beside.write_text("mine")
    refused = realign("export", rows / "run", "--to", "dpo", "-o", rows / "pairs.jsonl")
    assert refused.returncode == 2
    assert beside.name in refused.stderr
    assert not (rows / "pairs.jsonl").exists()


def test_a_failed_command_may_be_given_again(rows: Path) -> None:
    output = rows / "made.jsonl"
    assert realign("export", rows / "run", "--to", "alpaca", "-o", output).returncode == 0
    (rows / "dataset_info.json").write_text("no JSON")
    made = output.read_bytes()
    for _ in range(2):
        failed = realign("export", rows / "run", "--to", "alpaca", "-o", output)
        assert "dataset_info.json" in failed.stderr
        assert HELD not in failed.stderr
    later = rows / "later.jsonl"
    assert realign("export", rows / "run", "--to", "messages", "-o", later).returncode == 5
    assert not later.exists()  # nothing is written before the entry can be
    assert output.read_bytes() == made


def test_an_entry_for_another_file_of_that_name_stays(tmp_path: Path) -> None:
    info = tmp_path / "dataset_info.json"
    other = {"file_name": "train.json", "columns": {"prompt": "ask"}}
    info.write_text(json.dumps({"train": other}))
    register(tmp_path / "train.jsonl", "alpaca", frozenset())
    register(tmp_path / "train.jsonl", "alpaca", frozenset())
    found = json.loads(info.read_text())
    assert found["train"] == other
    assert found["train.jsonl"]["file_name"] == "train.jsonl"
    assert len(found) == 2


def write(path: Path, text: str) -> None:
    with replacing_own(path):
        write_lines(path, [text])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "made.jsonl"


@pytest.mark.parametrize("fails", [True, False])
def test_what_others_wrote_during_a_command_is_not_its_own(made: Path, fails: bool) -> None:
    with suppress(DataError), replacing_own(made):
        if fails:
            made.write_text("Dear Ada")
            raise DataError("no rows")
        write_lines(made, ["ours"])
        made.write_text("Dear Ada")  # after it was replaced
    with pytest.raises(UsageError, match=HELD):
        write(made, "ours again")
    assert made.read_text() == "Dear Ada"


@pytest.mark.parametrize("there", [None, "ours"])
def test_a_file_that_comes_or_changes_meanwhile_stays(made: Path, there: str | None) -> None:
    if there:
        write(made, there)

    def lines() -> Iterator[str]:
        yield "the result"
        made.write_text("Dear Ada")

    with pytest.raises(UsageError, match=HELD) as refused, replacing_own(made):
        write_lines(made, lines())
    assert made.read_text() == "Dear Ada"
    [kept] = made.parent.glob("made.jsonl.*.new")
    assert kept.read_text() == "the result\n"
    assert str(kept) in str(refused.value.hint)


def test_an_edit_of_the_same_size_and_time_is_seen(made: Path) -> None:
    write(made, "seven men")
    was = made.stat()
    made.write_text("seven mex\n")
    os.utime(made, ns=(was.st_atime_ns, was.st_mtime_ns))
    with pytest.raises(UsageError, match=HELD):
        write(made, "eight men")
    made.write_text("seven men\n")  # put back: nobody's work
    write(made, "eight men")


def test_a_cache_that_cannot_be_written_is_named(made: Path) -> None:
    (made.parent / "cache").write_text("no folder")
    write(made, "ours")
    with pytest.raises(UsageError, match=HELD) as refused:
        write(made, "ours")
    assert "REALIGN_CACHE" in str(refused.value.hint)
    assert str(made.parent / "cache") in str(refused.value.hint)


@pytest.mark.parametrize(
    "entry",
    [
        {"file_name": "train.jsonl", "columns": {"prompt": "ask"}},
        {"file_name": "train.jsonl", "columns": {"prompt": "instruction"}, "num_samples": 9},
        {"file_name": "train.jsonl", "formatting": "sharegpt"},
        "train.jsonl",
        None,
    ],
)
def test_an_entry_of_somebody_is_not_replaced(rows: Path, entry: object) -> None:
    info = rows / "dataset_info.json"
    info.write_text(json.dumps({"train": entry}))
    before = info.read_text()
    refused = realign("export", rows / "run", "--to", "alpaca", "-o", rows / "train.jsonl")
    assert refused.returncode == 2
    assert f"{info} has an entry 'train' that this program did not write" in refused.stderr
    assert info.read_text() == before
    assert not (rows / "train.jsonl").exists()


@pytest.mark.parametrize("columns", [frozenset[str](), frozenset({"history", "system"})])
def test_own_entries_of_every_target_are_written_anew(
    tmp_path: Path, columns: frozenset[str]
) -> None:
    for first in TARGETS:
        for second in TARGETS:
            register(tmp_path / "train.jsonl", first, columns)
            register(tmp_path / "train.jsonl", second, frozenset())
    found = json.loads((tmp_path / "dataset_info.json").read_text())
    assert found["train"]["columns"]["kto_tag"] == "label"
