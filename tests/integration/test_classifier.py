"""The shipped classifier on the real encoder: sound weights, the same labels in any order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from realign_local.base.assets import find_encoder, shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import AssetError
from realign_local.classifier.features import LAYERS
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import EVERYDAY, QUERIES, everyday_labels
from realign_local.classifier.linear import LinearClassifier
from realign_local.classifier.model import read_model
from realign_local.classifier.similarity import SimilarityClassifier
from realign_local.cli import realign
from realign_local.evidence.encoders.encoder import Encoder

CRITERIA = read_criteria(shared_path("criteria"))
HAND = Path(__file__).parents[1] / "unit" / "labelled_requests.jsonl"
"""277 requests, written before the queries were read; never trained on."""

REQUESTS = {
    "Who wrote the opera about the barber, and in which year was it first sung?": "open_qa",
    "Translate to German: The bridge is closed until further notice because of ice.":
        "text_to_text_translation",
    "def f(x):\n    return x+1\n\nWhat does this function do?": "explain_code",
    "A farmer has 17 sheep and buys 3 times as many. How many sheep does he have then?":
        "math_puzzles",
    "Write a short story about a lighthouse keeper who is afraid of the dark.": "story_generation",
}  # fmt: skip
FACTS = (
    "who played the piano in casablanca",
    "what does the acronym radar stand for",
    "the largest city of bolivia by population",
    "In networking, what is the highest port number?",
    "when was the first vaccine against rabies used",
    "Is it true that Saturn would float on water?",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    try:
        return Encoder(find_encoder(None), threads=2, layers=LAYERS)
    except AssetError as error:
        pytest.skip(str(error))


def test_plain_requests_get_their_task(encoder: Encoder) -> None:
    model = read_model()
    assert set(model.tasks) == set(CRITERIA)
    assert model.encoder_sha256 == encoder.sha256
    found = LinearClassifier(model, encoder.encode)(list(REQUESTS))
    assert [guess.task for guess in found] == list(REQUESTS.values())
    assert all(0 < guess.confidence <= 1 for guess in found)
    assert [guess.needs_evidence for guess in found] == [True, False, False, False, False]


def test_labels_do_not_depend_on_order_or_company(encoder: Encoder) -> None:
    texts = [q for c in CRITERIA.values() for q in c.queries[:2]]
    classify = LinearClassifier(read_model(), encoder.encode)
    there, back = classify(texts), classify(texts[::-1])[::-1]
    alone = [guess for text in texts[:20] for guess in classify([text])]
    assert _labels(there) == _labels(back)
    assert _labels(there[:20]) == _labels(alone)


def test_labels_do_not_depend_on_the_number_of_threads(encoder: Encoder) -> None:
    texts = [q for c in CRITERIA.values() for q in c.queries[:2]]
    alone = Encoder(encoder.folder, threads=1, layers=LAYERS)
    found = [LinearClassifier(read_model(), e.encode)(texts) for e in (encoder, alone)]
    assert _labels(found[0]) == _labels(found[1])


def test_layers_stand_side_by_side_and_the_last_is_the_whole_encoders(encoder: Encoder) -> None:
    whole = Encoder(encoder.folder, threads=2)
    side, last = encoder.encode(FACTS), whole.encode(FACTS)
    assert side.shape == (len(FACTS), len(LAYERS) * whole.dim)
    third = side[:, -whole.dim :]
    third = third / np.linalg.norm(third, axis=1, keepdims=True)
    assert np.allclose(third, last, atol=1e-5)


def test_layers_without_packing_are_the_same(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Encoder, "_packed", lambda *_args, **_options: None)
    plain = Encoder(encoder.folder, threads=2, layers=LAYERS)
    assert np.allclose(plain.encode(FACTS), encoder.encode(FACTS), atol=1e-4)


def test_a_close_decision_is_made_alone(encoder: Encoder) -> None:
    """The threshold is put exactly on a request's own share, where rounding would decide."""
    text = FACTS[0]
    model = read_model()
    seen: list[int] = []

    def encode(texts: Sequence[str]) -> object:
        seen.append(len(texts))
        return encoder.encode(texts)

    shares, routes = LinearClassifier(model, encoder.encode)._judge([text])
    assert shares.shape == (1, len(CRITERIA))
    close = LinearClassifier(replace(model, route_at=float(routes[0])), encode)  # type: ignore[arg-type]
    found = close([*REQUESTS, text])
    assert seen[0] == len(REQUESTS) + 1
    assert set(seen[1:]) == {1}
    assert found[-1].needs_evidence == close([text])[0].needs_evidence


