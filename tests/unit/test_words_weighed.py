"""`proofread`: each edit is weighed by itself, and what a copy may not do."""

from __future__ import annotations

import math

import pytest

from realign_local.base.records import Sample
from realign_local.engine.request import Given, Message, Span
from realign_local.rewriting.edits import applied, likely_edits
from realign_local.rewriting.proofread import LEAST_GAIN, MAX_EDITS, proofread
from tests.proofreading import (
    AFTER,
    BEFORE,
    REQUEST,
    amid,
    proofread_by,
    texts_of,
    weighed,
)

WEIGHED = [
    ("time", "She walked home.", "She walks home."),
    ("time", "She walks home.", "She walked home."),
    ("time", "It rained there.", "It rains there."),
    ("time", "He play chess.", "He played chess."),
    ("time", "They play chess.", "They played chess."),
    ("time", "They built it.", "They build it."),
    ("time", "They build it.", "They built it."),
    ("time", "The old man age fifty.", "The old man aged fifty."),
    ("mood", "If I were there I sang.", "If I was there I sang."),
    ("mood", "I insist that he go.", "I insist that he goes."),
    ("mood", "She demanded that he leave.", "She demanded that he leaves."),
    ("mood", "She made him eat it.", "She made him eats it."),
    ("number", "The dog barked.", "The dogs barked."),
    ("number", "The form is new.", "The forms is new."),
    ("number", "The content is good.", "The contents is good."),
    ("number", "The monument is old.", "The monument are old."),
    ("number", "We ate the fish.", "We ate the fishes."),
    ("number", "It costs five dollars.", "It costs five dollar."),
    ("number", "One person came.", "One persons came."),
    ("number", "The people are nice there.", "The peoples are nice there."),
    ("number", "He broke glass.", "He broke glasses."),
    ("number", "He likes new things.", "He likes news things."),
    ("agreement", "He has a car.", "He have a car."),
    ("agreement", "He does it.", "He do it."),
    ("agreement", "Data is new.", "Data are new."),
    ("agreement", "The team are good.", "The team is good."),
    ("agreement", "The rest were sold.", "The rest was sold."),
    ("agreement", "A number of them is old.", "A number of them are old."),
    ("agreement", "None of them is old.", "None of them are old."),
    ("agreement", "The mathematics is hard.", "The mathematics are hard."),
    ("agreement", "There's a dog.", "There're a dog."),
    ("another word", "It has its own rules.", "It has it's own rules."),
    ("another word", "You're early.", "Your early."),
    ("another word", "Their house is red.", "There house is red."),
    ("another word", "The doctor whose car it is.", "The doctor who's car it is."),
    ("another word", "He is taller than me.", "He is taller then me."),
    ("another word", "Than he left.", "Then he left."),
    ("another word", "He is quite old.", "He is quiet old."),
    ("another word", "The effect is large.", "The affect is large."),
    ("another word", "The advice is good.", "The advise is good."),
    ("another word", "We lose it.", "We loose it."),
    ("another word", "In the past year it rained.", "In the passed year it rained."),
    ("another word", "He has too much of it.", "He has to much of it."),
    ("another word", "I got two of those.", "I got two off those."),
    ("another word", "He fell off the wall.", "He fell of the wall."),
    ("another word", "He said well he will.", "He said we'll he will."),
    ("another word", "They were here.", "They we're here."),
    ("article", "An historic day.", "A historic day."),
    ("article", "It took an hour.", "It took a hour."),
    ("article", "He is a European.", "He is an European."),
    ("article", "He has money.", "He has the money."),
    ("article", "Only dogs bark.", "Only the dogs bark."),
    ("article", "He lies in hospital now.", "He lies in the hospital now."),
    ("preposition", "All the boats came.", "All of the boats came."),
    ("preposition", "He waited outside the hall.", "He waited outside of the hall."),
    ("preposition", "He helped build it.", "He helped to build it."),
    ("doubled", "What it is is love.", "What it is love."),
    ("doubled", "The man who was is gone.", "The man who is gone."),
    ("doubled", "He came in in a hurry.", "He came in a hurry."),
    ("capital", "They polish the floor.", "They Polish the floor."),
    ("capital", "Fine china lies there.", "Fine China lies there."),
]


