"""The journal's keys of the demo rows are what they were, so that runs of yesterday go on today.

A digest that differs is right where a VERSION was raised on purpose; then write the new one here.
Moving code about is no such purpose.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import Criteria, Criterion
from realign_local.base.records import Candidate, Passage, Sample
from realign_local.data.formats import open_dataset
from realign_local.run.results import Identity, Stages, stages_of
from tests.scripted import GUIDED

PASSAGE = Passage("p1", "Ada Lovelace", "Life", "Ada was born in London.", 0.5)
PINNED = {
    "classify": "e5a992b9c70b4d50",
    "retrieve": "4b5f587cd6600754",
    "rewrite": "4ad220b177d725b1",
    "verify": "f26b547fedfc273b",
    "judge": "bb09c2d46d51e294",
    "score": "9731a163ec2d7de0",
}


def _samples() -> list[Sample]:
    rows = open_dataset(shared_path("examples") / "demo.jsonl").rows(turns="last")
    return [
        replace(
            sample,
            task=sample.category or "open_qa",
            confidence=0.5,
            evidence=(PASSAGE,),
            candidates=(Candidate("Other.", operations=("blanks",), origin="given", proven=True),),
            passed=(0,),
        )
        for row in rows
        for sample in row.samples
    ]


def _criteria(tasks: set[str]) -> Criteria:
    """Criteria of few words, because those of the real ones may change without a notice here."""
    words = {"group": "Any", "description": "Any.", "format": "Any.", "rewrite": True}
    return Criteria([Criterion.model_validate({"task": task, **words}) for task in tasks])


@pytest.mark.parametrize("name", Stages._fields)
def test_keys_of_the_demo_rows(name: str) -> None:
    identity = Identity("classifier", "index", "model", "gates", 3, "judge")
    samples = _samples()
    stages = stages_of(_criteria({sample.task for sample in samples}), identity, GUIDED)
    keys = [getattr(stages, name).key(sample) for sample in samples]
    assert hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16] == PINNED[name]
