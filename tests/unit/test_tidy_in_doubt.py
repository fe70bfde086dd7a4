"""Right texts that look like slips: where there is doubt, tidying leaves the original."""

from __future__ import annotations

import pytest

from realign_local.rewriting.tidy import tidy
from realign_local.text.rules import rules

ASKED = "How is the boat kept in good order over the year?"
LISTS = rules("tidy/lists")

LEFT = {
    # Marks that mean something.
    "for and against, and a third sign": (
        "+ dry in all weather\n* built by hand in one year\n- slow in weak wind and rain\n"
        "+ easy to row for two people\n* painted in blue and white"
    ),
    "marks are explained": (
        "Legend: stars are done.\n- new ropes\n* new sails\n• new oars\n- fresh paint\n* a pot"
    ),
    "duties": "- must: a bucket\n* may: a lamp\n• can: a stove\n- must: a rope\n* may: a radio",
    "an aside": "- ropes\n- sails\n* Note: the yard sells paint\n- oars\n- a lamp",
    "degrees": "- 4 on deck\n* 2 in the cabin\n- 1 in the hold\n* 3 in the bow\n• 6 on the mast",
    # Bullets that are no numbers.
    "a detail": "1. Lift the mast\n- with two people\n3. Wash the hull",
    "a warning": "1. Lift the mast\n- Warning: mind the wires\n3. Wash the hull",
    "two details": "1. Morning\n- row to the buoy\n- row back\n4. Evening",
    "a number behind": "1. Lift the mast\n- Wash it\n3. Dry it\n- Oil it\n\nPaint.\n\n4. Rig it",
    "letters of two kinds": "a) ropes\nb) sails\nc. oars\nd) lamps",
    # Lines that are lines.
    "a log": (
        "2024-03-01 the boat was taken out and it\n2024-03-02 was washed. Then it was\n"
        "2024-03-03 dried. Then came the paint in\n2024-03-04 two coats. It took the whole of\n"
        "2024-03-05 the week."
    ),
    "levels": (
        "INFO the boat was taken out of the water and\nINFO it was washed. Then it dried for the\n"
        "WARN whole week. After that it was painted in\nINFO two coats. It took the whole of the\n"
        "INFO spring."
    ),
    "capitals": (
        "The boat goes out upon the bay. The\nWind is in the sail and in the\nRopes. It sings. And "
        "over the dark\nWater all the gulls go home to the\nRocks."
    ),
    "free verse": (
        "The boat goes out and all the bay is\nquiet now, and on the stones the\nheron waits. And "
        "over all of it the\nslow light goes, and in the nets the\nherring shine like coins."
    ),
    # Small letters.
    "a number": "The scale goes from 0 to 12. calm air has 0. it is easy to learn.",
    "a unit": "Stir it for 5 min. add the oil. then paint the hull.",
    "degrees in letters": "Tar melts at 60 C. the pot must be bigger. it foams.",
    "a poem": "It is an old song. it goes: blue is the bay. white is the sail. he sang it often.",
    # Turns of speakers.
    "a question": (
        "They talked: - Will the wind come up today? - It will come before noon. - Set the sail at"
        " once then."
    ),
    "I and you": (
        "They talked: - I saw the boat come in. - You saw the wrong boat. - The right one sank"
        " last year."
    ),
}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_the_original_stays(text: str) -> None:
    assert tidy(text, ASKED).text == text


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ("Who was ann holm?", "She built boats. ann holm was born here. it was in 1902."),
        ("Who built it?", "It was ann holm. ann holm built boats. she died in 1988."),
        ("What is make?", "It is old. make is a tool of programmers. it builds what is new."),
        (ASKED, "Use `rig` for it. it is a tool. rig is free."),
    ],
)
def test_names_in_small_letters_stay(request_: str, text: str) -> None:
    assert tidy(text, request_).text == text


MENDED = {
    "one number": (
        "1. Lift the mast\n- Wash the hull\n3. Dry it\n- Oil it",
        "1. Lift the mast\n2. Wash the hull\n3. Dry it\n4. Oil it",
    ),
    "a unit within a sentence": (
        "Wait for 5 min. before you paint. it must be dry. then go on.",
        "Wait for 5 min. before you paint. It must be dry. Then go on.",
    ),
    "narrow prose": (
        "The boat is washed in spring. Then it is\ndried for a week and painted with two\n"
        "coats. The ropes are looked at and the\nold ones are changed. In the autumn it\n"
        "is taken out of the water again and put\nunder a roof.",
        "The boat is washed in spring. Then it is dried for a week and painted with two coats. The"
        " ropes are looked at and the old ones are changed. In the autumn it is taken out of the"
        " water again and put under a roof.",
    ),
}


@pytest.mark.parametrize(("text", "new"), MENDED.values(), ids=MENDED)
def test_what_is_sure_is_mended(text: str, new: str) -> None:
    assert tidy(text, ASKED).text == new


@pytest.mark.parametrize("word", LISTS["explaining"]["words"])
def test_marks_that_are_explained_stay(word: str) -> None:
    plain = {
        "keys?(?= ?:)": "key:", "must(?:s|[- ]haves?)?": "must-haves",
        "marks?(?= (?:mean|stand|show))": "marks mean",
        "signs? (?:mean|stand|show)s?": "sign shows",
    }.get(word, word.replace("?", ""))  # fmt: skip
    text = "- new ropes\n* new sails\n• new oars\n- fresh paint\n* a new lamp\n• a pot"
    assert tidy(text, ASKED).text != text
    assert tidy(f"The {plain} as we have it:\n\n{text}", ASKED).text.endswith(text)


@pytest.mark.parametrize("word", LISTS["asides"]["words"])
def test_asides_are_no_entries(word: str) -> None:
    plain = word.replace("\\", "").capitalize()
    text = f"1. Lift the mast\n- {plain}: Mind the wires\n3. Wash the hull"
    assert tidy(text, ASKED).text == text
