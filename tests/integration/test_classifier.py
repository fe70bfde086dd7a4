"""The shipped classifier on the real encoder: sound weights, the same labels in any order."""

from __future__ import annotations

import json

import pytest

from realign_local.assets import find_encoder, shared_path
from realign_local.classifier.linear import WEIGHTS, LinearClassifier, read_weights
from realign_local.classifier.similarity import SimilarityClassifier
from realign_local.criteria import read_criteria
from realign_local.errors import AssetError
from realign_local.evidence.encoder import Encoder

CRITERIA = read_criteria(shared_path("criteria"))
REQUESTS = {
    "Who wrote the opera about the barber, and in which year was it first sung?": "open_qa",
    "Translate to German: The bridge is closed until further notice because of ice.":
        "text_to_text_translation",
    "def f(x):\n    return x+1\n\nWhat does this function do?": "explain_code",
    "A farmer has 17 sheep and buys 3 times as many. How many sheep does he have then?":
        "math_puzzles",
    "Write a short story about a lighthouse keeper who is afraid of the dark.": "story_generation",
}  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    try:
        return Encoder(find_encoder(None), threads=2)
    except AssetError as error:
        pytest.skip(str(error))


def test_plain_requests_get_their_task(encoder: Encoder) -> None:
    weights = read_weights()
    assert set(weights.tasks) == set(CRITERIA)
    assert weights.encoder_sha256 == encoder.sha256
    found = LinearClassifier(weights, encoder.encode)(list(REQUESTS))
    assert [task for task, _ in found] == list(REQUESTS.values())
    assert all(0 < confidence <= 1 for _, confidence in found)


def test_labels_do_not_depend_on_order(encoder: Encoder) -> None:
    classify = LinearClassifier(read_weights(), encoder.encode)
    texts = list(REQUESTS)
    there, back = classify(texts), classify(texts[::-1])[::-1]
    assert [task for task, _ in there] == [task for task, _ in back]


def test_the_nearest_query_labels_what_it_knows(encoder: Encoder) -> None:
    known = [(c.queries[0], c.task) for c in CRITERIA.values()]
    found = SimilarityClassifier(CRITERIA, encoder.encode)([query for query, _ in known])
    right = sum(task == label for (task, _), (_, label) in zip(found, known, strict=True))
    assert right >= 0.9 * len(known)


def test_every_labelled_query_names_a_task() -> None:
    for file in sorted((WEIGHTS.parent / "queries").glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
        assert {row["category"] for row in rows} == {file.stem}
        assert file.stem in CRITERIA
        assert len(rows) >= 40
        assert len({row["instruction"] for row in rows}) == len(rows)
