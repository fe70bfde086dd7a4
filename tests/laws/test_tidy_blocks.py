"""Laws of fences, tables and paragraphs: nothing is lost, nothing happens twice, nothing raises."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import fences, paragraphs, tables

OPERATIONS = [*fences.OPERATIONS, *tables.OPERATIONS, *paragraphs.OPERATIONS]
LINES = st.sampled_from(
    [
        "",
        "",
        "def f(x):",
        "    return x",
        "x = 1",
        "print(f(2))",
        "Here is the code:",
        "Done.",
        "```",
        "```python",
        "~~~",
        "SELECT a FROM b;",
        "pip install x",
        "- item one",
        "1. First",
        "{",
        '  "a": 1',
        "}",
        "<div>",
        "</div>",
        "Name    Age",
        "Ann     12",
        "Ben\t9",
        "| a | b |",
        "| 1 | 2 |",
        "|---|---|",
        "a | b",
        "----------",
        "However, it is so.",
        "fn main() {",
        "}",
        "\\begin{align}",
        "\\end{align}",
        "#### 4",
        "$ git log",
        "Это проза.",
        "这是一个句子。",
        "\r",
        "for all of the words in this line that one may write on any day",
    ]
)
TEXTS = st.lists(LINES, max_size=14).map("\n".join) | st.text(max_size=200)
REQUESTS = st.sampled_from(
    ["", "Write a Python function.", "Which git command?", "def f(x):", "Name and age?", "代码"]
)


def _signs(text: str) -> Counter[str]:
    """All signs but white space and those of which fences and tables are made."""
    return Counter(sign for sign in text if not sign.isspace() and sign not in "`|-=")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@given(text=TEXTS, request_=REQUESTS)
@settings(max_examples=250)
def test_nothing_happens_twice(operation: Operation, text: str, request_: str) -> None:
    once = operation.apply(text, request_)
    assert operation.apply(once, request_) == once


@given(TEXTS, REQUESTS)
@settings(max_examples=300)
def test_fences_add_lines_and_change_none(text: str, request_: str) -> None:
    fenced = fences.fences(text, request_).split("\n")
    left = iter(fenced)
    kept = text.strip("\r\n \t").split("\n")
    for line in kept:
        assert any(line.strip() == other.strip() or _is_label_added(line, other) for other in left)


def _is_label_added(line: str, other: str) -> bool:
    bare = line.strip().startswith(("```", "~~~")) and not line.strip().strip("`~ >")
    return bare and other.startswith(line.rstrip())


@given(TEXTS, REQUESTS)
@settings(max_examples=300)
def test_tables_and_paragraphs_lose_no_sign(text: str, request_: str) -> None:
    for operation in (*tables.OPERATIONS, *paragraphs.OPERATIONS):
        assert _signs(operation.apply(text, request_)) == _signs(text)


SENTENCES = st.lists(
    st.sampled_from(
        [
            "However, the price of the house in the town is too high for most of the people in it.",
            "It is the best that they have seen in all of the years of the trade with the islands.",
            "Another thing is (as we said) that the ships of the fleet are too old to be of use.",
            "The baker of the village sells bread to the people who come to the market to buy it.",
            "Finally, the people of the town came to see that the bridge had to be built again.",
        ]
    ),
    min_size=6,
    max_size=20,
)


@given(SENTENCES)
@settings(max_examples=200)
def test_a_parted_wall_has_paragraphs_of_two_to_five_sentences(parts: list[str]) -> None:
    wall = " ".join(parts)
    parted = paragraphs.paragraphs(wall, "What happened?")
    assert parted.split() == wall.split()
    if parted != wall:
        counts = [part.count(".") for part in parted.split("\n\n")]
        assert min(counts) >= paragraphs.LEAST
        assert max(counts) <= paragraphs.MOST
        assert not any(part.startswith("It ") for part in parted.split("\n\n")[1:])


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "a b " * 25_000,
        "(" * 50_000,
        "x = 1\n" * 15_000,
        "| a | b |\n" * 9_000,
        "`" * 50_000,
        "  a  b\n" * 10_000,
        "- \n" * 30_000,
        "\ue000" * 20_000,
        "\x00\u2028\ud800" * 9_000,
        '"' * 60_000,
        "/*" * 50_000,
        "The end. " * 12_000,
        "```\n" * 20_000,
        "a: b\n" * 15_000,
    ],
    ids=range(15),
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_any_long_text_comes_back(operation: Operation, text: str) -> None:
    assert isinstance(operation.apply(text, "Write a Python function."), str)
