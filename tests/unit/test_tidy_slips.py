"""Slips of words: what is mended, what is meant, and that the gates see through the mends."""

from __future__ import annotations

import re

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import judge
from realign_local.gates.gate import Case
from realign_local.rewriting.tidy.words import slips
from realign_local.text.equal import slip_words
from realign_local.text.rules import rules
from realign_local.text.spelling import is_word

HOW = "How do the people of the valley live beside their river?"
TABLE, MISSPELT = rules("tidy/slips"), rules("tidy/misspelt")
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
    ("The Goverment of the valley sold the mill.", "The Government of the valley sold the mill."),
    ("It’s late, and they dont know what it was.", "It’s late, and they don’t know what it was."),
    ("- Dont lift the lid.\n- Wait for the bell.", "- Don't lift the lid.\n- Wait for the bell."),
    ("I dried it, and then i put it on the shelf.", "I dried it, and then I put it on the shelf."),
    ("It is cold. i told him i'm ill, as i was.", "It is cold. I told him I'm ill, as I was."),
    ("The the mill is old, and it leans.", "The mill is old, and it leans."),
    ("See `dont`, and untill then they are.", "See `dont`, and until then they are."),
    ("It is *seperate*, and not at the the door.", "It is *seperate*, and not at the door."),
    ("**Seperate rooms:** for the guests of it.", "**Separate rooms:** for the guests of it."),
    ("Everytime that it rains, they are at home.", "Every time that it rains, they are at home."),
    ("They wrote alot of it at the inn, aswell.", "They wrote a lot of it at the inn, as well."),
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
    ],
)
def test_an_exchanged_word_is_no_mended_slip(original: str, rewritten: str) -> None:
    assert failed(original, rewritten)


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
