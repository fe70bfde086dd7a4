"""Source files to documents: MediaWiki XML dumps, JSONL of title and text, CirrusSearch JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from xml.parsers import expat

from realign_local.errors import DataError
from realign_local.evidence.unpack import Reading, chunks
from realign_local.untrusted import loads

Kind = Literal["mediawiki", "jsonl", "cirrus"]
MOST_CHARACTERS = 4_000_000  # MediaWiki's own limit is 2 MiB a page
HINT = "Give a pages-articles XML dump (.xml, .bz2, .gz), or JSONL with title and text."
_REDIRECT = re.compile(r"\s*#\s*[^\s\[\]]{3,20}\s*:?\s*\[\[([^\]|#]+)")


@dataclass(frozen=True, slots=True)
class Document:
    """One page or row. `redirect` is the title it points to; `markup` tells how to read `text`.

    `name` is the id of a JSONL row, which search results carry on; `page_id` a wiki's number.
    """

    title: str
    text: str
    name: str = ""
    page_id: str = ""
    section: str = ""
    revision: str = ""
    redirect: str = ""
    aliases: tuple[str, ...] = ()
    markup: Literal["wikitext", "plain"] = "plain"


@dataclass
class Source(Reading):
    """An opened source file: iterate over its documents once, then look at `damage` and `counts`.

    `read_bytes` tells how far the file has been read, for the progress display; `threads` is how
    many decompress it.
    """

    kind: Kind = "jsonl"
    language: str = ""
    namespaces: dict[str, int] = field(default_factory=dict)
    threads: int = 1
    counts: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Document]:
        return _xml_documents(self) if self.kind == "mediawiki" else _json_documents(self)


def open_source(path: Path) -> Source:
    """Find out what a file is from its first bytes; raises DataError for what is no source."""
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file", hint=HINT)
    if not path.is_file():
        raise DataError(f"no source at {path}", hint=HINT)
    source = Source(path)
    head = b"".join(_take(chunks(source), 1 << 16))
    source.read_bytes, source.damage = 0, ""
    source.kind = _kind_of(path, head)
    if source.kind == "mediawiki":
        _read_site(source)
    return source


def _take(pieces: Iterator[bytes], wanted: int) -> Iterator[bytes]:
    for chunk in pieces:
        yield chunk
        wanted -= len(chunk)
        if wanted <= 0:
            return


def _kind_of(path: Path, head: bytes) -> Kind:
    if not head.strip():
        raise DataError(f"{path} is empty", hint=HINT)
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="replace").lstrip("\ufeff \t\r\n")
    if "<mediawiki" in text[:2000]:
        return "mediawiki"
    if text.startswith("{"):
        return "cirrus" if re.match(r'\{\s*"(index|create)"\s*:', text) else "jsonl"
    raise DataError(f"{path} is neither a MediaWiki XML dump nor JSONL", hint=HINT)


# ------------------------------------------------------------------------------- MediaWiki XML


class _PageParser:
    """Collects pages from expat's events; holds one page at a time."""

    wanted = frozenset(["title", "ns", "id", "text", "namespace"])

    def __init__(self, source: Source, *, encoding: str | None) -> None:
        self.source = source
        self.pages: list[Document] = []
        self.finished = False
        self.site_read = False
        self._parser = expat.ParserCreate(encoding)
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 20
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._page: dict[str, str] = {}
        self._path: list[str] = []
        self._parts: list[str] | None = None
        self._key = 0

    def feed(self, data: bytes) -> None:
        """Read on; raises expat.ExpatError where the XML is broken."""
        self._parser.Parse(data, False)

    @property
    def offset(self) -> int:
        """Byte of the uncompressed XML that was reached."""
        return self._parser.CurrentByteIndex

    def _refuse(self, *_: object) -> None:
        raise DataError(
            f"{self.source.path} declares a document type, which no dump does", hint=HINT
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "page":
            self._page = {}
        elif name == "redirect":
            self._page["redirect"] = attributes.get("title", "")
        elif name == "mediawiki":
            self.source.language = attributes.get("xml:lang", "")
        if name in self.wanted:
            self._parts = []
            self._key = int(attributes.get("key", "0")) if name == "namespace" else 0

    def _text(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def _end(self, name: str) -> None:
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        text, self._parts = "".join(self._parts or ()), None
        if name == "namespace":
            self.source.namespaces[text.lower()] = self._key
        elif name == "siteinfo":
            self.site_read = True
        elif name == "page":
            self._finish_page()
        elif name == "mediawiki":
            self.finished = True
        elif name in self.wanted and parent in ("page", "revision"):
            self._page["revision" if parent == "revision" and name == "id" else name] = text

    def _finish_page(self) -> None:
        page, counts = self._page, self.source.counts
        title, text = page.get("title", ""), page.get("text", "")
        counts["pages_read"] += 1
        if self._namespace(title) != 0:
            counts["other_namespaces"] += 1
            return
        if "redirect" not in page and (match := _REDIRECT.match(text[:300])):
            page["redirect"] = match[1].strip()
        if len(text) > MOST_CHARACTERS:
            counts["pages_cut"] += 1
        redirect = page.get("redirect", "")
        counts["redirects"] += bool(redirect)
        self.pages.append(
            Document(
                page_id=page.get("id", ""),
                title=title,
                text="" if redirect else text[:MOST_CHARACTERS],
                revision=page.get("revision", ""),
                redirect=redirect,
                markup="wikitext",
            )
        )

    def _namespace(self, title: str) -> int:
        """Of the <ns> element, or from the title where an old dump has none."""
        if (number := self._page.get("ns", "").strip()).lstrip("-").isdigit():
            return int(number)
        return self.source.namespaces.get(title.partition(":")[0].lower(), 0) if ":" in title else 0


def _encoding_of(head: bytes) -> str | None:
    """A byte order mark decides, whatever the XML declaration says."""
    return "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else None


def _read_site(source: Source) -> None:
    """Language and namespaces, which stand before the first page."""
    parser = None
    for data in chunks(source):
        parser = parser or _PageParser(source, encoding=_encoding_of(data))
        try:
            parser.feed(data)
        except expat.ExpatError:
            break
        if parser.site_read or parser.pages:
            break
    source.read_bytes, source.damage = 0, ""
    source.counts.clear()


def _xml_documents(source: Source) -> Iterator[Document]:
    parser = None
    for data in chunks(source, threads=source.threads):
        parser = parser or _PageParser(source, encoding=_encoding_of(data))
        try:
            parser.feed(data)
        except expat.ExpatError as error:
            yield from parser.pages
            source.damage = f"broken XML at byte {parser.offset} of the text: {error}"
            return
        yield from parser.pages
        parser.pages.clear()
    if parser and not parser.finished:
        where = source.damage or f"the XML ends too early, at byte {parser.offset} of the text"
        source.damage = where


# --------------------------------------------------------------------------------------- JSON


def _lines(source: Source) -> Iterator[bytes]:
    """Lines of the file without their ends; only a newline ends a line."""
    rest = b""
    wide = False
    for number, chunk in enumerate(chunks(source, threads=source.threads)):
        if number == 0:
            wide = _encoding_of(chunk) is not None
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
        *lines, rest = (rest + chunk).split(b"\n")
        if wide:
            raise DataError(f"{source.path}: JSONL must be UTF-8", hint=HINT)
        yield from lines
    if rest:
        yield rest


def _json_documents(source: Source) -> Iterator[Document]:
    """Rows as documents; a line that is none is left out, counted, and the first one named."""
    read = _cirrus_document if source.kind == "cirrus" else _row_document
    for number, line in enumerate(_lines(source), start=1):
        if not line.strip():
            continue
        try:
            document = read(source, loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            source.counts["malformed_rows"] += 1
            if not source.damage:
                source.damage = f"line {number} is not a row with title and text ({error})"
            continue
        if document is not None:
            yield document


def _row_document(source: Source, row: dict[str, Any]) -> Document:
    text, title = row["text"], row.get("title") or ""
    if not isinstance(text, str) or not isinstance(title, str):
        raise ValueError("title and text must be strings")
    source.counts["pages_read"] += 1
    return Document(
        name=str(row.get("id", "")),
        title=title.replace("_", " ").strip(),
        text=text,
        section=str(row.get("section") or ""),
        revision=str(row.get("revision") or ""),
    )


def _cirrus_document(source: Source, row: dict[str, Any]) -> Document | None:
    """A line of a CirrusSearch dump: rendered text without markup, redirects with their target."""
    if "title" not in row:
        return None  # the line with the row's number, before the row itself
    source.counts["pages_read"] += 1
    source.language = source.language or str(row.get("language") or "")
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
