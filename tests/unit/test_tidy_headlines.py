"""Headlines of entries, and that every operation of the program is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from realign_local.rewriting.tidy import OPERATIONS, tidy
from realign_local.rewriting.tidy.headlines import head_entries

DESCRIBED = Path(__file__).parents[2] / "docs" / "operations.md"
LONG = "It has a harbour, a castle on a hill and many small places where one can eat."


def test_labels_of_long_entries_are_set_in_bold() -> None:
    text = f"1. Bergen: {LONG}\n2. Oslo: {LONG}\n3. Tromso: {LONG}"
    shown = head_entries(text, "Where should I go?")
    assert shown == text.replace("Bergen:", "**Bergen:**").replace("Oslo:", "**Oslo:**").replace(
        "Tromso:", "**Tromso:**"
    )
    assert head_entries(shown, "Where should I go?") == shown


def test_so_are_short_first_sentences() -> None:
    text = f"- Go early. {LONG}\n- Walk slowly. {LONG}\n- Eat well. {LONG}"
    assert head_entries(text, "?").startswith("- **Go early.** It has")


@pytest.mark.parametrize(
    "text",
    [
        f"1. Bergen: {LONG}\n2. Oslo: {LONG}",
        f"1. Bergen: {LONG}\n2. Oslo is far.\n3. Tromso: {LONG}",
        "1. Bergen: a harbour\n2. Oslo: a castle\n3. Tromso: the north",
        f"1. Bergen: {LONG}\n2. **Oslo:** {LONG}\n3. Tromso: {LONG}",
    ],
    ids=["two", "one without", "short ones", "some have it"],
)
def test_other_lists_stay(text: str) -> None:
    assert head_entries(text, "Where should I go?") == text


@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
def test_every_operation_is_described(name: str) -> None:
    assert f"| `{name}` |" in DESCRIBED.read_text(encoding="utf-8")


def test_a_question_tells_that_a_short_answer_is_english() -> None:
    told = tidy("Storks nest on the roof , mostly .", "Where do storks nest?")
    assert told.text == "Storks nest on the roof, mostly."
