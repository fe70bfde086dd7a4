"""Lists, labels and steps: what each operation changes, and what it must leave alone."""

from __future__ import annotations

import pytest

from tests.tidied import ASKS, HOW, applied, passes

MARKS = {
    "two entries in one line": (
        "• Saw it. • Dry it.\n• Nail it.",
        "- Saw it.\n- Dry it.\n- Nail it.",
    ),
    "no blank behind a number": ("1.Saw\n2.Paint\n3.Dry", "1. Saw\n2. Paint\n3. Dry"),
    "brackets": ("1) Saw it\n2) Paint it", "1. Saw it\n2. Paint it"),
    "both brackets": ("(1) Saw it\n(2) Paint it", "1. Saw it\n2. Paint it"),
    "one number strays": ("1. Saw\n2) Paint\n3. Dry", "1. Saw\n2. Paint\n3. Dry"),
    "bullets": ("Tools:\n• Saw\n•Brush\n• Cloth", "Tools:\n- Saw\n- Brush\n- Cloth"),
    "indented bullets": ("• Saw\n  ◦ blade\n  ◦ grip", "- Saw\n  - blade\n  - grip"),
    "announced dashes": ("Tools:\n– Saw\n– Brush\n– Cloth", "Tools:\n- Saw\n- Brush\n- Cloth"),
    "no blank behind a hyphen": ("-Old saw\n-New brush", "- Old saw\n- New brush"),
    "wide blanks": ("-  Saw\n- Brush", "- Saw\n- Brush"),
    "one bullet strays": ("- Saw\n- Brush\n* Cloth\n- Nail", "- Saw\n- Brush\n- Cloth\n- Nail"),
    "letters": ("a. Saw it\nb. Paint it\nc. Dry it", "1. Saw it\n2. Paint it\n3. Dry it"),
    "steps": (
        "Step 1: Saw the old wood\nStep 2: Paint it\nStep 3: Dry it",
        "1. Saw the old wood\n2. Paint it\n3. Dry it",
    ),
    "blank lines here and there": ("1. Saw\n\n2. Paint\n3. Dry", "1. Saw\n2. Paint\n3. Dry"),
    "mostly apart": ("- Saw\n\n- Paint\n\n- Dry\n- Nail", "- Saw\n\n- Paint\n\n- Dry\n\n- Nail"),
    "numbers that Markdown takes for text": ("Then:\n4. Saw\n5. Dry", "Then:\n\n4. Saw\n5. Dry"),
    "text behind": ("- Saw\n- Dry\nThat is all of it.", "- Saw\n- Dry\n\nThat is all of it."),
    "next heading": ("- Saw\n- Dry\nColours:\n- Red", "- Saw\n- Dry\n\nColours:\n- Red"),
    "beside code": (
        "1) Run it\n2) Stop it\n\n```\n1) x\n```",
        "1. Run it\n2. Stop it\n\n```\n1) x\n```",
    ),
}


@pytest.mark.parametrize(("text", "new"), MARKS.values(), ids=MARKS)
def test_marks(text: str, new: str) -> None:
    assert applied("list_marks", text, HOW) == new
    assert passes(text, new, HOW)


