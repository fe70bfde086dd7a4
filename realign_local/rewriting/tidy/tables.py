"""Columns of text as Markdown tables, where the first row surely heads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from realign_local.rewriting.operation import Operation
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.code.code_lines import is_sentence
from realign_local.text.prose import lines_of_code
from realign_local.text.rules import rules

FEWEST_ROWS = 3
"""The header and two rows: less is not worth a table."""
MOST_CELL_CHARS = 60
MOST_HEADER_WORDS = 4
MOST_WORDS_A_NAME = 2
MOST_CHARS = 100_000

_GAP = re.compile(r"\t+| {2,}")
_RULE = re.compile(r"[\s|:+=-]*[-=]{2}[\s|:+=-]*$")
_UNDERLINE = re.compile(r"[-=]{2,}$")
_SEPARATOR = re.compile(r"[\s|:-]*-[\s|:-]*$")
_MARKER = re.compile(r"\s*(?:[-*+•>#]|\(?(?:\d{1,3}|[A-Za-z])[.):])\s")
_NUMBER = re.compile(r"[-+~<>≈]?\s?[$€£¥]?\s?\d[\d.,:/%-]*\s?(?:\w{1,3}|[%€$£¥°])?$")
_NOTHING = frozenset({"n/a", "na", "none", "unknown", "nil", "tbd", "-", "–", "?"})
_BOLD = re.compile(r"(?:\*\*|__).+(?:\*\*|__)$")
_WORD = re.compile(r"[^\W\d_]{2,}")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Lines `start` to `end` of a text, each cut into as many cells."""

    start: int
    end: int
    rows: tuple[Row, ...]
    underlined: bool = False
    piped: bool = False
    """Pipes at both ends of each line: only the separator is missing."""


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(rules("tidy/tables")[kind]["words"])


def is_heading(cell: str) -> bool:
    """Whether a cell is a word that heads columns, alone or behind another one."""
    words = cell.lower().split()
    return 0 < len(words) <= MOST_WORDS_A_NAME and words[-1] in _words("columns")


def tables(response: str, request: str) -> str:
    """Aligned, tabbed or piped columns become a table; all else stays."""
    if not ("|" in response or "  " in response or "\t" in response):
        return response
    if "\r" in response or len(response) > MOST_CHARS:
        return response
    lines = split_lines(response)
    if sum(1 for line in lines if _kind(line)) < FEWEST_ROWS:
        return response
    found = [columns for columns in _columns(response, lines) if _has_header(columns, request)]
    done: list[str] = []
    at = 0
    for columns in found:
        done += lines[at : columns.start]
        at = columns.end
        table = _table(columns, lines)
        before = [""] if done and done[-1].strip() else []
        after = [""] if at < len(lines) and lines[at].strip() else []
        done += [*before, *table, *after]
    return "\n".join([*done, *lines[at:]]) if found else response


def _kind(line: str) -> str:
    """By what a line's cells are kept apart; "" for a line of no table."""
    text = line.strip()
    if "|" in text:
        return "" if "`" in text or "\\" in text or "||" in text else "pipe"
    if len(line) - len(line.lstrip()) > 3 or _MARKER.match(line) or not _GAP.search(text):
        return ""
    return "tab" if "\t" in text else "gap"


def _cells(line: str, kind: str) -> Row:
    text = line.strip()
    if kind != "pipe":
        return tuple(_GAP.split(text))
    return tuple(cell.strip() for cell in text.removeprefix("|").removesuffix("|").split("|"))


def _columns(text: str, lines: Sequence[str]) -> Iterator[TableColumns]:
    code = lines_of_code(text)
    kinds = ["" if number in code else _kind(line) for number, line in enumerate(lines)]
    for number in range(1, len(lines)):
        if _UNDERLINE.match(lines[number].strip()):
            kinds[number] = kinds[number - 1]
    start = 0
    for number in range(1, len(lines) + 1):
        if number < len(lines) and kinds[number] == kinds[start] != "":
            continue
        if kinds[start] and number - start >= FEWEST_ROWS and _is_apart(lines, start, number):
            columns = _cut(lines, start, number, kinds[start])
            if columns:
                yield columns
        start = number


