"""Slips of words: what is mended, what is meant, and that the gates see through the mends."""

from __future__ import annotations

import re

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import judge
from realign_local.gates.gate import Case
from realign_local.gates.talk.borrowed import borrowed
from realign_local.rewriting.tidy.words import slips
from realign_local.text.equal import slip_words
from realign_local.text.rules import rules
from realign_local.text.spelling import is_word

HOW = "How do the people of the valley live beside their river?"
TABLE, MISSPELT = rules("tidy/slips"), rules("tidy/misspelt")
TWICE_RIGHTLY = "to for with and or not in on at by from into that had"
FRAMES = (
    "They said in the valley that {} was on the list of the miller, and it is still there.",
    "We saw what is left of the mill.\n\n- The old bridge and {} stand there.\n- The pond is deep.",
)
PLAIN = [
    (wrong, right)
    for table in (TABLE["contractions"], MISSPELT["words"], MISSPELT["joined"])
    for right, wrongs in table.items()
    for wrong in wrongs.split()
]
GROUPS = [PLAIN[at : at + 60] for at in range(0, len(PLAIN), 60)]


def mended(text: str, request: str = HOW) -> str:
    new = slips.mend_slips(text, request)
    assert slips.mend_slips(new, request) == new
    return new


def failed(original: str, rewritten: str, request: str = HOW) -> dict[str, Reason | None]:
    verdicts = judge(Case(request, original, rewritten))
    return {name: v.reason for name, v in verdicts.items() if v.outcome == "fail"}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0][0])
def test_every_plain_slip_is_mended_and_passes_the_gates(group: list[tuple[str, str]]) -> None:
    for wrong, right in group:
        for frame in FRAMES:
            text, wanted = frame.format(wrong), frame.format(right)
            assert mended(text) == wanted
            assert not failed(text, wanted), wrong


def test_what_is_misspelt_is_no_word_and_stands_for_one_word_alone() -> None:
    wrong = [word for word, _ in PLAIN]
    assert len(wrong) == len(set(wrong))
    assert [word for word in wrong if is_word(word)] == []
    rights = [word for right in MISSPELT["words"] for word in right.lower().split()]
    assert [word for word in rights if not is_word(word)] == []
    assert not set(rights) & set(wrong)


@pytest.mark.parametrize("entry", TABLE["guarded"], ids=lambda entry: entry["example"])
def test_a_guarded_word_is_mended_where_its_neighbours_are_sure(entry: dict[str, str]) -> None:
    new = mended(entry["example"])
    shown = re.compile(rf"\b{entry['word']}\b", re.IGNORECASE)
    assert slip_words.words_of(entry["to"]) <= slip_words.words_of(new)
    assert not shown.search(new)
    assert not failed(entry["example"], new)
    assert shown.search(entry["counter"])
    assert mended(entry["counter"]) == entry["counter"]


@pytest.mark.parametrize("word", TABLE["doubled"]["words"].split())
def test_a_small_word_that_stands_twice_stands_once(word: str) -> None:
    text = f"The mill was sold last year, {word} {word} old miller moved to the coast."
    wanted = text.replace(f"{word} {word}", word)
    assert mended(text) == wanted
    assert not failed(text, wanted)


@pytest.mark.parametrize("entry", TABLE["style"]["requests"], ids=lambda entry: entry["example"])
def test_requests_that_may_want_the_slips(entry: dict[str, str]) -> None:
    assert re.search(entry["pattern"], entry["example"])
    text = "The miller said that they dont know what is in it."
    assert mended(text, f"Tell me about it: {entry['example']}") == text


@pytest.mark.parametrize("word", TABLE["style"]["words"].split())
def test_words_of_a_chat_show_a_style(word: str) -> None:
    text = f"They said that {word} dont know what is in the mill, and it is old."
    assert mended(text) == text


