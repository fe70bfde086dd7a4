"""In words, what a file holds in which there are no rows of a known format."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError
from realign_local.base.untrusted import loads
from realign_local.data.fields import FIELD_NAMES, FORMATS, ROLES, Format
from realign_local.data.reading.containers import RawRow
from realign_local.data.reading.encodings import NOT_UTF8, WRONG_BYTES, hint_for

TABLE = Path(__file__).with_suffix(".toml")
OF_ROWS = {*FIELD_NAMES} - {*ROLES, "role", "from", "content", "value"}
"""Fields of a row; the others are of its turns."""
NAMES_SHOWN = 20
NAME_CHARS = 40
MARKUP_CHARS = 4000
"""The markup of a chat stands at the start of a text."""
FIELDS_HINT = (
    "Each row must be a JSON object with a request and a response. Name them both, such as"
    " --field instruction=question --field output=reply, or the whole with --format."
)
CSV_NAMES = {".csv", ".tsv"}
CSV_HINT = (
    "Quote a field that holds the delimiter, a quote or a line end, and double a quote within."
)
ONE_OBJECT_HINT = (
    'Give the rows as a list, [{"instruction": .., "output": ..}, ..], or as one object a line.'
)


@cache
def _table(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))[name]
    return entries


def shape_of(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """What rows like this one are, and the way out; None for fields that say nothing."""
    for shape in _table("shape"):
        values = [_at(row, name) for name in shape["fields"]]
        if any(value is None for value in values):
            continue
        text = str(values[0])[:MARKUP_CHARS]
        if "text" in shape and not re.search(shape["text"], text):
            continue
        if shape.get("only") and any(_is_long(row[name]) for name in row if name != "text"):
            continue
        return shape["says"], shape["hint"]
    return None


def _at(row: Any, name: str) -> Any:
    """The value at a name such as `prompt.replies`; the empty string for null, None for nothing."""
    for part in name.split("."):
        if not isinstance(row, dict) or part not in row:
            return None
        row = row[part]
    return "" if row is None else row


def _is_long(value: Any) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, str) and len(value.split()) > 3)


def unknown_format(path: Path, rows: Sequence[RawRow], parsed: Sequence[Any]) -> DataError:
    """The error about a file none of whose first rows is of a known format."""
    if any(map(_has_wrong_bytes, rows)) and not any(map(_is_dict, parsed)):
        what, hint = hint_for(path)
        return DataError(f"{path}: no row can be read: {what}", hint=hint)
    both = zip(rows, parsed, strict=True)
    line, row = next(((raw.line, p) for raw, p in both if _is_dict(p)), (rows[0].line, None))
    if row is None and rows[0].fault and CSV_NAMES & set(path.suffixes):
        first = f"{path.name}:{rows[0].line}: {rows[0].fault}"
        return DataError(f"no row of {path} can be read, the first: {first}", hint=CSV_HINT)
    if row is None:
        says, hint = _no_rows(rows[0].text)
        return DataError(f"{path}:{line or 1}: no row is a JSON object{says}", hint=hint)
    if found := shape_of(row):
        says, hint = found
        return DataError(f"{path}:{line or 1}: {says} (fields: {names_of(row)})", hint=hint)
    if len(rows) == 1 and any(isinstance(value, dict | list) for value in row.values()):
        return DataError(
            f"{path}:{line or 1}: the file is one JSON object (fields: {names_of(row)}), and no row"
            " of a known format",
            hint=ONE_OBJECT_HINT,
        )
    text = f"{path}:{line or 1}: rows of no known format (fields: {names_of(row)})"
    return DataError(text, hint=FIELDS_HINT)


def misnamed(
    path: Path, parsed: Sequence[Any], forms: Sequence[Format], fields: Mapping[str, str]
) -> DataError | None:
    """The error about rows that were said to have a field or a format which they have not."""
    rows = [row for row in parsed if _is_dict(row)]
    for ours, theirs in fields.items() if rows else ():
        if ours in OF_ROWS and not any(theirs in row for row in rows):
            return DataError(
                f"{path}: no row has a field {theirs!r} (fields: {names_of(rows[0])})",
                hint=f"It was named as {ours}={theirs}: name one that is there with --field.",
            )
    other = next((form.name for form in FORMATS if any(map(form.matches, rows))), "")
    asked = {form.name for form in forms}
    if not other or len(asked) > 1 or other in asked:
        return None
    return DataError(
        f"{path}: rows of the format {other}, not {forms[0].name}",
        hint="Leave --format away; `realign verify FILE RUN` reads both in the format of the run.",
    )


def told_others(others: Mapping[str, int], looked_at: int) -> str:
    """What is said of rows of other formats than the one that a file is read as."""
    found = ", ".join(f"{count:,} of the format {name}" for name, count in others.items())
    return f"among {looked_at:,} rows looked at {found}: such rows stay as they are"


def _no_rows(first: str) -> tuple[str, str]:
    """What a file without rows says of itself in its first line, and the way out."""
    start = first.lstrip().lower()
    found = next((each for each in _table("start") if start.startswith(each["begins"])), None)
    return (f": the file is {found['says']}", found["hint"]) if found else ("", FIELDS_HINT)


def unreadable(path: Path, first: str, rows: Sequence[RawRow], roles: Sequence[str]) -> DataError:
    """The error about a file of which no row can be read; `first` says why the first cannot."""
    if any(map(_has_wrong_bytes, rows)):
        what, hint = hint_for(path)
        return DataError(f"no row of {path} can be read: {what}", hint=hint)
    if len(rows) == 1 and (columns := _columns(rows[0].text)):
        text = f"{path}: the file is one JSON object whose fields are columns ({columns}), not rows"
        return DataError(text, hint=ONE_OBJECT_HINT)
    hint = _roles_hint(roles) if roles else CSV_HINT if rows[0].fault else FIELDS_HINT
    return DataError(f"no row of {path} can be read, the first: {shown(first)}", hint=hint)


def _columns(text: str) -> str:
    """The names of a table's columns, where a row is a whole table turned on its side."""
    try:
        row = loads(text)
    except ValueError:
        return ""
    lists = [value for value in row.values() if isinstance(value, list)] if _is_dict(row) else []
    is_table = len(lists) > 1 and len({len(each) for each in lists}) == 1
    return names_of(row) if is_table and not any(map(_is_dict, lists[0])) else ""


def _roles_hint(roles: Sequence[str]) -> str:
    asks, answers, *_ = [*map(shown, roles), "NAME", "NAME"]
    if len(roles) == 1:
        return f"Say who that is: --role assistant={asks}, or user={asks}."
    return f"Say who is who, such as --role user={asks} --role assistant={answers}."


def names_of(row: Mapping[str, Any]) -> str:
    """The names of the fields for a person; of very many the first."""
    names = [
        shown(name if name.strip() == name != "" else repr(name))[:NAME_CHARS]
        for name in list(row)[:NAMES_SHOWN]
    ]
    more = [f"and {len(row) - len(names):,} more"] if len(row) > len(names) else []
    return ", ".join([*names, *more]) or "none"


def shown(text: str) -> str:
    """The text with escapes in the place of signs that would move a terminal's cursor."""
    return "".join(_escaped(text))


def _escaped(text: str) -> Iterator[str]:
    for sign in text:
        yield sign if sign.isprintable() else sign.encode("unicode_escape").decode()


def _has_wrong_bytes(raw: RawRow) -> bool:
    return raw.fault.startswith(WRONG_BYTES) or bool(NOT_UTF8.search(raw.text))


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict)
