"""Small turns with a large effect: an answer's one word, a factor's place, a ban, a multiple."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.gates.talk.negation import modal
from realign_local.text.rules import rules


def fails_at(original: str, rewritten: str, asked: str = "Tell me about it.") -> str:
    failure = first_failure(judge(Case(asked, original, rewritten)))
    return failure[0] if failure else ""


BATS = "Bats suckle their young, as all mammals do."
WALE = "Wale haben Lungen und kommen zum Atmen an die Luft."
VERRE = "Le verre devient liquide dans le four du verrier."


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (f"{BATS} True.", f"**False.** {BATS}"),
        (f"{BATS} True.", f"{BATS}\n\n**Answer:** false"),
        (f"{BATS} Yes.", f"No. {BATS}"),
        (f"{WALE} Ja.", f"**Nein.** {WALE}"),
        (f"{WALE} Richtig.", f"**Falsch.** {WALE}"),
        (f"{VERRE} Vrai.", f"**Faux.** {VERRE}"),
        ("Стекло плавится в печи мастера. Да.", "**Нет.** Стекло плавится в печи мастера."),
        ("玻璃在炉子里会熔化。正确。", "**错误。** 玻璃在炉子里会熔化。"),
    ],
)
def test_a_whole_answer_of_one_word_is_not_turned(original: str, rewritten: str) -> None:
    assert fails_at(original, rewritten, "True or false?") == "answer"


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (f"{BATS} True.", f"**True.** {BATS}"),
        (f"{BATS} True.", f"{BATS}\n\n**True**"),
        (f"{WALE} Ja.", f"**Ja.** {WALE}"),
        ("They lay eggs. False. They suckle. True.",
         "- They lay eggs. False.\n- They suckle. True."),
        (f"{BATS} Is it false? No. It is true.", f"{BATS}\n\nIs it false? No. It is true."),
    ],
)  # fmt: skip
def test_it_may_stand_elsewhere(original: str, rewritten: str) -> None:
    assert fails_at(original, rewritten, "True or false?") == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("n = PV/RT", "n = PR/VT"), ("v = sd/t", "v = st/d"), ("λ = hc/E", "λ = hE/c"),
        ("v = 2πr/T", "v = 2πT/r"), ("speed = distance / time", "speed = time / distance"),
        ("R = ρL/A", "R = ρA/L"), ("F = qQ/εr", "F = qε/Qr"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We use {}. The rest follows from the table.",
         "**Formula:** {}\n\nThe rest follows from the table."),
        ("We use {}. The rest follows.", "We use {}. The rest follows."),
        ("The law is `{}`, as the table says.", "The law, as the table says:\n\n- `{}`"),
    ],
)  # fmt: skip
def test_a_factor_keeps_its_side_of_the_stroke(old: str, new: str, before: str, after: str) -> None:
    assert fails_at(before.format(old), after.format(new)) in ("answer", "code")
    assert fails_at(before.format(old), after.format(old)) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("n = PV/RT", "n = PV/(RT)"), ("λ = hc/E", "λ = ch/E"), ("λ = hc/E", "λ = h·c/E"),
        ("λ = hc/E", "λ = h * c / E"), ("λ = hc/E", r"$λ = \frac{hc}{E}$"),
        ("U = RI, so I = U/R", "U = RI, so I = U/R"),
        ("speed = distance / time", "speed = distance/time"),
    ],
)  # fmt: skip
def test_a_formula_may_be_written_otherwise(old: str, new: str) -> None:
    assert (
        fails_at(f"We use {old}. The rest follows.", f"**Formula:** {new}\n\nThe rest follows.")
        == ""
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("must not", "need not"), ("mustn't", "don't have to"), ("may not", "need not"),
        ("must not", "do not need to"), ("should not", "do not have to"), ("cannot", "need not"),
    ],
)  # fmt: skip
def test_a_ban_is_no_exemption(old: str, new: str) -> None:
    said = "In the park you {} feed the swans on the pond."
    for one, other in ((old, new), (new, old)):
        assert fails_at(said.format(one), f"- {said.format(other)}") in ("negation", "wording")


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Man darf hier nicht auf dem Rasen zelten.", "Man muss hier nicht auf dem Rasen zelten."),
        ("Je mag hier niet op het gras liggen.", "Je hoeft hier niet op het gras te liggen."),
        ("Vous ne devez pas nourrir les cygnes.", "Vous n'êtes pas obligé de nourrir les cygnes."),
    ],
)
def test_nor_is_it_in_other_languages(original: str, rewritten: str) -> None:
    assert fails_at(original, rewritten) in ("negation", "wording")
    assert fails_at(rewritten, original) in ("negation", "wording")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("need not", "do not have to"), ("need not", "don't need to"),
        ("must not", "are not allowed to"),
    ],
)  # fmt: skip
def test_a_ban_in_other_words(old: str, new: str) -> None:
    said = "In the park you {} feed the swans on the pond."
    assert fails_at(said.format(old), f"- {said.format(new)}") == ""


@pytest.mark.parametrize("kind", rules("bans"))
def test_the_table_of_bans(kind: str) -> None:
    for entry in rules("bans")[kind]:
        assert modal(kind).search(entry["example"].lower()), entry
        assert not modal(kind).search(entry["counter"].lower()), entry


LOOP = "The index is built once. Each look-up then reads one block."


@pytest.mark.parametrize(
    "claim",
    [
        "It is twelve times faster than a scan.", "It is ten-fold faster than a scan.",
        "A scan takes five times as long.", "It is three times cheaper.",
    ],
)  # fmt: skip
def test_a_multiple_in_words_is_a_number(claim: str) -> None:
    assert fails_at(LOOP, f"{LOOP} {claim}") == "numbers"


def test_nor_is_one_put_into_a_sentence() -> None:
    assert fails_at(LOOP, f"{LOOP[:-1]}, five times faster than a scan.") == "numbers"


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (LOOP, f"There are two steps:\n\n- {LOOP.split('. ')[0]}.\n- {LOOP.split('. ')[1]}"),
        ("Rinse it twice. Dry it.", "- Rinse it two times.\n- Dry it."),
        ("It is 12 times faster. Use it.", "- It is twelve times faster.\n- Use it."),
        ("Rinse it three times. Dry it.", "1. Rinse it three times.\n2. Dry it."),
    ],
)
def test_counts_of_parts_are_none(original: str, rewritten: str) -> None:
    assert fails_at(original, rewritten) == ""
