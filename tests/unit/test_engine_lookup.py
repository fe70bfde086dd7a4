"""Prompt lookup: what is found, what is believed, and how long a guess is worth making."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realign_local.engine.lookup import LONGEST_MATCH, Acceptance, NgramIndex, draft


def index_of(tokens: list[int]) -> NgramIndex:
    index = NgramIndex()
    index.extend(tokens)
    return index


def test_the_latest_match_of_the_strongest_kind_is_copied() -> None:
    tokens = [1, 2, 3, 4, 5, 6, 9, 3, 4, 7, 1, 2, 3, 4]
    found = draft(tokens, index_of(tokens), acceptance=Acceptance(), longest=3)
    assert found.tokens == [5, 6, 9]
    assert found.match == 4
    assert list(found.chances) == sorted(found.chances, reverse=True)


def test_nothing_is_guessed_without_a_match() -> None:
    tokens = [1, 2, 3, 4]
    assert draft(tokens, index_of(tokens), acceptance=Acceptance(), longest=3).tokens == []


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(1, 59))
def test_an_index_that_grows_finds_what_a_fresh_one_finds(tokens: list[int], cut: int) -> None:
    grown = NgramIndex()
    for end in range(len(tokens) + 1):
        grown.extend(tokens[:end])
    assert grown.find(tokens) == index_of(tokens).find(tokens)
    rewound = index_of(tokens)
    shorter = tokens[:cut]
    rewound.rewind(len(shorter))
    place, match = rewound.find(shorter)
    assert place < len(tokens)
    assert shorter[place - match : place] == shorter[len(shorter) - match :]


def test_acceptance_learns() -> None:
    acceptance = Acceptance()
    before = acceptance.chance(3)
    for _ in range(20):
        acceptance.record(3, 4, 0)
    assert acceptance.chance(3) < before / 3
    for _ in range(50):
        acceptance.record(LONGEST_MATCH, 5, 5)
    assert acceptance.chance(LONGEST_MATCH + 9) > 0.95
