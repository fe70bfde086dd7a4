"""Laws of the operations on lists: final after one pass, never an error, no word lost, linear."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import labels, lists, run_in, steps

ALL = (*labels.OPERATIONS, *steps.OPERATIONS, *run_in.OPERATIONS, *lists.OPERATIONS)
ODD = (
    "1. ", "2. ", "3. ", "1) ", "2) ", "(1) ", "(2) ", "(3) ", "1.", "a. ", "b. ", "c. ", "- ",
    "* ", "• ", "•", "– ", "-", "\n- ", "\n* ", "\n1. ", "\n2) ", "\n", "\n\n", "\r\n", "Oak: hard",
    "\nElm: soft", ", Fir: low", "First, ", "Second, ", "Third, ", "Finally, ", "Step 1: ",
    "\nStep 2: ", " = 7", "3+4", "<<3+4=7>>7", "\n#### 7", "```\n", "$$", "\\begin{a}", "| a | b |",
    "lamp, ", "and ", "; ", ". Then ", "Go on.", "\u2028", "\0", "\ud800", "\ue0000\ue001", "茶、",
    "👍", "1️⃣ ", "لا ", "(", '"', ":", "\nFruit:\n", "  ",
)  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=8)), max_size=30).map("".join)
REQUESTS = st.sampled_from(("", "Name some things.", "How do I do it?", "What are the best ways?"))
WORD = re.compile(r"[^\W\d_]+")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
DROPPED = {
    *ORDINALS, *(f"{word}ly" for word in ORDINALS), "and", "or", "step", "one", "two", "three",
    "of", "all", "then", "next", "after", "that", "afterwards", "finally", "lastly", "last",
    "a", "b", "c",
}  # fmt: skip
"""Words whose work the number of an entry does."""


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXT, request_=REQUESTS)
def test_final_and_nothing_lost(operation: Operation, text: str, request_: str) -> None:
    new = operation.apply(text, request_)
    assert operation.apply(new, request_) == new
    before, after = (Counter(WORD.findall(side.lower())) for side in (text, new))
    assert not after - before
    assert set(before - after) <= DROPPED


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
@given(words=st.lists(st.text(st.characters(categories=("Lo", "Ll")), min_size=1), min_size=1))
def test_prose_without_marks_stays(operation: Operation, words: list[str]) -> None:
    text = " ".join(words)
    assert operation.apply(text, "What are the best ways?") == text


TERM = st.from_regex(r"[A-Z][a-z]{3,8}", fullmatch=True)


@given(terms=st.lists(TERM, min_size=5, max_size=12, unique=True))
def test_terms_come_out_as_they_went_in(terms: list[str]) -> None:
    new = run_in.open_lists(", ".join(terms), "Name some things.")
    assert new in (", ".join(terms), "\n".join(f"- {term}" for term in terms))


@given(
    entries=st.lists(TERM, min_size=2, max_size=9), sign=st.sampled_from(("{}) ", "({}) ", "{}."))
)
def test_numbers_count_the_same(entries: list[str], sign: str) -> None:
    marked = "\n".join(sign.format(n) + entry for n, entry in enumerate(entries, start=1))
    plain = "\n".join(f"{n}. {entry}" for n, entry in enumerate(entries, start=1))
    assert lists.unify_marks(marked, "") == plain


HUGE = {
    "letters": "a", "commas": "ab, ", "bullets": "• x\n", "labels": "Ab: c\n", "pairs": "Ab: c, ",
    "sums": "1+1=2\n", "open": "1+", "blanks": " ", "quotes": '"', "semicolons": "ab; ",
    "ordinals": "First, a b. ", "steps": "Step 1: a\n", "lines": "\n", "dashes": "a - ",
    "marks": "1) Ab. ", "leads": "a are: ", "statements": "Ab is cd, ", "numbers": "1. ab\n",
}  # fmt: skip


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
@pytest.mark.parametrize("piece", HUGE.values(), ids=HUGE)
def test_long_texts_take_no_longer_than_they_should(operation: Operation, piece: str) -> None:
    """Generous for slow machines: anything quadratic takes minutes."""
    text = piece * (100_000 // len(piece))
    start = time.perf_counter()
    operation.apply(text, "What are the best ways to do it?")
    assert time.perf_counter() - start < 5
