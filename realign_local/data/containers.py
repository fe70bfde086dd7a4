"""Rows as text, one by one, out of JSON lines and JSON arrays; memory holds one row at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from realign_local.errors import DataError

CHUNK_CHARS = 1 << 16
MAX_ROW_CHARS = 1 << 28
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\[^\n])*+")|(?P<broken>"(?:[^"\\\n]|\\[^\n])*+\\?\n)"""
    r"""|(?P<space>[ \t\r\n]++)|(?P<mark>[\[\]{},])|(?P<other>[^ \t\r\n"\[\]{},]++)"""
)
_OPENING = {"}": "{", "]": "["}


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row's text, which fits one line, and the line of the file where it begins (0: unknown)."""

    line: int
    text: str


def json_lines(file: TextIO) -> Iterator[RawRow]:
    """The lines that are not blank, without their line end (LF or CRLF)."""
    for number, line in enumerate(file, start=1):
        text = line.removesuffix("\n").removesuffix("\r")
        if text.strip():
            yield RawRow(number, text)


class _Element:
    """The element of an array that is being read: its tokens, its open brackets, its first line."""

    def __init__(self) -> None:
        self.line = 0
        self.chars = 0
        self.last = ""
        self.broken = False
        self.nesting: list[str] = []
        self.tokens: list[str] = []

    def add(self, kind: str, token: str, line: int) -> None:
        if kind == self.last == "other":
            self.tokens.append(" ")
        self.tokens.append(token)
        self.line = self.line or line
        self.chars += len(token)
        self.broken |= kind == "broken"
        self.last = self.last if kind == "space" else token if kind == "mark" else kind
        self._nest(token)

    def _nest(self, token: str) -> None:
        if token in ("{", "["):
            self.nesting.append(token)
        elif self.nesting[-1:] == [_OPENING.get(token)]:
            self.nesting.pop()
        elif _OPENING.get(token) in self.nesting:
            while self.nesting.pop() != _OPENING[token]:
                pass

    def is_cut_off_by(self, token: str) -> bool:
        """A brace where a name should stand: the element before it was never closed."""
        return token == "{" and self.nesting[-1:] == ["{"] and self.last in (",", "broken")

    def row(self) -> RawRow:
        text = "".join(self.tokens).replace("\r", "\\r").replace("\n", "\\n")
        return RawRow(self.line, text)


def json_array(file: TextIO, *, name: str) -> Iterator[RawRow]:
    """The elements of a JSON array, white space between their tokens removed.

    Elements are told apart by brackets, commas and strings alone, so a broken one does not hide
    the next: a string ends with its line where the quote that should close it is missing.
    Raises DataError if an element is longer than MAX_ROW_CHARS.
    """
    element, inside = _Element(), False
    for kind, token, line in _tokens(file):
        if kind == "space" and not element.broken:
            continue
        if token == "[" and not inside:
            inside = True
        elif inside and not element.nesting and token in (",", "]"):
            if element.tokens:
                yield element.row()
            element, inside = _Element(), token == ","
        else:
            if element.is_cut_off_by(token):
                yield element.row()
                element = _Element()
            element.add(kind, token, line)
            if element.chars > MAX_ROW_CHARS:
                raise DataError(f"{name}:{element.line}: this element of the array has no end")
    if element.tokens:
        yield element.row()


def _tokens(file: TextIO) -> Iterator[tuple[str, str, int]]:
    """Kind, text and line of each token; what no rule fits at the end of the file is `other`."""
    rest, line, size = "", 1, CHUNK_CHARS
    while chunk := file.read(size):
        text, at = rest + chunk, 0
        while match := _TOKEN.match(text, at):
            if match.end() == len(text) and match.lastgroup in ("space", "other"):
                break
            yield str(match.lastgroup), match[0], line
            line += match[0].count("\n")
            at = match.end()
        rest = text[at:]
        size = max(CHUNK_CHARS, len(rest))
    yield from _last_tokens(rest, line)


def _last_tokens(rest: str, line: int) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(rest):
        match = _TOKEN.match(rest, at)
        kind, token = (str(match.lastgroup), match[0]) if match else ("other", rest[at:])
        yield kind, token, line
        line += token.count("\n")
        at += len(token)
