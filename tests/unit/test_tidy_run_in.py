"""Lists that stand within a line: what is opened, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.tidied import ASKS, HOW, TERMS, applied, passes

RUN_IN = {
    "behind a head of its own": (
        "Four letters: d is depth; w is width; a is area; t is time.",
        "Four letters:\n\n- d is depth\n- w is width\n- a is area\n- t is time",
    ),
    "numbers without a blank before a letter of another language": (
        "1)Holz messen. 2)Öl auftragen. 3)Alles trocknen.",
        "1. Holz messen.\n2. Öl auftragen.\n3. Alles trocknen.",
    ),
    "hyphens in one line": (
        "At home one finds: - Lamps - Old rugs - Pans. That is all.",
        "At home one finds:\n\n- Lamps\n- Old rugs\n- Pans\n\nThat is all.",
    ),
    "hyphens before sentences": (
        "Some rules: - Sweep the floor. - Dust the shelf.  - Air the room. - Lock the door.",
        "Some rules:\n\n- Sweep the floor.\n- Dust the shelf.\n- Air the room.\n- Lock the door.",
    ),
    "bullets in one line": (
        "Kitchen: • 2 pans • a pot • cups\n\nHall: • a lamp • 3 hooks • a rug",
        "Kitchen:\n\n- 2 pans\n- a pot\n- cups\n\nHall:\n\n- a lamp\n- 3 hooks\n- a rug",
    ),
    "bullets and nothing else": ("• Lamps. • Rugs. • Pans.", "- Lamps.\n- Rugs.\n- Pans."),
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
    named = "Oak Lamp, Oak Chair, Oak Table, Shelf, Rug"
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
    text = "Oak Lamp, Oak Chair, Oak Table, Shelf, Rug"
    assert applied("run_in", text, request_).startswith("- Oak Lamp\n")


@pytest.mark.parametrize("word", TERMS["asks"]["listed"])
def test_single_words_are_a_list_only_where_one_is_asked_for(word: str) -> None:
    text, request = "Lamp, Chair, Table, Shelf, Rug", "Which things are there?"
    listed = applied("run_in", text, f"{request} {word.replace('?', '').title()} them, please.")
    assert listed.startswith("- Lamp\n")
    assert applied("run_in", text, request) == text
    long = "Lamplights, Armchairs, Worktables, Bookshelves, Floorboards, Cupboards, Doorknobs"
    assert applied("run_in", f"{long}, Windowsill, Staircase", "Which things are there?") != long


@pytest.mark.parametrize("pattern", TERMS["asks"]["not_for"])
def test_requests_that_ask_for_something_else(pattern: str) -> None:
    request = f"{ASKS} Mind the {pattern.replace('?', '')}."
    text = "Lamp, Chair, Table, Shelf, Rug"
    assert applied("run_in", text, request) == text


@pytest.mark.parametrize("word", TERMS["titles"]["words"])
def test_a_last_pair_among_titles(word: str) -> None:
    text = "Lamp, Chair, Table, Shelf, Oak and Elm"
    assert applied("run_in", text, f"List some {word}s.") == text
    parted = applied("run_in", text, f"List six {word}s.")
    assert parted.endswith("- Oak\n- Elm")
    assert applied("run_in", text, f"List five {word}s.").endswith("- Oak and Elm")


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


@pytest.mark.parametrize(
    "text",
    [
        "Sets hold things. s = {1, 4}; s.add(9); print(s)",
        "Sets have methods. add puts one in; remove takes one out; clear empties it.",
        "Lamps come in kinds: Desk lamps; a.dim(2); lamp.off()",
        "Remember: d is depth; w is width; t is time.",
        "D is depth; w is width; t is time.",
        "Mass is in kg; mm is for length; dx is a step.",
        "Rug: wool and red; lamp; shelf and hooks.",
        "First, m is mass. Second, v is speed. Third, p is both.",
    ],
)
def test_code_symbols_and_openings_stay(text: str) -> None:
    assert applied("run_in", text, "What are the ways of naming things?") == text


def test_names_of_code_get_no_capitals() -> None:
    text = "Push, pop, shift, slice, splice, concat"
    assert applied("run_in", text, "Name some JavaScript methods.") == text
    labels = "Ps: tasks, cd: change, ls: list"
    assert applied("labels", labels, "Name some Linux commands.") == labels


@pytest.mark.parametrize(
    "text",
    [
        "What is left: 9 - 4 - 3 - 2",
        "What is left: - 4 - 3 - 2",
        "Prices fell: - Lamps - 4 percent - Rugs",
        "Cooks: - Ann - Soup - Bo - Bread",
        "Cooks: - Ann - soup - Bo - bread - Cy",
        "Product: * Depth * Width = Area * Two",
        "Good: - Cheap - Fast - Dry Bad: - Loud - Big - Wet",
        "Flags: -l -a -h",
        "Things at home • lamps • rugs • pans",
        "Kitchen: • pans • pots • cups\nHall: • lamps • hooks • rugs",
        "Kitchen: • pans • pots • cups\n\nHall • lamps • hooks • rugs",
    ],
)
def test_marks_that_are_no_bullets_stay(text: str) -> None:
    assert applied("run_in", text) == text
