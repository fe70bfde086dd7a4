"""Source files to documents: what kind a file is, and the pages of MediaWiki XML dumps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from realign_local.base.errors import DataError
from realign_local.evidence.building import tabular
from realign_local.evidence.building.decompress import chunks
from realign_local.evidence.building.documents import HINT, Document, Kind, Site, SourceFile

MOST_CHARACTERS = 4_000_000  # MediaWiki's own limit is 2 MiB a page
_REDIRECT = re.compile(r"\s*#\s*[^\s\[\]]{3,20}\s*:?\s*\[\[([^\]|#]+)")


class Source(SourceFile):
    """An opened source file: iterate over its documents once."""

    def __iter__(self) -> Iterator[Document]:
        return _xml_documents(self) if self.kind == "mediawiki" else tabular.documents(self)

    @property
    def site(self) -> Site:
        """How its wiki writes."""
        return Site(self.language or "en", self.namespaces)


def open_source(path: Path, *, fields: Mapping[str, str] | None = None) -> Source:
    """Find out what a file is from its first bytes; raises DataError for what is no source.

    `fields` are names of the file's fields for ours, such as {"text": "body"}.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file", hint=HINT)
    if not path.is_file():
        raise DataError(f"no source at {path}", hint=HINT)
    source = Source(path, fields=fields or {})
    head = b"".join(_take(chunks(source), 1 << 16))
    if source.damage and not head.strip():
        raise DataError(f"{path}: {source.damage}", hint="Copy it again.")
    source.read_bytes, source.damage = 0, ""
    source.kind = _kind_of(path, head)
    if source.kind == "mediawiki":
        _read_site(source)
    else:
        tabular.look_ahead(source, head)
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
    if head.startswith(b"PAR1"):
        return "parquet"
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="replace").lstrip("\ufeff \t\r\n")
    if "<mediawiki" in text[:2000]:
        return "mediawiki"
    if text.startswith("{"):
        return "cirrus" if re.match(r'\{\s*"(index|create)"\s*:', text) else "jsonl"
    raise DataError(f"{path} is neither a MediaWiki XML dump nor JSONL nor Parquet", hint=HINT)


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
            self.source.language = self.source.language or attributes.get("xml:lang", "")
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
        if re.fullmatch(r"-?[0-9]{1,9}", number := self._page.get("ns", "").strip()):
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
