"""What stands in the place of a file: pipes, devices, loops of links, and names that cannot be."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path

import pytest

from realign_local.base import cache, untrusted
from realign_local.base.errors import AssetError, DataError, PlaceError, UsageError
from realign_local.base.untrusted import check_database, read_text, read_whole
from realign_local.base.weights.catalog import add_model
from realign_local.cli.setup.classifier import command as classifier
from realign_local.commands.evaluate import read_answers
from realign_local.data.formats import open_dataset
from realign_local.data.reading import containers
from realign_local.engine.bench.server import check_is_there
from realign_local.evidence.encoders.complete import check_folder, loaded
from realign_local.evidence.recall import read_questions
from realign_local.evidence.wiki.wikitext import render
from realign_local.run.files.decisions import read_review
from realign_local.run.files.score_cache import ScoreCache
from tests.command import realign
from tests.unit.test_gguf import METADATA, write_gguf

ROW = {"instruction": "Which tree is tall?", "output": "The fir   is tall.It is green."}


def test_a_device_and_a_pipe_are_never_read_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted, "WRITER_WAIT_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/full")):
        with pytest.raises(OSError, match="not a file"):
            read_whole(path)
    with pytest.raises(IsADirectoryError):
        read_whole(tmp_path)
    with pytest.raises(TimeoutError, match="nobody writes"):
        read_whole(tmp_path / "pipe", pipes=True)
    with pytest.raises(OSError, match="not a file"):
        read_whole(Path("/dev/zero"), pipes=True)


def test_a_pipe_that_somebody_writes_to_is_read_where_a_user_named_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"one\r\ntwo\n",))
    writer.start()
    assert read_text(tmp_path / "pipe", pipes=True) == "one\ntwo\n"
    writer.join()


def test_a_file_without_bounds_is_not_taken_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted, "MOST_BYTES", 1 << 20)
    (tmp_path / "q.jsonl").touch()
    os.truncate(tmp_path / "q.jsonl", (1 << 20) + 1)
    with pytest.raises(OSError, match="larger than 1 MiB"):
        read_whole(tmp_path / "q.jsonl")
    with pytest.raises(DataError, match="cannot read questions"):
        read_questions(tmp_path / "q.jsonl")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_questions_answers_and_decisions_of_a_device_are_refused(
    tmp_path: Path, device: str
) -> None:
    (tmp_path / "review.jsonl").symlink_to(device)
    for read in (read_questions, read_answers):
        with pytest.raises(DataError, match="cannot read"):
            read(Path(device))
    with pytest.raises(DataError, match="is not a file"):
        read_review(tmp_path)


def test_a_run_whose_counts_are_a_device_is_told_at_once(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    assert realign("run", source, "-o", tmp_path / "r", "--mode", "tidy", "-q").returncode == 0
    (tmp_path / "r" / "stats.json").unlink()
    (tmp_path / "r" / "stats.json").symlink_to("/dev/zero")
    done = realign("export", tmp_path / "r", "--to", "kto", "-o", tmp_path / "x.jsonl")
    assert done.returncode == 5
    assert "stats.json is not a file" in done.stderr


@pytest.mark.parametrize("ending", untrusted.DATABASE_ENDINGS)
def test_a_cache_of_scores_does_not_wait_at_a_pipe(tmp_path: Path, ending: str) -> None:
    with ScoreCache(tmp_path):
        pass
    path = tmp_path / f"answer-scores.sqlite{ending}"
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises(PlaceError, match="not a file") as caught:
        ScoreCache(tmp_path)
    assert "Errno" not in str(caught.value)
    with pytest.raises(OSError, match="not a file"):
        check_database(tmp_path / "answer-scores.sqlite")


def test_a_fact_nested_without_end_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path))
    cache.remember("kind", ["a"], 5)
    assert cache.recall("kind", ["a"]) == 5
    (file,) = tmp_path.rglob("*.json")
    file.write_text(file.read_text().replace(": 5", ": [5]"))
    assert cache.recall("kind", ["a"]) is None
    file.write_text('{"key": ["a"], "value": 6}')  # as older versions wrote it
    assert cache.recall("kind", ["a"]) == 6
    file.write_text("[" * 100_000)
    assert cache.recall("kind", ["a"]) is None
    file.unlink()
    os.mkfifo(file)
    assert cache.recall("kind", ["a"]) is None


def test_an_encoder_is_made_of_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "gone").symlink_to("nowhere")
    check_folder(tmp_path, "encoder", hint="")
    os.mkfifo(tmp_path / "vocab.txt")
    with pytest.raises(AssetError, match=r"vocab\.txt: a pipe"):
        check_folder(tmp_path, "encoder", hint="")
    with pytest.raises(AssetError, match="no encoder at"):
        check_folder(tmp_path / "config.json", "encoder", hint="")


def test_lengths_that_are_none_are_a_fault_of_the_encoder(tmp_path: Path) -> None:
    def first(_folder: Path) -> bool:
        return [] > 5  # type: ignore[operator]

    with pytest.raises(AssetError, match="cannot load the model"):
        loaded(tmp_path, first)


def test_templates_nested_without_end_cost_their_piece_alone() -> None:
    page = "The hill is high.\n\n" + "{{" * 3000 + "x" + "}}" * 3000 + "\n\n== Top ==\nIt is bare."
    article = render(page)
    assert article.counts["pieces_not_parsed"] == 1
    assert "The hill is high." in article.sections[0][1]
    assert "It is bare." in article.sections[-1][1]


def test_a_row_of_brackets_alone_is_given_up_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "MAX_NESTING", 5000)
    path = tmp_path / "in.json"
    path.write_text(f"[{json.dumps(ROW)}, " + "[" * 50_000)
    with pytest.raises(DataError, match="5,000 brackets are open at once"):
        list(open_dataset(path).rows())


def test_a_link_to_itself_is_no_place_to_write(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for words in (("report", tmp_path, "-o"), ("bundle", "unpack", tmp_path / "b.tar")):
        done = realign(*words, tmp_path / "loop")
        assert done.returncode == 2
        assert "leads back to itself" in done.stderr


@pytest.mark.parametrize("name", ["model.bin", "m.GGUF", "a\nb.gguf", "\udcff.gguf"])
def test_a_model_under_a_name_that_no_catalog_can_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_gguf(tmp_path / name, METADATA)
    with pytest.raises(UsageError, match=r"end in \.gguf"):
        add_model(tmp_path / name)
    write_gguf(tmp_path / "good.gguf", METADATA)
    with pytest.raises(UsageError, match="not a plain name"):
        add_model(tmp_path / "good.gguf", name="../x")


def test_one_argument_too_many_and_an_empty_one(tmp_path: Path) -> None:
    done = realign("criteria", "list", "more")
    assert done.returncode == 2
    assert "one argument too many" in done.stderr
    assert "unexpected" not in done.stderr
    done = realign("estimate", tmp_path / "in.jsonl", "--encoder", "")
    assert (done.returncode, "--encoder is empty" in done.stderr) == (2, True)


def test_a_server_to_measure_against_is_looked_for_first() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        check_is_there(url)
    with pytest.raises(UsageError, match="no answer from"):
        check_is_there(url)


def test_what_a_training_says_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from realign_local.commands import train

    facts = {"rows": 40, "shipped_rows": 9, "held_out": 40, "held_out_accuracy": 0.875}
    monkeypatch.setattr(train, "train_classifier", lambda *_, **__: facts)
    monkeypatch.setattr("realign_local.run.tools.ClassifierTools", lambda _: None)
    labels = str(tmp_path / "labels.jsonl")
    done = CliRunner().invoke(classifier, ["train", labels, "-o", str(tmp_path / "c")])
    assert done.exit_code == 0, done.exception
    assert "87.5% right on 40 rows held out" in done.output
