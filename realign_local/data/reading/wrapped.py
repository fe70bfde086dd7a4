"""JSON that is not a row a line: how objects follow each other, and the list that one holds.

People save one row with indentation, several of them one after the other, or all rows as a list
within an object. What it is is told from the beginning of the file alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Protocol

NEAR_END = 16
"""A complaint so near to the end of what was looked at may be about a cut number or name."""
TURNS = {"messages", "conversations", "conversation", "items", "turns", "history", "dialog"}
TURNS |= {"dialogue", "chat", "thread"}
"""Lists of these names are the turns of one row, whatever their objects look like."""
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"\s*")


class WrappedForm(Protocol):
    """A dataset format, as far as it is asked for here."""

    def matches(self, row: Any) -> bool: ...


def spans_lines(head: str, *, is_whole: bool) -> bool:
    """Whether the objects of a text do not stand one a line.

    `head` is the text's beginning, or all of it. A first line that is only damaged does not count.
    """
    start = _skip(head, 0)
    try:
        _, end = _DECODER.raw_decode(head, start)
    except RecursionError:
        return False
    except json.JSONDecodeError as error:
        is_near = error.msg.startswith("Unterminated") or error.pos >= len(head) - NEAR_END
        return not is_whole and is_near and _has_line_end(head[start : error.pos])
    except ValueError:  # a number too long for Python
        return False
    rest = head[end:].lstrip(" \t\r")
    return _has_line_end(head[start:end]) or rest.startswith(("{", ","))


def _has_line_end(text: str) -> bool:
    return "\n" in text or "\r" in text


def list_of_rows(head: str, forms: Iterable[WrappedForm], *, is_whole: bool) -> str:
    """The name under which an object, which is all there is, holds a list of rows; else ""."""
    forms = list(forms)
    try:
        value, end = _DECODER.raw_decode(head, _skip(head, 0))
    except (ValueError, RecursionError):
        if is_whole:
            return ""
    else:
        is_row = any(form.matches(value) for form in forms)
        if is_row or not isinstance(value, dict) or head[end:].strip():
            return ""
    try:
        return _first_list(head, forms)
    except (IndexError, ValueError, RecursionError):  # it goes on behind what was looked at
        return ""


def _first_list(head: str, forms: list[WrappedForm]) -> str:
    at = _skip(head, 0)
    while head[at] in "{,":
        name, at = _DECODER.raw_decode(head, _skip(head, at + 1))
        at = _skip(head, _skip(head, at) + 1)
        if head[at] == "[" and name not in TURNS and head[_skip(head, at + 1)] == "{":
            row, _ = _DECODER.raw_decode(head, _skip(head, at + 1))
            if any(form.matches(row) for form in forms):
                return str(name)
        _, at = _DECODER.raw_decode(head, at)
        at = _skip(head, at)
    return ""


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
