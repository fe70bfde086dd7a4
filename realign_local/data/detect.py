"""Which container a file is, told from its content: JSON lines, a JSON array, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from realign_local.data import containers, tables
from realign_local.data.containers import CHUNK_CHARS, RawRow
from realign_local.data.json_text import parse
from realign_local.data.source import GZIP, PARQUET, ZSTD, magic, open_text

PACKED = {GZIP: ".gz", ZSTD: ".zst"}


@dataclass(frozen=True, slots=True)
class Container:
    """A container: its name, the same for a person, and how to read its rows from a path."""

    name: str
    described: str
    rows: Callable[[Path], Iterator[RawRow]]
    delimiter: str = ","


def detect_container(path: Path) -> Container:
    """Look at the file's beginning; its name decides only between CSV and JSON lines.

    Raises DataError where the file cannot be read.
    """
    start = magic(path)
    if start == PARQUET:
        return Container("parquet", "Parquet", tables.parquet_rows)
    packed = next((suffix for number, suffix in PACKED.items() if start.startswith(number)), "")
    with open_text(path) as file:
        lines = [line for line in file.read(CHUNK_CHARS).split("\n") if line.strip()]
    return _of_text(lines, path, packed=packed)


def _of_text(lines: list[str], path: Path, *, packed: str) -> Container:
    first = lines[0].lstrip() if lines else ""
    if first.startswith("[") and not _is_row_of_lines(lines):
        return Container(f"json{packed}", f"a JSON array{packed and f' ({packed})'}", _json_array)
    if not first.startswith("{") and _is_table(lines, path):
        with open_text(path) as file:
            delimiter = tables.csv_delimiter(file)
        rows = partial(_csv, delimiter=delimiter)
        return Container(f"csv{packed}", f"CSV{packed and f' ({packed})'}", rows, delimiter)
    return replace(JSON_LINES, name=f"jsonl{packed}") if packed else JSON_LINES


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


def _is_table(lines: list[str], path: Path) -> bool:
    """By name; a file of another name must have no JSON object among its first lines."""
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if suffixes & {".csv", ".tsv"}:
        return True
    if suffixes & {".json", ".jsonl", ".ndjson"} or not lines:
        return False
    has_columns = any(delimiter in lines[0] for delimiter in tables.DELIMITERS)
    return has_columns and not any(line.lstrip().startswith("{") for line in lines)


def _json_lines(path: Path) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from containers.json_lines(file)


def _json_array(path: Path) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from containers.json_array(file, name=path.name)


def _csv(path: Path, delimiter: str) -> Iterator[RawRow]:
    with open_text(path) as file:
        yield from tables.csv_rows(file, name=path.name, delimiter=delimiter)


JSON_LINES = Container("jsonl", "JSON lines", _json_lines)
