"""The order gate: what means something by its order keeps it, and nothing hangs elsewhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case, judge
from realign_local.gates.order import check
from realign_local.text.order.ordering import phrases, says
from realign_local.text.outline import outline

REWRITES = [
    tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))
    for name in ("order_rewrites.toml", "order_told.toml")
]


def cases(kind: str) -> list[object]:
    return [
        pytest.param(Case(r["instruction"], r["original"], r["rewritten"]), id=r["name"])
        for rewrites in REWRITES
        for r in rewrites[kind]
    ]


@pytest.mark.parametrize("case", cases("damaged"))
def test_another_order_or_another_label_fails(case: Case) -> None:
    assert check(case).reason == Reason.MEANING_DRIFT
    assert judge(case)["order"].outcome == "fail"


@pytest.mark.parametrize("case", cases("faithful"))
def test_faithful_layouts_pass(case: Case) -> None:
    assert check(case).reason == ""


@pytest.mark.parametrize("case", [*cases("damaged"), *cases("faithful")])
def test_a_copy_passes(case: Case) -> None:
    for text in (case.original, case.rewritten):
        assert check(Case(case.instruction, text, text)).outcome != "fail"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pros: cheap, light.", "## Pros\n\n- cheap\n- light"),
        ("- **Iron** - magnetic", "| Metal | Trait |\n|---|---|\n| Iron | magnetic |"),
        ("1st place: Oslo", "Rank 1: Oslo"),
    ],
)
def test_a_value_hangs_on_its_label_in_any_layout(one: str, other: str) -> None:
    def hangs(text: str) -> set[tuple[str, str | int]]:
        pieces = outline(text)
        ranks = {(piece.text, piece.number) for piece in pieces if piece.number}
        return ranks | {(piece.text, label) for piece in pieces for label in piece.labels}

    assert hangs(one) & hangs(other)


@pytest.mark.parametrize("kind", phrases())
def test_phrases_have_examples(kind: str) -> None:
    for entry in phrases()[kind]:
        assert says(kind, entry["example"]), entry
        assert not says(kind, entry["counter"]), entry