def _is_apart(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether only an introduction or a sentence touches the lines."""
    near = [*lines[max(0, start - 1) : start], *lines[end : end + 1]]
    return all(
        not line.strip() or line.rstrip().endswith(":") or is_sentence(line) for line in near
    )


def _cut(lines: Sequence[str], start: int, end: int, kind: str) -> TableColumns | None:
    rows = [_cells(line, kind) for line in lines[start:end]]
    underlined = all(map(_UNDERLINE.match, rows[1])) and (kind != "pipe" or len(rows[1]) == 1)
    if underlined:
        del rows[1]
    if any(
        _RULE.match(line) or _SEPARATOR.match(line)
        for line in [lines[start], *lines[start + 1 + underlined : end]]
    ):
        return None
    widths = {len(row) for row in rows}
    if len(rows) < FEWEST_ROWS or len(widths) > 1 or max(widths) < 2:
        return None
    plain = lines[start:end] if not underlined else []
    outer = [line.strip().startswith("|") and line.strip().endswith("|") for line in plain]
    return TableColumns(start, end, tuple(rows), underlined, piped=bool(plain) and all(outer))


def _has_header(columns: TableColumns, request: str) -> bool:
    header, *body = columns.rows
    long = any(len(cell) > MOST_CELL_CHARS for row in body for cell in row)
    if long and not (columns.piped or columns.underlined):
        return False
    if not all(map(_may_head, header)) or len(set(header)) < len(header):
        return False
    if any("|" in cell for row in columns.rows for cell in row):
        return False
    return (
        columns.underlined
        or all(map(_BOLD.match, header))
        or (
            not _is_profile(columns.rows)
            and (_are_named(header, request) or _differs(header, body))
        )
    )


def _is_profile(rows: Sequence[Row]) -> bool:
    """Whether the first row is one fact among others: `Name | Ann`, `Age | 30`, `City | Rome`."""
    first = {word.lower() for word in _WORD.findall(rows[0][0])}
    return not first & _words("facts") and all(is_heading(row[0]) for row in rows[1:])


def _may_head(cell: str) -> bool:
    words = cell.split()
    plain = 0 < len(words) <= MOST_HEADER_WORDS and len(cell) <= MOST_CELL_CHARS
    return plain and cell[0].isalpha() | (cell[0] in "*_#") and cell[-1] not in ".!?;:,"


def _are_named(header: Row, request: str) -> bool:
    """Every cell holds a word that heads columns or that the request says, and no number."""
    asked = {word.lower() for word in _WORD.findall(request[:2_000])}
    known = _words("columns")
    words = [{word.lower() for word in _WORD.findall(cell)} for cell in header]
    heading = sum(1 for cell in words if cell & known)
    return heading > 0 and all(cell & (known | asked) for cell in words)


def _differs(header: Row, body: Sequence[Row]) -> bool:
    """A column of numbers under a word; one row alone without a number could be a gap."""
    if any(any(sign.isdigit() for sign in cell) or cell.lower() in _NOTHING for cell in header):
        return False
    numeric = [all(map(_NUMBER.match, column)) for column in zip(*body, strict=True)]
    return any(numeric) and not all(numeric) and len(body) >= FEWEST_ROWS


def _table(columns: TableColumns, lines: Sequence[str]) -> list[str]:
    rule = "| " + " | ".join("---" for _ in columns.rows[0]) + " |"
    if columns.piped:
        rows = [line.strip() for line in lines[columns.start : columns.end]]
    else:
        rows = ["| " + " | ".join(row) + " |" for row in columns.rows]
    return [rows[0], rule, *rows[1:]]


OPERATIONS: tuple[Operation, ...] = (
    Operation("tables", "Columns of text under a header are a Markdown table.", tables),
)
