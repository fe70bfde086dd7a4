"""Tables beside sentences: turned as the sentences go, and each row read with its column heads.

`The boat takes 2 hours and costs $45. The bus ...` may become a column for each of the two, or a
row. A head may hold what the sentences say beside each number: what it counts, its unit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from realign_local.text.numbers.units import unit_of
from realign_local.text.segments import WORD, plain

Rows = list[list[str]]
_TABLE = re.compile(
    r"^[ \t]*\|.*\|[ \t]*\n[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$(?:\n[ \t]*\|.*\|[ \t]*$)+",
    re.MULTILINE,
)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_BAR = re.compile(r"(?<!\\)\|")
_HEAD_UNIT = re.compile(
    r"(?:[(\[]|, |/ ?| in )(?:in )?([^()\[\]\d,]{1,20}?)"
    r"((?: (?:per|pro|pour|por|par|je|na|на|voor)\b|/)[^()\[\]]{1,20})?[)\]]?[*_†¹²³]*$"
)
_BARE = re.compile(r"[*_]{0,2}([-+−]?\d[\d.,' ]*)(?:\\?[*_†]){0,3}$")
MAX_CELLS = 400
MOST_PLAIN = 2
"""Columns of a table that is a list of names with one thing said of each."""
"""A larger table is data, and nobody writes it in sentences."""


def turned(text: str, other: str) -> str:
    """The text with each table turned that the other text, which has none, tells by columns."""
    if "|" not in text or _TABLE.search(other):
        return text
    places = dict[str, list[int]]()
    for at, word in enumerate(_words(other)):
        places.setdefault(word, []).append(at)

    def as_told(rows: Rows) -> Rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        if len(set(columns[0])) < len(columns[0]):
            return rows  # what comes twice names no column
        better = _falls(rows, places) - _falls(columns, places)
        return columns if better > 0 or (not better and _are_told_of(rows, places)) else rows

    return _each_table(text, as_told, _laid_out)


def told(text: str, other: str) -> str:
    """The text with the column's head before each cell, and its unit behind a bare number.

    A head of which the other text has no word would only hide what the row is about.
    """
    if "|" not in text:
        return text
    known = set(_words(other))
    return _each_table(text, lambda rows: _with_heads(rows, known), _in_lines)


def _each_table(text: str, change: Callable[[Rows], Rows], lay: Callable[[Rows], str]) -> str:
    def changed(m: re.Match[str]) -> str:
        lines = m[0].split("\n")
        rows = [_cells(line) for line in (lines[0], *lines[2:])]
        size = len(rows[0])
        if size < 2 or size * len(rows) > MAX_CELLS or any(len(row) != size for row in rows):
            return m[0]
        now = change(rows)
        return m[0] if now is rows else lay(now)

    return _TABLE.sub(changed, text)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(line.strip().removeprefix("|").removesuffix("|"))]


def _laid_out(rows: Rows) -> str:
    lines = _in_lines(rows).split("\n")
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _in_lines(rows: Rows) -> str:
    return "\n".join("| " + " | ".join(row).strip() + " |" for row in rows)


def _words(text: str) -> list[str]:
    """Words and numbers in their order; single signs where a script has no spaces."""
    return WORD.findall(_HAN.sub(r" \g<0> ", plain(text)).lower())


def _are_told_of(rows: Rows, places: dict[str, list[int]]) -> bool:
    """Whether the heads of the columns are named in the other text, and names of rows are less."""
    heads = [word for cell in rows[0][1:] for word in _words(cell)]
    names = [word for row in rows[1:] for word in _words(row[0])]
    known, other = (sum(word in places for word in words) for words in (heads, names))
    columns = len(rows[0]) > MOST_PLAIN
    return columns and bool(names) and known == len(heads) and other < len(names)


def _falls(rows: Rows, places: dict[str, list[int]]) -> int:
    """How often the cells beside the row's name, row by row, jump back in the other text."""
    falls, last = 0, -1
    for row in rows[1:]:
        for word in (word for cell in row[1:] for word in _words(cell)):
            found = places.get(word, [])
            at = bisect_right(found, last)
            falls += bool(found) and at == len(found)
            last = found[at % len(found)] if found else last
    return falls


def _with_heads(rows: Rows, known: set[str]) -> Rows:
    """Of the first column the cells are names; its head is repeated only for its number."""
    heads = rows[0]
    first = heads[0] if any(sign.isdigit() for sign in heads[0]) else ""
    return [
        [
            f"{first} {_with_unit(heads[0], row[0])[1]}".strip(),
            *(_with_head(*both, known) for both in zip(heads[1:], row[1:], strict=True)),
        ]
        for row in rows[1:]
    ]


def _with_unit(head: str, cell: str) -> tuple[str, str]:
    """A unit in the head is the cell's, if that is a bare number."""
    bare, named = _BARE.match(cell), _HEAD_UNIT.search(head)
    if bare and unit_of(head.strip().lower()):
        return "", f"{bare[1].strip()} {head.strip().lower()}"
    if not (bare and named and unit_of(named[1].strip())):
        return head, cell
    rest = f"{head[: named.start()]}{named[2] or ''}".strip()
    return rest, f"{bare[1].strip()} {named[1].strip()}"


def _with_head(head: str, cell: str, known: set[str]) -> str:
    head, cell = _with_unit(head, cell)
    return cell if known.isdisjoint(_words(head)) else f"{head} {cell}".strip()
