"""The units that a layout turns into list items: steps, sentences, entries, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from realign_local.gates.prose import content
from realign_local.layouts.anatomy import Block

_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|[a-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|approx|No|Fig|Inc|Ltd|Co"
    r"|U\.S|a\.m|p\.m|bzw|z\.B|usw|ca|Nr)|\d)\.$"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？；])[”’」』）]*\s*")
_LINE_MARKER = re.compile(r"^\s*(?:[-*+•‣–]|\(?\d{1,3}[.):]|(?:Step|STEP) \d{1,2}[:.)])\s+")
_NAMED_VALUE = re.compile(r"^[^\W\d][^:\n]{0,40}:\s+\S")
_ROW_OF_TABLE = re.compile(r"^\s*\|.*\||\S \| \S", re.MULTILINE)
"""Cells between bars: lines that mean something only one below the other."""
LEAST_TERMS = 3
MOST_WORDS_A_TERM, MOST_WORDS_A_TITLE = 6, 10
_NO_TERM = re.compile(r"[()\[\]{}=:\"“”]|[.!?]\s")
_NO_TITLE = re.compile(r"[()\[\]{}=\"“”]|[.!?]\s")
STEM = 5
"""Letters that two forms of a word share, as in the gate for borrowed words."""
_SENTENCE_LIKE = re.compile(r"[.!?…。！？:;)\]\"”]$|=|\d$")


def leads_in(block: Block) -> bool:
    """Whether a block announces what comes next."""
    return block.text.rstrip().endswith((":", "："))


def sentences(text: str) -> tuple[str, ...]:
    """Sentences of a paragraph, verbatim but for the white space between them.

    A full stop after an abbreviation, an initial or a number ends no sentence unless what follows
    begins with a capital and the number is not an ordinal; doubtful borders are not split.
    """
    found: list[str] = []
    start = 0
    for border in _SENTENCE_END.finditer(text):
        before, after = text[start : border.start()], text[border.end() :]
        if not after or _joins(before, after):
            continue
        found.append(text[start : border.end()].strip())
        start = border.end()
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def _joins(before: str, after: str) -> bool:
    if after[0].islower():
        return True
    shortened = _ABBREVIATION.search(before.rstrip("\"'”’)]"))
    if not shortened:
        return False
    ends_in_number = before[-2:-1].isdigit()
    return not (ends_in_number and after[0].isupper() and len(before.split()) > 2)


@lru_cache(maxsize=32)
def stems(*texts: str) -> frozenset[str]:
    """The beginnings of the words that carry meaning, and the numbers."""
    words = (word for text in texts for line in text.split("\n") for word in content(line))
    return frozenset(word[:STEM] for word in words if len(word) > 2 or word[0].isdigit())


def lines_as_units(text: str) -> tuple[str, ...]:
    """Lines that each say something of their own; empty where the text is wrapped prose.

    A line that announces the next one stays with it.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    whole = [
        line
        for line in lines
        if _SENTENCE_LIKE.search(line) or _LINE_MARKER.match(line) or _NAMED_VALUE.match(line)
    ]
    if len(lines) < 2 or len(whole) < 0.8 * len(lines):
        return ()
    return tuple(_LINE_MARKER.sub("", entry) for entry in _with_their_leads(lines))


def _with_their_leads(lines: Sequence[str]) -> list[str]:
    entries: list[str] = []
    for line in lines:
        if entries and entries[-1].endswith((":", "：")):
            entries[-1] += f"\n{line}"
        else:
            entries.append(line)
    return entries


def short_terms(text: str) -> tuple[str, ...]:
    """The entries of "a, b, c", "a; b; c", "a > b > c" or one short term a line; else empty."""
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    if len(lines) > 1:
        found = [_LINE_MARKER.sub("", line) for line in lines]
        return tuple(found) if all(_is_term(term) for term in found) else ()
    body = text.strip().rstrip(".。")
    for separator in (r"\s*[;；]\s*", r"\s+(?:>|->|→)\s+", r"\s*(?:,(?!\d)|，|、)\s*"):
        found = [re.sub(r"^and ", "", term.strip()) for term in re.split(separator, body)]
        if len(found) < LEAST_TERMS:
            continue
        if all(_is_term(term) for term in found) or all(_is_title(term) for term in found):
            return tuple(found)
    return ()


def _is_term(text: str) -> bool:
    words = len(text.split())
    return 0 < words <= MOST_WORDS_A_TERM and not _NO_TERM.search(text)


def _is_title(text: str) -> bool:
    """A name of several words, as of a film; prose does not begin with a capital at each comma."""
    words = len(text.split())
    return 0 < words <= MOST_WORDS_A_TITLE and text[0].isupper() and not _NO_TITLE.search(text)


def units_of(blocks: Sequence[Block], part: str) -> tuple[str, ...]:
    """Split the blocks of an `items` section into its entries, in order, nothing left out.

    Empty where one of the blocks is nothing that can be split, as then something would be lost.
    """
    found: list[str] = []
    marked = len(blocks) > 1 and all(_LINE_MARKER.match(block.text) for block in blocks)
    for block in blocks:
        if block.kind == "list":
            entries = block.items
        elif marked:
            entries = (_LINE_MARKER.sub("", _unwrapped(block.text)),)
        elif block.kind in ("paragraph", "other") and part != "paragraphs":
            entries = _split(block.text, part)
        else:
            entries = (block.text,)
        if not entries:
            return ()
        found += entries
    return tuple(found)


def _split(text: str, part: str) -> tuple[str, ...]:
    if _ROW_OF_TABLE.search(text):
        return ()
    if part in ("list_items", "terms"):
        return short_terms(text)
    return lines_as_units(text) or sentences(_unwrapped(text))


def _unwrapped(text: str) -> str:
    """Wrapped prose in one line; a hard line break of Markdown stays one."""
    return text if re.search(r"  \n|\\\n", text) else " ".join(text.split("\n"))