MENDS = (
    ("Recieved on the day, it is dry and of use.", "Received on the day, it is dry and of use."),
    ("The goverment sold it.\n\nDont buy it.", "The government sold it.\n\nDon't buy it."),
    ("It is not known whos there, or who it is.", "It is not known who's there, or who it is."),
    ("It’s late, and they dont know what it was.", "It’s late, and they don’t know what it was."),
    ("- Dont lift the lid.\n- Wait for the bell.", "- Don't lift the lid.\n- Wait for the bell."),
    ("I dried it, and then i put it on the shelf.", "I dried it, and then I put it on the shelf."),
    ("It is cold. i told him i'm ill, as i was.", "It is cold. I told him I'm ill, as I was."),
    ("The the mill is old, and it leans.", "The mill is old, and it leans."),
    ("See `dont`, and untill then they are.", "See `dont`, and until then they are."),
    ("It is *seperate*, and not at the the door.", "It is *seperate*, and not at the door."),
    ("**Seperate rooms:** for the guests of it.", "**Separate rooms:** for the guests of it."),
    ("Everytime that it rains, they are at home.", "Every time that it rains, they are at home."),
    ("They drank alot of it at the inn, aswell.", "They drank a lot of it at the inn, as well."),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), MENDS, ids=[text for text, _ in MENDS])
def test_slips_are_mended(text: str, wanted: str) -> None:
    assert mended(text) == wanted
    assert not failed(text, wanted)


MEANT = (
    "The sign said \"dont feed the geese\" and that was all of it.",
    "The sign said “dont feed the geese” and that was all of it.",
    "The sign said 'dont feed the geese' and that was all of it.",
    "> They dont know what it is.\n\nThis is what he wrote in the book.",
    "It is in recieved.txt and in seperate_rows, or at https://mill.example/dont-go there.",
    "Write to untill@mill.example, or see #dont and @alot for the rest of it.",
    "The file is at C:\\recieved\\list and the key is seperate-by of it.",
    "This is it:\n\n```\n# dont do it\n```\n\nThat is all of it.",
    "This is it:\n\n    # dont do the the row\n    seperate = rows[1]\n\nThat is all of it.",
    "| name | note |\n| --- | --- |\n| pier | dont use the the key |",
    "It had had its day, and it is said that that was so so good.",
    "It is what the man she spoke of of course said.",
    "You can use a a b as the rhyme: vitamin a a day is what it was.",
    "Vitamin A a day is what you and the others need.",
    "The sum over i is what you want, as i = 4 is the last of the rows.",
    "It is the variable i and the row i that was read, for x and y as well.",
    "Step i. is first and step ii. is the second of the steps.",
    "It is not recieve but receive, as they all know.",
    "They saw it, i.e. the mill, from the tower.",
    "The band Alot and the firm Noone were at the fair, and that was it.",
    "The record is called Definately Maybe Not and was sold at the fair.",
    "Wo ist das Buch? Er sagte, das sei im Haus. Dont gibt es nicht, und das ist wahr.",
    "The miller lives\nand they dont know\nwhat is below\nthe the old bridge",
    "Anna: They dont know of it.\nBert: What is it that they saw?\nAnna: It was the mill.",
    "gonna see what they dont know, cuz it is what it is at the mill.",
    "it was late. they went home. i was tired. they dont mind that. i was not.",
    "She was ill be that as it may, and its roof is in need of repair.",
    "The hell with it, they said; we were well in the shell of the mill.",
    "It sank through the trough, and they were loosing the rope from the quay.",
    "The colour of the grey harbour, an enquiry and a programme are as they were.",
    "theres a leak in the mill -> report; what is that? -> other",
    "\"They dont\" is what it was -> untill it was mended.",
    "This is how to write it: teh → the, recieve → receive.",
    "The inn and its a la carte menu are known to the people of the valley.",
    "The Thats All bar is on the quay, and it is old.",
    "The imaginary unit i was named by the man who wrote it.",
    "THEY DONT KNOW WHAT IS IN THE MILL.",
    "The ferryman whom she turned to to cross the lake was late.",
    "What the pond was dug for for so many years is not known.",
    "It was the ox they put up with with no word of thanks.",
    "The clause has and and or as its connectives, and that is it.",
    "The keyword is the the that stands in the first line of it.",
    "It was the spring that they had dreamed of of old in the valley.",
    "We heard that The the band was at the fair, and that was all of it.",
    "Let i be the number of the pond, and then i can have a dam.",
    "I think that it is late. They named it i in the list, and then i went on.",
    "In Czech, my aunt says, kolo i mlyn is the wheel and the mill.",
    "As i has no name of its own in the valley, they left it so.",
    "My uncle fought in World War i and was at home in the winter.",
    "The pupils of the valley write recieve where they mean it.",
    "They mix up definately, seperate and others of that kind.",
    "The column adress is in the list. Read adress from it for them.",
    "In the folder of the mill they have untill as a name, and untill it is.",
    "The word dont is in the list of the miller, and dont is on the door.",
    "We asked Mr. Goverment of the valley, and he said it was so.",
    "The inn of Dr. Thier is on the quay, and thier is what they call it.",
    "The firm Freind sells it in the valley, and freind is on the lid.",
    "Jakob Dont lived in the valley. Dont wrote it for the fiddle.",
    "Arent van Loon was there. Arent was the first of the millers.",
    "In the book, the Whos live in the valley. Whos are small and kind.",
    "It is the man whos wife sold the mill to the people of the inn.",
    "Press its OK button and wait until the gate is open.",
    "The plan shows its a and b sides, and that is all of it.",
    "They saw theyre own house and theyre day was long.",
    "He asked youre brother for the key of the mill.",
    "You cant the mast a little, and they cant the beams of the roof.",
    "Cant need not be a word of the valley, but it is known to them.",
    "They read <q>dont feed the geese</q> on the sign of the pond.",
    "He came to the gate of the mill.\n\n— I dont know you, he said.\n\n– They cant be far.",
    "> This is what the miller says\nand they dont know it in the valley.\n\nIt is so.",
    "Here is the letter that was in the box:\n\nI dont know where you are.\n\nThey are well.",
    "This is the email:\nDear Anna,\nthey dont know of it, and it is late.",
)  # fmt: skip


