"""Requests that bring their own text are not looked up, and those that do not are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.records import Sample
from realign_local.classifier.calibrate import calibrate
from realign_local.classifier.enclosed import brings_its_text
from realign_local.classifier.fit import Rows
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import Labelled
from realign_local.classifier.linear import routing, softmax
from realign_local.classifier.measure import measure
from realign_local.stages.retrieval import is_for_evidence

CRITERIA = read_criteria(shared_path("criteria"))
MILL = (
    "The mill at Oster Beck was built in 1802 by Henry Tarn. It ground oats until the flood of "
    "1871, when the wheel was swept away, and has been a museum since 1990."
)
BRINGS = (
    f"Who built the mill?\n\n{MILL}",
    f"{MILL}\nWhen was the wheel swept away?",
    f"Wer hat die Mühle gebaut?\nDie Mühle am Osterbach {MILL}",
)
BRINGS_NONE = (
    "Check the claim: 'The mill at Oster Beck was built by Henry Tarn.' Is it true that Tarn built "
    "the mill, and who else built mills at Oster Beck in those years?",
    "Who built the mill at Oster Beck?",
    "Is this true?\nThe mill was built in 1802.",
    f"How do I repair a bicycle tyre?\n\n{MILL}",
    "How do I get a water wheel to turn? It stands in our garden, and it has been stuck since May.",
    "",
    "\n\n",
    "谁建造了磨坊?\n" + "磨坊建于一八零二年。" * 12,
)


@pytest.mark.parametrize("request_", BRINGS)
def test_a_text_that_speaks_of_what_is_asked(request_: str) -> None:
    assert brings_its_text(request_)


@pytest.mark.parametrize("request_", BRINGS_NONE)
def test_no_text_or_one_about_something_else(request_: str) -> None:
    assert not brings_its_text(request_)


def test_what_a_run_looks_up() -> None:
    bare = Sample(0, 0, "0", "Who built the mill at Oster Beck?", "Henry Tarn", task="open_qa")
    brings = replace(bare, instruction=BRINGS[0])
    routed = replace(brings, task="ordering", needs_evidence=True)
    assert is_for_evidence(bare, CRITERIA)
    assert not is_for_evidence(brings, CRITERIA)
    assert is_for_evidence(replace(brings, category="open_qa"), CRITERIA)
    assert is_for_evidence(replace(brings, given_evidence=("Tarn built it.",)), CRITERIA)
    assert not is_for_evidence(routed, CRITERIA)
    assert is_for_evidence(replace(routed, instruction=bare.instruction), CRITERIA)


def test_the_figures_are_of_what_a_run_looks_up() -> None:
    rows = [Labelled(BRINGS[0], "closed_qa", needs_evidence=False)]
    guesses = [Guess("open_qa", 0.9, needs_evidence=True)]
    assert measure(rows, guesses, criteria=CRITERIA, seconds=1)["evidence_false_rate"] == 0


def test_the_threshold_is_as_high_as_the_recall_allows() -> None:
    needs = np.arange(400) % 2 == 0
    odds = np.where(needs, np.linspace(-1.8, 4, 400), np.linspace(-4, 1, 400)).astype(np.float32)
    scores = np.stack([odds, np.zeros(400), odds], axis=1).astype(np.float32)
    held = Rows(scores, np.where(needs, 0, 1), needs, np.ones(400, np.float32))
    found = calibrate(scores, held, fact_tasks=np.array([True, False]))
    shares = routing(odds, softmax(found.sharpness * scores[:, :-1])[:, 0])
    assert (shares[needs] >= found.route_at).mean() == pytest.approx(0.97, abs=0.005)
