"""Numbers, days, dates and hours, in words and in signs: what is written, and what it means."""

from __future__ import annotations

from typing import Any

import pytest

from realign_local.text.equal.respelt import FINDERS, respelt
from realign_local.text.equal.set_formulas import formulas_as_there
from realign_local.text.equal.written import data, number_words


@pytest.mark.parametrize("entry", data()["examples"], ids=lambda entry: str(entry["text"]))
def test_each_example_means_what_it_says(entry: dict[str, Any]) -> None:
    text = entry["text"]
    kinds = ("clock", "dates")
    found = [
        f"{text[written.start : written.end]} = {meant}"
        for written in FINDERS[entry["kind"]](text, entry["language"])
        if written.is_told or entry["kind"] in kinds
        for meant in written.means
    ]
    assert sorted(found) == sorted(entry["found"])


@pytest.mark.parametrize("language", data()["numbers"])
def test_a_language_has_all_its_numbers(language: str) -> None:
    values = set(number_words(language).values())
    assert {str(n) for n in (*range(1, 21), 30, 40, 50, 60, 70, 80, 90, 100, 1000)} <= values


@pytest.mark.parametrize("language", data()["days"])
def test_a_language_has_seven_days(language: str) -> None:
    rows = data()["days"][language]
    assert len(rows["full"].split()) == 7
    assert len(rows["short"].split()) in (0, 7)


@pytest.mark.parametrize(
    ("language", "original", "rewritten", "now"),
    [
        ("fr", "La mer monte à 8 h.", "Marée haute : 8h00", "La mer monte à 8h00."),
        ("en", "We meet on Tuesdays.", "- Tuesday: we meet", "We meet on Tuesday."),
        ("de", "Es beginnt am 2. Mai.", "Beginn: 02.05.", "Es beginnt am 02.05.."),
        ("ru", "Начало 9 июня.", "Начало: 09.06", "Начало 09.06."),
        ("es", "Entra por tres puertas.", "3 puertas", "Entra por 3 puertas."),
        ("en", "Three boats, three oars.", "3 boats, three oars", "Three boats, 3 oars."),
        ("ru", "Налейте стакан молока.", "1 стакан молока", "Налейте 1 стакан молока."),
        ("en", "It opens at half past nine.", "Opens: 9:30", "It opens at 9:30."),
        ("en", "It has no doors.", "| Doors | 0 |", "It has 0 doors."),
        ("en", "Wait for 9 minutes.", "Wait until 9:00.", "Wait for 9 minutes."),
        ("fr", "Attendez 9 minutes.", "Attendez 9 heures.", "Attendez 9 minutes."),
        ("en", "Bake 2 loaves.", "Bake two loaves.", "Bake 2 loaves."),
        ("en", "It closes at 5 pm.", "Closes: 17:30", "It closes at 5 pm."),
    ],
)
def test_the_original_is_written_as_the_rewrite(
    language: str, original: str, rewritten: str, now: str
) -> None:
    assert respelt(original, rewritten, language) == (now, rewritten)


def test_a_date_said_twice_is_written_as_the_original_has_it() -> None:
    original = "Das Fest ist am 2. Mai."
    _, rewritten = respelt(original, "**Am 2. Mai**\n\nDas Fest ist am 02.05.", "de")
    assert rewritten == "**Am 2. Mai**\n\nDas Fest ist am 2. Mai"


@pytest.mark.parametrize(
    ("original", "rewritten", "now"),
    [
        ("So F = 2πr².", "So $F = 2 \\pi r^2$.", "So $F = 2 \\pi r^2$."),
        ("Here a₁ ≤ 4.", "Here $a_1 \\le 4$.", "Here $a_1 \\le 4$."),
        ("So F = 2πr³.", "So $F = 2 \\pi r^2$.", "So F = 2πr³."),
        ("So it is 125.", "So it is $25$.", "So it is 125."),
        ("Then x = 3 holds.", "Then\n\n$$x = 3$$\n\nholds.", "Then \n$$x = 3$$\n holds."),
    ],
)
def test_formulas_are_set_as_in_the_rewrite(original: str, rewritten: str, now: str) -> None:
    assert formulas_as_there(original, rewritten) == now