LEFT_MARKS = {
    "a bullet between a name and its place": "• Ann • kitchen\n• Bo • hall\n• Cy • yard",
    "one line of it is not sure": "• Saw it. • Dry it.\n• Ann • kitchen",
    "a sum in a column": "123\n+ 989\n-----\n1112",
    "numbers below each other": "- 5\n- 7\n- 12",
    "pros and cons": "+ It is light\n- It is dear\n+ It is quiet",
    "two levels by two signs": "* Fruit\n- apple\n- pear\n* Roots\n- beet",
    "two levels with one child": "* Fruit:\n* Roots:\n* Herbs:\n- mint",
    "options of a command": "-l long list\n-a all files\n-h sizes",
    "emphasis": "*Saw it first*\n*Paint it last*",
    "a rule": "Saw it\n---\n***\nDry it",
    "speech": "– Bonjour, Anne.\n– Bonjour. Ça va ?\n– Oui.",
    "speech without questions": "– Hola.\n– Adiós.\n– Bueno.",
    "years": "1969. Moon\n1971. Mars",
    "scores": "1 - Ann\n2 - Bo\n3 - Cy",
    "numbers that lack one": "1) Saw\n3) Paint\n4) Dry",
    "numbers that something refers to": "1) Saw\n2) Paint\n\nSkip 2) if it rains.",
    "lists told apart": "1. Oak\n2. Elm\n\nReasons:\n1) Age\n2) Size",
    "decimal numbers": "1.5 litres\n2.5 litres",
    "answers to choose": "a) Rome\nb) Oslo\nc) Bern\n\nThe answer is b.",
    "capital answers": "A. Rome\nB. Oslo\nC. Bern",
    "initials": "a. Saw\nc. Paint\nd. Dry",
    "steps with text below": "Step 1: Saw\nTake care.\nStep 2: Paint\nStep 3: Dry",
    "steps that are spoken of": "Step 1: Saw\nStep 2: Paint\nStep 3: Repeat step 1",
    "two groups": "- Saw\n- Nail\n\n- Paint\n- Brush",
    "wrapped entry": "- Visit the Grand\nCanyon National Park.\n- Rest\n- Eat",
    "wrapped last entry": "- Rest here\n- Go and see the\nGrand Canyon",
    "small letter goes on": "- Rest here.\n- Go and see\nthe canyon.",
    "checkboxes": "- [ ] Saw\n- [x] Paint",
    "stars of another house": "* Saw\n* Paint",
    "LaTeX": "\\begin{align}\n1) x &= 2\\\\\n2) y &= 3\n\\end{align}",
    "code": "```\n1) a\n2) b\n```",
    "keycaps": "1️⃣ Saw\n2️⃣ Paint",
    "ideographic": "1、锯\n2、漆",
}


@pytest.mark.parametrize("text", LEFT_MARKS.values(), ids=LEFT_MARKS)
def test_marks_left(text: str) -> None:
    assert applied("list_marks", text) == text


def test_marks_that_the_request_has_stay() -> None:
    text = "1) Yes\n2) No"
    assert applied("list_marks", text, "Answer both: 1) Is it red? 2) Is it round?") == text
    assert applied("list_marks", "a. Yes\nb. No\nc. No", "Which is right, a. or b.?") != "1. Yes"


def test_a_blank_before_a_colon_is_french() -> None:
    request = "Which of the parts of this product are in the list, and what is it that they do?"
    assert applied("list_marks", "- Brand : Ruhl\n- Type : saw", request) == (
        "- Brand: Ruhl\n- Type: saw"
    )
    french = "Quels sont les éléments de la liste et que font-ils dans le produit pour nous ?"
    assert applied("list_marks", "- Marque : Ruhl\n- Genre : scie", french) == (
        "- Marque : Ruhl\n- Genre : scie"
    )


def test_nested() -> None:
    text = "Food:\n\n1. Fruit:\n- apple\n- pear\n2. Roots:\n- beet\n3. Bread"
    new = "Food:\n\n1. Fruit:\n   - apple\n   - pear\n2. Roots:\n   - beet\n3. Bread"
    assert applied("nested", text) == new
    assert passes(text, new, ASKS)
    assert applied("nested", "1. Fruit:\n  - apple\n    - red\n2. Roots:\n  - beet") == (
        "1. Fruit:\n   - apple\n     - red\n2. Roots:\n   - beet"
    )


@pytest.mark.parametrize(
    "text",
    [
        "1. Fruit\n- apple\n2. Roots\n- beet",
        "1. Fruit:\n- apple\n\n- That is all",
        "- Fruit:\n- apple\n- Roots:\n- beet",
        "1. Fruit:\n- apple\nMore text here\n2. Roots:\n- beet",
        "- apple\n1. Fruit:\n- pear\n2. Roots:\n- beet",
        "3. Fruit:\n- apple\n5. Roots:\n- beet",
        "1. Fruit:\n   - apple\n2. Roots:\n   - beet",
    ],
)
def test_nested_leaves(text: str) -> None:
    assert applied("nested", text) == text
