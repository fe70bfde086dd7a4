"""What is asked, apart from the text that it is asked about, and the words of both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.classifier.features import (
    MARKS,
    WORD_BUCKETS,
    WORDS,
    asked,
    design,
    marks,
    wording,
)

LONG = "The river rose for three days and flooded the lower town, where nobody had expected it."


@pytest.mark.parametrize(
    ("instruction", "found"),
    [
        ("Who built it?", "Who built it?"),
        (f"Summarize this text: {LONG}", "Summarize this text:"),
        (f"Translate into French.\n\n{LONG}\nDone", "Translate into French."),
        (
            f"{LONG}\n{LONG} {LONG}\nWhat is the mood of this text?",
            "What is the mood of this text?",
        ),
        (
            f"{LONG} {LONG} {LONG} You need to write a summary for children. Keep it short.",
            "You need to write a summary for children.",
        ),
        ("", ""),
    ],
)
def test_the_request_is_told_from_its_text(instruction: str, found: str) -> None:
    assert asked(instruction).endswith(found)


def test_a_long_wish_stays_what_it_is() -> None:
    text = f"Write down what happened, as a letter. {LONG} {LONG} Then tell who wrote it."
    assert asked(text) == "Write down what happened, as a letter."


def test_marks_see_text_behind_a_question_and_before_one() -> None:
    alone, behind, before = (
        marks(text) for text in ("Who came?", f"Who came? {LONG}", f"{LONG} {LONG} Who came?")
    )
    assert len({tuple(found) for found in (alone, behind, before)}) == 3
    assert (behind - before).any()


def test_marks_see_code_and_blanks() -> None:
    plain, code, blank = (marks(text) for text in ("Hello there", "x();\ny();", "The ___ is red."))
    assert (code - plain).sum() > 0
    assert (blank - plain).sum() > 0


def test_words_enter_with_their_neighbours_and_apart_by_salt() -> None:
    there, back = wording("fix my code", salt="a"), wording("code my fix", salt="a")
    assert 0 < float(there @ back) < 0.9
    assert float(there @ wording("FIX my code", salt="a")) == pytest.approx(1)
    assert float(there @ wording("fix my code", salt="w")) < 0.3


@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
@settings(max_examples=100)
def test_any_text_has_its_features(texts: list[str]) -> None:
    found = design(texts, lambda some: np.zeros((len(some), 3), dtype=np.float32))
    assert found.shape == (len(texts), 3 + len(MARKS) + len(WORDS) + 2 * WORD_BUCKETS)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
