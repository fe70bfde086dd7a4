"""What is asked, apart from the text that it is asked about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.classifier.features import MARKS, WORDS, asked, marks, views

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
        ("", ""),
    ],
)
def test_the_request_is_told_from_its_text(instruction: str, found: str) -> None:
    assert asked(instruction).endswith(found)


def test_marks_see_code_and_blanks() -> None:
    plain, code, blank = (marks(text) for text in ("Hello there", "x();\ny();", "The ___ is red."))
    assert (code - plain).sum() > 0
    assert (blank - plain).sum() > 0


@given(st.lists(st.text(max_size=300), max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_text_has_its_features(texts: list[str]) -> None:
    heads, asks = views(texts)
    assert len(heads) == len(asks) == len(texts)
    for text in texts:
        assert marks(text).shape == (len(MARKS) + len(WORDS),)
        assert np.isfinite(marks(text)).all()
