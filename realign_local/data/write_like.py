"""Write the finished rows once more in the container they came in: JSON array, CSV or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, BinaryIO

from realign_local.base.atomic import line_bytes, replacing
from realign_local.base.errors import DataError
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset
from realign_local.data.json_text import Number, parse
from realign_local.data.reading.columnar import BATCH_ROWS, csv_header, parquet_batches, plain
from realign_local.data.reading.detect import Container, detect_container
from realign_local.data.reading.encodings import NOT_UTF8

CONTAINERS = ("json", "csv", "parquet")
"""What the rows are written like; JSON lines are written anyway."""


def write_jsonl_like(
    dataset: Dataset, jsonl: Path, *, numbers: Iterable[int] | None = None
) -> Path | None:
    """`write_like` for the finished lines of a file, beside it and under its name."""
    with jsonl.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        finished = (line.removesuffix("\n") for line in lines)
        return write_like(dataset, jsonl.with_suffix(""), finished, numbers=numbers)


def write_like(
    dataset: Dataset,
    out_stem: Path,
    lines: Iterable[str],
    *,
    numbers: Iterable[int] | None = None,
) -> Path | None:
    """Write `out_stem`.json, .csv or .parquet from the finished lines, in order.

    `numbers` are the lines' row numbers in the input, where they are not all of its rows.
    Returns the file's path, or None for JSON lines, where output.jsonl is that file already.
    Parquet keeps its schema: only values that differ from the input's are taken from the lines,
    columns that the lines add come last. Raises DiskError, and DataError where the input has
    changed or a text does not fit its column.
    """
    container = detect_container(dataset.path)
    kind = container.name.partition(".")[0]
    if kind == "jsonl":
        return None
    path = out_stem.with_name(f"{out_stem.name}.{kind}")
    with replacing(path) as file:
        if kind == "json":
            _write_array(file, lines)
        elif kind == "csv":
            _write_csv(file, lines, dataset.path, container)
        else:
            _write_parquet(file, zip(numbers or count(), lines, strict=False), dataset.path)
    return path


def _write_array(file: BinaryIO, lines: Iterable[str]) -> None:
    start = b"[\n"
    for line in lines:
        file.write(start + _element(line))
        start = b",\n"
    file.write(b"\n]\n" if start != b"[\n" else b"[]\n")


def _element(line: str) -> bytes:
    """The line as it is, or, where it is not JSON or not UTF-8, its text as a string.

    One broken element would make the whole array unreadable.
    """
    try:
        parse(line)
        return line.encode()
    except UnicodeEncodeError:
        return _with_escapes(line)
    except ValueError:
        return json.dumps(line).encode()


def _with_escapes(line: str) -> bytes:
    return json.dumps(line).encode() if NOT_UTF8.search(line) else line_bytes(line)


def _write_csv(file: BinaryIO, lines: Iterable[str], source: Path, container: Container) -> None:
    """Records in the columns of the input, quoted where they must be."""
    header = csv_header(source, delimiter=container.delimiter)
    rows = (parse(line) for line in lines)
    first = list(islice(rows, 1))
    added = [name for row in first if isinstance(row, dict) for name in row if name not in header]
    file.write(_record([*header, *added], container.delimiter))
    for row in chain(first, rows):
        is_whole = isinstance(row, dict)
        cells = [row.get(name, "") for name in (*header, *added)] if is_whole else row
        file.write(_record(cells, container.delimiter))


def _record(cells: Sequence[Any], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _write_parquet(file: BinaryIO, numbered: Iterable[tuple[int, str]], source: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(source)
    batches = batched(_merged(numbered, source), BATCH_ROWS)
    first = next(batches, ())
    schema = _with_added(schema, first[0] if first else {})
    try:
        with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            for rows in chain([first], batches):
                writer.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema))
    except pyarrow.ArrowException as error:
        what = str(error).partition("\n")[0]
        raise DataError(
            f"a rewritten text does not fit the columns of {source}: {what}",
            hint="The JSON lines beside it hold every row.",
        ) from error


def _merged(numbered: Iterable[tuple[int, str]], source: Path) -> Iterator[dict[str, Any]]:
    """The input's rows with the lines' changes; rows that no line is for are left out."""
    old_rows = enumerate(chain.from_iterable(parquet_batches(source)))
    for number, line in numbered:
        old = next((row for at, row in old_rows if at == number), None)
        if old is None:
            raise DataError(f"{source} has no row {number + 1} any more")
        new = parse(line)
        added = {name: _value(value) for name, value in new.items() if name not in old}
        yield {**_changed(old, new), **added}


def _changed(old: Any, new: Any) -> Any:
    """The old value with the new one's differences, so that types JSON does not have survive."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _changed(value, new.get(key)) for key, value in old.items()}
    if isinstance(old, list | tuple) and isinstance(new, list) and len(old) == len(new):
        return type(old)(_changed(a, b) for a, b in zip(old, new, strict=True))
    return old if isinstance(new, Number) or plain(old) == new else new


def _value(value: Any) -> Any:
    return float(value) if isinstance(value, Number) else value


def _with_added(schema: Any, row: dict[str, Any]) -> Any:
    import pyarrow

    for name in row:
        if name not in schema.names:
            kind = pyarrow.float64() if isinstance(row[name], float) else pyarrow.string()
            schema = schema.append(pyarrow.field(name, kind))
    return schema
