"""Faithful rewrites of everyday text that no gate may turn down, and their damaged twins."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.text.spacing import spaced


def failed(instruction: str, original: str, rewritten: str) -> str:
    found = first_failure(judge(Case(instruction, original, rewritten)))
    return f"{found[0]}: {found[1].detail} ({found[1].span})" if found else ""


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Pro: no rent, own garden, calm. Con: long way, old roof.",
         "**Pro**\n\n- No rent\n- Own garden\n- Calm\n\n**Con**\n\n- Long way\n- Old roof"),
        ("The flat is bright and costs little. Yet it lies far out and has no lift.",
         "- The flat is bright.\n- It costs little.\n- It lies far out.\n- It has no lift."),
        ("Press Tab, type the name and press Return. To stop, press Escape.",
         "1. Press `Tab`.\n2. Type the name and press `Return`.\n\nTo stop, press `Escape`."),
        ("No. Moles aren't deaf; they just don't have ears that show.",
         "No, moles are not deaf; they just do not have ears that show."),
        ("The ferry was late.The harbor had no lamps,so nobody saw it.We waited.",
         "The ferry was late. The harbor had no lamps, so nobody saw it. We waited."),
        ("Last year my uncle goes to Malta with his band and sings there.",
         "Last year my uncle went to Malta with his band and sang there."),
        ("In most town's a stall needs a permit from the council.",
         "In most towns a stall needs a permit from the council."),
        ("Lead melts early. Lead melts early. It is soft and gray.",
         "Lead melts early. It is soft and gray."),
        ("The seat of Uri is Altdorf and the seat of Zug is Zug itself.",
         "- **Uri:** seat Altdorf\n- **Zug:** seat Zug itself"),
        ("their best songs are stay with me now, blue and run",
         '- "Stay With Me Now"\n- "Blue"\n- "Run"\n\nThese are their best songs.'),
        ("Wełna jest lekka, miękka i ciepła. Nie drapie skóry.",
         "Zalety wełny:\n\n- Jest lekka, miękka i ciepła.\n- Nie drapie skóry."),
        ("The net is full.its not torn.", "The net is full. It's not torn."),
        ("Look at www.otter.example or ask a keeper.",
         "- Look at [www.otter.example](https://www.otter.example)\n- Ask a keeper"),
    ],
)  # fmt: skip
def test_faithful(original: str, rewritten: str) -> None:
    assert failed("", original, rewritten) == ""


def test_a_german_noun_in_an_added_line_is_no_name() -> None:
    original = "Geh früh ins Bett. Lies ein Buch. Leg das Handy weg. Lüfte das Zimmer gut."
    listed = original.replace(". ", ".\n- ")
    rewritten = f"Mit diesen Gewohnheiten schläfst du besser:\n\n- {listed}"
    assert failed("Wie schlafe ich besser?", original, rewritten) == ""


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Hier darf man nachts nicht parken, nur am Tag.",
         "Hier darf man nachts parken, nur am Tag nicht."),
        ("Salt the water, add the rice to the pot, stir it and wait until it is soft.",
         "1. Stir it.\n2. Add the rice to the pot.\n3. Salt the water.\n"
         "4. Wait until it is soft."),
        ("The shop is open on Monday but not on Sunday.",
         "The shop is not open on Monday but on Sunday."),
        ("Pro: no rent, own garden, calm. Con: long way, old roof.",
         "**Pro**\n\n- Rent\n- Own garden\n- Calm\n\n**Con**\n\n- Long way\n- Old roof"),
        ("No. Moles aren't deaf; they just lack ears that show.",
         "Moles are deaf; they just lack ears that show."),
        ("Look at www.otter.example or ask a keeper.",
         "Look at https://www.other.example or ask a keeper."),
    ],
)  # fmt: skip
def test_damaged(original: str, rewritten: str) -> None:
    assert failed("", original, rewritten)


@pytest.mark.parametrize(
    ("original", "rewritten", "found"),
    [
        ("It rained.we left", "It rained. We left.", "It rained. we left"),
        (
            "It was to.late,so we left",
            "It was too. Late, so we left",
            "It was to. late, so we left",
        ),
        ("Use node.js here", "Use node.js here.", "Use node.js here"),
        ("Use node.js here", "Use node. js here.", "Use node.js here"),
        ("Mail a.b@c.de now", "Mail a. B@c. De now", "Mail a.b@c.de now"),
        ("One. Two", "One.\nTwo", "One. Two"),
    ],
)
def test_spaces_that_the_rewrite_put_in(original: str, rewritten: str, found: str) -> None:
    assert spaced(original, rewritten) == found