@pytest.mark.parametrize("text", [t for t in MEANT if not t.startswith("it was late")])
def test_what_may_be_meant_stays(text: str) -> None:
    assert mended(text) == text


def test_small_letters_as_a_style_keep_their_i() -> None:
    text = next(t for t in MEANT if t.startswith("it was late"))
    assert mended(text) == text.replace("dont", "don't")


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ("Is it seperate or not?", "It is seperate from the others, and that is it."),
        ("Read this.\n\nThey dont know.", "It says that they dont know of it."),
        ("What is in the the box?", "It is in the the box that they have."),
        ("Write a Python script.", "Run `go`, as they dont know what it is."),
    ],
)
def test_the_request_says_how_a_word_is_written(request_: str, text: str) -> None:
    assert mended(text, request_) == text


def test_a_word_of_the_request_that_is_no_slip_there_keeps_nothing() -> None:
    text = "I think its a good mill, and they know of it."
    assert mended(text, "What of the mill and its wheel?") == text.replace("its", "it's")
    assert mended(text, "Is it so that its a mill?") == text


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("They recieved it in the mill.", "They returned it in the mill."),
        ("They dont know the miller.", "They know the miller."),
        ("They cant open the gate.", "They can open the gate."),
        ("It is a seperate room of the inn.", "It is a desperate room of the inn."),
        ("They sold it untill the autumn.", "They sold it untill the winter."),
        ("There were alot of people at the mill.", "There were no people at the mill."),
        ("It isnt far from the mill.", "It is far from the mill."),
        ('He wrote "recieve" on the door of it.', 'He wrote "receive" on the door of it.'),
        ("He wrote 'in the the mill' on it.", "He wrote 'in the mill' on it."),
        ("The key is `seperate` in the list.", "The key is `separate` in the list."),
        ("She turned to to cross the lake.", "She turned to cross the lake."),
        ("It was dug for for ten years.", "It was dug for ten years."),
        ("In logic and and or are alike.", "In logic and or are alike."),
        ("They dreamed of of old wells.", "They dreamed of old wells."),
        ("The row i is first, and then i grows.", "The row I is first, and then I grows."),
        ("Mr. Goverment sold the mill to them.", "Mr. Government sold the mill to them."),
        ("The firm Freind sells it there.", "The firm Friend sells it there."),
        ("Jakob Dont lived. Dont wrote it all.", "Jakob Dont lived. Don't wrote it all."),
        ("Arent van Loon was at the mill.", "Aren't van Loon was at the mill."),
        ("You cant the mast to port.", "You can't the mast to port."),
        ("Press its OK button and wait.", "Press it's OK button and wait."),
        ("It shows its a and b sides.", "It shows it's a and b sides."),
        ("The pupils write recieve there.", "The pupils write receive there."),
        ("The column adress is in the list.", "The column address is in the list."),
        ("They read <q>dont go</q> there.", "They read <q>don't go</q> there."),
    ],
)
def test_an_exchanged_word_is_no_mended_slip(original: str, rewritten: str) -> None:
    assert failed(original, rewritten)


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (
            "The fair is in may, and the geese are sold in june.",
            "The fair is in May, and the geese are sold in June.",
        ),
        ("They wont sell it", "They won't sell it."),
        (
            "He rose late, as is his wont. I wont do it.",
            "He rose late, as is his wont. I won't do it.",
        ),
        ("My mill is old, and i like it so.", "My mill is old, and I like it so."),
    ],
)
def test_what_was_meant_is_no_exchange(original: str, rewritten: str) -> None:
    assert not failed(original, rewritten)


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Bake it for 20&ndash;30 minutes.", "Bake it for 20–30 minutes."),
        ("It belongs to Hull &amp; Sons since 1912.", "It belongs to Hull & Sons since 1912."),
        ("It isn&#39;t sold for &pound;300&ndash;400.", "It isn't sold for £300–400."),
        ("It was 5&frac12; hours late in Z&uuml;rich.", "It was 5½ hours late in Zürich."),
        ("It has 3&#8239;000 steps, 4 &times; 4 &minus; 2.", "It has 3\u202f000 steps, 4 × 4 − 2."),
    ],
)  # fmt: skip
def test_entities_are_seen_as_their_signs(original: str, rewritten: str) -> None:
    assert not failed(original, rewritten)


