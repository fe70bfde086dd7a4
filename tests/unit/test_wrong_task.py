"""The measure of what a wrong task does: the same rows by several labels, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.wrong_task import labelled, outcomes, summary
from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.records import Sample
from realign_local.classifier.guess import Guess
from realign_local.engine.backends.scripted import ScriptedEngine
from realign_local.run.tools import ClassifierTools
from realign_local.stages.classification import Label

CRITERIA = read_criteria(shared_path("criteria"))
ROW = Sample(0, 0, "0", "Who built the mill?", "Ida Roe", task="open_qa", confidence=0.9)
UNTIDY = replace(
    ROW,
    index=1,
    instruction="What is in the shed?",
    original="There are some things.\n\n* A rake.\n* A saw.\n\n\n\n\nIt is dry &amp; clean.",
)


@contextmanager
def _classifier() -> Iterator[Label]:
    yield lambda texts: [
        Guess.best_of(("rejecting", "open_qa", "planning"), (0.5, 0.3, 0.2)) for _ in texts
    ]


TOOLS = cast(ClassifierTools, SimpleNamespace(criteria=CRITERIA, classifier=_classifier))


def _outcomes(task: str) -> Any:
    rows = [replace(row, task=task) for row in (ROW, UNTIDY)]
    return outcomes(rows, ScriptedEngine(lambda _: ()).generate, TOOLS, "guided")


def test_labels_are_the_own_task_the_next_and_any_other() -> None:
    guessed, named = labelled([ROW, replace(ROW, category="planning")], TOOLS, seed=0)
    assert (guessed["own"], guessed["second"]) == ("open_qa", "planning")
    assert (named["own"], named["second"]) == ("planning", "open_qa")
    assert guessed["random"] != "open_qa"
    assert named["random"] != "planning"


def test_what_differs_is_counted() -> None:
    by_label = {"own": _outcomes("open_qa"), "random": _outcomes("poem_generation")}
    table = summary([ROW, UNTIDY], by_label)
    assert table["own"]["changed"] == 1
    assert (table["own"]["other_text"], table["own"]["other_question"]) == (0, 0)
    assert (table["random"]["changed"], table["random"]["asked"]) == (0, 0)
    assert table["random"]["other_text"] == 1
    assert table["random"]["reasons"] == {"task_not_rewritten": 2}
