"""Code right below the words that lead to it, with no blank line between."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.tidy.fences import fences
from realign_local.text.rules import rules

LANGUAGES = rules("code_labels")
HOW = "How do I do it?"

LED: list[tuple[str, str, str, str]] = [
    ("Here is the loop:", "python", "for oar in boat:\n    print(oar)", ""),
    ("Run this command:", "bash", "ls -lh", ""),
    ("So wird es gemacht:", "python", "masts = []\nfor n in range(2):\n    masts.append(n)", ""),
    ("Voici le code :", "python", "def mats(n):\n    return 2 * n", ""),
    ("Type this:", "bash", "git stash pop", "Your changes are back."),
    ("A rope is so:", "python", "class Rope:\n    def cut(self):\n        self.n = 0", "Cut it."),
    ("It takes two lines.\nThey are these:", "bash", "mkdir pier\ncd pier/", ""),
    ("In Go it reads:", "go", "for i := 0; i < 3; i++ {\n    fmt.Println(i)\n}", ""),
]  # fmt: skip


@pytest.mark.parametrize(("lead", "label", "code", "after"), LED)
def test_code_below_its_lead(lead: str, label: str, code: str, after: str) -> None:
    behind = f"\n{after}" if after else ""
    text = f"{lead}\n{code}{behind}"
    fenced = f"{lead}\n```{label}\n{code}\n```{behind}"
    assert fences(text, HOW) == fenced
    assert fences(fenced, HOW) == fenced
    assert first_failure(judge(Case(HOW, text, fenced))) is None


UNTOLD = {
    "cobol", "excel", "groovy", "ini", "latex", "makefile", "prolog", "regex", "toml", "yaml",
}  # fmt: skip
"""What their examples hold might be data, prose or another language, if no language is named."""


@pytest.mark.parametrize("name", sorted(set(LANGUAGES) - UNTOLD - {"text"}))
def test_any_language_below_a_lead_that_names_code(name: str) -> None:
    code = LANGUAGES[name]["example"].strip("\n")
    assert fences(f"Here is the code:\n{code}", HOW).startswith("Here is the code:\n```")


@pytest.mark.parametrize(
    "text",
    [
        "Here is the plan:\nwhile it rains, we wait; then we sail",
        "These are the ropes:\nclass A ropes, for masts\nclass B ropes, for nets",
        "Call it like this:\nls lists what is in the boat, name after name.",
        "The rule reads:\nf(x) = 2x + 1",
        "We get:\n2x + 3 = 7;\n2x = 4;",
        "The code is:\n4711-B",
        "The sign says:\nmake way for boats\ncat on board",
        "The song goes:\nfor every star in the sky:\n    a wish",
        "Output:\n[1, 2, 3]",
        "Die Ausgabe:\nx = 3",
    ],
)
def test_words_below_a_lead_stay(text: str) -> None:
    assert fences(text, HOW) == text
