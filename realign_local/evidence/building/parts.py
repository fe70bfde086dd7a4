"""A unit of a build: some hundred documents read, rendered and cut, stored in one file."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from realign_local.base.processes.isolated import live_with_parent
from realign_local.evidence import passages
from realign_local.evidence.building.documents import Document, Site
from realign_local.evidence.encoders.tokens import TokenCounter
from realign_local.evidence.wiki import wikitext

MOST_TITLE_CHARACTERS = 2000
"""A title stands before each passage when it is encoded; no wiki has one of a quarter of that."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every unit of a build needs to know."""

    encoder: Path
    max_tokens: int


@dataclass(frozen=True, slots=True)
class UnitTask:
    """A unit to be made, of documents from the source with the number `source`."""

    number: int
    source: int
    documents: Sequence[Document]
    site: Site


@dataclass(frozen=True, slots=True)
class MadeUnit:
    """What the file of a unit holds, and how many passages that are."""

    packed: bytes
    passages: int


@dataclass
class UnitContent:
    """Pages as (name, page_id, revision, title, aliases, passages), redirects as (from, to)."""

    pages: list[list[Any]] = field(default_factory=list)
    redirects: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def passages(self) -> int:
        """Number of passages, duplicates included."""
        return sum(len(page[5]) for page in self.pages)


class UnitMaker:
    """Turns documents into what unit files hold; one a process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._count = TokenCounter(context.encoder)

    def make(self, task: UnitTask) -> MadeUnit:
        """The unit of these documents."""
        content = UnitContent()
        for document in task.documents:
            self._add(content, document, task.site)
        return MadeUnit(_packed(content), content.passages)

    def _add(self, content: UnitContent, document: Document, site: Site) -> None:
        if document.redirect:
            content.redirects.append((document.title, title_key(document.redirect)))
            return
        if len(document.title) > MOST_TITLE_CHARACTERS:
            content.counts["titles_cut"] += 1
            document = replace(document, title=document.title[:MOST_TITLE_CHARACTERS])
        is_wikitext = document.markup == "wikitext"
        if is_wikitext and wikitext.is_disambiguation(document.title, document.text):
            content.counts["disambiguations"] += 1
            return
        sections = [(document.section, document.text)]
        if is_wikitext:
            article = wikitext.render(document.text, site)
            content.counts.update(article.counts)
            content.dropped.update(article.dropped)
            sections = article.sections
        self._add_page(content, document, sections)

    def _add_page(
        self, content: UnitContent, document: Document, sections: Sequence[tuple[str, str]]
    ) -> None:
        is_wikitext = document.markup == "wikitext"
        if is_wikitext:
            sections = passages.joined(sections)
        sections = [(section[:MOST_TITLE_CHARACTERS], body) for section, body in sections]
        found = [
            (section, text)
            for section, body in sections
            for text in self._windows(document.title, section, body)
        ]
        content.counts["articles" if found else "empty_pages"] += 1
        if found:
            page = [document.name, document.page_id, document.revision, document.title]
            content.pages.append([*page, list(document.aliases), found])

    def _windows(self, title: str, section: str, body: str) -> Iterator[str]:
        room = passages.body_tokens(
            f"{title} - {section}", count=self._count, max_tokens=self._context.max_tokens
        )
        return passages.windows(body, count=self._count, most_tokens=room)


def title_key(title: str) -> str:
    """A title as MediaWiki stores it: spaces, first letter large, no section."""
    title = title.partition("#")[0].replace("_", " ").strip()
    return title[:1].upper() + title[1:]


def unit_path(folder: Path, number: int) -> Path:
    """Where the file of a unit lies."""
    return folder / "units" / f"{number:07d}.json.gz"


def _packed(content: UnitContent) -> bytes:
    text = json.dumps(
        {
            "pages": content.pages,
            "redirects": content.redirects,
            "counts": content.counts,
            "dropped": content.dropped,
        },
        ensure_ascii=False,
    )
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=3, mtime=0) as file:
        file.write(text.encode("utf-8", errors="replace"))
    return buffer.getvalue()


def read_unit(folder: Path, number: int) -> UnitContent:
    """Read a unit's file."""
    return unpacked(unit_path(folder, number).read_bytes())


def unpacked(packed: bytes) -> UnitContent:
    """What a unit's file holds."""
    found = json.loads(gzip.decompress(packed))
    return UnitContent(
        pages=found["pages"],
        redirects=[(name, target) for name, target in found["redirects"]],
        counts=Counter(found["counts"]),
        dropped=Counter(found["dropped"]),
    )


_maker: UnitMaker | None = None


def start_worker(context: Context) -> None:
    """Prepare a worker process; it ends by itself when the build that started it is gone."""
    global _maker
    live_with_parent()
    _maker = UnitMaker(context)


def make_unit(task: UnitTask) -> MadeUnit:
    """`UnitMaker.make` in a worker process."""
    assert _maker is not None
    return _maker.make(task)
