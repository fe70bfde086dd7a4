"""What a source of articles is made of: documents, the file they come from, its language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from realign_local.evidence.building.decompress import Reading

Kind = Literal["mediawiki", "jsonl", "cirrus", "parquet"]
HINT = "Give a pages-articles XML dump (.xml, .bz2, .gz), or JSONL or Parquet with title and text."


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


@dataclass(frozen=True, slots=True)
class Site:
    """How a wiki writes: its language, and its lower-case namespace names with their numbers."""

    language: str = "en"
    namespaces: Mapping[str, int] = field(default_factory=dict)


@dataclass
class SourceFile(Reading):
    """An opened source file; look at `damage` and `counts` once its documents are read.

    `read_bytes` tells how far the file has been read, for the progress display; `threads` is how
    many decompress it. `language` is what the file says of itself, `script` the language that its
    script tells; `fields` are names of its fields for ours.
    """

    kind: Kind = "jsonl"
    language: str = ""
    script: str = ""
    namespaces: dict[str, int] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    counts: Counter[str] = field(default_factory=Counter)
