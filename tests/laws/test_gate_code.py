"""Laws of the code gate: it never raises, is deterministic, and what is the same passes."""

from __future__ import annotations

# ruff: noqa: E501 (a table of odd pieces reads better in long lines)
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.gates.exact.same_code import check
from realign_local.gates.gate import Case
from realign_local.gates.layout import meets_layout
from realign_local.text.code.code_blocks import cut, split_lines
from realign_local.text.code.code_grammars import GRAMMARS
from realign_local.text.code.code_parse import lex
from tests.mutation.code_pairs import SNIPPETS

PIECES = st.sampled_from(
    [
        "```", "````", "~~~", "```python\n", "`", "``", "\n", "\n\n", "    ", "\t", "  - ", "1. ", "> ",
        "def f(x):", "return x", "if x:", "else:", "{", "}", "(", ")", ";", "=", "'", '"', '"""', "\\",
        "/*", "*/", "//", "#", "--", "<div>", "</div>", "<!--", "SELECT a FROM b;", "x = 1;", "key: v",
        "\x00", "\ud800", "\udfff", "\u2028", "\ue000", "\ue0010\ue001", "\x1f", "ع", "中文", "👩‍👧", "...", "| a | b |",
        "|---|---|", "####", "$\\frac{1}{2", "word ", "Words in a row here.",
    ]
)  # fmt: skip
CODE = st.sampled_from([snippet.code for snippet in SNIPPETS])
ODD = st.lists(PIECES | CODE | st.text(max_size=12), max_size=25).map("".join)


class Section:
    """A section as a criterion would give it."""

    kind, name, part, min_items, optional = "items", "steps", "steps", 2, False

    def __init__(self, style: str) -> None:
        self.style = style


@settings(max_examples=150)
@given(ODD, ODD, ODD)
def test_nothing_makes_it_raise(instruction: str, original: str, rewritten: str) -> None:
    case = Case(instruction, original, rewritten)
    assert check(case) == check(case)


@settings(max_examples=150)
@given(ODD)
def test_an_unchanged_text_passes(text: str) -> None:
    assert check(Case("", text, text)).outcome != "fail"


@settings(max_examples=100)
@given(ODD, st.sampled_from(list(GRAMMARS)))
def test_tokens_do_not_depend_on_space_around(text: str, language: str) -> None:
    tokens = [token for token in lex(text, language) if isinstance(token, str)]
    assert all(token.strip() for token in tokens)


@settings(max_examples=150)
@given(ODD)
def test_every_line_is_fenced_or_not(text: str) -> None:
    parts = cut(text)
    numbers = [number for number, _ in parts.lines]
    assert numbers == sorted(set(numbers))
    inside = sum(len(block.text.split("\n")) for block in parts.fenced if block.text)
    assert inside + len(numbers) <= len(split_lines(text))


@settings(max_examples=100)
@given(ODD, st.sampled_from(["numbered", "bullets", "table", "code", "as_is", "paragraph"]))
def test_layout_never_raises(text: str, style: str) -> None:
    assert meets_layout(text, text, [Section(style)]).outcome in ("pass", "fail")
