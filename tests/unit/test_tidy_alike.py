"""What a text does in turns it does everywhere or nowhere: marks, lists, capitals, cut lines."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.tidy import tidy
from realign_local.text.rules import rules

ASKED = "How do I look after a beehive in the garden?"

MENDED = {
    # One mark for a list.
    "three bullets in turns": (
        "Bring:\n- a veil\n* two pairs of gloves\n• the smoker and a lighter\n- a hive tool\n"
        "* clean water\n• a brush",
        "Bring:\n- a veil\n- two pairs of gloves\n- the smoker and a lighter\n- a hive tool\n"
        "- clean water\n- a brush",
    ),
    "amounts": (
        "- 2 frames of brood\n* 4 frames of honey\n- 1 empty box\n• a lid\n* a floor",
        "- 2 frames of brood\n- 4 frames of honey\n- 1 empty box\n- a lid\n- a floor",
    ),
    "two bullets, one after the other": (
        "- Light the smoker first.\n* Stand beside the hive.\n- Lift the lid slowly.\n"
        "- Look for the queen.\n* Close it again.",
        "- Light the smoker first.\n- Stand beside the hive.\n- Lift the lid slowly.\n"
        "- Look for the queen.\n- Close it again.",
    ),
    "levels by their margin": (
        "- frames\n  - of beech\n* boxes\n  - of pine\n- lids\n* floors",
        "- frames\n  - of beech\n- boxes\n  - of pine\n- lids\n- floors",
    ),
    "numbers that some entries lack": (
        "1. Light the smoker\n2) Lift the lid\n- Take a frame\n4. Look at it\n* Put it back",
        "1. Light the smoker\n2. Lift the lid\n3. Take a frame\n4. Look at it\n5. Put it back",
    ),
    # Lists in one line.
    "dashes behind a sentence": (
        "Open the hive on a warm day. - Light the smoker well - then lift the lid with care"
        " - look at each frame in turn. Bees forgive most slips.",
        "Open the hive on a warm day.\n\n- Light the smoker well\n- Then lift the lid with care\n"
        "- Look at each frame in turn\n\nBees forgive most slips.",
    ),
    "steps in one line": (
        "step 1: light the smoker. step 2: lift the lid. step 3: take a frame. result: 1 frame out",
        "1. Light the smoker.\n2. Lift the lid.\n3. Take a frame.\n\nResult: 1 frame out",
    ),
    # Capitals.
    "words of every kind": (
        "first of all you light the smoker. take a frame out. Then look at it. honey is heavy,"
        " so lift it with both hands. We did so in May.",
        "First of all you light the smoker. Take a frame out. Then look at it. Honey is heavy,"
        " so lift it with both hands. We did so in May.",
    ),
    "a fragment first": (
        "sunday. The bees are out. They bring willow. it is warm.",
        "Sunday. The bees are out. They bring willow. It is warm.",
    ),
    "plurals, labels, brackets": (
        "Bees need water (a dish will do). bees need shade, too. drones: they do no work at all.",
        "Bees need water (a dish will do). Bees need shade, too. Drones: they do no work at all.",
    ),
    "behind names, figures and shortened words": (
        "We bought it in Rome. it has 300. they hum, e.g. at noon. we like that.",
        "We bought it in Rome. It has 300. They hum, e.g. at noon. We like that.",
    ),
    "questions": (
        "Why so early? because they sleep then. it is cold at dawn.",
        "Why so early? Because they sleep then. It is cold at dawn.",
    ),
    "names in small letters stay": (
        "We use an app. git keeps the log. iPhones can show it. it is free.",
        "We use an app. git keeps the log. iPhones can show it. It is free.",
    ),
    "paragraphs": (
        "The bees sleep in winter.\n\nthey wake up in March. then they fly to the willow.",
        "The bees sleep in winter.\n\nThey wake up in March. Then they fly to the willow.",
    ),
    # Lines that were cut.
    "narrow lines": (
        "Open the hive on a warm day only. Use\nthe smoker before you lift the lid of\n"
        "the upper box, and wait for a minute.\nTake the frames out one by one. Set\n"
        "them down beside you, and do not put\nthem into the sun.",
        "Open the hive on a warm day only. Use the smoker before you lift the lid of "
        "the upper box, and wait for a minute. Take the frames out one by one. Set "
        "them down beside you, and do not put them into the sun.",
    ),
    "words that were cut": (
        "Open the hive on a warm day only. Use\nthe smoker before you lift the lid of\n"
        "the upper box, and wait for a min-\nute. Take the frames out one by one.\n"
        "Set each of the frames on its hand-\nmade rack, and do not put them into\n"
        "the sun.",
        "Open the hive on a warm day only. Use the smoker before you lift the lid of "
        "the upper box, and wait for a minute. Take the frames out one by one. "
        "Set each of the frames on its handmade rack, and do not put them into the sun.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "new"), MENDED.values(), ids=MENDED)
def test_all_of_it_is_mended(text: str, new: str) -> None:
    tidied = tidy(text, ASKED)
    assert tidied.text == new
    assert tidied.shows
    assert tidy(new, ASKED).text == new
    assert first_failure(judge(Case(ASKED, text, new))) is None


LEFT = {
    "two levels": "* Tools\n- veil\n- smoker\n* Boxes\n- floor\n- lid",
    "two levels with one below each": "* Tools\n- veil\n* Boxes\n- floor\n* Food\n- sugar",
    "blocks": "- the veil\n- the smoker\n* the floor\n* the lid",
    "titles and sentences": "- Spring\n* Look for the queen.\n- Autumn\n* Feed the bees.\n- Winter",
    "questions and answers": "- Who hums?\n* Bees do so\n- Who sings?\n* Birds do so",
    "for and against": "+ It is cheap\n- It is slow\n* It has pros and cons\n+ It is light",
    "bare words for and against": "+ cheap\n- slow\n* green\n+ light\n- loud",
    "new and gone": "+ Added a new lid\n- Removed the old lid\n* Painted the box\n+ Added a floor",
    "a footnote": "- veil*\n- smoker\n* from May on\n- lid",
    "entries below numbers": "1. Tools\n- veil\n2. Boxes\n- lid",
    "numbers that do not fit": "1. Light it\n- Lift it\n- Look\n3. Close it",
    "more below the last number": "1. Light it\n- Lift it\n3. Look:\n- up\n- down",
    "dashes of a sentence": "The hive - which was old - fell over. - It lay there - for a year.",
    "dashes of an afterthought": "It was late. - Of course it was - and cold as well - as ever.",
    "a minus": "The sum is 12. - 4 - 3 - 2 is what is left.",
    "steps that are spoken of": "step 1: light it. step 2: lift it. step 3: go on with step 1.",
    "small letters as a style": "bees are kind. they hum at noon. honey is heavy.",
    "an unknown word": "It hums. it is old. kwirl does not like it.",
    "a comma that became a stop": "It hums. it is old. which is why we like it.",
    "variables": "Then y is 3. x is 4. So the sum is 7.",
    "a quotation": 'The sign says "Stop. bees at work" in red.',
    "an answer and its reasons": "willow\nWhy? The bees are seen there. It is in bloom in March.",
    "units": "The box is 12 in. wide and 9 in. deep.",
    "small lines": "The bees sing in Rome.\nthe willow hears them\nand answers in May.",
    "free verse": (
        "I keep the summer in a jar of glass,\nthe hum of it, the slow and golden weight,\n"
        "the willow and the clover and the lime,\nand when the snow has closed the garden gate\n"
        "I open it and hear the noon again."
    ),
    "an address": "Ada Holm\n12 Lime Lane near the\nOld Mill\nUpper Tyrone\nPhone 555 0199",
    "a word that may have been cut": (
        "Open the hive on a warm day only. Use\nthe smoker before you lift the lid of\n"
        "the upper box, and wait for a kwir-\nlut. Take the frames out one by one.\n"
        "Set them down beside you, and do not\nput them into the sun."
    ),
    "a log": "12:01 start of the\n12:02 work at the\n12:03 hive. It\n12:04 hums in the\n12:05 sun.",
}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_in_doubt_stays(text: str) -> None:
    assert tidy(text, ASKED).text == text


@pytest.mark.parametrize("word", rules("tidy/capitals")["programs"]["words"])
def test_programs_stay_small(word: str) -> None:
    text = f"It hums. it is old. {word} counts the bees."
    assert tidy(text, ASKED).text == f"It hums. It is old. {word} counts the bees."


@pytest.mark.parametrize("word", rules("tidy/lists")["telling"]["words"])
def test_signs_that_tell_stay(word: str) -> None:
    plain = word.replace("(?:es)?", "").replace("?", "")
    text = "+ it is very light\n* it is very dear\n+ it is old\n+ it is very big\n* that is all"
    asked = f"What are the {plain} of this hive?"
    assert tidy(text, asked).text == text
    assert tidy(text, ASKED).text != text


def test_what_was_asked_about_may_be_the_name_of_a_command() -> None:
    text = "It is easy. merge joins the lines. it is fast."
    assert tidy(text, "What does merge do?").text == text
    assert tidy(text, ASKED).text == "It is easy. Merge joins the lines. It is fast."


def test_lists_of_other_marks_fail_where_an_entry_is_lost() -> None:
    text, new = MENDED["amounts"]
    for wrong in (new.replace("- a lid\n", ""), new.replace("2 frames", "3 frames")):
        assert first_failure(judge(Case(ASKED, text, wrong))) is not None


def test_an_account_keeps_its_signs() -> None:
    text = "+ 30 jars\n- 12 jars\n+ 5 jars\n- 3 jars"
    assert first_failure(judge(Case(ASKED, text, text.replace("- 12", "+ 12")))) is not None
