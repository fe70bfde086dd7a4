"""Rows of JSONL, Parquet and CirrusSearch files to documents, by the names that people give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError, RealignError
from realign_local.base.untrusted import loads
from realign_local.evidence.building.decompress import chunks
from realign_local.evidence.building.documents import HINT, Document, SourceFile
from realign_local.evidence.scripts import language_of

# Of each of our fields the names that it has in the wild, the commonest first.
NAMES = {
    "text": ("text", "contents", "content", "body", "passage", "document", "article_text"),
    "title": ("title", "name", "headline", "page_title"),
    "id": ("id", "_id", "docid", "doc_id", "passage_id", "pid"),
    "section": ("section",),
    "revision": ("revision",),
}
FIELDS_SHOWN = 12
MALFORMED_SHOWN = 4
NOT_UTF8 = "not valid UTF-8: iconv -f ENCODING -t utf-8 converts it"
MOST_TITLE_CHARACTERS = 120
ROWS_AT_ONCE = 64
ROWS_LOOKED_AT = 50


class _Names:
    """Finds our fields in a row: by the name that was given, else by the usual ones."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._names = {ours: (given[ours],) if ours in given else NAMES[ours] for ours in NAMES}

    def of(self, ours: str, row: Mapping[str, Any]) -> str:
        """The name that this row has for one of our fields; empty where it has none."""
        return next((n for n in self._names[ours] if row.get(n) is not None), "")

    def value(self, ours: str, row: Mapping[str, Any]) -> str:
        """A field as text; a number counts as text, a list or an object does not."""
        value = row.get(self.of(ours, row), "")
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ValueError(f"{ours} must be a string")
        return str(value)

    @property
    def columns(self) -> set[str]:
        """Every name that is looked for."""
        return {name for names in self._names.values() for name in names}


def look_ahead(source: SourceFile, head: bytes) -> None:
    """Tell the language from the first rows; raises DataError where none of them has a text."""
    rows = list(_first_rows(source, head))
    names = _Names(source.fields)
    texts = [row for row in rows if isinstance(row.get(names.of("text", row)), str)]
    if source.kind == "cirrus":
        source.language = next((str(row["language"]) for row in rows if row.get("language")), "")
    elif rows and not texts:
        _refuse(source.path, rows[0])
    source.script = language_of(names.value("text", row) for row in texts) if texts else ""


def _first_rows(source: SourceFile, head: bytes) -> Iterator[dict[str, Any]]:
    if source.kind == "parquet":
        yield from (row for row, _ in zip(_parquet_rows(source), range(ROWS_LOOKED_AT)))  # noqa: B905
        source.read_bytes = 0
        return
    for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:ROWS_LOOKED_AT]:
        try:
            row = loads(line)
        except ValueError:
            continue  # the last one is cut off; what is wrong with others is told as they are read
        if isinstance(row, dict):
            yield row


def _refuse(path: Path, row: Mapping[str, Any]) -> None:
    found = ", ".join(list(row)[:FIELDS_SHOWN]) or "none"
    raise DataError(
        f"{path}: no field of a row is known to hold its text (fields: {found})",
        hint=f"Name it, as in --field text=body. Known are {', '.join(NAMES['text'])}.",
    )


def documents(source: SourceFile) -> Iterator[Document]:
    """Rows as documents; a line that is none is left out, counted, and the first one named."""
    names = _Names(source.fields)
    reads: dict[str, Callable[[Any], Document | None]] = {
        "cirrus": lambda row: _cirrus_document(source, row),
        "jsonl": lambda row: _row_document(source, row, names),
        "parquet": lambda row: _row_document(source, row, names),
    }
    read, malformed = reads[source.kind], list[tuple[int, Exception]]()
    for number, row in _numbered_rows(source):
        try:
            document = read(loads(row) if isinstance(row, bytes) else row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            source.counts["malformed_rows"] += 1
            if len(malformed) <= MALFORMED_SHOWN:  # one more, to know that there are others
                malformed.append((number, error))
            source.damage = _told(malformed)
            continue
        if document is not None:
            yield document


def _told(malformed: Sequence[tuple[int, Exception]]) -> str:
    """What is wrong with the first of the rows, and where the next ones are."""
    (number, error), *others = malformed
    why = NOT_UTF8 if isinstance(error, UnicodeDecodeError) else str(error)
    # Of another type than a row, Python's words would not help.
    shown = f" ({why})" if isinstance(error, ValueError) else ""
    more = ", ".join(str(n) for n, _ in others[: MALFORMED_SHOWN - 1])
    rest = " and others" if len(others) >= MALFORMED_SHOWN else ""
    told = f"; nor is {more}{rest}" if len(others) == 1 else f"; nor are {more}{rest}"
    return f"line {number} is not a row with title and text{shown}{told if others else ''}"


def _numbered_rows(source: SourceFile) -> Iterator[tuple[int, Any]]:
    if source.kind == "parquet":
        yield from enumerate(_parquet_rows(source), start=1)
        return
    for number, line in enumerate(_lines(source), start=1):
        if line.strip():
            yield number, line


def _lines(source: SourceFile) -> Iterator[bytes]:
    """Lines of the file without their ends; only a newline ends a line."""
    rest = b""
    for number, chunk in enumerate(chunks(source, threads=source.threads)):
        if number == 0:
            if chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise DataError(f"{source.path}: JSONL must be UTF-8", hint=HINT)
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _parquet_rows(source: SourceFile) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, some at a time, with the columns that are looked for.

    Where none of them is there, with all: the message that says so names them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = _Names(source.fields).columns
    size = source.path.stat().st_size
    try:
        with pq.ParquetFile(source.path) as file:
            known = [name for name in file.schema_arrow.names if name in wanted]
            done, total = 0, max(1, file.metadata.num_rows)
            batches = file.iter_batches(ROWS_AT_ONCE, columns=known or None, use_threads=False)
            for batch in batches:
                yield from batch.to_pylist()
                done += batch.num_rows
                source.read_bytes = size * done // total
    except RealignError:
        raise
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{source.path}: not a readable Parquet file: {first}") from error


def _row_document(source: SourceFile, row: dict[str, Any], names: _Names) -> Document:
    if not isinstance(row[names.of("text", row) or "text"], str):
        raise ValueError("text must be a string")
    title, text = names.value("title", row), names.value("text", row)
    if not title and names.of("text", row) == "contents":  # as Pyserini has it
        first, _, rest = text.partition("\n")
        if rest.strip() and len(first) <= MOST_TITLE_CHARACTERS:
            title, text = first, rest
    source.counts["pages_read"] += 1
    return Document(
        name=names.value("id", row),
        title=title.replace("_", " ").strip(),
        text=text,
        section=names.value("section", row),
        revision=names.value("revision", row),
    )


def _cirrus_document(source: SourceFile, row: dict[str, Any]) -> Document | None:
    """A line of a CirrusSearch dump: rendered text without markup, redirects with their target."""
    if "title" not in row:
        return None  # the line with the row's number, before the row itself
    source.counts["pages_read"] += 1
    if row.get("namespace", 0) != 0:
        source.counts["other_namespaces"] += 1
        return None
    names = tuple(str(r["title"]) for r in row.get("redirect") or () if r.get("namespace") == 0)
    source.counts["redirects"] += len(names)
    return Document(
        page_id=str(row.get("page_id", "")),
        title=str(row["title"]),
        text=str(row.get("text") or ""),
        revision=str(row.get("version", "")),
        aliases=names,
    )
