"""Where the parts of an index lie inside its folder, and which files native code reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

STORE = "passages.sqlite"
DENSE = "dense/index.faiss"
LEXICAL = "lexical"
ROWS_PER_PART = 4096
_LOCKS = ".tantivy-*.lock"  # they hold nothing, and tantivy makes them anew


def part_name(number: int) -> str:
    """Path of one part of the vectors inside the index."""
    return f"vectors/part-{number:05d}.npy"


def part_count(rows: int) -> int:
    """How many parts hold this many rows."""
    return -(-rows // ROWS_PER_PART)


def files_read(folder: Path, rows: int) -> Iterator[str]:
    """Every file of an index of so many passages that a search reads, whether it is there or not.

    Of the words all that lies there, for tantivy reads what its own list names.
    """
    yield from (STORE, DENSE, f"{LEXICAL}/meta.json")
    yield from (f"{LEXICAL}/{path.name}" for path in lexical_files(folder / LEXICAL))
    yield from map(part_name, range(part_count(rows)))


def lexical_files(folder: Path) -> list[Path]:
    """The files of tantivy, without its locks."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.match(_LOCKS))
