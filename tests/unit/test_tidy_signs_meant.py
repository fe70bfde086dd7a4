"""Marks that are no slips among sentences full of them: what is meant stays, the slips go."""

from __future__ import annotations

import pytest

from realign_local.rewriting.tidy import tidy

LOOSE = " The barn is cold ,and the owls left .They may return ."
TIGHT = " We had soup,rolls and pears,then slept.The wind rose,but nobody woke."
ASKED = "What do you know of it?"

MEANT = {
    "French within guillemets": ("Guests call « On arrive ! » ,and run in .", "« On arrive ! »"),
    "moves of chess": (
        "Black met 1.d4 d5 2.Nf3 Nf6 3.Bf4 c5,as ever.",
        "1.d4 d5 2.Nf3 Nf6 3.Bf4 c5",
    ),
    "atoms of a name": ("The flask held N,N-diethylaniline,a base.", "N,N-diethylaniline"),
    "a pattern": ("In grep , .* stands for all ,while the dot is one sign .", " .* "),
    "this folder": ("Try cp ../plan.md . to fetch it ,then read .", "../plan.md . to"),
    "a dot that is sourced": ("Old shells know source ,and . does the same .", "and . does"),
    "what is typed": ('One types ":w",then ":q",and that is all.', '":w", then ":q"'),
    "members": ("It has Shade.Dark,Shade.Pale,and few others.", "Shade.Dark, Shade.Pale,"),
    "a class of a module": ("It calls barns.OwlNest,then ends.", "barns.OwlNest"),
    "an analogy": ("A:B::C:D is how it is put,and few ask why.", "A:B::C:D"),
}
TABLE = "barn,owls,year\nNorth Hill,3,1990\nMill,12,2004\n"


@pytest.mark.parametrize("behind", [LOOSE, TIGHT])
@pytest.mark.parametrize(("text", "sign"), MEANT.values(), ids=MEANT)
def test_signs_that_are_meant_stay_among_slips(text: str, sign: str, behind: str) -> None:
    told = tidy(text + behind, ASKED).text

    assert sign in told
    assert told.endswith(tidy(behind.strip(), ASKED).text)
    assert told != text + behind


@pytest.mark.parametrize("behind", [LOOSE, TIGHT])
def test_rows_of_values_stay_above_sentences(behind: str) -> None:
    told = tidy(TABLE + behind.strip(), ASKED).text

    assert told.startswith(TABLE)
    assert told != TABLE + behind.strip()


@pytest.mark.parametrize(
    "text",
    [
        "A:C is the ratio of the two sides.",
        "AI: the study of machines that seem to think.",
        "a:hover is the state below the pointer.",
    ],
)
def test_what_is_no_label_of_a_prompt_stays(text: str) -> None:
    assert tidy(text, ASKED).text == text


@pytest.mark.parametrize("label", ["A: ", "A:", "AI: ", "AI:\n", "GPT: "])
def test_short_labels_of_a_prompt_go(label: str) -> None:
    assert tidy(f"{label}The barn was built of oak.", ASKED).text == "The barn was built of oak."
