"""Change single values inside the text of a JSON row and leave every other character as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

JsonPath = tuple[str | int, ...]
Span = tuple[int, int]

MAX_NESTING = 200
"""Levels of lists and objects in a row. Python gives up at 1000 calls, of which a level takes two;
no row of requests and responses has more than some tens."""
MAX_DIGITS = 4300
"""Of a whole number: Python's limit for the conversion, which takes time by the square."""
_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Number(str):
    """A JSON number as it was written: 1.10 stays 1.10, and no size overflows."""

    __slots__ = ()


def _whole_number(digits: str) -> Number:
    """Raises ValueError for one that Python's own reader, and so most trainers', would refuse."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS:,} digits")
    return Number(digits)


_DECODER = json.JSONDecoder(parse_int=_whole_number, parse_float=Number, parse_constant=Number)


def parse(text: str) -> Any:
    """The value of a JSON text, its numbers as Number; raises ValueError that says where and why.

    NaN and Infinity are let through, because Python and pandas write them.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} (column {error.pos + 1})") from None


def is_deeper_than(value: Any, levels: int) -> bool:
    """Whether lists and objects stand in each other more than so many levels deep."""
    level = [value]
    for _ in range(levels + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def with_numbers(value: Any) -> Any:
    """The same value with Python's numbers in the place of Number."""
    if isinstance(value, dict):
        return {key: with_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_numbers(item) for item in value]
    return json.loads(value) if isinstance(value, Number) else value


def encode(value: Any) -> str:
    """JSON text in one line: letters of all scripts as they are, only lone surrogates escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def splice(text: str, replacements: Mapping[JsonPath, str]) -> str:
    """Put strings in the place of the values at the paths; raises KeyError for an unknown path."""
    return _put(text, {locate(text, path): encode(new) for path, new in replacements.items()})


def annotate(line: str, columns: Mapping[str, Any]) -> str:
    """Add flat columns at the end of the row's object; a column that is there gets the new value.

    A line that is not a JSON object comes back unchanged: there is nothing to hang a column on.
    """
    try:
        row = parse(line)
    except ValueError:
        return line
    if not isinstance(row, dict):
        return line
    there = {locate(line, (name,)): encode(columns[name]) for name in columns if name in row}
    added = ", ".join(f"{encode(n)}: {encode(v)}" for n, v in columns.items() if n not in row)
    start = _skip(line, 0)
    end = max((end for _, _, end in _members(line, start)), default=start + 1)
    comma = ", " if row and added else ""
    return _put(line, {**there, (end, end): comma + added})


def locate(text: str, path: JsonPath) -> Span:
    """Where the value at `path` begins and ends in a valid JSON text.

    Of members with the same name the last one counts, as it does for every parser in use.
    """
    start, end = _skip(text, 0), len(text)
    for part in path:
        found = [(s, e) for name, s, e in _members(text, start) if name == part]
        if not found:
            raise KeyError(path)
        start, end = found[-1]
    return start, end


def _members(text: str, start: int) -> Iterator[tuple[str | int, int, int]]:
    """Name or position, start and end of each value in the object or array at `start`."""
    is_object = text[start] == "{"
    at, position = _skip(text, start + 1), 0
    while text[at] not in "]}":
        name: str | int = position
        if is_object:
            name, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield name, at, end
        at, position = _skip(text, end), position + 1
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _put(text: str, pieces: Mapping[Span, str]) -> str:
    out, done = [], 0
    for (start, end), piece in sorted(pieces.items()):
        out += [text[done:start], piece]
        done = end
    return "".join([*out, text[done:]])
