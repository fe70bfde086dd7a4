"""Rows as text, one by one, out of JSON lines and JSON arrays; memory holds one row at a time."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Self, TextIO

from realign_local.base.errors import DataError

CHUNK_CHARS = 1 << 16
LINES_CHARS = 1 << 18
"""Read at once where lines are looked for: the rest of the last one is copied each time."""
MAX_ROW_CHARS = 1 << 26
"""A row that is longer has no end, or was never one: memory is to hold any single row."""
MAX_NESTING = 1 << 16
"""Far deeper than what any program reads; looking for the end of such a row takes long."""
_SIGN = re.compile(r"\S")
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]++|\\[^\n])*+")|(?P<broken>"(?:[^"\\\n]++|\\[^\n])*+\\?\n)"""
    r"""|(?P<space>[ \t\r\n]++)|(?P<mark>[\[\]{},])|(?P<other>[^ \t\r\n"\[\]{},]++)"""
)
_OPENING = {"}": "{", "]": "["}
Tokens = Iterator[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row's text, which fits one line, and the line of the file where it begins (0: unknown).

    `fault` says what is wrong with it where the text alone does not show it.
    """

    line: int
    text: str
    fault: str = ""


class TextLines:
    """The lines of a text with their ends; stretches of blank ones cost no more than their bytes.

    `number` is that of the last line handed out. Raises DataError for a line that is longer than
    MAX_ROW_CHARS.
    """

    def __init__(self, file: TextIO, *, name: object) -> None:
        self.number = 0
        self._file, self._name = file, name
        self._text, self._at = "", 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        while not (end := self._text.find("\n", self._at) + 1):
            if not self._read_on():
                end = len(self._text)
                break
        line, self._at = self._text[self._at : end], end
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > MAX_ROW_CHARS:
            raise no_end(self._name, self.number, "this line")
        return line

    def skip_to(self, sign: re.Pattern[str]) -> None:
        """Go on to the next line in which there is such a sign, or to the last one."""
        while True:
            found = sign.search(self._text, self._at)
            start = self._text.rfind("\n", self._at, found.start() if found else None) + 1
            if start:
                self.number += self._text.count("\n", self._at, start)
                self._at = start
            if found or not self._read_on():
                return

    def _read_on(self) -> bool:
        """Hold more of the text; False where there is no more."""
        rest = self._text[self._at :]
        if len(rest) > MAX_ROW_CHARS:
            raise no_end(self._name, self.number + 1, "this line")
        chunk = self._file.read(max(LINES_CHARS, len(rest)))
        self._text, self._at = rest + chunk, 0
        return bool(chunk)


def no_end(name: object, line: int, what: str) -> DataError:
    """The error about something that goes on for more than MAX_ROW_CHARS."""
    return DataError(
        f"{name}:{line}: {what} has no end within {MAX_ROW_CHARS:,} characters",
        hint="A row must be shorter; check that it is the right file, and not damaged.",
    )


def json_lines(file: TextIO, *, name: object) -> Iterator[RawRow]:
    """The lines that are not blank, without their line end (LF or CRLF); raises DataError."""
    lines = TextLines(file, name=name)
    for line in lines:
        text = line.removesuffix("\n").removesuffix("\r")
        if text.strip():
            yield RawRow(lines.number, text)
        else:
            lines.skip_to(_SIGN)


class _Element:
    """The element of an array that is being read: its tokens, its open brackets, its first line."""

    def __init__(self) -> None:
        self.line = 0
        self.chars = 0
        self.last = ""
        self.broken = False
        self.nesting: list[str] = []
        self.open = Counter[str]()
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
            self.open[token] += 1
        elif self.open[_OPENING.get(token, "")]:
            while self._pop() != _OPENING[token]:
                pass

    def _pop(self) -> str:
        mark = self.nesting.pop()
        self.open[mark] -= 1
        return mark

    def is_cut_off_by(self, token: str) -> bool:
        """A brace where a name should stand: the element before it was never closed."""
        return token == "{" and self.nesting[-1:] == ["{"] and self.last in (",", "broken")

    def check(self, name: object) -> None:
        """Raise DataError where it is too long to be a row, or too deep to be anything."""
        if self.chars > MAX_ROW_CHARS:
            raise no_end(name, self.line, "this element")
        if len(self.nesting) > MAX_NESTING:
            raise DataError(
                f"{name}:{self.line}: {MAX_NESTING:,} brackets are open at once",
                hint="Check that it is the right file, and not damaged.",
            )

    def row(self) -> RawRow:
        text = "".join(self.tokens).replace("\r", "\\r").replace("\n", "\\n")
        return RawRow(self.line, text)


def json_array(file: TextIO, *, name: object) -> Iterator[RawRow]:
    """The elements of a JSON array, white space between their tokens removed.

    Elements are told apart by brackets, commas and strings alone, so a broken one does not hide
    the next: a string ends with its line where the quote that should close it is missing.
    Raises DataError if an element is longer than MAX_ROW_CHARS.
    """
    tokens = _tokens(file, name=name)
    for kind, token, line in tokens:
        if token == "[":
            yield from _elements(tokens, name=name)
        elif kind != "space":  # behind the array, or in the place of one
            yield from _elements(chain([(kind, token, line)], tokens), name=name)


def _elements(tokens: Tokens, *, name: object) -> Iterator[RawRow]:
    """The elements up to the bracket that closes their array, which is taken from `tokens` too."""
    element = _Element()
    for kind, token, line in tokens:
        if kind == "space" and not element.broken:
            continue
        if not element.nesting and token in (",", "]"):
            if element.tokens:
                yield element.row()
            if token == "]":
                return
            element = _Element()
        else:
            if element.is_cut_off_by(token):
                yield element.row()
                element = _Element()
            element.add(kind, token, line)
            element.check(name)
    if element.tokens:
        yield element.row()


def json_stream(file: TextIO, *, name: object) -> Iterator[RawRow]:
    """JSON objects one after the other, over as many lines as they like, with commas or without.

    White space between their tokens is removed. Raises DataError as `json_array` does.
    """
    element = _Element()
    for kind, token, line in _tokens(file, name=name):
        if (kind == "space" and not element.broken) or (token == "," and not element.tokens):
            continue
        begins = token == "{" and element.tokens and not element.nesting
        if begins or element.is_cut_off_by(token):
            yield element.row()
            element = _Element()
        element.add(kind, token, line)
        element.check(name)
        if token in _OPENING and not element.nesting:
            yield element.row()
            element = _Element()
    if element.tokens:
        yield element.row()


def json_member(file: TextIO, *, key: str, name: object) -> Iterator[RawRow]:
    """The elements of the list that a JSON object, which is all of the file, has under `key`.

    Raises DataError where something else in the file looks like more rows: none is lost unseen.
    """
    tokens, depth, before, member = _tokens(file, name=name), 0, "", ""
    columns: set[str] | None = None
    for kind, token, line in tokens:
        if kind == "space":
            continue
        if depth == 0 and before:
            raise DataError(f"{name}:{line}: something follows the object that holds the rows")
        if depth == 1 and kind == "string" and before in ("{", ","):
            member = json.loads(token, strict=False)
        if depth == 1 and token == "[" and (member == key or columns is not None):
            rows = _elements(tokens, name=name)
            first = next(rows, None)
            found = _columns(first)
            if columns is None and first:
                columns = found
                yield first
                yield from rows
            elif columns and found and 2 * len(found & columns) >= len(columns):
                raise DataError(
                    f"{name}:{line}: {member!r} is a second list of rows beside {key!r}",
                    hint="Give each list a file of its own.",
                )
            before = "]"
            deque(rows, maxlen=0)
        else:
            depth += (token in ("{", "[")) - (token in _OPENING)
            before = token


def _columns(row: RawRow | None) -> set[str]:
    """The names in a row's object; none where it is none."""
    try:
        value = json.loads(row.text) if row else None
    except (ValueError, RecursionError):
        return set()
    return set(value) if isinstance(value, dict) else set()


def _tokens(file: TextIO, *, name: object) -> Tokens:
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
        if len(rest) > MAX_ROW_CHARS:
            raise no_end(name, line, "a text")
        size = max(CHUNK_CHARS, len(rest))
    yield from _last_tokens(rest, line)


def _last_tokens(rest: str, line: int) -> Tokens:
    at = 0
    while at < len(rest):
        match = _TOKEN.match(rest, at)
        kind, token = (str(match.lastgroup), match[0]) if match else ("other", rest[at:])
        yield kind, token, line
        line += token.count("\n")
        at += len(token)