@pytest.mark.parametrize("gain", [-9.0, 0.0, LEAST_GAIN - 0.01, math.nan, -math.inf])
@pytest.mark.parametrize(("what", "original", "copy"), WEIGHED)
def test_a_change_of_what_was_right_needs_a_gain_that_it_does_not_have(
    what: str, original: str, copy: str, gain: float
) -> None:
    assert amid(original, copy, gain=lambda _: gain) == original, what


SUBTLE = [
    (
        "a past that looks like the present",
        "A basket that cost 100 last year is dear.",
        "A basket that costs 100 last year is dear.",
    ),
    ("British", "The aeroplane landed.", "The airplane landed."),
    ("British", "The carburettor broke.", "The carburetor broke."),
    ("British", "The speciality is fish.", "The specialty is fish."),
    ("British", "The furore grew.", "The furor grew."),
    ("British", "The pyjama party was nice.", "The pajama party was nice."),
    ("a mark comes with it", "It is is warm.", "It is, warm."),
    ("a mark comes with it", "He went to the the shop.", "He went to the: shop."),
    ("capital", "They sell tea, milk, etc. and bread.", "They sell tea, milk, etc. And bread."),
    ("capital", "The firm Acme Inc. is here.", "The firm Acme Inc. Is here."),
]


@pytest.mark.parametrize(("what", "original", "copy"), SUBTLE)
def test_subtle_faults_are_seen(what: str, original: str, copy: str) -> None:
    assert amid(original, copy) == original, what


def test_of_two_edits_only_the_one_with_a_gain_is_applied() -> None:
    original, copy = "He have a boat and walked home.", "He has a boat and walks home."
    first = amid(original, copy, gain=lambda text: 5.0 if "He has" in text else 0.0)
    assert first == "He has a boat and walked home."
    second = amid(original, copy, gain=lambda text: 5.0 if "walks" in text else 0.0)
    assert second == "He have a boat and walks home."
    assert amid(original, copy) == copy
    assert amid(original, copy, gain=lambda _: 0.0) == original


def test_a_gain_is_enough_from_the_least_on() -> None:
    original, copy = "He have two sons.", "He has two sons."
    assert amid(original, copy, gain=lambda _: LEAST_GAIN) == copy
    assert amid(original, copy, gain=lambda _: LEAST_GAIN - 2**-30) == original


def test_each_edit_is_weighed_alone_as_an_answer_to_the_request() -> None:
    text = f"{BEFORE}He have recieved to much.{AFTER}"
    more = weighed(text, text.replace("have recieved to", "has received too"))
    assert more is not None
    assert texts_of(more) == [
        text,
        text.replace("have", "has"),
        text.replace("recieved", "received"),
        text.replace("to much", "too much"),
    ]
    for ask in more.asks:
        assert ask.messages == (Message("user", REQUEST),)
        (part,) = ask.answer
        assert isinstance(part, Given)
        assert part.scored


def test_only_the_first_edits_of_a_text_full_of_slips_are_weighed() -> None:
    text = BEFORE + "We recieve it. " * (MAX_EDITS + 3)
    more = weighed(text, text.replace("recieve", "receive"))
    assert more is not None
    assert len(more.asks) == 1 + MAX_EDITS
    made = proofread_by(text, text.replace("recieve", "receive"))
    assert made == text.replace("recieve", "receive", MAX_EDITS)


def test_words_are_spelt_as_the_request_spells_them() -> None:
    original, copy = "The book of happyness is out.", "The book of happiness is out."
    assert amid(original, copy) == copy
    assert amid(original, copy, request="Who is the author of Happyness?") == original


@pytest.mark.parametrize(
    ("original", "copy", "kinds"),
    [
        ("We recieve it.", "We receive it.", ["spelling"]),
        ("He have it.", "He has it.", ["form"]),
        ("Its late.", "It's late.", ["form"]),
        ("It is doctor.", "It is a doctor.", ["small word"]),
        ("A french boat.", "A French boat.", ["capital"]),
        ("See the the boat.", "See the boat.", ["doubled"]),
        ("A lot of it, alot.", "A lot of it, a lot.", ["joined"]),
        ("He have recieved it.", "He has received it.", ["form", "spelling"]),
        ("The dog is here.", "The dogs are here.", []),
        ("It sank", "It sank.", []),
        ("It sank.", "It rose.", []),
        ("It sank.", "It sank.", []),
        ("", "", []),
        ("", "All new.", []),
        ("All gone.", "", []),
    ],
)
def test_each_edit_has_its_kind(original: str, copy: str, kinds: list[str]) -> None:
    edits = likely_edits(original, copy, known=frozenset())
    assert [edit.kind for edit in edits] == kinds
    assert applied(original, edits) == (copy if kinds else original)
    assert applied(original, ()) == original


