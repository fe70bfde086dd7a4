"""Laws of clean text: idempotent, never raises, no word changed, code and formulas untouched."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import boilerplate, characters, markdown, surface
from realign_local.rewriting.tidy.words import slips
from realign_local.text.code.code_blocks import cut

OPERATIONS = [
    operation
    for module in (characters, boilerplate, markdown, surface, slips)
    for operation in module.OPERATIONS
]
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
KEEPS_WORDS = [
    o for o in OPERATIONS if o.name not in ("boilerplate", "prompt_remains", "mojibake", "slips")
]

PIECES = st.sampled_from(
    [
        "The pier is old", " . ", ",and ", "  ", "\n", "\n\n", "\n\n\n", "it leans",
        " dont ", " the the ", " its a ", "Recieved it", " i was ",
        ".It ", ". it ",
        "**", "**Age**", "## Age", "##Age", "\n====\n", "\n---\n",
        "#### 72", "```", "```py\n",
        "`a`",
        "$x$", "$5", "\\(y\\)", "\\[z\\]", "$$w$$", "\\n", '\\"', "&amp;", "amp;", "&#39;",
        "&lt;",
        "<br>", "<b>", "</b>", "<p>", "<li>", "Ã©", "â€™", "\u200b", "\ufeff", "\u00a0", "``", "''",
        "“", "”", '"', "Sure! ", "I hope this helps!", "A: ", "### Response:\n", "<|im_end|>",
        "1. ",
        "- ", "| a | b |\n", "\t", "é", "漢字。", "شكرا", "\ud800", "\r\n", "\x00", "\\begin{a}",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=60)
REQUESTS = st.sampled_from(["", "Tell me about the pier.", "Write code.", "Was ist das?"])


@EACH
@given(text=TEXTS, request_=REQUESTS)
@example(text="", request_="")
@settings(max_examples=250)
def test_twice_is_once(operation: Operation, text: str, request_: str) -> None:
    once = operation.apply(text, request_)
    assert operation.apply(once, request_) == once


def _letters(text: str) -> list[str]:
    """The letters and digits in order, without what markup and entities are written in."""
    bare = re.sub(r"&#?\w+;|</?\w+ ?/?>|\\n|amp;", "", text)
    return re.findall(r"[^\W_]", bare.lower())


@pytest.mark.parametrize("operation", KEEPS_WORDS, ids=lambda operation: operation.name)
@given(text=TEXTS)
@settings(max_examples=250)
def test_no_letter_is_lost(operation: Operation, text: str) -> None:
    assert _letters(operation.apply(text, "Tell me about the pier.")) == _letters(text)


@EACH
@given(text=TEXTS)
@settings(max_examples=150)
def test_fenced_code_stays(operation: Operation, text: str) -> None:
    code = "x = 1  ,2\n\n\n\n# it is.it\n``a''  &amp; <br>Ã©\u200b "
    fenced = f"{text.replace('`', '').replace('~', '')}\n```\n{code}\n```"
    new = operation.apply(fenced, "Tell me about the pier.")
    assert any(block.text == code for block in cut(new).fenced)


HOSTILE = [
    "word " * 20_000, " " * 100_000, "a" + " " * 100_000 + "b", "\n \n" * 30_000, "x , " * 25_000,
    "** " * 30_000, "``a" * 30_000, "``" * 50_000, '“"' * 50_000, "<b>" * 30_000, "<br> " * 20_000,
    "&amp;" * 20_000, "&" + "amp;" * 25_000, "\\n" * 50_000, '\\"' * 50_000, "Ã©" * 50_000,
    "\u200b" * 100_000, "a,bb" * 25_000, "aa,bb" * 20_000, "a ? b : " * 12_000, "A: " * 30_000,
    "Sure! " * 15_000, "I hope this helps! " * 5_000, "# a\n" * 25_000, "**a**\n" * 15_000,
    "$a$ " * 25_000, "$$" * 50_000, "$a " * 30_000, "a. b" * 25_000, "old.It " * 15_000,
    "a\n---\n" * 15_000, ",,a" * 30_000, "```\n" * 25_000, "&lt;" * 25_000, "a's-" * 25_000,
]  # fmt: skip


@EACH
def test_time_grows_with_length(operation: Operation) -> None:
    """100,000 signs of the worst kinds take seconds at most; a quadratic pattern takes minutes."""
    for text in HOSTILE:
        start = time.perf_counter()
        operation.apply(text, "Tell me about the pier.")
        operation.apply(text + "\\(a\\)", "Tell me about the pier.")
        taken_s = time.perf_counter() - start
        assert taken_s < 5, f"{operation.name} took {taken_s:.1f} s for {text[:12]!r}"
