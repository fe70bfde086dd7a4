"""Nearest passages by vector: float16 parts on disk, and the FAISS index made from them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realign_local.base.errors import AssetError
from realign_local.base.untrusted import reading_arrays
from realign_local.evidence import filenames
from realign_local.evidence.clusters import centres_of, nearest
from realign_local.evidence.filenames import part_count as part_count
from realign_local.evidence.filenames import part_name as part_name
from realign_local.evidence.manifest import write_atomically
from realign_local.evidence.native_errors import told_as_asset_error, told_as_os_error

Vectors = NDArray[np.float32]
NAME = filenames.DENSE
ROWS_PER_PART = filenames.ROWS_PER_PART
FLAT_UP_TO = 200_000
TRAINING_PER_LIST = 40  # FAISS warns below 39 points a centroid
RESCORED_PER_RESULT = 4
RECALL_WANTED = 0.97
RECALL_QUERIES = 200
ROUNDING = 1e-6
SMALLEST_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Built:
    """How the FAISS index was made, and its recall@10 against exact search."""

    factory: str
    nprobe: int
    recall: float


def write_part(folder: Path, number: int, vectors: Vectors) -> None:
    """Store one part as float16, atomically."""
    buffer = io.BytesIO()
    np.save(buffer, vectors.astype(np.float16), allow_pickle=False)
    write_atomically(folder / part_name(number), buffer.getvalue())


def read_part(folder: Path, number: int) -> NDArray[np.float16]:
    """Map one part into memory; raises AssetError if it is not a float16 matrix."""
    path = folder / part_name(number)
    try:
        with reading_arrays():
            part: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise AssetError(f"{path}: not a readable part of the vectors") from error
    if part.ndim != 2 or part.dtype != np.float16:
        raise AssetError(f"{path}: must be a float16 matrix, was: {part.dtype} {part.shape}")
    return part


def choose_factory(rows: int) -> str:
    """The kind of FAISS index for this many rows.

    The nearest lists are found by comparing with all of their centres: tens of thousands take a few
    milliseconds, and a graph of them (HNSW) loses whole lists (benchmarks/LOG.md).
    """
    lists = max(16, 1 << round(np.log2(4 * max(1, rows) ** 0.5)))
    return "Flat" if rows <= FLAT_UP_TO else f"IVF{lists},SQ8"


def build(folder: Path, *, rows: int, dim: int, threads: int, factory: str | None = None) -> Built:
    """Make dense/index.faiss from the parts, and measure it against exact search.

    The number of rows decides the kind of index unless a FAISS factory string is given.
    """
    import faiss

    faiss.omp_set_num_threads(threads)
    factory = factory or choose_factory(rows)
    index: Any = faiss.index_factory(dim, factory, faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        sample = _sample(folder, rows, wanted=index.nlist * TRAINING_PER_LIST)
        index.quantizer.add(centres_of(sample, index.nlist))
        index.train(sample)
    for number in range(part_count(rows)):
        _add(index, read_part(folder, number).astype(np.float32))
    nprobe, recall = _tune(folder, index, rows, factory) if factory != "Flat" else (1, 1.0)
    _write(index, folder / NAME)
    return Built(factory, nprobe, recall)


def _add(index: Any, vectors: Vectors) -> None:
    """`index.add`; the lists are chosen by NumPy, whose products are four times as fast here."""
    import faiss

    if not isinstance(index, faiss.IndexIVF):
        index.add(vectors)
        return
    vectors = np.ascontiguousarray(vectors)
    chosen = nearest(vectors, index.quantizer.reconstruct_n(0, index.nlist))
    index.add_core(len(vectors), faiss.swig_ptr(vectors), None, faiss.swig_ptr(chosen))


def _write(index: Any, path: Path) -> None:
    import faiss

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(".index.faiss.tmp")
    with told_as_os_error(temporary.parent):
        faiss.write_index(index, str(temporary))
    if faiss.read_index(str(temporary), faiss.IO_FLAG_MMAP).ntotal != index.ntotal:
        raise AssetError(f"{path}: the disk gave back another index than was written")
    temporary.replace(path)


def _chosen_by_hash(rows: int, wanted: int) -> list[int]:
    """Rows picked by the hash of their number: spread evenly, the same on every machine."""
    if wanted >= rows:
        return list(range(rows))
    bar = int(wanted / rows * (1 << 32))
    return [i for i in range(rows) if _hash32(i) < bar]


def _hash32(row: int) -> int:
    digest = hashlib.blake2b(row.to_bytes(8, "little"), digest_size=4).digest()
    return int.from_bytes(digest, "little")


def _sample(folder: Path, rows: int, *, wanted: int) -> Vectors:
    return VectorParts(folder, rows).take(_chosen_by_hash(rows, wanted))


def _exact(folder: Path, rows: int, queries: Vectors, k: int) -> NDArray[np.int64]:
    """Row numbers of the k best by exact inner product, in any order. Shape (queries, k)."""
    scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
    ids = np.zeros((len(queries), k), dtype=np.int64)
    for number in range(part_count(rows)):
        some = queries @ read_part(folder, number).astype(np.float32).T
        both = np.concatenate([scores, some], axis=1)
        numbers = np.arange(some.shape[1], dtype=np.int64) + number * ROWS_PER_PART
        all_ids = np.concatenate([ids, np.broadcast_to(numbers, some.shape)], axis=1)
        best = np.argpartition(-both, k - 1, axis=1)[:, :k]
        scores, ids = np.take_along_axis(both, best, 1), np.take_along_axis(all_ids, best, 1)
    return ids


def _tune(folder: Path, index: Any, rows: int, factory: str) -> tuple[int, float]:
    """The smallest nprobe whose re-scored recall@10 is good enough, and that recall."""
    import faiss

    queries = _sample(folder, rows, wanted=RECALL_QUERIES)
    noise = np.random.default_rng(0).normal(scale=0.5 / queries.shape[1] ** 0.5, size=queries.shape)
    queries = (queries + noise).astype(np.float32)  # a stored passage itself would be too easy
    parts = VectorParts(folder, rows)
    exact = _exact(folder, rows, queries, 10).tolist()
    bars = [float((parts.take(ids) @ q).min()) for q, ids in zip(queries, exact, strict=True)]
    lists, nprobe = faiss.extract_index_ivf(index).nlist, 4
    while True:
        way = Dense(folder, rows=rows, factory=factory, nprobe=nprobe, index=index)
        recall = _recall(way.search(queries, 10), bars)
        if recall >= RECALL_WANTED or nprobe >= lists:
            return nprobe, round(recall, 4)
        nprobe *= 2


def _recall(found: Sequence[tuple[list[int], list[float]]], bars: Sequence[float]) -> float:
    """Share of results as good as the tenth of exact search: equal vectors are equally right."""
    good = [
        sum(s >= bar - ROUNDING for s in scores)
        for (_, scores), bar in zip(found, bars, strict=True)
    ]
    return sum(min(10, hits) for hits in good) / (10 * len(bars))


class VectorParts:
    """Random access to the rows of all parts."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.rows = rows
        self._folder = folder
        self._part = lru_cache(maxsize=4096)(self._checked)

    def _checked(self, number: int) -> NDArray[np.float16]:
        """A part; raises AssetError where it has fewer or more rows, or shorter or longer ones."""
        part = read_part(self._folder, number)
        rows = min(ROWS_PER_PART, self.rows - number * ROWS_PER_PART)
        shape = (rows, part.shape[1] if number == 0 else self._part(0).shape[1])
        if part.shape != shape:
            path = self._folder / part_name(number)
            raise AssetError(f"{path}: must have the shape {shape}, was: {part.shape}")
        return part

    @property
    def dim(self) -> int:
        """The length of each row."""
        return int(self._part(0).shape[1])

    def take(self, ids: Sequence[int]) -> Vectors:
        """These rows as float32, shape (len(ids), dim)."""
        rows = [self._part(i // ROWS_PER_PART)[i % ROWS_PER_PART] for i in ids]
        return np.asarray(rows, dtype=np.float32)

    def __iter__(self) -> Iterator[Vectors]:
        for number in range(part_count(self.rows)):
            yield self._part(number).astype(np.float32)


class Dense:
    """Search in the FAISS index; approximate results are scored again from the float16 vectors."""

    def __init__(
        self, folder: Path, *, rows: int, factory: str, nprobe: int, index: Any = None
    ) -> None:
        import faiss

        self._flat = factory == "Flat"
        self._parts = VectorParts(folder, rows)
        self._index = index if index is not None else _load(folder / NAME, flat=self._flat)
        if self._index.ntotal != rows:
            raise AssetError(f"{folder / NAME}: must hold {rows} rows, was: {self._index.ntotal}")
        if rows and self._index.d != self._parts.dim:
            dims = f"{self._parts.dim}, was: {self._index.d}"
            raise AssetError(f"{folder / NAME}: must hold vectors of length {dims}")
        if not self._flat:
            faiss.extract_index_ivf(self._index).nprobe = nprobe

    def search(self, queries: Vectors, k: int) -> list[tuple[list[int], list[float]]]:
        """For each query the k best row numbers and their inner products, best first."""
        wanted = min(k if self._flat else k * RESCORED_PER_RESULT, self._index.ntotal)
        if not wanted:
            return [([], []) for _ in queries]
        scores, ids = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), wanted)
        if self._flat:
            return [(i.tolist(), s.tolist()) for i, s in zip(ids, scores, strict=True)]
        return [self._rescored(q, i[i >= 0].tolist(), k) for q, i in zip(queries, ids, strict=True)]

    def _rescored(self, query: Vectors, ids: list[int], k: int) -> tuple[list[int], list[float]]:
        scores = self.scores(query, ids)
        best = np.argsort(-scores, kind="stable")[:k]
        return [ids[i] for i in best], [float(scores[i]) for i in best]

    def scores(self, query: Vectors, ids: Sequence[int]) -> Vectors:
        """Inner products of one query with these rows."""
        if not ids:
            return np.zeros(0, dtype=np.float32)
        product: Vectors = self._parts.take(ids) @ query
        return product


def _load(path: Path, *, flat: bool) -> Any:
    """Map a file whose hash was checked, so that processes which search at the same time share it.

    FAISS's own limits guard against a size that lies. A flat index is mapped in another way than
    lists are, which FAISS has since 1.11; before it each process reads its own copy.
    """
    import faiss

    size = path.stat().st_size
    faiss.set_deserialization_vector_byte_limit(4 * size + SMALLEST_LIMIT_BYTES)
    faiss.set_deserialization_loop_limit(size + SMALLEST_LIMIT_BYTES)
    mapped = getattr(faiss, "IO_FLAG_MMAP_IFC", 0) if flat else faiss.IO_FLAG_MMAP
    with told_as_asset_error(path):
        return faiss.read_index(str(path), mapped)
