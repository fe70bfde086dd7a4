"""Hostile input: lone surrogates, deep nesting, names no text can hold; it ends no command."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.assets import sha256_of, shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import AssetError, DataError
from realign_local.base.untrusted import as_utf8, fits_utf8, loads, told
from realign_local.classifier.labelled import read_labels
from realign_local.classifier.model import MANIFEST, WEIGHTS, Model, read_model, write_model
from realign_local.cli.options import readable
from realign_local.cli.rows.preview import command as preview
from realign_local.commands.llama_factory import INFO, register
from realign_local.engine.bench.baselines import bound_tokens, longest_tokens
from realign_local.engine.request import Given, Message, Request
from realign_local.evidence.building.dump import open_source
from realign_local.evidence.manifest import NAME, read_manifest
from realign_local.evidence.recall import read_questions
from realign_local.run.files.decisions import REVIEW, read_review
from realign_local.run.files.finished import open_finished, read_stats
from realign_local.run.files.rundir import CARD, STATS, to_toml
from tests.reported import make_run
from tests.scripted import ScriptedTools, run
from tests.vouched import vouch

DEEP = "[" * 100_000
ANY_TEXT = st.text(st.characters(categories=["L", "N", "P", "Cs", "Cc", "So"]))


def test_what_a_library_says_does_not_look_like_a_fault_of_the_program() -> None:
    assert told(ValueError("Unexpected end of stream")) == "unforeseen end of stream"
    assert told(OSError(2, "No such file")) == "No such file"


@pytest.mark.parametrize("at", [0, -60, -30, -4])
def test_weights_that_are_damaged_are_told_though_their_hash_fits(tmp_path: Path, at: int) -> None:
    model = Model(("a", "b"), np.ones((5, 3)), np.ones(3), "", 1.0, 0.5, ())
    write_model(tmp_path, model)
    data = bytearray((tmp_path / WEIGHTS).read_bytes())
    data[at] ^= 0x55
    (tmp_path / WEIGHTS).write_bytes(data)
    told_there = json.loads((tmp_path / MANIFEST).read_text())
    told_there["files"][WEIGHTS]["sha256"] = sha256_of(tmp_path / WEIGHTS)
    (tmp_path / MANIFEST).write_text(json.dumps(told_there))
    with pytest.raises(AssetError, match="not a readable classifier"):
        read_model(tmp_path)


@given(ANY_TEXT)
def test_a_text_is_changed_only_where_utf8_cannot_hold_it(text: str) -> None:
    clean = as_utf8(text)
    assert fits_utf8(clean)
    assert len(clean) == len(text)
    assert (clean == text) == fits_utf8(text)


@given(st.dictionaries(ANY_TEXT, ANY_TEXT))
def test_settings_of_any_text_are_toml(values: dict[str, str]) -> None:
    clean = {as_utf8(key): as_utf8(value) for key, value in values.items()}
    assert tomllib.loads(as_utf8(to_toml({"t": clean}))).get("t", {}) == clean
    assert fits_utf8(to_toml({"t": values}))


def test_deep_nesting_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        loads(DEEP)


def test_deep_nesting_is_told_like_other_damage(tmp_path: Path) -> None:
    file = tmp_path / "deep.jsonl"
    file.write_text(DEEP)
    criteria = read_criteria(shared_path("criteria"))
    with pytest.raises(DataError, match="not whole JSON: nested too deeply"):
        read_labels(file, criteria)
    with pytest.raises(DataError, match="1: not a question"):
        read_questions(file)
    for name in (NAME, INFO, STATS, REVIEW):
        (tmp_path / name).write_text(DEEP)
    with pytest.raises(AssetError, match="not a readable manifest"):
        read_manifest(tmp_path)
    with pytest.raises(DataError, match="cannot read"):
        register(file, "alpaca", frozenset())
    assert read_stats(tmp_path) == {}
    assert read_review(tmp_path).decisions == {}


def test_a_deep_line_of_labels_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    row = json.dumps({"instruction": "Why?", "category": "open_qa"})
    file.write_text(f'{row}\n{{"a":{DEEP}\n')
    found = read_labels(file, read_criteria(shared_path("criteria")))
    assert len(found.rows) == len(found.broken) == 1


def test_a_deep_line_of_a_source_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(f"{json.dumps({'title': 'a', 'text': 'b'})}\n{DEEP}\n")
    source = open_source(file)
    assert [document.title for document in source] == ["a"]
    assert source.counts["malformed_rows"] == 1
    assert "nested too deeply" in source.damage


def test_a_deep_line_of_provenance_is_named(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "provenance.jsonl").write_text(DEEP)
    vouch(folder)
    with pytest.raises(DataError, match="jsonl:1: not a line of provenance"):
        list(open_finished(folder).rows())


def test_a_run_outlives_half_a_character(tmp_path: Path) -> None:
    """In a row, and in the name of the file, as far as the file system takes such names."""
    source = tmp_path / os.fsdecode(b"em\xf0\x9f\x98\x80ji \xff.jsonl")
    try:
        source.write_text('{"instruction": "Say \\ud800 hello?", "output": "A word. It is."}\n')
    except OSError as error:
        pytest.skip(f"the file system refuses the name: {error}")
    stats = run(source, tmp_path / "run", ScriptedTools(), settings={"model": str(source)})
    assert stats["rows"] == 1
    settings = tomllib.loads((tmp_path / "run" / "run.toml").read_text(encoding="utf-8"))
    assert settings["input"]["path"].endswith("em\N{GRINNING FACE}ji ?.jsonl")
    assert "em\N{GRINNING FACE}ji ?" in (tmp_path / "run" / CARD).read_text(encoding="utf-8")
    assert "\\ud800" in (tmp_path / "run" / "output.jsonl").read_text(encoding="utf-8")


def test_a_run_leaves_a_file_of_the_user_alone(tmp_path: Path) -> None:
    source, folder = tmp_path / "in.jsonl", tmp_path / "run"
    source.write_text('{"instruction": "Why?", "output": "So it is."}\n')
    run(source, folder, ScriptedTools())
    for name in ("output.keep.jsonl", "output.csv"):
        (folder / name).write_text("mine")
    run(source, folder, ScriptedTools())
    for name in ("output.keep.jsonl", "output.csv"):  # no session wrote it
        assert (folder / name).read_text() == "mine"


def test_a_benchmark_counts_half_a_character() -> None:
    request = Request("k", (Message("user", "\ud800" * 9),), (Given("\ud800" * 8),))
    assert bound_tokens(request) == 2
    assert longest_tokens([request]) == 5


def test_standard_input_is_a_file_to_read_twice(tmp_path: Path) -> None:
    with readable(tmp_path) as path:
        assert path == tmp_path
    found = CliRunner().invoke(preview, ["-", "--format", "alpaca"], input='{"a": 1}\n')
    assert isinstance(found.exception, DataError)
    assert "no file" not in str(found.exception)
