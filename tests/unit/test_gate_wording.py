"""The wording gate: in a sentence that is copied no word of content is exchanged."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case, first_failure, judge
from realign_local.gates.wording import check

ORIGINAL = "The red berries of this shrub are edible. Pick them in the second week of May."


def judged(rewritten: str, original: str = ORIGINAL) -> str:
    return check(Case("Tell me.", original, rewritten)).reason


@pytest.mark.parametrize(
    ("old", "new"),
    [("edible", "poisonous"), ("red", "black"), ("second", "third"), ("shrub", "tree")],
)
def test_another_word_of_content_fails(old: str, new: str) -> None:
    assert judged("- " + ORIGINAL.replace(old, new)) == Reason.MEANING_DRIFT


def test_two_words_that_trade_places_fail() -> None:
    original = "Before she left for Miami, the plane from Chicago had been in the air for an hour."
    swapped = (
        "First, before she left for Chicago, the plane from Miami had been in the air for an hour."
    )
    assert judged(swapped, original) == Reason.MEANING_DRIFT


@pytest.mark.parametrize(
    "rewritten",
    [
        "The red berries of this shrub are edible.\n\nPicking them in the second week is best.",
        "1. First, the red berries of that shrub are edible.\n2. Pick them in the second week.",
        "Eat the berries freely: all that are red can be eaten, and May is the time.",
        "- The red berry of this shrub is edible.\n- Pick these in the second week of May.",
    ],
)
def test_forms_ties_and_new_sentences_pass(rewritten: str) -> None:
    assert judged(rewritten) == Reason.ACCEPTED


def test_a_copy_has_nothing_to_compare() -> None:
    assert check(Case("", ORIGINAL, ORIGINAL)).outcome == "n/a"


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Wait in the hut until the storm ends.", "Leave in the hut until the storm ends."),
        ("Do not wait for the pilot to call.", "Do not leave for the pilot to call."),
        ("You must leave the harbour at noon.", "You must wait the harbour at noon."),
        ("Leave the kettle on the stove tonight.", "Allow the kettle on the stove tonight."),
        ("Turn the right valve to the end.", "Turn the correct valve to the end."),
        ("She met the old mayor of the town.", "She met the former mayor of the town."),
        ("Keep the key in the drawer.", "Store the main in the drawer."),
        ("Close the shop at the corner.", "Near the shop at the corner."),
        ("They found the club in a small village.", "They founded the club in a small village."),
        ("Clean the wound with cold water.", "Clean the wind with cold water."),
    ],
)
def test_words_of_two_meanings_are_no_synonyms(original: str, rewritten: str) -> None:
    more = "The evening is long. Nobody minds the rain."
    assert first_failure(judge(Case("Tell me.", f"{original} {more}", f"{rewritten} {more}")))


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Choose a lamp for the small hall.", "Select a lamp for the small hall."),
        ("They bought a boat in the spring.", "They purchased a boat in the spring."),
        ("Many doctors often walk to work.", "Numerous physicians often walk to work."),
    ],
)
def test_true_synonyms_may_stand_for_one_another(original: str, rewritten: str) -> None:
    assert judged(rewritten, original) == Reason.ACCEPTED


def test_a_long_row_of_marks_is_read_at_once() -> None:
    rule = f"{'-' * 60} the old harbour and its wall\n{'*' * 60} the new one"
    assert judged(f"{rule}\nIt is quiet at night.", f"{rule}\nIt is quiet at night .") is not None
