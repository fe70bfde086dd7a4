"""Questions to passages: meaning and words are searched apart, put together and ranked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from realign_local.base.assets import find_encoder, sha256_of
from realign_local.base.errors import AssetError
from realign_local.base.records import Passage
from realign_local.evidence import manifest, rank, store
from realign_local.evidence.dense import Dense, Vectors
from realign_local.evidence.encoders.encoder import Encoder, Reranker, encoder_sha256
from realign_local.evidence.lexical import Lexical
from realign_local.evidence.manifest import Manifest
from realign_local.evidence.rank import EVERYTHING, Weights

PAIRED_SINCE = 2  # version of the manifest; before it whole texts were cut into pairs of signs
CANDIDATES = 60  # of each kind
SCORED_BY_WORDS = 200  # so that most passages found by meaning have a BM25 score too
LEAST_NEARNESS = 0.62
"""Below it a passage is not about the request: 1 in 200 of the right ones is, and most of those
found for everyday requests (benchmarks/LOG.md). Measured with MiniLM; with an encoder that puts all
texts near together, as static ones do, nothing is left out."""


class Index:
    """An opened index; `manifest` tells what it holds, `sha256` is the hash of its manifest."""

    def __init__(
        self, folder: Path, found: Manifest, encoder: Encoder, reranker: Reranker | None = None
    ) -> None:
        self.folder, self.manifest, self.encoder = folder, found, encoder
        self.reranker = reranker
        self.sha256 = sha256_of(folder / manifest.NAME)
        self.store = store.Store(folder / store.NAME)
        self.dense = Dense(folder, rows=found.passages, factory=found.factory, nprobe=found.nprobe)
        self.lexical = Lexical(folder, language=found.language)
        self._ranker = rank.Ranker(self.store, self.dense, self.lexical)

    def __repr__(self) -> str:
        return f"Index({self.folder.name!r}, passages={self.manifest.passages})"

    def search(self, queries: Sequence[str], k: int) -> list[tuple[Passage, ...]]:
        """For each query up to k passages, best first; at most two of one article.

        Passages that follow one another in an article are given as one.
        """
        return self.search_vectors(queries, self._encoded(queries), k, rerank=True)

    def evidence(self, queries: Sequence[str], k: int) -> list[tuple[Passage, ...]]:
        """`search` without what is far off: the best that an index has may have nothing to say."""
        vectors = self._encoded(queries)
        return self.search_vectors(queries, vectors, k, rerank=True, floor=LEAST_NEARNESS)

    def _encoded(self, queries: Sequence[str]) -> Vectors:
        return self.encoder.encode(list(queries), role="query")

    def search_vectors(
        self,
        queries: Sequence[str],
        vectors: Vectors,
        k: int,
        *,
        weights: Weights = EVERYTHING,
        rerank: bool = False,
        floor: float = 0.0,
    ) -> list[tuple[Passage, ...]]:
        """`search` for queries that are encoded already; vectors have the shape (queries, dim).

        With `rerank` the re-ranker has the last word where there is one.
        """
        by_meaning = self.dense.search(vectors, CANDIDATES)
        reread = self.reranker.scores if rerank and self.reranker else None
        found = []
        for query, vector, (near, _) in zip(queries, vectors, by_meaning, strict=True):
            by_words = self.lexical.search(query, SCORED_BY_WORDS)
            candidates = [*near, *by_words[0][:CANDIDATES]]
            best = partial(self._ranker.best, k=k, weights=weights, reread=reread, floor=floor)
            found.append(best(query, vector, candidates, by_words))
        return found

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()


def check_index(path: Path, *, encoder: Path | None = None) -> tuple[Manifest, Path]:
    """The manifest of a sound index and the folder of its encoder; loads neither.

    Raises AssetError for a missing or unfinished index, one of a newer version, a file whose size
    or hash is not the manifest's, or another encoder than the one that it was built with.
    """
    manifest.check_name(path)
    found = manifest.read_manifest(path)
    if found.version < PAIRED_SINCE and found.language in ("zh", "ja", "ko", "th"):
        raise AssetError(
            f"{path} was built by an older program, whose words of this script are others",
            hint=f"It must be built anew: {manifest.ANEW}",
        )
    folder = encoder or find_encoder(None)
    if (actual := encoder_sha256(folder)) != found.encoder_sha256:
        raise AssetError(
            f"{path} was built with encoder {found.encoder} ({found.encoder_sha256[:12]}),"
            f" this is {folder.name} ({actual[:12]})",
            hint="Name the encoder that it was built with by --encoder, or build the index again.",
        )
    manifest.check_files(path, found, full=False)
    return found, folder


def open_index(
    path: Path,
    *,
    encoder: Path | None = None,
    reranker: Path | None = None,
    threads: int | None = None,
    use_card: bool = True,
) -> Index:
    """Check an index and open it with its encoder (the one that is named, else the installed one).

    Raises what `check_index` raises, before native code reads anything.
    """
    found, folder = check_index(path, encoder=encoder)
    reader = Reranker(reranker, threads=threads, use_card=use_card) if reranker else None
    return Index(path, found, Encoder(folder, threads=threads, use_card=use_card), reader)
