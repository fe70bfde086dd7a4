"""Tables out of columns, walls of text and wrapped lines."""

from __future__ import annotations

import pytest

from realign_local.rewriting.tidy.paragraphs import paragraphs, unwrap
from realign_local.rewriting.tidy.tables import tables
from realign_local.text.rules import rules


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (
            "Name    Age\nAnn     12\nBen      9",
            "| Name | Age |\n| --- | --- |\n| Ann | 12 |\n| Ben | 9 |",
        ),
        (
            "Here:\nCountry\tCapital\nFrance\tParis\nItaly\tRome\nThat is all there is to say.",
            "Here:\n\n| Country | Capital |\n| --- | --- |\n| France | Paris |\n| Italy | "
            "Rome |\n\n"
            "That is all there is to say.",
        ),
        (
            "| Fruit | Price |\n| Apple | $1 |\n| Pear | $2 |\n| Plum | $3 |",
            "| Fruit | Price |\n| --- | --- |\n| Apple | $1 |\n| Pear | $2 |\n| Plum | $3 |",
        ),
        (
            "Tool | Use\n----------\nSaw | cuts wood\nAwl | makes holes",
            "| Tool | Use |\n| --- | --- |\n| Saw | cuts wood |\n| Awl | makes holes |",
        ),
        (
            "Metal   Melts at\n-----   --------\nIron    1538 C\nTin     232 C",
            "| Metal | Melts at |\n| --- | --- |\n| Iron | 1538 C |\n| Tin | 232 C |",
        ),
    ],
)
def test_columns_under_a_header_become_a_table(text: str, table: str) -> None:
    assert tables(text, "Make a list.") == table
    assert tables(table, "Make a list.") == table


@pytest.mark.parametrize(
    "text",
    [
        "Ann     12\nBen      9\nCleo    14",  # no header
        "Name    Age\nAnn     12",  # two rows
        "Name    Age\nAnn     12\nBen",  # a cell is gone
        "  123\n+ 989\n-----\n 1112",
        " X | O | X\n O | X | O\n X | O | X",
        "r  n  b  q\np  p  p  p\nP  P  P  P",
        "  /\\  /\\\n /  \\/  \\\n/________\\",
        "|1|7|5|\n|9|2|8|\n|8|3|4|",
        "Roses are red,  my dear\nViolets are blue,  my love\nSugar is sweet,  my own",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a | b\n--- | ---\n1 | 2\n3 | 4",
        "```\nName    Age\nAnn     12\nBen      9\n```",
        "Name:    Ann\nAge:     12\nCity:    Rome",
        "C  G  Am  F\nLet it be\nC  G  F  C\nLet it be",
        "Mon    8-17\nTue    9-17\nWed    9-12",
        "Player  unknown\nAnn  12\nBen  9",
    ],
)
def test_what_is_no_table_stays(text: str) -> None:
    assert tables(text, "Do it.") == text


WALL = (
    "Solar panels have become much cheaper over the last ten years, and many house owners think of "
    "buying some. They turn light into current without noise or smoke. This saves a good "
    "part of the "
    "bill of a family in most months of the year. However, the panels give little in "
    "winter, when the "
    "days are short and the sky is often grey. It is then that a house needs most of its energy. "
    "Another point is the cost of a battery, which can be as high as that of the panels. "
    "Without one "
    "the current of the day cannot be used at night. On the other hand, what is left over "
    "can be sold "
    "to the grid at a fixed price. That makes up for a part of the cost, though not for all "
    "of it in "
    "most regions of the country."
)


def test_a_wall_of_text_is_parted_at_its_turns() -> None:
    parted = paragraphs(WALL, "Are solar panels worth it?")
    begins = [part.split()[0] for part in parted.split("\n\n")]
    assert begins == ["Solar", "However,", "Another"]
    assert parted.split() == WALL.split()
    assert paragraphs(parted, "Are solar panels worth it?") == parted


@pytest.mark.parametrize(
    "request_",
    [
        "Write a paragraph on solar panels.",
        "Summarize the text.",
        "Write a story.",
        "Translate it.",
    ],
)
def test_a_request_for_one_paragraph_keeps_it(request_: str) -> None:
    assert paragraphs(WALL, request_) == WALL


def test_paragraphs_that_have_no_turn_or_are_short_stay() -> None:
    leaning = " ".join(["It is what they said of it in all of the towns near the sea."] * 12)
    assert paragraphs(leaning, "x") == leaning
    assert paragraphs(WALL[:500], "x") == WALL[:500]
    assert paragraphs("- " + WALL, "x") == "- " + WALL


def test_no_border_lies_in_a_quotation() -> None:
    quoted = WALL.replace("However,", '"However,').replace("its energy.", 'its energy."')
    quoted = quoted.replace("This saves", '"This saves').replace("the year.", 'the year."')
    parts = paragraphs(quoted, "x").split("\n\n")
    assert len(parts) > 1
    assert all(part.count('"') % 2 == 0 for part in parts)


PARAGRAPH_HABITS = rules("tidy/paragraphs")


@pytest.mark.parametrize("language", PARAGRAPH_HABITS)
def test_the_turns_of_each_language(language: str) -> None:
    entry = PARAGRAPH_HABITS[language]
    begins = [
        any(text.startswith(turn) for turn in entry["turns"])
        for text in (entry["example"], entry["counter"])
    ]
    assert begins == [True, False]
    assert not {*entry["turns"]} & {*entry["leans"]}


WRAPPED = (
    "The harbour of the town was built about two hundred years ago by a company that\n"
    "hoped to trade with the islands in the west. It was never as busy as its owners\n"
    "had hoped, because the water at its mouth was too shallow for the larger ships\n"
    "of the time.\n\nToday it is used by a few fishing boats."
)


def test_wrapped_lines_are_joined() -> None:
    whole = unwrap(WRAPPED, "Tell me about the harbour.")
    assert whole.split("\n\n")[0].count("\n") == 0
    assert whole.split() == WRAPPED.split()
    assert unwrap(whole, "x") == whole


@pytest.mark.parametrize(
    "text",
    [
        "Shall I compare thee to a summer's day, my own and ever dearest friend of mine?\n"
        "Thou art more lovely and more temperate.\nRough winds do shake the buds of May,\n"
        "And summer's lease hath all too short a date.",
        WRAPPED.replace("\n", "  \n"),
        WRAPPED.replace("\nhoped", "\n- hoped"),
    ],
)
def test_lines_that_are_meant_stay(text: str) -> None:
    assert unwrap(text, "x") == text
