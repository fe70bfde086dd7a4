"""Sharing out keeps the original's order, its separate lists and its numbers."""

from __future__ import annotations

import pytest

from realign_local.assets import shared_path
from realign_local.criteria import read_criteria
from realign_local.data.records import Sample
from realign_local.engine.request import Span
from realign_local.layouts.asked import asked_of
from realign_local.layouts.plan import Plan, plan_rewrite
from realign_local.layouts.units import short_terms

CRITERIA = read_criteria(shared_path("criteria"))


def shown(task: str, answered: str, asked: str = "What do I do?") -> str:
    """The rewrite with a dash for whatever the model writes."""
    plan = plan_rewrite(CRITERIA[task], Sample(0, 0, "r", asked, answered, task=task), pick=0)
    assert isinstance(plan, Plan)
    return "".join("–" if isinstance(part, Span) else part.text for part in plan.answer)


RECIPE = (
    "Rice pudding\n\n- milk\n- rice\n\nInstructions:\n\n1. Boil the milk.\n2. Stir in the rice."
)


@pytest.mark.parametrize("task", ["recommendations", "how_to_generation", "planning"])
def test_two_lists_stay_two(task: str) -> None:
    assert RECIPE in shown(task, RECIPE)


def test_what_announces_a_list_stays_in_front_of_it() -> None:
    text = "A task on coins.\n\nConstraints:\n\n- No coin is used twice.\n- The sum is positive."
    assert text in shown("text_to_code_translation", text)


def test_prose_between_two_blocks_of_code_stays_there() -> None:
    text = "```sh\nmake\n```\n\nThen run it.\n\n```sh\n./a.out\n```"
    assert text in shown("text_to_code_translation", text)


def test_a_list_before_the_code_stays_before_it() -> None:
    text = "- It needs Python 3.\n- It reads stdin.\n\n```python\nprint(input())\n```"
    assert text in shown("text_to_code_translation", text)


def test_numbers_that_say_more_than_the_order_stay() -> None:
    persons = "Die Endungen:\n\n1. Person: -e\n2. Person: -st\n1. Person Plural: -en"
    assert persons in shown("how_to_generation", persons)
    assert "1. Stop.\n2. Look." in shown("how_to_generation", "- Stop.\n- Look.")


def test_paragraphs_that_are_steps_are_not_cut_into_sentences() -> None:
    text = "Step 1: Look for ideas. Write them down.\n\nStep 2: Choose one. Begin."
    assert "1. Look for ideas. Write them down.\n2. Choose one. Begin." in shown("planning", text)


def test_a_grid_is_no_list_of_steps() -> None:
    grid = "|1|2|3|\n|4|5|6|\n|7|8|9| and so the puzzle is solved."
    assert grid in shown("math_puzzles", grid)


def test_a_line_that_announces_the_next_one_is_no_step_of_its_own() -> None:
    text = "The total is:\n4 + 5 = 9 apples.\nSo each child gets 3 apples."
    assert "1. The total is:\n   4 + 5 = 9 apples.\n2. So each" in shown("math_puzzles", text)


def test_a_row_of_a_table_that_is_indented_stays_in_it() -> None:
    table = "Name | Cost\n---|---\n           |      |"
    assert table in shown("text_to_code_translation", table)


def test_the_corrected_text_is_found_behind_its_announcement() -> None:
    text = "Here is the corrected sentence:\n\nShe sings well."
    assert shown("text_correction", text, "Correct this: She sing well.").endswith(
        '\n\nShe sings well.\n\n- "sing" → "sings": form of the word.'
    )


def test_titles_in_a_row_are_terms_and_prose_with_commas_is_not() -> None:
    assert len(short_terms("The Lion King, Up, The Cat in the Hat Knows a Lot About That!")) == 3
    assert not short_terms("I went to the old shop on the corner, bought milk and bread, went home")


@pytest.mark.parametrize(
    ("request_", "asked"),
    [
        ("Emails tire people. Come up with synonyms for the word.\n\nSincerely",
         "Come up with synonyms for the word."),
        ("Answer the following question.\n\nRice is a grass. What is rice?", "What is rice?"),
        ("Classify the questions of the FAQ by subject.\n\nCould you send me a bill?",
         "Classify the questions of the FAQ by subject."),
        ("which scientist is the ampere named after",
         "Which scientist is the ampere named after?"),
        ("You get a tweet and you should decide if it is rude.", None),
        ("This is our title. I like it.\n\nBlog", ""),
    ],
)  # fmt: skip
def test_what_a_request_asks(request_: str, asked: str | None) -> None:
    assert asked_of(request_) == (request_ if asked is None else asked)
