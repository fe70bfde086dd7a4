"""Law of the gates: a value in any two of its spellings is the same, another value is not."""

from __future__ import annotations

import pytest

from tests.spelt.measure import KINDS, measure

VALUES = 8
"""Of each kind, with some spellings and some other values of each."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_spelling_of_a_value_passes_and_no_other_value_does(kind: str) -> None:
    _, wrong = measure(kind, VALUES)
    assert not wrong, "\n".join(wrong)
