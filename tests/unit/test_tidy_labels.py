"""Labels with their values, line by line: what becomes bullets, and what stays."""

from __future__ import annotations

import re

import pytest

from realign_local.rewriting.tidy import tidy
from tests.tidied import ASKS, LABELS, applied, passes

LABELLED = {
    "lines": ("Oak: hard\nElm: hard\nFir: soft", "- Oak: hard\n- Elm: hard\n- Fir: soft"),
    "a line": ("oak: hard, elm: hard, fir: soft", "- oak: hard\n- elm: hard\n- fir: soft"),
    "alike": ("Oak: hard, elm: hard, fir: soft.", "- Oak: hard\n- Elm: hard\n- Fir: soft"),
    "semicolons": (
        "Trees: oak, elm; Herbs: mint, dill; Roots: beet, leek",
        "- **Trees:** oak, elm\n- **Herbs:** mint, dill\n- **Roots:** beet, leek",
    ),
    "groups": ("Trees: oak, elm\nHerbs: mint", "Trees: oak, elm\nHerbs: mint"),
    "two groups": (
        "Trees: oak, elm\nHerbs: mint, dill",
        "- **Trees:** oak, elm\n- **Herbs:** mint, dill",
    ),
    "sentences": (
        "Oak: A tree that grows very old.\n\nElm: A tree.\n\nFir: It is green all year.",
        "- **Oak:** A tree that grows very old.\n\n- **Elm:** A tree.\n\n"
        "- **Fir:** It is green all year.",
    ),
    "announced": ("Woods:\nOak: hard\nElm: hard\nFir: soft",
                  "Woods:\n- Oak: hard\n- Elm: hard\n- Fir: soft"),
    "hyphens": (
        "Oak - hard\nElm - hard\nFir - soft",
        "- **Oak** - hard\n- **Elm** - hard\n- **Fir** - soft",
    ),
    "dashes": ("Oak – hard\nElm – hard\nFir – soft", "- Oak – hard\n- Elm – hard\n- Fir – soft"),
    "years": ("2019 — Ann\n2020 — Bo\n2021 — Cy", "- 2019 — Ann\n- 2020 — Bo\n- 2021 — Cy"),
    "equals": ("Red = stop\nGreen = go\nBlue = wait", "- Red = stop\n- Green = go\n- Blue = wait"),
    "French": ("Nom : Ruhl\nÂge : dix\nVille : Lyon", "- Nom : Ruhl\n- Âge : dix\n- Ville : Lyon"),
    "statements": (
        "Oak is hard, Elm is hard, and Fir is soft.",
        "- Oak is hard\n- Elm is hard\n- Fir is soft",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "new"), LABELLED.values(), ids=LABELLED)
def test_labels(text: str, new: str) -> None:
    assert applied("labels", text) == new
    assert passes(text, new, ASKS)


LEFT_LABELS = {
    "scores": "Oakley - Elmton 2-1\nFirby - Ashby 0-0\nYewton - Boxley 3-3",
    "a chain": "Oakley - Elmton\nElmton - Firby\nFirby - Ashby",
    "days": "Monday - Friday\nSaturday - noon\nSunday - never",
    "who said it": "Yes - said Ann\nNo - says Bo\nMaybe - said Cy",
    "two": "Oak: hard\nFir: soft",
    "speech": "Ann: Hello.\nBo: Good day.\nAnn: Bye.",
    "speech of three": "Ann: I am here.\nBo: So are you.\nCy: Good.",
    "questions": "Ann: Who is it?\nBo: No one.\nCy: Good.",
    "quoted": 'Ann: "Hello."\nBo: "Good day."\nCy: "Bye."',
    "verses": "John 3:16\nMark 4:5\nLuke 2:1",
    "times": "12:30 lunch\n14:00 tea\n18:00 dinner",
    "variables": "x = 5\ny = 3\nz = 2",
    "letters": "x: 5\ny: 3\nz: 2",
    "formulas": "area = 3 * 4\nside = 2 + 2\nedge = 1 + 1",
    "scores between": "Firby 2 - 1 Elmton\nAshby 0 - 0 Yewton\nBoxley 3 - 4 Oakley",
    "scores behind": "Firby 2 - Elmton 1\nAshby 0 - Yewton 0\nBoxley 3 - Oakley 4",
    "differences": "Ten - two = eight\nNine - four = five\nSix - one = five",
    "settings with equals": "name = box\nversion = two\nowner = none",
    "settings": "name: box\nversion: two\nowner: none",
    "steps": "Step 1: Saw\nStep 2: Paint\nStep 3: Dry",
    "addresses": "https: //a.b\nhttp: //c.d\nftp: //e.f",
    "marked": "- Oak: hard\n- Elm: hard\n- Fir: soft",
    "bold": "**Oak:** hard\n**Elm:** hard\n**Fir:** soft",
    "wrapped prose": "It was so: the sun\nrose again: red and\nwarm as ever: fine\nand low.",
    "a paragraph in front": "I know woods.\nOak: hard\nElm: hard\nFir: soft",
    "names of a river": "The river (French: Rhin; German: Rhein; Dutch: Rijn) is long.",
    "two statements": "Oak is hard, Fir is soft",
    "no parallel": "Oak is hard, Elm was hard, Fir is soft",
    "verse": "Roses are red, violets are blue, sugar is sweet",
    "code": "```\nOak: hard\nElm: hard\nFir: soft\n```",
    "LaTeX": "Oak: \\(a\\)\nElm: \\(b\\)\nFir: \\(c\\)",
    "a table": "| Oak: | hard |\n| Elm: | hard |\n| Fir: | soft |",
}


@pytest.mark.parametrize("text", LEFT_LABELS.values(), ids=LEFT_LABELS)
def test_labels_left(text: str) -> None:
    assert applied("labels", text) == text


def _words(table: str) -> list[str]:
    """What each pattern of a table of labels.toml finds, in its longest spelling."""
    return [re.sub(r"\(\?:|\)\??|\?|\|.*", "", word) for word in LABELS[table]["words"]]


@pytest.mark.parametrize("word", _words("between"))
def test_words_that_ask_for_pairs(word: str) -> None:
    text = "Oakley - Elmton\nFirby - Ashby\nYewton - Boxley"
    assert applied("labels", text, f"Of {word} which is it?") == text
    assert applied("labels", text, "Which is it?") != text


@pytest.mark.parametrize("word", _words("spans"))
def test_words_of_a_span(word: str) -> None:
    text = f"{word} - Monday\nOak - hard\nFir - soft"
    assert applied("labels", text) == text
    assert applied("labels", text.replace("Monday", "here")) != text


@pytest.mark.parametrize("label", LABELS["no_labels"]["labels"])
def test_labels_that_are_none(label: str) -> None:
    text = f"{label.capitalize()}: round wood\nOak: hard\nElm: hard\nFir: soft"
    assert applied("labels", text) == text


@pytest.mark.parametrize("word", LABELS["other_forms"]["words"])
def test_requests_for_another_form(word: str) -> None:
    text = "Oak: hard\nElm: hard\nFir: soft"
    assert applied("labels", text, f"Write a {word} about trees.") == text
    assert applied("labels", text, "Write about trees.") != text


DOCUMENTED = (
    '"""Send it again.\n\nArgs:\n    tries: How often at most.\n    wait: Seconds between.\n"""'
)


@pytest.mark.parametrize(
    "text", [DOCUMENTED, f"A text for it:\n\n{DOCUMENTED}\n\nUse it as it is."]
)
def test_documentation_within_quotes_is_code(text: str) -> None:
    assert tidy(text, "Write the documentation of send_again.").text == text
