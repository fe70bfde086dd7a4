"""Training on labels, the folder it makes, and what is said of labels that are no use."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import AssetError, DataError
from realign_local.classifier.features import Vectors
from realign_local.classifier.labelled import Labelled, read_labels, shipped_labels
from realign_local.classifier.linear import LinearClassifier
from realign_local.classifier.model import MANIFEST, WEIGHTS, read_model, write_model
from realign_local.classifier.training import Trained, train

CRITERIA = read_criteria(shared_path("criteria"))
ROWS = [
    Labelled(f"{verb} {thing}{end}", task, needs)
    for thing in ("the moon", "my cat", "old bridges", "Peru", "bread", "a storm", "chess")
    for verb, end, task, needs in (
        ("Write a poem about", ".", "poem_generation", False),
        ("Translate into German:", "", "text_to_text_translation", False),
        ("When did people first hear of", "?", "open_qa", True),
        ("Tell me a story about", ", please.", "story_generation", False),
    )
]


def plain(texts: Sequence[str]) -> Vectors:
    """Stands in for an encoder: a few letters' counts."""
    return np.array(
        [[zlib.crc32(text.encode()) % 7 / 70, len(text) / 500] for text in texts], dtype=np.float32
    )


def trained(rows: Sequence[Labelled]) -> Trained:
    return train(rows, plain, encoder_sha256="e", evidence_tasks=["open_qa"])


@pytest.fixture(scope="module")
def made() -> Trained:
    return trained(ROWS)


def test_it_learns_what_it_is_told(made: Trained) -> None:
    found = LinearClassifier(made.model, plain)([row.instruction for row in ROWS])
    assert np.mean([g.task == row.task for g, row in zip(found, ROWS, strict=True)]) > 0.9
    assert all(g.ranking[0] == (g.task, g.confidence) for g in found)
    question, poem = LinearClassifier(made.model, plain)(
        ["When did people first hear of Rome?", "Write a poem about Rome."]
    )
    assert question.needs_evidence
    assert poem.confidence > 0.5


def test_the_order_of_the_labels_plays_no_part(made: Trained) -> None:
    mixed = random.Random(1).sample(ROWS, len(ROWS))
    again = trained([*mixed, *mixed[:5]]).model
    assert again.tasks == made.model.tasks
    assert np.array_equal(again.matrix, made.model.matrix)


def test_each_hand_is_held_out_as_a_whole() -> None:
    """What only one hand ever writes is not known while that hand is measured."""
    mine = [replace(row, hand="a") for row in ROWS]
    other = [
        Labelled(f"Zut {n} {word}", "planning", False, "b")
        for n, word in enumerate(("go", "run", "sit", "eat", "see"))
    ]
    held = trained([*mine, *other]).model.facts["held_out_accuracy"]
    assert held == 0  # nothing of what b wants is in a, and the other way round
    assert trained(mine).model.facts["held_out_accuracy"] > 0.8


def test_a_classifier_survives_the_disk_and_damage_is_found(made: Trained, tmp_path: Path) -> None:
    write_model(tmp_path / "c", made.model)
    read = read_model(tmp_path / "c")
    assert read.tasks == made.model.tasks
    assert np.allclose(read.matrix, made.model.matrix, atol=2e-2)
    assert read.facts["rows"] == len(ROWS)
    data = bytearray((tmp_path / "c" / WEIGHTS).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "c" / WEIGHTS).write_bytes(data)
    with pytest.raises(AssetError, match="hash differs"):
        read_model(tmp_path / "c")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "x"}', '{"kind": "realign classifier"}', "\x00"]
)
def test_a_strange_manifest_is_no_classifier(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(AssetError, match="not a readable classifier"):
        read_model(tmp_path)
    with pytest.raises(AssetError, match="no classifier"):
        read_model(tmp_path / "nowhere")


def test_tasks_that_nobody_knows_are_never_found(made: Trained) -> None:
    few = made.model.restricted({"open_qa", "poem_generation"})
    found = LinearClassifier(few, plain)(["Tell me a story about a storm."])
    assert found[0].task in ("open_qa", "poem_generation")


def test_too_few_labels_and_few_of_a_task_are_named(made: Trained) -> None:
    with pytest.raises(DataError, match="8 labelled rows are too few"):
        trained(ROWS[:8])
    assert not made.notes
    assert "story_generation (3)" in trained([*ROWS[:12], *ROWS[12::4], *ROWS[13::4]]).notes[0]


def test_labels_are_read_as_array_or_lines(tmp_path: Path) -> None:
    rows = [
        {"instruction": "Who?", "category": "open_qa"},
        {"instruction": "A or B?", "category": "exam_problem_solving_tutor",
         "needs_evidence": True},
        {"instruction": "x", "category": "no_such_task"},
        {"instruction": " ", "category": "open_qa"},
        {"category": "open_qa"},
        [1],
    ]  # fmt: skip
    array, lines = tmp_path / "a.json", tmp_path / "b.jsonl"
    array.write_text("\ufeff" + json.dumps(rows), encoding="utf-8")
    lines.write_text("".join(json.dumps(r) + "\r\n" for r in rows) + '{"torn', encoding="utf-8")
    found, torn = read_labels(array, CRITERIA), read_labels(lines, CRITERIA)
    assert found.rows == torn.rows
    assert [row.needs_evidence for row in found.rows] == [True, True]
    assert found.unknown == {"no_such_task": 1}
    assert (len(found.broken), len(torn.broken)) == (3, 4)
    assert "b.jsonl:4" in list(torn.notes)[1]


@pytest.mark.parametrize("text", ["", "[]", "[{", '{"instruction": "x", "category": "y"}', "7"])
def test_labels_that_are_no_use_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"labels\.json"):
        read_labels(path, CRITERIA)


def test_the_shipped_queries_cover_every_task() -> None:
    rows = shipped_labels(CRITERIA)
    counts = {task: sum(row.task == task for row in rows) for task in CRITERIA}
    assert min(counts.values()) >= 40
