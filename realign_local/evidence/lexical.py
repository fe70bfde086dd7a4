"""Passages by their words: a tantivy BM25 index over title, other names, section and text."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from realign_local.errors import AssetError
from realign_local.evidence.store import Row
from realign_local.untrusted import as_utf8

FOLDER = "lexical"
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
UNSPACED = {"zh", "ja", "th", "lo", "km", "my", "wuu", "yue", "zh-yue", "zh-classical"}
ANALYZER = "realign"
_WORD = re.compile(r"\w+")


class Lexical:
    """BM25 search; `language` chooses the stemmer, or character pairs where words are unspaced."""

    def __init__(self, folder: Path, *, language: str) -> None:
        import tantivy

        try:
            self._index = tantivy.Index.open(str(folder / FOLDER))
        except ValueError as error:
            raise AssetError(f"{folder / FOLDER}: tantivy cannot read it: {error}") from error
        self._analyzer = _analyzer(language)
        self._index.register_tokenizer(ANALYZER, self._analyzer)
        self._searcher = self._index.searcher()
        self.passages = int(self._searcher.num_docs)

    def terms(self, text: str) -> list[str]:
        """The stems of a text, as they are in the index."""
        found: list[str] = self._analyzer.analyze(as_utf8(text))
        return found

    def passages_with(self, term: str) -> int:
        """How many passages have this stem in their text."""
        return int(self._searcher.doc_freq("text", term))

    def search(self, query: str, k: int) -> tuple[list[int], list[float]]:
        """The k best row numbers and their scores, best first; none for a query without words."""
        words = dict.fromkeys(_WORD.findall(query.lower()))
        terms = [term for word in words for term in self.terms(word)]
        if not terms or not self.passages:
            return [], []
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


def build(folder: Path, rows: Iterable[Row], *, language: str) -> list[str]:
    """Write the index of these passages and return the names of its files."""
    import tantivy

    temporary = folder / f".{FOLDER}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    index = tantivy.Index(_schema(), path=str(temporary))
    index.register_tokenizer(ANALYZER, _analyzer(language))
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)  # one thread keeps the order of rows
    for row in rows:
        writer.add_document(_document(row))
    writer.commit()
    writer.wait_merging_threads()
    index.searcher()
    return _move_into_place(temporary, folder / FOLDER)


def _move_into_place(temporary: Path, target: Path) -> list[str]:
    for lock in temporary.glob(".tantivy-*.lock"):
        with contextlib.suppress(OSError):
            lock.unlink()
    shutil.rmtree(target, ignore_errors=True)
    temporary.replace(target)
    return [f"{FOLDER}/{path.name}" for path in sorted(target.iterdir())]


def _document(row: Row) -> Any:
    import tantivy

    document = tantivy.Document(
        title=row.title, aliases=row.aliases, section=row.section, text=row.text
    )
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

    if language in UNSPACED:
        pairs = TextAnalyzerBuilder(Tokenizer.ngram(min_gram=1, max_gram=2))
        return pairs.filter(Filter.lowercase()).build()
    words = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60))
    words = words.filter(Filter.lowercase()).filter(Filter.ascii_fold())
    if language in STEMMERS:
        words = words.filter(Filter.stemmer(STEMMERS[language]))
    return words.build()
