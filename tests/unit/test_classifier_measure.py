"""The figures of `realign classifier eval` on cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import Labelled
from realign_local.classifier.measure import interval, macro_f1, measure, reliability

CRITERIA = read_criteria(shared_path("criteria"))


def test_rates_are_what_a_person_would_count() -> None:
    rows = [
        Labelled("1", "open_qa", True),
        Labelled("2", "open_qa", True),
        Labelled("3", "poem_generation", False),
        Labelled("4", "math_puzzles", False),
    ]
    guesses = [
        Guess("open_qa", 0.9),
        Guess("closed_qa", 0.3, True),
        Guess("math_puzzles", 0.5),
        Guess("math_puzzles", 0.9, True),
    ]
    found = measure(rows, guesses, criteria=CRITERIA, seconds=2)
    assert (found["rows"], found["accuracy"], found["rewrite_accuracy"]) == (4, 0.5, 0.75)
    assert (found["evidence_recall"], found["evidence_false_rate"]) == (1.0, 0.5)
    assert found["rows_per_s"] == 2
    assert found["worst_pairs"][0] == {
        "labelled": "open_qa", "taken_for": "closed_qa", "rows": 1
    }  # fmt: skip
    assert found["groups"] == {
        "Conversation": {"Conversation": 2},
        "Generation": {"Specialized Educational Dialog": 1},
        "Specialized Educational Dialog": {"Specialized Educational Dialog": 1},
    }
    assert sum(b["rows"] for b in found["calibration"]) == 4
    assert found["intervals"]["macro_f1"] is None
    low, high = found["intervals"]["accuracy"]
    assert 0 < low < 0.5 < high < 1


def test_rates_without_rows_are_none() -> None:
    found = measure(
        [Labelled("1", "poem_generation", False)], [Guess("poem_generation", 1.0)],
        criteria=CRITERIA, seconds=1,
    )  # fmt: skip
    assert found["evidence_recall"] is None
    assert found["intervals"]["evidence_recall"] is None


def test_macro_f1_gives_rare_tasks_their_weight() -> None:
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx((6 / 7) / 2)


def test_enough_rows_give_macro_f1_an_interval() -> None:
    rows = [Labelled(str(n), "open_qa", True) for n in range(30)]
    guesses = [Guess("open_qa" if n % 3 else "planning", 0.9) for n in range(30)]
    found = measure(rows, guesses, criteria=CRITERIA, seconds=1)
    low, high = found["intervals"]["macro_f1"]
    assert low < found["macro_f1"] < high


def test_intervals_are_wilsons() -> None:
    assert interval(0, 0) is None
    assert interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-3)


def test_a_sure_classifier_falls_into_the_last_bin() -> None:
    (only,) = reliability(np.array([1.0, 0.95]), np.array([True, False]))
    assert (only["from"], only["rows"], only["accuracy"]) == (0.9, 2, 0.5)
