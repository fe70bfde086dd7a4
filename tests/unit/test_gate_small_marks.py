"""Small marks and two words that change places: what they change is told, and nothing else."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.tidy import tidy

REQUEST = "Tell me more about this topic, please."
LONG = "k7Qz" * 16
DAMAGED = [
    ("Turn the tap left, not right.", "Turn the tap right, not left."),
    ("Use salt instead of sugar here.", "Use sugar instead of salt here."),
    (
        "Black tea takes milk; green tea takes lemon.",
        "Green tea takes milk; black tea takes lemon.",
    ),
    (f"The sum is {LONG}.", f"The sum is {LONG[:40]}x{LONG[41:]}."),
    ("The rate is ln(y)^2 there.", "The rate is ln(y^2) there."),
    ("The size is (p^q)^r now.", "The size is p^q^r now."),
    ("The match ended 4-1 for us.", "The match ended between 4 and 1 for us."),
    ("The rest is 9 - 7 here.", "The rest is 9 to 7 here."),
    ("There were ~80 ships.", "There were 80 ships."),
    ("~80 ships came.", "80 ships came."),
    ("The fee is 2.500 euros.", "The fee is 2.5 euros."),
    ("The plant yields 7 MW of power.", "The plant yields 7 mW of power."),
    ("Here P > Q for all.", "Here P -> Q for all."),
    ("The entity &shy; is a hyphen.", "The entity is a hyphen."),
    ("Enter &reg; in the field.", "Enter ® in the field."),
]
FAITHFUL = [
    ("We need flour, milk and eggs.", "We need:\n\n- flour\n- milk\n- eggs"),
    ("Turn the tap left, not right.", "Turn the tap **left**, not right."),
    ("It lasts 3 - 5 days.", "It lasts 3 to 5 days."),
    ("Open File > Print there.", "Open File → Print there."),
    ("Smith &amp; Sons is a firm.", "Smith & Sons is a firm."),
    ("The plant yields 7 MW of power.", "The plant yields 7 MW of power."),
]


@pytest.mark.parametrize(("original", "rewritten"), DAMAGED)
def test_a_small_change_of_what_is_said_is_told(original: str, rewritten: str) -> None:
    assert first_failure(judge(Case(REQUEST, original, rewritten)))


@pytest.mark.parametrize(("original", "rewritten"), FAITHFUL)
def test_another_way_to_write_the_same_is_not(original: str, rewritten: str) -> None:
    assert first_failure(judge(Case(REQUEST, original, rewritten))) is None


def test_tidy_leaves_an_entity_that_is_spoken_of() -> None:
    assert "&shy;" in tidy("The entity &shy; is a hyphen.", REQUEST).text
