"""Entries of a list that open with a label or a short sentence of their own: it is set in bold."""

from __future__ import annotations

import re

from realign_local.base.words.sentences import sentences
from realign_local.rewriting.operation import Operation
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.prose import lines_of_code

LEAST_ENTRIES = 3
MAX_HEAD_WORDS = 7
LEAST_ENTRY_WORDS = 12
"""Of a list's entries on average; shorter ones are taken in at a glance."""

_ENTRY = re.compile(r"^(\s{0,3}(?:[-*•]|\d{1,3}[.)])\s+)(\S.*)$")
_LABEL = re.compile(r"[A-ZÀ-Ý0-9][^.:;!?*_`\"“”$()\[\]=<>/]{1,40}:(?=\s+[^\s\d])")
_HEAD = re.compile(r"[A-ZÀ-Ý0-9][^.:;!?*_`\"“”$()\[\]]*[.]$")


def head_entries(response: str, _request: str) -> str:
    """The response with the label, or the first sentence, of each entry in bold, where every entry
    has one.

    Each entry is one line; a list with an entry that says only one thing stays as it is.
    """
    if "\n" not in response and "\r" not in response:
        return response
    lines = split_lines(response)
    places = [n for n, line in enumerate(lines) if _ENTRY.match(line)]
    if len(places) < LEAST_ENTRIES or "**" in response or lines_of_code(response):
        return response
    new = dict(enumerate(lines))
    words = 0
    for place in places:
        marker, text = _ENTRY.match(lines[place]).groups()  # type: ignore[union-attr]
        head = _head_of(text)
        if not head:
            return response
        words += len(text.split())
        new[place] = f"{marker}**{head}**{text[len(head) :]}"
    if words < LEAST_ENTRY_WORDS * len(places):
        return response
    return "\n".join(new.values())


def _head_of(text: str) -> str:
    """A label with its colon, or the first of several sentences, if it is short and plain."""
    label = _LABEL.match(text)
    if label and len(label[0].split()) <= MAX_HEAD_WORDS:
        return label[0]
    said = sentences(text)
    if len(said) < 2 or len(said[0].split()) > MAX_HEAD_WORDS:
        return ""
    return said[0] if _HEAD.match(said[0]) and text.startswith(said[0]) else ""


OPERATIONS = (
    Operation(
        "headlines", "Set the label or short first sentence of each entry in bold.", head_entries
    ),
)
