"""Calculations as numbered steps: what is one, and what stays."""

from __future__ import annotations

import re

import pytest

from tests.tidied import ALL, SUM, applied, passes

FOUR = [
    "Ida has 3*4=<<3*4=12>>12 stamps",
    "She buys 2 so 12+2=<<12+2=14>>14",
    "She loses half of them, 14/2=<<14/2=7>>7",
    "She finds 5 more, 7+5=<<7+5=12>>12",
]


def test_steps_line_by_line() -> None:
    text = "\n".join([*FOUR, "#### 12"])
    listed = [f"{place}. {line}." for place, line in enumerate(FOUR, start=1)]
    new = "\n".join([*listed, "", "#### 12"])
    assert applied("steps", text, SUM) == new
    assert passes(text, new, SUM)


def test_a_few_steps_get_their_full_stops_and_no_numbers() -> None:
    text = "\n".join([*FOUR[:3], "#### 7"])
    new = "\n".join([*(f"{line}." for line in FOUR[:3]), "#### 7"])
    assert applied("steps", text, SUM) == new
    assert applied("steps", new, SUM) == new


def test_a_bare_calculation_among_many_steps_is_an_entry() -> None:
    lines = [f"{line}." for line in FOUR[:2]] + ["14/2 = <<14/2=7>>7"]
    lines += ["She adds 7+5=<<7+5=12>>12.", "She loses 12-4=<<12-4=8>>8."]
    text = "\n".join([*lines, "#### 8"])
    listed = [f"{place}. {line}" for place, line in enumerate(lines, start=1)]
    assert applied("steps", text, SUM) == "\n".join([*listed, "", "#### 8"])


@pytest.mark.parametrize(
    "lines",
    [
        [FOUR[0], "2 friends get 7*2=<<7*2=14>>14.", *FOUR[2:]],
        [*FOUR[:2], "But she has to pay, so", "she pays 12/2=<<12/2=6>>6"],
        ["Let x be her age", "So 3x = 36", "Then x = <<36/3=12>>12", "She is <<12+0=12>>12 years"],
        ["Stamps: 3*4=<<3*4=12>>12", "More: 12+2=<<12+2=14>>14", *FOUR[2:]],
    ],
    ids=["a number before a number", "a sentence over two lines", "algebra", "labels"],
)
def test_numbers_that_would_be_misread_are_not_set(lines: list[str]) -> None:
    assert "1. " not in applied("steps", "\n".join([*lines, "#### 12"]), SUM)


def test_a_full_stop_for_all_or_none() -> None:
    text = "Ida has 3*4=<<3*4=12>>12 stamps\nLeft = 12/2 = <<12/2=6>>6\n#### 6"
    assert applied("steps", text, SUM) == text


def test_a_line_stays_with_what_it_announces() -> None:
    text = (
        "Add the stamps:\n3+4=<<3+4=7>>7\nDouble them:\n7*2=<<7*2=14>>14\n"
        "Take off two:\n14-2=<<14-2=12>>12\nHalve it all:\n12/2=<<12/2=6>>6\n#### 6"
    )
    assert applied("steps", text, SUM) == (
        "1. Add the stamps:\n   3+4=<<3+4=7>>7\n2. Double them:\n   7*2=<<7*2=14>>14\n"
        "3. Take off two:\n   14-2=<<14-2=12>>12\n4. Halve it all:\n   12/2=<<12/2=6>>6\n\n#### 6"
    )


def test_steps_of_sentences() -> None:
    text = (
        "We add 3 + 4 = 7. Doubling takes 7 * 2 = 14. So we get 14 - 4 = 10. Half of it is"
        " 10 / 2 = 5. The answer is 5."
    )
    new = (
        "1. We add 3 + 4 = 7.\n2. Doubling takes 7 * 2 = 14.\n3. So we get 14 - 4 = 10.\n"
        "4. Half of it is 10 / 2 = 5.\n\nThe answer is 5."
    )
    assert applied("steps", text, SUM) == new
    assert passes(text, new, SUM)


def test_steps_with_a_lead() -> None:
    steps = [
        "We add 3 + 4 = 7",
        "We double 7 * 2 = 14",
        "We take 14 - 4 = 10",
        "We halve 10 / 2 = 5",
    ]
    text = "\n".join(["Here are the steps:", *steps, "The answer is 5."])
    listed = [f"{place}. {step}" for place, step in enumerate(steps, start=1)]
    new = "\n".join(["Here are the steps:", "", *listed, "", "The answer is 5."])
    assert applied("steps", text, SUM) == new


LEFT_STEPS = {
    "one step": "Ida has 3*4=12 stamps.\n#### 12",
    "numbered": "1. 3+4=7\n2. 7*2=14\n#### 14",
    "counted": "Step 1: 3+4=7\nStep 2: 7*2=14\n#### 14",
    "bullets": "- 3+4=7\n- 7*2=14\n#### 14",
    "a system": "x + y = 10\nx - y = 2",
    "a column": "123\n+ 989\n= 1112\n#### 1112",
    "aligned": "  12 + 3 = 15\n         = 5 * 3 = 15\n         = 30 - 15 = 15",
    "LaTeX": "\\begin{align}\nx &= 5 + 3 = 8\\\\\ny &= 2 * 3 = 6\n\\end{align}",
    "a table": "| 3+4=7 | a |\n| 7*2=14 | b |\n| 1+1=2 | c |",
    "code": "a = 3 * 4\nb = 5 - 2\nprint(a + b == 15)",
    "an aside": "I think that 5 + 5 = 10 is nice. I like it. It is round.",
    "a greeting": "Sure!\n3+4=7\n7*2=14\n#### 14",
    "keycaps": "1️⃣ 3+4=7\n2️⃣ 7*2=14\n#### 14",
    "a heading": "# Sum\n3+4=7\n7*2=14\n#### 14",
    "the answer alone": "#### 14",
    "bare equations": "3+4=<<3+4=7>>7\n7*2=<<7*2=14>>14\n14-2=<<14-2=12>>12\n#### 12",
    "an order of its own": (
        "First add 3+4=<<3+4=7>>7\nThen double 7*2=<<7*2=14>>14\nThen halve 14/2=<<14/2=7>>7\n"
        "#### 7"
    ),
}


@pytest.mark.parametrize("text", LEFT_STEPS.values(), ids=LEFT_STEPS)
def test_steps_left(text: str) -> None:
    assert applied("steps", text, SUM) == text


def test_names_and_summaries() -> None:
    assert [operation.name for operation in ALL] == [
        "labels", "steps", "run_in", "nested", "list_marks",
    ]  # fmt: skip
    assert all(re.fullmatch(r"[A-Z].{10,78}\.", operation.summary) for operation in ALL)


def test_a_calculator_mark_alone_is_no_sentence() -> None:
    text = "2 + 3 = 5\n<<2+3=5>>\n#### 5"
    assert applied("steps", text, "How many?") == text


def test_a_sentence_over_many_lines_is_no_list() -> None:
    text = "We count 2 + 3 = 5 cups\nand then 5 + 1 = 6 pans\nso 6 * 2 = 12 lids\nare 12 / 3 = 4"
    assert "2. " not in applied("steps", text, "How many?")
