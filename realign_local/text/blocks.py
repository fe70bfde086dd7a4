"""Take a response apart: paragraphs, lists, code, tables, a marked answer, and nothing lost.

Block structure comes from markdown-it-py (CommonMark and tables); code that carries no fence is
found first, because Markdown would read it as prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from realign_local.text.code.code_blocks import cut, split_lines
from realign_local.text.code.code_detect import bare_blocks

BlockKind = Literal["paragraph", "list", "code", "table", "heading", "answer", "other"]

_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "heading_open": "heading",
}
_MARKER = re.compile(r"^\s*(?:[-*+•]|\(?\d{1,9}[.)])\s+")
_NUMBER_MARKER = re.compile(r"^(\d{1,9})[.)]\s", re.MULTILINE)
_MARKED_ANSWER = re.compile(r"^\s*####\s*\S[^\n]*$")
"""GSM8K marks its final answer with four number signs, which CommonMark takes for a heading."""


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A stretch of whole lines. `items` are a list's entries without their markers.

    `language` is set for code that had no fence ("" where it could not be told); for all else it is
    None.
    """

    kind: BlockKind
    text: str
    items: tuple[str, ...] = ()
    ordered: bool = False
    language: str | None = None


@cache
def _parser() -> MarkdownIt:
    """Blocks only: emphasis and links inside them are of no interest here, and half the cost."""
    return MarkdownIt("commonmark").enable("table").disable("inline")


def take_apart(text: str) -> tuple[TextBlock, ...]:
    """The blocks of a text in order; every line that is not blank is in exactly one of them."""
    lines = split_lines(text)
    blocks: list[TextBlock] = []
    done = 0
    for code in bare_blocks(cut(text).lines):
        end = _end_of(code.text, lines, code.line)
        blocks += _markdown(lines[done : code.line])
        blocks.append(TextBlock("code", "\n".join(lines[code.line : end]), language=code.language))
        done = end
    return tuple(blocks + _markdown(lines[done:]))


def _end_of(code: str, lines: list[str], start: int) -> int:
    """Where a block of bare code ends, whose text comes without the blank lines in it."""
    left = sum(1 for line in code.split("\n") if line.strip())
    end = start
    while left and end < len(lines):
        left -= bool(lines[end].strip())
        end += 1
    return end


def _plain(lines: list[str]) -> list[TextBlock] | None:
    """The paragraphs of lines that begin with a letter, as nothing else in Markdown does."""
    blocks: list[TextBlock] = []
    start = 0
    for number, line in enumerate((*lines, "")):
        if not line.strip(" \t"):
            if start < number:
                blocks.append(TextBlock("paragraph", "\n".join(lines[start:number])))
            start = number + 1
        elif not line[0].isalpha():
            return None
    return blocks


def _markdown(lines: list[str]) -> list[TextBlock]:
    plain = _plain(lines)
    return _parsed(lines) if plain is None else plain


def _parsed(lines: list[str]) -> list[TextBlock]:
    tokens = [t for t in _parser().parse("\n".join(lines)) if t.level <= 1]
    blocks: list[TextBlock] = []
    done = 0
    for place, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0 or token.map[0] < done:
            continue
        start, end = token.map
        if token.type == "table_open":
            end = _end_of_table(lines, end)
        blocks += _leftover(lines[done:start])
        blocks.append(_block(token, tokens[place:], lines, start, end))
        done = end
    return blocks + _leftover(lines[done:])


def _end_of_table(lines: list[str], end: int) -> int:
    """A row that is indented far belongs to its table, though CommonMark takes it for code."""
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end


def _leftover(lines: list[str]) -> list[TextBlock]:
    """Lines that CommonMark keeps out of its tree (link definitions) are content here."""
    text = "\n".join(lines).strip("\n")
    return [TextBlock("other", text)] if text.strip() else []


def _block(
    token: Token, following: list[Token], lines: list[str], start: int, end: int
) -> TextBlock:
    text = "\n".join(lines[start:end]).strip("\n")
    kind = _KINDS.get(token.type, "other")
    if kind == "heading" and _MARKED_ANSWER.match(text):
        kind = "answer"
    if kind != "list":
        return TextBlock(kind, text)
    ordered = token.type.startswith("ordered")
    entries = _list_items(following, lines, end)
    return TextBlock(
        kind, text, items=entries if _may_be_numbered(text, ordered) else (), ordered=ordered
    )


def _list_items(following: list[Token], lines: list[str], end: int) -> tuple[str, ...]:
    items: list[str] = []
    for token in following:
        if token.type == "list_item_open" and token.level == 1 and token.map:
            if token.map[0] >= end:
                break
            body = "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
            items.append(_without_marker(body))
    return tuple(items)


def _may_be_numbered(text: str, ordered: bool) -> bool:
    """Whether a list's own numbers say no more than its order does.

    Numbers that begin again, leave some out or start elsewhere are content: the first, second and
    third person, years, the puzzles 4 to 6.
    """
    numbers = [int(number) for number in _NUMBER_MARKER.findall(text)] if ordered else []
    return numbers in (list(range(1, len(numbers) + 1)), [1] * len(numbers))


def _without_marker(item: str) -> str:
    marker = _MARKER.match(item)
    if not marker:
        return item.strip()
    width = len(marker.group())
    first, *more = item[width:].split("\n")
    return "\n".join([first.rstrip(), *(_dedent(line, width) for line in more)]).rstrip()


def _dedent(line: str, width: int) -> str:
    return line[min(width, len(line) - len(line.lstrip(" "))) :]
