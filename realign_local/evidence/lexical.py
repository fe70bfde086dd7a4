"""Passages by their words: a tantivy BM25 index over title, other names, section and text."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from realign_local.base.untrusted import as_utf8
from realign_local.evidence.filenames import LEXICAL, lexical_files
from realign_local.evidence.native_errors import told_as_asset_error, told_as_os_error
from realign_local.evidence.scripts import spaced
from realign_local.evidence.store import StoredPassage

FOLDER = LEXICAL
HEAP_BYTES = 128 << 20
# BM25 scores short fields high: measured, a title at full weight drowns the text.
BOOSTS = {"title": 0.3, "aliases": 0.15, "section": 0.15, "text": 1.0}
STEMMERS = {
    "ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "simple": "english",
    "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hu": "hungarian",
    "it": "italian", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "es": "spanish", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip
ANALYZER = "realign"


class Lexical:
    """BM25 search; `language` chooses the stemmer. Unspaced scripts go by pairs of signs in all."""

    def __init__(self, folder: Path, *, language: str) -> None:
        self._folder = folder / FOLDER
        with told_as_asset_error(self._folder):
            self._index, self._searcher = _opened(self._folder)
        self._analyzer = _analyzer(language)
        self.passages = int(self._searcher.num_docs)

    def terms(self, text: str) -> list[str]:
        """The stems of a text, as they are in the index."""
        found: list[str] = self._analyzer.analyze(spaced(as_utf8(text)))
        return found

    def passages_with(self, term: str) -> int:
        """How many passages have this stem in their text."""
        with told_as_asset_error(self._folder):
            return int(self._searcher.doc_freq("text", term))

    def search(self, query: str, k: int) -> tuple[list[int], list[float]]:
        """The k best row numbers and their scores, best first; none for a query without words."""
        terms = list(dict.fromkeys(self.terms(query)))
        if not terms or not self.passages:
            return [], []
        with told_as_asset_error(self._folder):
            hits = self._searcher.search(self._any_of(terms), limit=k, count=False).hits
            ids = self._searcher.fast_field_values("row", [address for _, address in hits])
        return [int(i) for i in ids], [float(score) for score, _ in hits]

    def _any_of(self, terms: Sequence[str]) -> Any:
        """A query for any of these stems in any field.

        Not by tantivy's parser: it makes a phrase of a word that the analyzer splits ("a_b", any
        word of a script without spaces), and phrases need positions, which the index has not.
        """
        from tantivy import Occur, Query

        schema = self._index.schema
        found = [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, term), boost))
            for term in terms
            for field, boost in BOOSTS.items()
        ]
        return Query.boolean_query(found)


def build(folder: Path, rows: Iterable[StoredPassage], *, language: str) -> list[str]:
    """Write the index of these passages and return the names of its files.

    Raises OSError where the disk is full or fails.
    """
    temporary = folder / f".{FOLDER}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    with told_as_os_error(temporary):
        _write(temporary, rows, language=language)
    return _move_into_place(temporary, folder / FOLDER)


def _write(temporary: Path, rows: Iterable[StoredPassage], *, language: str) -> None:
    import tantivy

    index = tantivy.Index(_schema(), path=str(temporary))
    index.register_tokenizer(ANALYZER, _analyzer(language))
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)  # one thread keeps the order of rows
    for row in rows:
        writer.add_document(_document(row))
    writer.commit()
    writer.wait_merging_threads()
    index.searcher()


def _opened(folder: Path) -> tuple[Any, Any]:
    """An index and its searcher, which has every file open by then.

    tantivy locks a folder by a file in it even to read it. So it is shown a folder of links: the
    index may lie on a medium that cannot be written to, or belong to somebody else.
    """
    import tantivy

    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # no room for links: then in the folder itself
            shown = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            for path in lexical_files(folder):
                _link(path.resolve(), Path(shown) / path.name)
            folder = Path(shown)
        index = tantivy.Index.open(str(folder))
        return index, index.searcher()


def _link(path: Path, name: Path) -> None:
    try:
        name.symlink_to(path)
    except OSError:  # Windows asks for a privilege
        shutil.copyfile(path, name)


def _move_into_place(temporary: Path, target: Path) -> list[str]:
    for lock in set(temporary.iterdir()) - set(lexical_files(temporary)):
        with contextlib.suppress(OSError):
            lock.unlink()
    for path in temporary.iterdir():  # tantivy makes some for its user alone
        path.chmod(temporary.stat().st_mode & 0o666)
    shutil.rmtree(target, ignore_errors=True)
    temporary.replace(target)
    return [f"{FOLDER}/{path.name}" for path in sorted(target.iterdir())]


def _document(row: StoredPassage) -> Any:
    import tantivy

    texts = {name: spaced(getattr(row, name)) for name in BOOSTS}
    document = tantivy.Document(**texts)
    document.add_unsigned("row", row.id)  # a keyword would make it a signed column
    return document


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=False, fast=True)
    for name in BOOSTS:
        option = "freq"
        builder.add_text_field(name, stored=False, tokenizer_name=ANALYZER, index_option=option)
    return builder.build()


def _analyzer(language: str) -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    words = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60))
    words = words.filter(Filter.lowercase()).filter(Filter.ascii_fold())
    if language in STEMMERS:
        words = words.filter(Filter.stemmer(STEMMERS[language]))
    return words.build()
