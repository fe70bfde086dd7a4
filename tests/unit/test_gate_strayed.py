"""What strays, is dropped or is put in while sentences become a layout, one mechanism at a time."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.gates.talk.carried import clause_added
from realign_local.gates.talk.dropped_signs import dropped_signs
from realign_local.text.beside.owned import strayed
from realign_local.text.order.told_order import told_steps, unfolded
from realign_local.text.order.verdicts import judged_otherwise
from realign_local.text.outline import outline

OWNED = [
    (
        "Elks eat bark. Owls catch mice. Otters dive for crabs.",
        "- **Elks:** bark\n- **Owls:** mice\n- **Otters:** crabs",
        "- **Elks:** mice\n- **Owls:** bark\n- **Otters:** crabs",
    ),
    (
        "In the barn stand the plough, the harrow and the cart. In the shed lie ropes and nets.",
        "| Where | What |\n|---|---|\n| In the barn | plough, harrow, cart |\n"
        "| In the shed | ropes, nets |",
        "| Where | What |\n|---|---|\n| In the barn | plough, harrow, cart, nets |\n"
        "| In the shed | ropes |",
    ),
    (
        "The oak, the ash and the yew were planted in 1790, 1820 and 1875, respectively.",
        "- Oak: 1790\n- Ash: 1820\n- Yew: 1875",
        "- Oak: 1820\n- Ash: 1790\n- Yew: 1875",
    ),
    (
        "Kayaks may land if the flag is up. Rafts may land unless a storm is near.",
        "- Kayaks may land if the flag is up.\n- Rafts may land unless a storm is near.",
        "- Kayaks may land unless a storm is near.\n- Rafts may land if the flag is up.",
    ),
    (
        "Die Mühle öffnet um 9 Uhr. Die Schmiede öffnet um 14 Uhr.",
        "### Mühle\n- 9 Uhr\n\n### Schmiede\n- 14 Uhr",
        "### Mühle\n- 14 Uhr\n\n### Schmiede\n- 9 Uhr",
    ),
]


@pytest.mark.parametrize(("text", "kept", "turned"), OWNED)
def test_words_have_their_owner(text: str, kept: str, turned: str) -> None:
    assert list(strayed(outline(kept), text)) == []
    assert list(strayed(outline(turned), text))


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("after sifting the flour, add salt.", "sifting the flour. add salt."),
        ("before adding salt, sift the flour.", "sift the flour.. adding salt"),
        ("sift the flour before adding salt.", "sift the flour. adding salt."),
        ("bevor sie salzen, sieben sie das mehl.", "sieben sie das mehl.. sie salzen"),
        ("sift the flour and add salt.", "sift the flour and add salt."),
    ],
)
def test_two_steps_in_their_order(sentence: str, steps: str) -> None:
    assert unfolded(sentence) == steps


def test_steps_of_sentences() -> None:
    assert told_steps("First, sift it. Then salt it. Finally, fold it.") == [
        "sift it",
        "salt it",
        "fold it",
    ]
    assert told_steps("The mill is old. It has a wheel.") == []


VERDICTS = "1. True, as whales breathe. 2. False, as crabs have shells. 3. True, as newts swim."


@pytest.mark.parametrize(
    ("rewritten", "is_same"),
    [
        ("- True: whales breathe\n- False: crabs have shells\n- True: newts swim", True),
        ("- False: whales breathe\n- True: crabs have shells\n- True: newts swim", False),
        ("- False: crabs have shells\n- True: whales breathe\n- True: newts swim", True),
        ("- True: whales breathe\n- True: newts swim", False),
    ],
)
def test_verdicts(rewritten: str, is_same: bool) -> None:
    assert (judged_otherwise(VERDICTS, rewritten) == "") == is_same


@pytest.mark.parametrize(
    ("asked", "original", "rewritten", "is_same"),
    [
        (
            "怎么种豆？",
            "翻松泥土，撒下种子，浇足清水。",
            "1. 翻松泥土\n2. 撒下种子\n3. 浇足清水",
            True,
        ),
        ("怎么种豆？", "翻松泥土，撒下种子，浇足清水。", "1. 翻松泥土\n2. 浇足清水", False),
        ("연은 어떻게 날리나요?", "실을 풉니다. 바람을 기다립니다.", "1. 실을 풉니다.", False),
        ("店はいつ開きますか。", "店は水曜日に開きます。", "- 水曜日", True),
    ],
)
def test_signs_that_are_gone(asked: str, original: str, rewritten: str, is_same: bool) -> None:
    assert (dropped_signs(Case(asked, original, rewritten)) is None) == is_same


@pytest.mark.parametrize(
    ("rewritten", "is_same"),
    [
        ("The largest moon of Saturn is Titan.", True),
        ("The largest moon of Saturn is Titan, whose haze hides rivers of methane.", False),
        ("To answer briefly, the largest moon of Saturn is Titan.", True),
    ],
)
def test_an_explanation_is_not_put_in(rewritten: str, is_same: bool) -> None:
    case = Case("Which is the largest moon of Saturn?", "Titan", rewritten)
    assert (clause_added(case) is None) == is_same


@pytest.mark.parametrize(
    ("original", "kept", "damaged"),
    [
        (
            "The loft has a skylight and costs $900. The cellar has no window and costs $400.",
            "| | Loft | Cellar |\n|---|---|---|\n| Window | a skylight | none |\n"
            "| Price | $900 | $400 |",
            "| | Loft | Cellar |\n|---|---|---|\n| Window | none | a skylight |\n"
            "| Price | $900 | $400 |",
        ),
        (
            "Grate the beets. Squeeze the lemon, then whisk the oil. Chop the dill.",
            "1. Grate the beets.\n2. Squeeze the lemon.\n3. Whisk the oil.\n4. Chop the dill.",
            "1. Grate the beets.\n2. Whisk the oil.\n3. Chop the dill.",
        ),
        (
            "A fjord is a narrow bay carved by ice. A delta is a fan of mud where a river ends.",
            "**Fjord**\nA narrow bay carved by ice.\n\n**Delta**\nA fan of mud where a river ends.",
            "**Fjord**\nA narrow bay.\n\n**Delta**\nA fan of mud where a river ends.",
        ),
        (
            "Tickets are valid only with a stamp. Bikes travel free unless the train is crowded.",
            "- **Tickets:** valid only with a stamp\n"
            "- **Bikes:** travel free unless the train is crowded",
            "- **Tickets:** valid\n- **Bikes:** travel free unless the train is crowded",
        ),
    ],
)
def test_a_layout_and_its_damage(original: str, kept: str, damaged: str) -> None:
    assert first_failure(judge(Case("Tell me, please.", original, kept))) is None
    assert first_failure(judge(Case("Tell me, please.", original, damaged)))
