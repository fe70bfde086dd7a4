"""Values in another spelling: formulas, ranges, shares, paths, counts and what they are not."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.text.equal import amounts
from realign_local.text.equal.paths import same_paths, turned_path
from realign_local.text.equal.set_formulas import formulas_as_there, formulas_in
from realign_local.text.formulas.formula_tree import readings
from realign_local.text.numbers.number_forms import quantities

PAIRS = tomllib.loads(Path(__file__).with_name("spelt_pairs.toml").read_text("utf-8"))["pairs"]


def fails(original: str, rewritten: str) -> bool:
    return first_failure(judge(Case("Tell me.", original, rewritten))) is not None


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["one"])[:24])
def test_texts_with_values_in_other_spellings_are_the_same(pair: dict[str, str]) -> None:
    assert not fails(pair["one"], pair["other"])
    assert not fails(pair["other"], pair["one"])


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("So y = (a + b)/c here.", "So $y = a + \\frac{b}{c}$ here."),
        ("So y = 1/(2x) here.", "So $y = \\frac{1}{2}x$ here."),
        ("So y = p*r*t here.", "So $y = p q t$ here."),
        ("So y = sqrt(21 + p) here.", "So $y = 21 + p$ here."),
        ("So d >= r + k here.", "So $d \\le r + k$ here."),
        ("It is 2NH3 + 3CO2 -> N2 + O2.", "It is $2CO_2 + 3NH_3 \\to N_2 + O_2$."),
        ("Take half of the rice.", "Take a fifth of the rice."),
        ("Rest for half an hour.", "Rest for a quarter of an hour."),
        ("Pick 8 to 25 of them.", "Pick 8–35 of them."),
        ("Open File > Print > Layout.", "Open **File** → **Layout** → **Print**."),
        ("Use:\n\n```css\n.box {color: red}\n```", "Use:\n\n```css\n.boxx {color: red;}\n```"),
    ],
)  # fmt: skip
def test_other_values_are_not_the_same(original: str, rewritten: str) -> None:
    assert fails(original, rewritten)


@pytest.mark.parametrize("entry", amounts.data()["examples"], ids=lambda e: str(e["text"])[:24])
def test_each_example_means_what_it_says(entry: dict[str, Any]) -> None:
    find = {"ranges": amounts.ranges, "shares": amounts.shares}[entry["kind"]]
    text = entry["text"]
    found = [
        f"{text[written.start : written.end]} = {meant}"
        for written in find(text, entry["language"])
        for meant in written.means
    ]
    assert found == entry["found"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1/2*a*t^2", "½at²"), ("1/2 a t^2", "(1/2) a t^2"), ("a/b/c", "a/(b*c)"),
        ("x - (y - z)", "x - y + z"), ("-(a/b)", "(-a)/b"), ("2 1/3", "2⅓"), ("√(x)", "sqrt(x)"),
        ("a <= b", "a ≤ b"), ("log_2(8)", "log_2 8"), ("6e-3", "6*10^(-3)"), ("x**2", "x²"),
        ("C3H8", "C₃H₈"), ("90 km / 1.5 h", "(90 km)/(1.5 h)"), ("∛x", "√[3](x)"),
    ],
)  # fmt: skip
def test_two_spellings_are_read_as_one_tree(one: str, other: str) -> None:
    assert readings(one) & readings(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(a+b)/c", "a+b/c"), ("1/(2x)", "1/2 x"), ("x^2", "x_2"), ("f(x)", "fx"), ("-x^2", "x^2"),
        ("a-b", "b-a"), ("3 4", "3*4"), ("2⅓", "2/3"), ("x <= y", "x < y"), ("[0, 1)", "(0, 1)"),
    ],
)  # fmt: skip
def test_two_values_are_two_trees(one: str, other: str) -> None:
    assert not readings(one) & readings(other)


def test_a_part_of_a_longer_formula_is_left_alone() -> None:
    assert formulas_as_there("So y = g + c.", "So $y = g$.") == "So y = g + c."


def test_formulas_are_found_between_words_and_not_in_code() -> None:
    text = "- 3 - 2 = 1 is left, in `a = b` and a well-known 7-9 case, F = m*a or H2O."
    assert formulas_in(text) == ("3 - 2 = 1", "7-9", "F = m*a", "H2O")


def test_paths_are_told_in_one_way() -> None:
    one, other = same_paths("Use `Int -> Int`. Go to File -> Print.", "Go to **File** » *Print*.")
    assert (one, other) == ("Use `Int -> Int`. Go to File > Print.", "Go to File > Print.")
    assert turned_path("Go to File > Print.", "Go to Print > File.") == "Print > File"


def test_a_count_goes_only_where_its_list_shows_it() -> None:
    told = "Two boats are late: Ada and Bea."
    shown = amounts.without_shown_counts(told, "**Late:**\n\n- Ada\n- Bea", "en")
    assert shown == "Boats are late: Ada and Bea."
    for other in ("**Late:**\n\n- Ada", "Three boats are late: Ada and Bea."):
        assert amounts.without_shown_counts(told, other, "en") == told


def test_number_words_joined_by_and() -> None:
    text = "between two and three, a hundred and five, a dozen, half a dozen, two dozen"
    assert [q.value for q in quantities(text)] == ["2", "3", "105", "12", "6", "24"]