def test_entities_that_are_spoken_of_are_no_signs() -> None:
    request = "Which entity stands for an ampersand in HTML?"
    original = "Write `&amp;`, which is 3 &lt; 4 in the row 20&ndash;30."
    assert failed(original, "Write `&`, which is 3 < 4 in the row 20–30.", request)
    assert failed(original, "Write `&`, which is 3 < 4 in the row 20–30.")
    assert failed("Bake it for 20&ndash;30 minutes.", "Bake it for 20–40 minutes.")


def test_a_sentence_that_got_its_apostrophe_claims_nothing_new() -> None:
    original = "They wont to rise at noon. He wont. I wont do it. As is its wont, the ox sleeps."
    rewritten = original.replace("I wont do", "I won't do")
    assert borrowed(Case(HOW, original, rewritten), examples=()).outcome != "fail"
    strange = original.replace("I wont do it", "He cannot sing there")
    assert borrowed(Case(HOW, original, strange), examples=()).outcome == "fail"


def test_a_mended_row_may_keep_what_stands_twice_beside_it() -> None:
    original = "One is at home, with with a a friend of the miller in the valley."
    assert not failed(original, original.replace("a a", "a"))


@pytest.mark.parametrize(
    "request_",
    [
        "Repeat what the old ferryman told you.",
        "What did the user type into the box?",
        "What does the miller say?",
        "Extract the complaint from the log.",
        "Write a badly worded note.",
        "Write a diary of a teenager.",
        "Show me what the boy wrote.",
        "Write a letter from a small girl to her aunt.",
    ],
)
def test_requests_for_words_as_they_are(request_: str) -> None:
    text = "They dont know what is in the the mill, and untill noon it is shut."
    assert mended(text, request_) == text


def test_a_type_of_something_is_no_request_for_what_was_typed() -> None:
    assert mended("They dont know of it.", "Which type of mill is it?") == "They don't know of it."


@pytest.mark.parametrize("word", TWICE_RIGHTLY.split())
def test_words_that_rightly_stand_twice_stay(word: str) -> None:
    text = f"This is what the miller of the valley held {word} {word} keep the pond full."
    assert mended(text) == text
