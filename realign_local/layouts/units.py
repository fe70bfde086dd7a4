"""The units that a layout turns into list items: steps, sentences, entries, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.layouts.anatomy import Block

_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|[a-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|approx|No|Fig|Inc|Ltd|Co"
    r"|U\.S|a\.m|p\.m|bzw|z\.B|usw|ca|Nr)|\d)\.$"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？；])[”’」』）]*\s*")
_LINE_MARKER = re.compile(
    r"^\s*(?:[-*+•‣–]|\(?(?:\d{1,3}|[a-z])[.):]|(?:Step|STEP) \d{1,2}[:.)])\s+"
)
_SENTENCE_LIKE = re.compile(r"[.!?…。！？:;)\]\"”]$|=|\d$")


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


def lines_as_units(text: str) -> tuple[str, ...]:
    """Lines that each say something of their own; empty where the text is wrapped prose."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    whole = [line for line in lines if _SENTENCE_LIKE.search(line) or _LINE_MARKER.match(line)]
    if len(lines) < 2 or len(whole) < 0.8 * len(lines):
        return ()
    return tuple(_LINE_MARKER.sub("", line) for line in lines)


def comma_units(text: str) -> tuple[str, ...]:
    """The entries of "a, b, c and d"; empty unless there are three or more short ones."""
    if len(sentences(text)) != 1 or "\n" in text.strip():
        return ()
    body = text.strip()
    if re.search(r"\d,\d|[()\[\]{}=;:\"“”]", body):
        return ()
    entries = [entry.strip() for entry in re.split(r"[,，、]", body.rstrip(".。"))]
    entries = [re.sub(r"^and ", "", entry) for entry in entries]
    if len(entries) < 3 or any(not entry or len(entry.split()) > 6 for entry in entries):
        return ()
    return tuple(entries)


def units_of(blocks: Sequence[Block], part: str) -> tuple[str, ...]:
    """Split the blocks of an `items` section into its entries, in order, nothing left out."""
    found: list[str] = []
    for block in blocks:
        if block.kind == "list":
            found += block.items
        elif block.kind in ("paragraph", "other") and part != "paragraphs":
            found += _split(block.text, part)
        else:
            found.append(block.text)
    return tuple(found)


def _split(text: str, part: str) -> tuple[str, ...]:
    lines = lines_as_units(text)
    if lines:
        return lines
    if part == "list_items" and (entries := comma_units(text)):
        return entries
    return sentences(" ".join(text.split("\n")) if _is_wrapped(text) else text)


def _is_wrapped(text: str) -> bool:
    return "\n" in text and not re.search(r"  \n|\\\n", text)
