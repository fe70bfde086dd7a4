"""Lists, labels and steps: what each operation changes, and what it must leave alone."""

from __future__ import annotations

import re

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import labels, lists, run_in, steps
from realign_local.text.rules import rules

ALL = (*labels.OPERATIONS, *steps.OPERATIONS, *run_in.OPERATIONS, *lists.OPERATIONS)
BY_NAME = {operation.name: operation for operation in ALL}
ASKS = "Name some things that one finds at home."
HOW = "How do I make a bird box?"
SUM = "How many stamps has Ida got?"


TERMS, LABELS = rules("tidy/terms"), rules("tidy/labels")


def applied(name: str, text: str, request: str = ASKS) -> str:
    """The result, which must be final and, for a change, pass the gates."""
    operation: Operation = BY_NAME[name]
    new = operation.apply(text, request)
    assert operation.apply(new, request) == new
    return new


def passes(text: str, new: str, request: str) -> bool:
    return first_failure(judge(Case(request, text, new))) is None


MARKS = {
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


RUN_IN = {
    "capitals here and there": (
        "Mind three things: 1) Saw it first, 2) paint it, 3) Dry it.",
        "Mind three things:\n\n1. Saw it first\n2. Paint it\n3. Dry it",
    ),
    "sentences": (
        "1. Saw the wood to size. 2. Nail the parts together. 3. Paint the box.",
        "1. Saw the wood to size.\n2. Nail the parts together.\n3. Paint the box.",
    ),
    "ordinals": (
        "You need wood. First, saw it to size. Second, nail it. Third, paint it. Birds will come.",
        "You need wood.\n\n1. Saw it to size.\n2. Nail it.\n3. Paint it.\n\nBirds will come.",
    ),
    "ordinals with a last one": (
        "First, saw the wood. Second, nail it. Finally, paint it.",
        "1. Saw the wood.\n2. Nail it.\n3. Paint it.",
    ),
    "a sequence": (
        "First, saw the wood. Then nail it. Next, sand it. Finally, paint it.",
        "1. Saw the wood.\n2. Nail it.\n3. Sand it.\n4. Paint it.",
    ),
    "names": (
        "Ann Lee, Bo Hart, Cy Moss, Di West and Ed Kay",
        "- Ann Lee\n- Bo Hart\n- Cy Moss\n- Di West\n- Ed Kay",
    ),
    "a capital from the place": (
        "Lamp, chair, table, shelf, pillow.",
        "- Lamp\n- Chair\n- Table\n- Shelf\n- Pillow",
    ),
    "small letters": (
        "lamp, chair, long table, shelf, and soft pillow",
        "- lamp\n- chair\n- long table\n- shelf\n- soft pillow",
    ),
    "small on purpose": (
        "Lamp, chair, table, shelf, iPhone, rug",
        "- Lamp\n- Chair\n- Table\n- Shelf\n- iPhone\n- Rug",
    ),
    "brackets and quotes": (
        'Lamp (brass, old), "Now, Then", Table, Shelf, Rug',
        '- Lamp (brass, old)\n- "Now, Then"\n- Table\n- Shelf\n- Rug',
    ),
    "long terms, four of them": (
        "Old oak table, New brass lamp, Grey wool rug, Red tin box",
        "- Old oak table\n- New brass lamp\n- Grey wool rug\n- Red tin box",
    ),
    "behind words that announce them": (
        "Most homes have these. Things at home include: lamps, rugs, beds, pans, cups, and pens.",
        "Most homes have these. Things at home include:\n\n"
        "- lamps\n- rugs\n- beds\n- pans\n- cups\n- pens",
    ),
    "in order": (
        "In order of size: Pen, Cup, Pan, Rug, Bed, and Barn.",
        "In order of size:\n\n1. Pen\n2. Cup\n3. Pan\n4. Rug\n5. Bed\n6. Barn",
    ),
    "numbers alone part them": (
        "You need four things: 1. Saw 2.Nails of iron 3. Paint, not oil 4. Patience",
        "You need four things:\n\n1. Saw\n2. Nails of iron\n3. Paint, not oil\n4. Patience",
    ),
    "semicolons": (
        "Lamps of brass, tin or glass; rugs of wool; and beds of oak.",
        "- Lamps of brass, tin or glass\n- Rugs of wool\n- Beds of oak",
    ),
}


@pytest.mark.parametrize(("text", "new"), RUN_IN.values(), ids=RUN_IN)
def test_run_in(text: str, new: str) -> None:
    request = HOW if new.startswith(("1", "You")) else ASKS
    assert applied("run_in", text, request) == new
    assert passes(text, new, request)


def test_adverbs_of_order() -> None:
    text = "Firstly, saw the wood. Secondly, nail it. Lastly, paint it."
    assert applied("run_in", text, HOW) == "1. Saw the wood.\n2. Nail it.\n3. Paint it."


def test_names_written_small_stay_small() -> None:
    text = "First, iPads need power. Second, charge them. Third, wait."
    assert applied("run_in", text, HOW) == "1. iPads need power.\n2. Charge them.\n3. Wait."


def test_ten_ordinals() -> None:
    words = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth")
    text = " ".join(
        f"{word}, nail {letter * 3}." for word, letter in zip(words, "abcdefgh", strict=True)
    )
    shown = applied("run_in", text, HOW)
    assert shown.startswith("1. Nail aaa.\n")
    assert shown.endswith("\n8. Nail hhh.")


def test_people_are_parted_at_the_last_and() -> None:
    text = "Ann Lee, Bob Ray, Cy Moss, Dee Fox and Ed Dun"
    assert applied("run_in", text, ASKS).endswith("- Dee Fox\n- Ed Dun")


def test_steps_counted_in_words() -> None:
    text = "Step one: saw the wood. Step two: nail it. Step three: paint it."
    assert applied("run_in", text, HOW) == "1. Saw the wood.\n2. Nail it.\n3. Paint it."


def test_fragments_behind_a_colon() -> None:
    text = "A box has three parts: (1) the floor, (2) the walls, and (3) the lid. All are of oak."
    assert applied("run_in", text) == (
        "A box has three parts:\n\n1. the floor\n2. the walls\n3. the lid\n\nAll are of oak."
    )


def test_each_paragraph_is_looked_at() -> None:
    text = "Hello.\n\nDo this: 1) Saw it. 2) Nail it. 3) Dry it.\n\nBye."
    assert applied("run_in", text, HOW) == (
        "Hello.\n\nDo this:\n\n1. Saw it.\n2. Nail it.\n3. Dry it.\n\nBye."
    )


LEFT_IN = {
    "two entries": "1. Saw the wood. 2. Paint the box.",
    "no end to be seen": "1. Saw it. 2. Nail it well. Mind it. 3. Dry it. It drips. Wait. Go on.",
    "a closing word": "1. Saw it. Mind it. 2. Nail it. 3. Dry it. Enjoy your new box.",
    "within a sentence": "We need (1) oak, (2) nails, and (3) paint to build it.",
    "functions": "The sum of f(1), f(2), and f(3) is 9.",
    "chess": "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6",
    "chess, knights first": "1. Nf3 Nf6 2. Nc3 Nc6 3. Bb5 Bb4 4. Ba4 Ba5",
    "three with nothing between": "Do this: 1. Saw it 2. Nail it 3. Dry it",
    "sentences that go on": "Do this: 1. Saw 2. Nails. Use many 3. Paint 4. Oil",
    "a number of a chapter": "See Ch. 1. It is short. See Ch. 2. It is long. Skip Ch. 3. Bye.",
    "an abbreviation": "1. Rest. 2. Drink a lot, e.g. 3. Cups a day. 4. Sleep.",
    "one of them is enough": "It is free if: (1) you are old, (2) you are ill, or (3) you ask.",
    "what is left out": "Anything except lamps, rugs, beds, pans, cups",
    "what the first word says of all": "Lack of sleep, water, salt, rest, light",
    "a price at the end": "Lamps, rugs, beds, pans, between 5 and 9 dollars",
    "a name with an and": "Tax, Courts, Roads, Parks, Food and Farming",
    "cities with countries": "Oslo, Norway, Accra, Ghana, Lima, Peru",
    "a person's style": "Anna, Duchess of Bedford, Joan, Mary, Ruth, Clara",
    "an and in German": "Tisch, Lampe, Stuhl, Regal, Topf und Pfanne",
    "a remark at the end": "Lamps, rugs, beds, pans, just to name some",
    "a title with commas": "Tinker, Tailor, Soldier, Spy, Emma, Persuasion",
    "a remark behind an ordinal": "First, saw it. Second, and this is hard, dry it. Third, go.",
    "an ordinal without its comma": "First, saw it. Second, dry it. Third, nail it. Fourth go.",
    "numbers that lack one": "1. Saw it. 3. Nail it. 4. Dry it.",
    "a table's row": "| 1. Saw it. | 2. Nail it. | 3. Dry it. |",
    "an entry of a list": "- 1. Saw it. 2. Nail it. 3. Dry it.",
    "a sentence with a list": "You find lamps, chairs, tables, shelves, and pillows at home.",
    "a sentence with a verb": "Five things are Lamps, Chairs, Tables, Shelves, and Pillows.",
    "a short list": "Lamp, chair, table and shelf",
    "numbers": "1, 2, 3, 4, 5, 6",
    "notes": "C, G, D, A, E, B",
    "towns with their states": "Austin, Texas, Portland, Oregon, Salem, Oregon",
    "a last pair that may be one": "Lamp, chair, ham, rug, salt and pepper mill and pan",
    "an ampersand": "Lamp, Chair, Table, Rug, Wax & Oil",
    "some small letters": "Tom, Ann, bell hooks, Mary, Sue, Joe",
    "the same again": "ho, ho, ho, ho, ho, ho",
    "more of them": "lamp, chair, table, rug, and more",
    "labels": "Lamp: brass, Chair: oak, Rug: wool, Cup: tin, Pan: iron",
    "Chinese": "先热水,再倒掉。放茶叶,等两分钟,倒出来,喝茶",
    "clauses of a sentence": "He came; he saw; he won.",
    "two clauses": "Lamps of brass; rugs of wool.",
    "an open bracket": "Lamp (old, Chair, Table, Shelf, Rug",
}


@pytest.mark.parametrize("text", LEFT_IN.values(), ids=LEFT_IN)
def test_run_in_leaves(text: str) -> None:
    assert applied("run_in", text, f"{ASKS} {HOW}") == text


@pytest.mark.parametrize(
    "text",
    [
        "First, I saw it. Second, I fell.",
        "First, saw it. Third, nail it. Second, dry it.",
        "First, saw it. Second, nail it. Third, repeat the first step.",
        "First, saw it. Then nail it. It must hold. Finally, dry it.",
        "First aid is good. Second hand is cheap. Third parties pay.",
    ],
)
def test_ordinals_left(text: str) -> None:
    assert applied("run_in", text, HOW) == text


def test_the_request_decides() -> None:
    told = "First, saw the wood. Second, nail it. Third, paint it."
    assert applied("run_in", told, "Tell me what happened.") == told
    named = "Lamp, Chair, Table, Shelf, Rug"
    assert applied("run_in", named, "Is it warm?") == named
    assert applied("run_in", named, "Which things are there?") != named


@pytest.mark.parametrize(
    "request_",
    [
        "Give me a list of beds.", "Name a lake.", "Are there examples?", "I need ideas.",
        "Suggest a walk.", "Recommend a lake.", "Find a synonym.", "What are lakes?",
        "Which lakes are deep?", "Who were they?", "Tell me some rivers.", "the best rivers",
        "What types of wood exist?", "Write alternatives.", "Into which categories does it fall?",
    ],
)  # fmt: skip
def test_requests_that_ask_for_terms(request_: str) -> None:
    assert applied("run_in", "Lamp, Chair, Table, Shelf, Rug", request_).startswith("- Lamp\n")


@pytest.mark.parametrize("pattern", TERMS["asks"]["not_for"])
def test_requests_that_ask_for_something_else(pattern: str) -> None:
    request = f"{ASKS} Mind the {pattern.replace('?', '')}."
    text = "Lamp, Chair, Table, Shelf, Rug"
    assert applied("run_in", text, request) == text


@pytest.mark.parametrize("word", TERMS["titles"]["words"])
def test_a_last_pair_among_titles(word: str) -> None:
    text = "Lamp, Chair, Table, Shelf, Oak and Elm"
    assert applied("run_in", text, f"Name some {word}s.") == text
    parted = applied("run_in", text, f"Name six {word}s.")
    assert parted.endswith("- Oak\n- Elm")
    assert applied("run_in", text, f"Name five {word}s.").endswith("- Oak and Elm")


@pytest.mark.parametrize("name", TERMS["pairs"]["names"])
def test_pairs_stay_together(name: str) -> None:
    first, last = name.split(" and ", 1)
    text = f"Lamp, Chair, Table, Shelf, {first.title()} and {last.title()}"
    assert applied("run_in", text).endswith(f"- {first.title()} and {last.title()}")


def test_common_nouns_are_parted_at_the_last_and() -> None:
    text = "Lamp, chair, table, shelf, mud and pan"
    assert applied("run_in", text).endswith("- Shelf\n- Mud\n- Pan")
    names = "Lamp, Chair, Table, Shelf, Mud and Pan"
    assert applied("run_in", names) == names


@pytest.mark.parametrize("name", TERMS["commas"]["names"])
def test_names_with_commas(name: str) -> None:
    text = f"Lamp Oil, Red Chair, Table Top, {name.title()} Sun, Old Shelf, Wool Rug"
    assert applied("run_in", text) == text


@pytest.mark.parametrize("word", TERMS["sentences"]["words"])
def test_words_that_begin_no_term(word: str) -> None:
    text = f"lamps, chairs, tables, {word} shelves, rugs, pans"
    assert applied("run_in", text) == text
    assert applied("run_in", text.replace(f"{word} shelves", "oak shelves")) != text


@pytest.mark.parametrize("word", TERMS["sentences"]["openers"])
def test_words_that_begin_no_list(word: str) -> None:
    text = f"{word.capitalize()} lamps, chairs, tables, shelves, rugs, pans"
    assert applied("run_in", text) == text


@pytest.mark.parametrize("name", TERMS["places"]["names"])
def test_a_place_behind_a_comma(name: str) -> None:
    text = f"Salem, {name.title()}, Lyon, Basel, Turin, Cadiz"
    assert applied("run_in", text) == text


def test_places_alone_are_a_list() -> None:
    text = "Texas, Ohio, Utah, Iowa, Maine"
    assert applied("run_in", text) == "- Texas\n- Ohio\n- Utah\n- Iowa\n- Maine"


@pytest.mark.parametrize("word", TERMS["closing"]["words"])
def test_words_that_close(word: str) -> None:
    text = f"1. Saw it. Mind it. 2. Nail it. 3. Dry it. {word.capitalize()} it rains."
    assert applied("run_in", text, HOW) == text
    last = "1. Saw it. Mind it. 2. Nail it. 3. Dry it. Hang it up."
    assert applied("run_in", last, HOW).endswith("3. Dry it. Hang it up.")


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
