"""Rows of CSV and Parquet files as JSON objects, read in pieces."""

from __future__ import annotations

import base64
import contextlib
import csv
import datetime
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from realign_local.base.errors import DataError
from realign_local.base.untrusted import told
from realign_local.base.words.plural import counted
from realign_local.data.reading.containers import MAX_ROW_CHARS, RawRow, TextLines
from realign_local.data.reading.encodings import NOT_UTF8, not_utf8
from realign_local.data.reading.source import open_text, reading

DELIMITERS = ",\t;|"
_NOT_BLANK = re.compile(r"[^\r\n]")
BATCH_ROWS = 256
STRAY = "text follows a quote that closes a field"
UNCLOSED = "a quote that opens a field is closed nowhere up to the end of the file"
MAX_COLUMNS = 10_000
"""A file with more is no table of requests and responses."""
csv.field_size_limit(MAX_ROW_CHARS)


def csv_delimiter(file: TextIO, *, name: object) -> str:
    """The delimiter under which the first 20 records agree on the largest number of columns.

    Sniffing by frequency fails on prose; agreement between records does not.
    """
    found = TextLines(file, name=name)
    found.skip_to(_NOT_BLANK)
    lines = list(islice(found, 200))
    return max(DELIMITERS, key=lambda delimiter: _agreement(lines, delimiter))


def _agreement(lines: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # told when the rows are read
        records.extend(r for r in islice(csv.reader(lines, delimiter=delimiter), 20) if r)
    width = len(records[0]) if records else 0
    share = sum(len(record) == width for record in records) / max(1, len(records))
    return width > 1, share, width


def columns_in(line: str) -> list[str]:
    """What stands between the delimiters of a line, under the one that parts it most."""
    found = [[line]]
    with contextlib.suppress(csv.Error):
        found += [next(csv.reader([line], delimiter=delimiter)) for delimiter in DELIMITERS]
    return max(found, key=len)


def csv_header(path: Path, *, delimiter: str) -> list[str]:
    """The names of the columns; raises DataError."""
    with open_text(path) as file:
        return next(_records(_Lines(file, name=path), delimiter=delimiter, name=path), [])


def csv_rows(file: TextIO, *, name: object, delimiter: str) -> Iterator[RawRow]:
    """One object of strings a record; a record that is not whole becomes an array.

    The JSON is UTF-8 whatever the file is: a byte that is not stays as the escape of a surrogate.
    Raises DataError where two columns have the same name, there are more than MAX_COLUMNS, or a
    record is not CSV.
    """
    lines = _Lines(file, name=name)
    records = _records(lines, delimiter=delimiter, name=name)
    header = next(records, [])
    _check_header(header, name=name)
    for cells in records:
        stray = not lines.ended and _has_stray(lines.held, delimiter)
        is_whole = len(cells) == len(header) and not (lines.ended or stray)
        cells = ["".join(lines.held).rstrip("\r\n")] if stray else cells
        row = dict(zip(header, cells, strict=True)) if is_whole else cells
        text = json.dumps(row, ensure_ascii=False)
        fault = UNCLOSED if lines.ended else STRAY if stray else ""
        fault = fault or _fault(len(cells), len(header), text)
        yield RawRow(lines.first, NOT_UTF8.sub(_escape, text), fault)


def _has_stray(record: Sequence[str], delimiter: str) -> bool:
    """Whether the reader had to guess: what stands behind a closing quote has no meaning in CSV.

    Mostly a quote was not closed, or one within a field not doubled, and other rows are taken in.
    """
    if not any('"' in line for line in record):
        return False
    try:
        for _ in csv.reader(record, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return True
    return False


class _Lines(TextLines):
    """Lines of a file; `ended` where more were asked for, as only an open quote does in a row.

    `first` is the number of the line where the record begins; blank ones before it are passed over.
    `held` are the lines of the record.
    """

    is_between, ended, first = True, False, 1
    held: list[str]

    def __next__(self) -> str:
        if self.is_between:
            self.skip_to(_NOT_BLANK)
            self.is_between, self.first, self.held = False, self.number + 1, []
        try:
            line = super().__next__()
        except StopIteration:
            self.ended = True
            raise
        self.held.append(line)
        return line


def _fault(cells: int, columns: int, text: str) -> str:
    if cells != columns:
        return f"{counted(cells, 'field')}, the header has {columns}"
    return not_utf8(text) if NOT_UTF8.search(text) else ""


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _check_header(header: Sequence[str], *, name: object) -> None:
    if len(header) > MAX_COLUMNS:
        raise DataError(
            f"{name}:1: {len(header):,} columns, at most {MAX_COLUMNS:,} are read",
            hint="Check that it is the right file, and that its lines end where they should.",
        )
    column, times = max(Counter(header).items(), key=lambda found: found[1], default=("", 0))
    if times > 1:
        raise DataError(f"{name}:1: two columns are named {column!r}", hint="Rename one of them.")


def _records(lines: _Lines, *, delimiter: str, name: object) -> Iterator[list[str]]:
    """The records; raises DataError with the line, such as for a carriage return without quotes."""
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            lines.is_between = True
            if record:
                yield record
    except csv.Error as error:
        what = str(error).partition(" - ")[0]
        raise DataError(
            f"{name}:{lines.number}: not a record of CSV: {what}",
            hint="Quote a field that holds a line end, or end each line with a line feed.",
        ) from error


def parquet_rows(path: Path) -> Iterator[RawRow]:
    """One object a row, nested columns as lists and objects; raises DataError if damaged."""
    for rows in parquet_batches(path):
        for row in rows:
            yield RawRow(0, json.dumps(plain(row), ensure_ascii=False))


def parquet_batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    """The rows as Python objects, BATCH_ROWS at a time; raises DataError for a damaged file."""
    import pyarrow
    import pyarrow.parquet

    try:
        with reading(path), pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                yield batch.to_pylist()
    except (pyarrow.ArrowException, ValueError, OverflowError, RecursionError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {told(error)}") from error


def plain(value: Any) -> Any:
    """The same value in JSON's types: times in ISO 8601, bytes as text or base64, NaN as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return _bytes_text(value)
    if isinstance(value, float) and value - value != 0:
        return None
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value.total_seconds() if isinstance(value, datetime.timedelta) else value)


def _bytes_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode("ascii")
