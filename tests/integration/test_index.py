"""The evidence index end to end, with the real encoder: build, resume, refuse, search, command."""

from __future__ import annotations

import bz2
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from realign_local.base.assets import find_encoder
from realign_local.base.errors import AssetError, DataError, RealignError, UsageError
from realign_local.cli.setup.index import command
from realign_local.evidence import dense, manifest, store
from realign_local.evidence.building import reader
from realign_local.evidence.building.built import BuildLedger
from realign_local.evidence.building.parts import Context
from realign_local.evidence.building.pipeline import BuildPlan, build_index
from realign_local.evidence.recall import evaluate, read_questions
from realign_local.evidence.search import open_index

try:
    ENCODER = find_encoder(None)
except AssetError:
    pytest.skip("the demo encoder is not installed", allow_module_level=True)

FACTS = [
    ("tower", "Quillon Tower", "The Quillon Tower is 312 metres high and was finished in 1931."),
    ("river", "Osk River", "The Osk flows from the Hale mountains to the Bay of Sorn."),
    ("bird", "Marsh tarrock", "The marsh tarrock is a small wading bird that feeds on snails."),
    ("war", "War of the Two Ferries", "It lasted from 1702 to 1709, until the peace of Lund."),
    ("cake", "Sorn cake", "Sorn cake is a layered pastry of almonds, honey and sour cream."),
    ("engine", "Dray engine", "The Dray engine burns peat and drives a single piston."),
]
PAGE = (
    "<page><title>T{0}</title><ns>0</ns><id>{0}</id>"
    "<revision><text>A text about the number {0}.</text></revision></page>"
)
QUESTIONS = [
    ("How tall is the Quillon Tower?", "tower"),
    ("Where does the Osk end?", "river"),
    ("What does the tarrock eat?", "bird"),
    ("When did the War of the Two Ferries end?", "war"),
    ("Which dessert is made with almonds and sour cream?", "cake"),
    ("What fuel does the Dray engine need?", "engine"),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources") / "facts.jsonl"
    rows = [{"id": name, "title": title, "text": text} for name, title, text in FACTS]
    path.write_text("\n".join(map(json.dumps, [*rows, rows[0]])), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "index"
    build_index(BuildPlan((sources,), folder, ENCODER))
    return folder


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "index")
    return tmp_path / "index"


def test_the_folder_is_what_the_manifest_says(built: Path) -> None:
    made = manifest.read_manifest(built)
    assert (made.passages, made.counts["duplicates"], made.factory) == (6, 1, "Flat")
    files = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    assert files == {*made.files, "manifest.json", ".lock"}


def test_questions_find_their_passages(built: Path) -> None:
    index = open_index(built)
    found = index.search([question for question, _ in QUESTIONS], 2)
    index.close()
    assert [passages[0].passage_id for passages in found] == [name for _, name in QUESTIONS]
    assert all(len(p) == 2 and p[0].score >= p[1].score for p in found)


def test_evidence_is_what_search_finds_without_what_is_far_off(built: Path) -> None:
    index = open_index(built)
    asked = [question for question, _ in QUESTIONS]
    found, kept = index.search(asked, 3), index.evidence(asked, 3)
    far = index.evidence(["Write a birthday poem for my dog.", "What is 12 times 7?", ""], 3)
    index.close()
    assert [passages[0].passage_id for passages in kept] == [name for _, name in QUESTIONS]
    assert all(set(few) <= set(many) for few, many in zip(kept, found, strict=True))
    assert sum(map(len, kept)) < sum(map(len, found))
    assert far == [(), (), ()]


def cross_encoder(folder: Path, *, labels: int = 1, words: int = 0, types: int = 2) -> Path:
    """One with random weights and the encoder's tokenizer: it shows the way, not the quality."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(3)
    tokenizer = AutoTokenizer.from_pretrained(str(ENCODER), local_files_only=True)
    config = BertConfig(
        vocab_size=words or len(tokenizer),
        type_vocab_size=types,
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def test_a_cross_encoder_has_the_last_word(built: Path, tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "reader", labels=1)
    index = open_index(built, reranker=folder)
    asked = QUESTIONS[0][0]
    (found,) = index.search([asked], 6)
    rows = {row.name: row.encoded_text for row in index.store.scan()}
    assert index.reranker is not None
    expected = index.reranker.scores(asked, [rows[p.passage_id] for p in found])
    assert [p.score for p in found] == pytest.approx(sorted(expected, reverse=True), abs=1e-5)
    assert {p.passage_id for p in found} == set(rows)
    assert index.evidence(["Write a birthday poem for my dog."], 3) == [()]
    index.close()
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps({"question": asked, "passage_id": "tower"}))
    arguments = ["eval", str(built), str(path), "--reranker", str(folder), "--json"]
    measured = json.loads(CliRunner().invoke(command, arguments).stdout)
    assert measured["mrr"] == measured["ablation"]["all+cross-encoder"]["mrr"]
    assert measured["ablation"]["fused+entity+rerank"]["hit@1"] == 1.0


def test_a_folder_that_is_no_cross_encoder_is_refused(built: Path, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="no re-ranker at"):
        open_index(built, reranker=tmp_path / "missing")
    with pytest.raises(AssetError, match="one score a pair, was: 2"):
        open_index(built, reranker=cross_encoder(tmp_path / "two", labels=2))
    with pytest.raises(AssetError, match="no vector for a token"):
        open_index(built, reranker=cross_encoder(tmp_path / "types", types=1))
    wordless = cross_encoder(tmp_path / "wordless")
    (wordless / "tokenizer.json").unlink()
    with pytest.raises(AssetError, match="its tokenizer knows no words"):
        open_index(built, reranker=wordless)


def test_a_word_that_a_cross_encoder_has_no_vector_for_is_told(built: Path, tmp_path: Path) -> None:
    few = cross_encoder(tmp_path / "few", words=3000)
    said = CliRunner().invoke(
        command, ["search", str(built), "Quillon Tower", "--reranker", str(few)]
    )
    assert isinstance(said.exception, AssetError)
    assert "no vector for a token" in str(said.exception)


def test_a_cross_encoder_whose_weights_are_no_numbers_is_told(built: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = cross_encoder(tmp_path / "nan")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"] *= np.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(AssetError, match="give no numbers"):
        open_index(built, reranker=folder)


def test_one_by_one_is_as_batched(built: Path) -> None:
    index = open_index(built)
    batched = index.search([question for question, _ in QUESTIONS], 3)
    single = [index.search([question], 3)[0] for question, _ in QUESTIONS]
    index.close()
    ids = [[p.passage_id for p in passages] for passages in batched]
    assert ids == [[p.passage_id for p in passages] for passages in single]


@pytest.mark.parametrize("query", ["", "???", 'title:"a" AND (', "Πού είναι;", "x" * 5000])
def test_odd_queries_find_something_or_nothing_but_never_fail(built: Path, query: str) -> None:
    index = open_index(built)
    assert len(index.search([query], 2)) == 1
    index.close()


def test_evaluation_counts_ranks(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    rows = [{"question": q, "passage_id": name} for q, name in QUESTIONS]
    rows += [{"question": "How high is the tower?", "answers": ["312 metres"]}]
    rows += [{"question": "Which river flows to Sorn?", "title": "Osk_River"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    index = open_index(built)
    found = evaluate(index, read_questions(path))
    index.close()
    assert (found["questions"], found["hit@1"], found["mrr"]) == (8, 1.0, 1.0)
    assert {"dense", "lexical", "fused"} <= set(found["ablation"])


def test_a_question_without_a_right_passage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "a?", "title": "b"}\n{"question": "c?"}\n')
    with pytest.raises(DataError, match=r"q\.jsonl:2"):
        read_questions(path)


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def newer(folder: Path) -> None:
    found = json.loads((folder / manifest.NAME).read_text())
    (folder / manifest.NAME).write_text(json.dumps({**found, "version": 99}))


def outside(folder: Path) -> None:
    found = json.loads((folder / manifest.NAME).read_text())
    found["files"]["../x"] = {"bytes": 0, "sha256": ""}
    del found[manifest.SELF]  # as somebody would who knows of it
    (folder / manifest.NAME).write_text(json.dumps(found))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda d: flip_a_byte(d / dense.NAME), "index.faiss is not the file"),
        (lambda d: flip_a_byte(d / store.NAME), "passages.sqlite is not the file"),
        (lambda d: flip_a_byte(d / dense.part_name(0)), "part-00000.npy is not the file"),
        (lambda d: (d / dense.NAME).unlink(), "index.faiss is missing"),
        (lambda d: (d / store.NAME).write_bytes(b"x"), "1 bytes, must have"),
        (lambda d: (d / manifest.NAME).unlink(), "no finished index"),
        (lambda d: (d / manifest.NAME).write_text("{"), "not a readable manifest"),
        (newer, "newer program"),
        (outside, "outside the index"),
        (shutil.rmtree, "no index at"),
    ],
)
def test_harm_is_seen_before_native_code_reads(
    copy: Path, harm: Callable[[Path], object], said: str
) -> None:
    harm(copy)
    with pytest.raises(AssetError, match=said):
        open_index(copy)
    assert CliRunner().invoke(command, ["verify", str(copy)]).exit_code != 0


def test_info_refuses_an_index_with_a_file_cut_short(copy: Path) -> None:
    (copy / dense.part_name(0)).write_bytes(b"x")
    result = CliRunner().invoke(command, ["info", str(copy)])
    assert isinstance(result.exception, AssetError)


def test_another_encoder_is_refused(built: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ENCODER, other)
    settings = other / "sentence_bert_config.json"
    settings.write_text(settings.read_text().replace("256", "128"))
    with pytest.raises(AssetError, match="was built with encoder"):
        open_index(built, encoder=other)


def test_building_again_changes_nothing_and_other_sources_are_refused(
    built: Path, sources: Path, tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()}
    build_index(BuildPlan((sources,), built, ENCODER))
    after = {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()}
    assert after == before
    other = tmp_path / "other.jsonl"
    other.write_text('{"title": "a", "text": "b"}\n')
    with pytest.raises(UsageError, match="already holds an index"):
        build_index(BuildPlan((other,), built, ENCODER))


def test_a_missing_source_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no source at"):
        build_index(BuildPlan((tmp_path / "missing.xml",), tmp_path / "index", ENCODER))
    assert not (tmp_path / "index").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes for a name")
def test_a_name_that_is_not_utf8_is_refused_in_one_line(
    sources: Path, built: Path, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"ind\xff")
    with pytest.raises(UsageError, match=r"ind\?: an index cannot lie"):
        build_index(BuildPlan((sources,), folder, ENCODER))
    assert not folder.exists()
    shutil.copytree(built, folder)
    with pytest.raises(UsageError, match=r"ind\?: an index cannot lie"):
        open_index(folder)


def test_nothing_to_index_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "empty.xml"
    path.write_text("<mediawiki></mediawiki>")
    with pytest.raises(DataError, match="no article text"):
        build_index(BuildPlan((path,), tmp_path / "index", ENCODER))
    assert not (tmp_path / "index").exists()


def test_a_source_of_which_no_row_can_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes('{"title": "Île", "text": "Une île."}\n'.encode("latin-1"))
    with pytest.raises(DataError, match=r"no article text found in it: line 1 .*not valid UTF-8"):
        build_index(BuildPlan((path,), tmp_path / "index", ENCODER))


def test_what_was_read_is_not_shown_as_left_out(built: Path) -> None:
    shown = CliRunner().invoke(command, ["info", str(built)]).output
    head, _, left_out = shown.partition("left out:")
    assert "pages read" in head
    assert "duplicates" in left_out
    assert "articles" not in left_out


def test_a_torn_dump_is_indexed_up_to_the_tear_with_exit_code_3(tmp_path: Path) -> None:
    path = tmp_path / "torn.xml"
    path.write_text("<mediawiki>" + PAGE.format(1) + PAGE.format(2) + PAGE.format(3)[:60])
    runner = CliRunner()
    result = runner.invoke(command, ["build", str(path), "-o", str(tmp_path / "i"), "--json"])
    assert isinstance(result.exception, RealignError)
    assert result.exception.exit_code == 3
    assert "ends too early" in str(result.exception)
    assert json.loads(result.stdout)["pages"] == 2


def test_any_number_of_processes_makes_the_same_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LEAST_BYTES_FOR_PROCESSES", 0)
    monkeypatch.setattr(reader, "DOCUMENTS_PER_UNIT", 8)
    parts = ["<mediawiki>", *("".join(map(PAGE.format, range(n, n + 9))) for n in range(0, 90, 9))]
    path = tmp_path / "pages-articles-multistream.xml.bz2"
    path.write_bytes(b"".join(bz2.compress(part.encode()) for part in [*parts, "</mediawiki>"]))
    made = []
    for jobs in (1, 3):
        work = tmp_path / str(jobs)
        ledger = BuildLedger(work)
        (work / "units").mkdir()
        context = Context(ENCODER, 256)
        options = {"limit_pages": 85, "jobs": jobs, "report": lambda *_: None}
        found = reader.read_sources([path], ledger, context, **options)
        made.append((found, {p.name: p.read_bytes() for p in (work / "units").iterdir()}))
        ledger.close()
    assert made[0] == made[1]
    assert len(made[0][1]) == 11


def test_killed_builds_give_the_same_index(tmp_path: Path) -> None:
    """kill -9 at several moments; passages and vectors equal those of an undisturbed build."""
    rng = np.random.default_rng(7)
    rows = [
        {"title": f"Page {i}", "text": " ".join(f"w{n}" for n in rng.integers(0, 99, 12))}
        for i in range(600)
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    build_index(BuildPlan((path,), tmp_path / "calm", ENCODER))
    program = [
        sys.executable,
        "-m",
        "realign_local",
        "index",
        "build",
        str(path),
        "-o",
        str(tmp_path / "killed"),
    ]
    for wait_s in (1.5, 3.5, 6.0):
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait_s)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    build_index(BuildPlan((path,), tmp_path / "killed", ENCODER))
    for name in (store.NAME, dense.part_name(0), dense.NAME):
        assert (tmp_path / "calm" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes()


def test_commands_print_what_they_found(built: Path) -> None:
    runner = CliRunner()
    found = json.loads(
        runner.invoke(command, ["search", str(built), "Osk", "river", "--json"]).stdout
    )
    assert (found["query"], found["passages"][0]["passage_id"]) == ("Osk river", "river")
    info = json.loads(runner.invoke(command, ["info", str(built), "--json"]).stdout)
    assert (info["passages"], info["dim"], info["recall@10"]) == (6, 384, 1.0)
    assert "Quillon Tower" in runner.invoke(command, ["search", str(built), "tower"]).stdout
    assert "all as they were built" in runner.invoke(command, ["verify", str(built)]).stdout
