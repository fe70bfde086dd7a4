"""Which container a file is, told from its content: JSON in its forms, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from realign_local.base.errors import DataError
from realign_local.data.fields import FORMATS
from realign_local.data.json_text import parse
from realign_local.data.reading import columnar, containers
from realign_local.data.reading.containers import CHUNK_CHARS, RawRow
from realign_local.data.reading.encodings import check_no_nuls
from realign_local.data.reading.source import GZIP, PARQUET, ZSTD, magic, open_text
from realign_local.data.reading.wrapped import WrappedForm, list_of_rows, spans_lines

PACKED = {GZIP: ".gz", ZSTD: ".zst"}
NOT_READ = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"BZh": "packed with bzip2",
    b"\xfd7zX": "packed with xz",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"ARRO": "an Arrow file",
    b"SQLi": "an SQLite database",
    b"%PDF": "a PDF",
    b"GGUF": "a GGUF model",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}
"""What people give that is none of the containers, by its first bytes."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container: its name, the same for a person, and how to read its rows from a path."""

    name: str
    described: str
    rows: Callable[[Path], Iterator[RawRow]]
    delimiter: str = ","


def detect_container(path: Path, forms: Sequence[WrappedForm] = FORMATS) -> Container:
    """Look at the file's beginning; its name decides only between CSV and JSON lines.

    `forms` are the formats that its rows may have. Raises DataError where the file cannot be read.
    """
    start = magic(path)
    if start == PARQUET:
        return Container("parquet", "Parquet", columnar.parquet_rows)
    if what := next((what for mark, what in NOT_READ.items() if start.startswith(mark)), ""):
        raise DataError(
            f"{path}: no row is a JSON object: the file is {what}",
            hint="Unpack it, or save its rows as JSON lines, CSV or Parquet.",
        )
    packed = next((suffix for number, suffix in PACKED.items() if start.startswith(number)), "")
    check_no_nuls(path)
    with open_text(path) as file:
        head = file.read(CHUNK_CHARS)
        is_whole = len(head) < CHUNK_CHARS
    found = _of_text(head, path, forms, is_whole=is_whole)
    if not packed:
        return found
    described = f"{found.described} ({packed})"
    return replace(found, name=f"{found.name}{packed}", described=described)


def _of_text(head: str, path: Path, forms: Sequence[WrappedForm], *, is_whole: bool) -> Container:
    lines = [line for line in head.split("\n") if line.strip()]
    first = lines[0].lstrip() if lines else ""
    if first.startswith("[") and not _is_row_of_lines(lines):
        return Container("json", "a JSON array", _json_array)
    if first.startswith("{"):
        return _of_objects(head, forms, is_whole=is_whole)
    if _is_table(lines, path, forms):
        with open_text(path) as file:
            delimiter = columnar.csv_delimiter(file, name=path)
        return Container("csv", "CSV", partial(_csv, delimiter=delimiter), delimiter)
    return JSON_LINES


def _of_objects(head: str, forms: Sequence[WrappedForm], *, is_whole: bool) -> Container:
    """The rows go out as JSON lines however the objects came, so that is the container's name."""
    if key := list_of_rows(head, forms, is_whole=is_whole):
        rows = partial(_json_member, key=key)
        return Container("jsonl", f"the list {key!r} of a JSON object, without its rest", rows)
    if spans_lines(head, is_whole=is_whole):
        return Container("jsonl", "JSON objects over several lines", _json_stream)
    return JSON_LINES


def _is_row_of_lines(lines: list[str]) -> bool:
    """Whether a line that begins like an array is only a damaged first row of JSON lines."""
    return (
        len(lines) > 1 and all(line.startswith("{") for line in lines[1:]) and _is_object(lines[1])
    )


def _is_object(text: str) -> bool:
    try:
        return isinstance(parse(text), dict)
    except ValueError:
        return False


def _is_table(lines: list[str], path: Path, forms: Sequence[WrappedForm]) -> bool:
    """By name; a file of another name must have no JSON object among its first lines.

    Of one that is named as JSON the first line must also be the columns of a format.
    """
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if suffixes & {".csv", ".tsv"}:
        return True
    if not lines or any(line.lstrip().startswith("{") for line in lines):
        return False
    if suffixes & {".json", ".jsonl", ".ndjson"}:
        columns = dict.fromkeys(columnar.columns_in(lines[0]), "")
        return any(form.matches(columns) for form in forms)
    return any(delimiter in lines[0] for delimiter in columnar.DELIMITERS)


def _json_lines(path: Path) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from containers.json_lines(file, name=path.name)


def _json_stream(path: Path) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from containers.json_stream(file, name=path.name)


def _json_member(path: Path, key: str) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from containers.json_member(file, key=key, name=path.name)


def _json_array(path: Path) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from containers.json_array(file, name=path.name)


def _csv(path: Path, delimiter: str) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from columnar.csv_rows(file, name=path.name, delimiter=delimiter)


JSON_LINES = Container("jsonl", "JSON lines", _json_lines)