def test_a_mark_at_the_end_is_no_reason_to_change_a_row() -> None:
    text = f"{BEFORE}The pier is old"
    assert weighed(text, f"{text}.") is None
    fixed = proofread_by(text.replace("visitors", "visitrs"), f"{text}.")
    assert fixed == text


def test_a_copy_that_broke_off_or_went_astray_is_not_used() -> None:
    text = f"{BEFORE}He have two sons.{AFTER}"
    fixed = text.replace("have", "has")
    assert proofread_by(text, fixed) == fixed
    assert weighed(text, fixed[: int(len(text) * 0.79)]) is None
    assert weighed(text, "") is None
    assert weighed(text, "I cannot proofread this text for you. " * 6) is None


def test_the_copy_of_a_text_without_slips_asks_for_nothing_more() -> None:
    text = BEFORE + AFTER
    assert weighed(text, text) is None
    assert weighed(text, f"\n{text}\n") is None


def test_the_model_has_room_for_the_whole_text() -> None:
    text = (BEFORE + AFTER) * 4
    draft = proofread(Sample(0, 0, "a", REQUEST, text), text)
    assert draft is not None
    (ask,) = draft.asks
    assert ask.messages[-1].content == text
    (span,) = ask.answer
    assert isinstance(span, Span)
    assert span.max_tokens > len(text) / 4
    assert (draft.operation, draft.proven, draft.varied) == ("proofread", True, False)


@pytest.mark.parametrize(
    "text",
    [
        f"{BEFORE}{AFTER}",
        f"{BEFORE}\n\n{AFTER}",
        f"{BEFORE}\n- tea\n- milk\n* cake\n• fish",
        f"{BEFORE}\n1. Wait.\n2) Go.",
        f"{BEFORE}\nIt lies in the north of the town.",
        f"{BEFORE}These are the three kinds of fish:\n- cod",
    ],
)
def test_english_prose_is_read(text: str) -> None:
    assert proofread(Sample(0, 0, "a", REQUEST, text), text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "It is old.",
        (BEFORE + AFTER) * 8,
        BEFORE.upper(),
        BEFORE.lower(),
        "Der alte Hafen liegt am Rand der Stadt, und viele Gäste mögen ihn, weil er so ruhig ist.",
        "Le vieux port est au bord de la ville et les visiteurs aiment le calme dans les rues.",
        "港は町のはずれにあります。静かなので多くの人が訪れます。",
        "tin zinc lead iron copper silver gold nickel cobalt chrome radium",
        f"{BEFORE}It has 3*4=<<3*4=12>>12 piers.",
        f"{BEFORE}\n#### 12",
        f"{BEFORE}So x = 12 in the end.",
        f"{BEFORE}Then $$x^2$$ follows.",
        f"{BEFORE}Then \\(x\\) follows.",
        f"{BEFORE}\n\n| a | b |\n|---|---|\n| c | d |",
        f"{BEFORE}\n\n```python\nprint(1)\n```",
        f"{BEFORE}\n\ndef double(n):\n    return n + n\n\nprint(double(2))",
        f"{BEFORE}It is in <b>bold</b>.",
        f"{BEFORE}The set is {{1, 2}}.",
        "The boat lay in the bay so still,\nThe gulls went over the town and the hill,\n"
        "And nobody came, and nobody will,\nAnd the moon was out of the water",
        f"{BEFORE}\n\nAnna: Where is it?\nOle: Here.",
        f"{BEFORE}\n\nMs Hale\n4 Mill Lane\nLeeds",
        "",
    ],
)
def test_what_is_no_english_prose_is_not_read(text: str) -> None:
    assert proofread(Sample(0, 0, "a", REQUEST, text), text) is None
