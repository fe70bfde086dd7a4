"""The numbers gate and the forms in which numbers are written."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case
from realign_local.gates.exact import same_numbers
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.number_marks import comma_is_decimal
from realign_local.text.segments import plain

RENT = "The rent is $1,150 a month. The flat has 62 m² and lies 5 km from the sea."


def check(original: str, rewritten: str, instruction: str = "") -> str:
    return same_numbers.check(Case(instruction, original, rewritten)).reason


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$1,200.50", [("1200.5", "dollar")]),
        ("1200.5 dollars", [("1200.5", "dollar")]),
        ("-5 km", [("-5", "km")]),
        ("10-5", [("10", ""), ("5", "")]),
        ("5 kilometres", [("5", "km")]),
        ("20kg", [("20", "kg")]),
        ("$5M", [("5000000", "dollar")]),
        ("5 million", [("5000000", "")]),
        ("3.5e3", [("3500", "")]),
        ("1 200", [("1200", "")]),
        (".5", [("0.5", "")]),
        ("50 percent", [("50", "percent")]),
        ("3 May 2021", [("3", ""), ("month5", ""), ("2021", "")]),
        ("2021-05-03", [("2021", ""), ("month5", ""), ("3", "")]),
        ("3:30 pm", [("clock15:30:0", "")]),
        ("15:30", [("clock15:30:0", "")]),
        ("seventy-two", [("72", "")]),
        ("two hundred and five", [("205", "")]),
        ("one of them", []),
        ("价格是300元", [("300", "yuan")]),
        ("12万", [("120000", "")]),
        ("٣ و ٤", [("3", ""), ("4", "")]),
        ("3x - 12", [("3", ""), ("12", "")]),
    ],
)
def test_one_form_for_each_number(text: str, found: list[tuple[str, str]]) -> None:
    assert sorted((q.value, q.unit) for q in quantities(plain(text))) == sorted(found)


def test_decimal_comma_follows_the_language() -> None:
    german = "Der Preis ist 1.250,50 Euro und die Steuer ist das nicht."
    assert comma_is_decimal(german)
    assert quantities(german, True)[0].value == "1250.5"
    assert quantities("Der Weg ist 1,5 km", True)[0].value == "1.5"


@pytest.mark.parametrize(
    "rewritten",
    [
        "- The rent is $1,150 a month.\n- The flat has 62 m² and lies 5 km from the sea.",
        "1. **Rent:** The rent is 1150 dollars a month.\n"
        "2. The flat has 62 m² and lies 5 kilometres from the sea.",
        "Two facts matter.\n\n" + RENT + "\n\nSo the rent is $1,150.",
    ],
)
def test_form_may_change(rewritten: str) -> None:
    assert check(RENT, rewritten) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1,150", "1,510"),
        ("1,150", "11.50"),
        ("$", "€"),
        ("62", "6"),
        ("5 km", "5 m"),
        ("5 km", "-5 km"),
    ],
)
def test_a_changed_number_is_lost(old: str, new: str) -> None:
    assert check(RENT, RENT.replace(old, new)) == Reason.NUMBER_LOST


def test_an_added_number_must_be_known() -> None:
    assert check(RENT, RENT + " In 2019 it was lower.") == Reason.NUMBER_ADDED
    assert check(RENT, RENT + " In 2019 it was lower.", "Was it lower in 2019?") == ""
    evidence = Case("", RENT, RENT + " It was built in 1931.", ("The house was built in 1931.",))
    assert same_numbers.check(evidence).outcome == "pass"


def test_an_equal_number_elsewhere_does_not_help() -> None:
    solution = "She sold 48/2 = 24 clips in May.\nShe sold 48+24 = 72 clips in all, 72 clips."
    assert check(solution, solution.replace("= 72", "= 27")) == Reason.NUMBER_LOST
    assert check(solution, solution.replace("48+24", "48-24")) == Reason.NUMBER_LOST
    assert check(solution, solution.replace("48/2 = 24", "24/2 = 24")) == Reason.NUMBER_LOST


def test_numbers_that_trade_places() -> None:
    text = "Mia has 5 apples and Leo has 7 pears."
    assert check(text, "Mia has 7 apples and Leo has 5 pears.") == Reason.NUMBER_LOST


def test_calculator_marks_may_go_but_not_change() -> None:
    marked = "He pays 3*4 = $<<3*4=12>>12."
    assert check(marked, "He pays 3*4 = $12.") == ""
    assert check(marked, marked.replace("<<3*4", "<<3*5")) == Reason.NUMBER_LOST


def test_list_numbers_are_no_numbers_but_stay_in_order() -> None:
    assert check("Eat 3 eggs. Drink milk.", "1. Eat 3 eggs.\n2. Drink milk.") == ""
    assert (
        check("Eat 3 eggs. Drink milk.", "1. Eat 3 eggs.\n7. Drink milk.") == Reason.FORMAT_NOT_MET
    )


def test_a_dropped_sentence_with_a_number() -> None:
    assert check(RENT, "The rent is $1,150 a month.") == Reason.NUMBER_LOST


def test_a_dash_behind_a_label_or_between_words_is_no_minus() -> None:
    assert check(RENT, f"- **Costs** – {RENT}\n\nThat is all.") == ""
    assert check("Ida Falk was a dyer.", "• Her work — Ida Falk was a dyer.") == ""
    sum_up = "The total is x - 5 = 10."
    assert check(sum_up, f"Result – {sum_up.replace('- 5', '+ 5')}") == Reason.NUMBER_LOST
