"""A spelling that was mended is no lost name, no negation, and no other word."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case, judge, names, wording
from realign_local.gates.talk import negation
from realign_local.text.spelling import is_mended, slips


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            "Acording to the keeper, the lamp is lit at dusk.",
            "According to the keeper, the lamp is lit at dusk.",
        ),
        (
            "Dont leave the boat on the beach at night.",
            "Don't leave the boat on the beach at night.",
        ),
        (
            "The bunker was built in Wold War II by the coast guard.",
            "The bunker was built in World War II by the coast guard.",
        ),
        (
            "The lamp doesnt burn by day and it isnt heated.",
            "The lamp doesn't burn by day and it isn't heated.",
        ),
        (
            "The goverment pays for the lamp and the boat.",
            "The government pays for the lamp and the boat.",
        ),
        (
            "Low milage is what the buyers of boats look for.",
            "Low mileage is what the buyers of boats look for.",
        ),
        (
            "At the begining of May the keeper paints the door.",
            "At the beginning of May the keeper paints the door.",
        ),
        (
            "Wich boat they take to the island is thier own choice.",
            "Which boat they take to the island is their own choice.",
        ),
        (
            "Definately take a coat when you go to the island.",
            "Definitely take a coat when you go to the island.",
        ),
    ],
)
def test_a_mended_spelling_passes(wrong: str, right: str) -> None:
    for text in (right, f"- {right}"):
        verdicts = judge(Case("Tell me about the lighthouse.", wrong, text))
        assert {n: v for n, v in verdicts.items() if v.outcome == "fail"} == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "The tide can affect the lamp of the tower.",
            "The tide can effect the lamp of the tower.",
        ),
        (
            "The casual visitor sees the lamp of the tower.",
            "The causal visitor sees the lamp of the tower.",
        ),
        (
            "The barrel of alkene stands beside the lamp.",
            "The barrel of alkane stands beside the lamp.",
        ),
        ("Le forain est venu sur le quai du port.", "Le foreign est venu sur le quai du port."),
    ],
)
def test_another_word_fails(one: str, other: str) -> None:
    assert wording.check(Case("", one, other)).reason == Reason.MEANING_DRIFT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "The lamp was lit by John Smyth in the spring.",
            "The lamp was lit by John Smith in the spring.",
        ),
        (
            "The lamp was lit by the Browne family in spring.",
            "The lamp was lit by the Brown family in spring.",
        ),
        (
            "The ferry from Larvik brings oil on Monday.",
            "The ferry from Narvik brings oil on Monday.",
        ),
        (
            "The ferry is owned by Jon and his brother.",
            "The ferry is owned by John and his brother.",
        ),
    ],
)
def test_another_name_fails(one: str, other: str) -> None:
    assert names.check(Case("", one, other)).reason == Reason.NAME_LOST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The lamp doesnt burn by day.", "The lamp does burn by day."),
        ("Dont open the door at night.", "Do open the door at night."),
        ("You cant see the lamp by day.", "You can see the lamp by day."),
    ],
)
def test_a_negation_without_its_apostrophe_counts(one: str, other: str) -> None:
    assert negation.check(Case("", one, other)).reason == Reason.MEANING_DRIFT


def test_dont_is_french_too() -> None:
    original = "La lampe dont la porte est rouge brûle la nuit."
    rewritten = "La porte de la lampe est rouge, et elle brûle la nuit."
    assert negation.check(Case("", original, rewritten)).reason == ""


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("thier", "their", 1), ("goverment", "government", 1), ("lamp", "lamp", 0), ("", "oil", 3)],
)
def test_slips(one: str, other: str, apart: int) -> None:
    assert slips(one, other) == slips(other, one) == apart


def test_only_what_is_no_word_is_mended() -> None:
    assert is_mended("goverment", "government")
    assert not is_mended("government", "goverment")
    assert not is_mended("form", "from")
    assert not is_mended("larvik", "narvik")
