"""Sentences: the table of abbreviations, and borders that are none."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.words.sentences import TABLE, is_abbreviation, sentences

ENTRIES = tomllib.loads(TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENTRIES["before_names"]["example"], 1),
        (ENTRIES["before_numbers"]["example"], 1),
        (ENTRIES["within"]["example"], 1),
        ("The answer is no. Come back later.", 2),
        ("She is from St. Ives. He is not.", 2),
        ("It came in Dec. We were glad.", 2),
        ("On Jan. 5 it snowed. On Jan. 6 it did not.", 2),
        ("Am 3. Mai kam er. Es war kalt.", 2),
        ("Das gilt z. B. Äpfel. Birnen auch.", 2),
        ("He wrote 3.5 pages, i.e. Too few.", 1),
        ('"Stop!" she said. "Why?" He went.', 3),
        ("版本一。版本二！版本三？", 3),
    ],
)
def test_how_many_sentences(text: str, expected: int) -> None:
    assert len(sentences(text)) == expected


@pytest.mark.parametrize("kind", ENTRIES)
def test_no_abbreviation_is_of_two_kinds_and_all_are_in_small_letters(kind: str) -> None:
    words = ENTRIES[kind]["words"].split()
    others = {w for name, e in ENTRIES.items() if name != kind for w in e["words"].split()}
    assert not others & set(words)
    assert words == [word.lower().rstrip(".") for word in words]
    assert all(is_abbreviation(f"x {word}") for word in words)


@given(st.text(alphabet="Aa b.!?。\"')\n1", max_size=60))
def test_nothing_but_white_space_is_lost(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