def test_questions_of_fact_are_looked_up(encoder: Encoder) -> None:
    found = LinearClassifier(read_model(), encoder.encode)(FACTS)
    assert all(guess.needs_evidence for guess in found), found


def test_the_nearest_query_labels_what_it_knows(encoder: Encoder) -> None:
    known = [(c.queries[0], c.task) for c in CRITERIA.values()]
    found = SimilarityClassifier(CRITERIA, encoder.encode)([query for query, _ in known])
    right = sum(guess.task == label for guess, (_, label) in zip(found, known, strict=True))
    assert right >= 0.9 * len(known)


def test_every_labelled_query_names_a_task() -> None:
    for file in sorted(set(QUERIES.glob("*.jsonl")) - {QUERIES / EVERYDAY}):
        rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
        assert {row["category"] for row in rows} == {file.stem}
        assert file.stem in CRITERIA
        assert len(rows) >= 40
        assert len({row["instruction"] for row in rows}) == len(rows)


def test_no_everyday_request_is_in_the_test_hand() -> None:
    hand = {json.loads(line)["instruction"] for line in HAND.read_text("utf-8").splitlines()}
    rows = everyday_labels(CRITERIA)
    assert len({row.instruction for row in rows}) == len(rows) > 600
    assert not hand & {row.instruction for row in rows}


@pytest.mark.usefixtures("encoder")
def test_the_test_hand_is_routed_well() -> None:
    """Floors under what was measured (benchmarks/LOG.md), so that only a real fall fails."""
    result = CliRunner().invoke(realign, ["classifier", "eval", str(HAND), "--json"])
    found = json.loads(result.stdout)
    assert found["accuracy"] > 0.75
    assert found["form_accuracy"] > 0.85
    assert found["rewrite_accuracy"] > 0.92
    assert found["evidence_recall"] > 0.9
    assert found["evidence_false_rate"] < 0.1


@pytest.mark.usefixtures("encoder")
def test_classify_reads_stdin_and_respects_the_category_unless_told(tmp_path: Path) -> None:
    texts = list(REQUESTS)[:2]
    rows = [
        {"items": [{"from": "human", "value": value, "category": category},
                   {"from": "gpt", "value": "Die Antwort."}]}
        for value, category in zip(texts, ("poem_generation", "else"), strict=True)
    ]  # fmt: skip
    text = "".join(json.dumps(row) + "\n" for row in rows)
    kept, found = tmp_path / "kept.jsonl", tmp_path / "found.jsonl"
    for path, more in ((kept, []), (found, ["--reclassify"])):
        result = CliRunner().invoke(realign, ["classify", "-", "-o", str(path), *more], text)
        assert result.exit_code == 0, result.output
    assert _column(kept, "task") == ["poem_generation", "text_to_text_translation"]
    assert _column(found, "task") == ["open_qa", "text_to_text_translation"]
    assert _column(kept, "needs_evidence") == _column(found, "needs_evidence") == [True, False]


@pytest.mark.usefixtures("encoder")
def test_eval_prints_an_object_or_a_table(tmp_path: Path) -> None:
    labels = tmp_path / "labels.json"
    rows = [{"instruction": q, "category": c.task} for c in CRITERIA.values() for q in c.queries]
    rows[0] = {"instruction": "Write a poem about the sea.", "category": "math_puzzles"}
    labels.write_text(json.dumps(rows[::6]), encoding="utf-8")
    found = CliRunner().invoke(realign, ["classifier", "eval", str(labels), "--json"])
    assert found.exit_code == 0, found.output
    figures = json.loads(found.stdout)
    assert figures["rows"] == len(rows[::6])
    assert figures["accuracy"] > 0.9
    table = CliRunner().invoke(realign, ["classifier", "eval", str(labels)])
    assert "95 % interval" in table.stdout
    assert "groups of tasks, labelled (lines) and taken for (columns)" in table.stdout
    assert "Summarization" in table.stdout


def _labels(guesses: Sequence[Guess]) -> list[tuple[str, bool]]:
    return [(guess.task, guess.needs_evidence) for guess in guesses]


def _column(path: Path, name: str) -> list[object]:
    return [json.loads(line)[name] for line in path.read_text("utf-8").splitlines()]
