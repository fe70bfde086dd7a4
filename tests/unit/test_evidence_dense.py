"""FAISS indexes of every kind against exact search, and parts that are read back as written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from realign_local.base.errors import AssetError
from realign_local.evidence import clusters, dense

ROWS, DIM = 6000, 32


@pytest.fixture(scope="module")
def vectors() -> dense.Vectors:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(60, DIM))
    rows = centres[rng.integers(0, 60, ROWS)] + 0.5 * rng.normal(size=(ROWS, DIM))
    unit: dense.Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.fixture
def folder(tmp_path: Path, vectors: dense.Vectors) -> Path:
    for number in range(dense.part_count(ROWS)):
        start = number * dense.ROWS_PER_PART
        dense.write_part(tmp_path, number, vectors[start : start + dense.ROWS_PER_PART])
    return tmp_path


@pytest.mark.parametrize("factory", ["Flat", "IVF64,SQ8", "IVF32,SQ8"])
def test_every_kind_finds_what_exact_search_finds(
    folder: Path, vectors: dense.Vectors, factory: str
) -> None:
    built = dense.build(folder, rows=ROWS, dim=DIM, threads=2, factory=factory)
    assert built.recall >= 0.95
    opened = dense.Dense(folder, rows=ROWS, factory=factory, nprobe=built.nprobe)
    exact = np.argsort(-(vectors[:50] @ vectors.T), axis=1)[:, :10]
    found = [ids for ids, _ in opened.search(vectors[:50], 10)]
    shared = sum(len(set(ids) & set(row)) for ids, row in zip(found, exact.tolist(), strict=True))
    assert shared / 500 >= 0.95
    assert [ids[0] for ids in found] == list(range(50))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells what is mapped")
@pytest.mark.parametrize("factory", ["Flat", "IVF64,SQ8"])
def test_processes_that_search_at_the_same_time_share_the_file(folder: Path, factory: str) -> None:
    built = dense.build(folder, rows=ROWS, dim=DIM, threads=2, factory=factory)
    opened = dense.Dense(folder, rows=ROWS, factory=factory, nprobe=built.nprobe)
    assert str(folder / dense.NAME) in Path("/proc/self/maps").read_text(encoding="utf-8")
    del opened


def test_rows_come_into_the_lists_that_faiss_would_choose(vectors: dense.Vectors) -> None:
    import faiss

    ours = faiss.index_factory(DIM, "IVF32,SQ8", faiss.METRIC_INNER_PRODUCT)
    ours.train(vectors)
    theirs = faiss.clone_index(ours)
    dense._add(ours, vectors[:4096])
    dense._add(ours, vectors[4096:])
    theirs.add(vectors)
    assert np.array_equal(faiss.serialize_index(ours), faiss.serialize_index(theirs))


def test_every_list_gets_a_centre_even_among_equal_rows(vectors: dense.Vectors) -> None:
    sample = np.concatenate([np.repeat(vectors[:1], 50, axis=0), vectors[1:40]])
    centres = clusters.centres_of(sample, 30)
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)
    assert len(np.unique(centres.round(5), axis=0)) > 20
    held = clusters.nearest(sample, centres)
    # Two centres may be equal but for their last bits; which one wins depends on the processor.
    assert np.allclose(centres[held[:50]], centres[held[0]], atol=1e-5)
    assert float((sample * centres[held]).sum(1).mean()) > 0.9


def test_equal_vectors_are_equally_right(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = np.repeat(rng.normal(size=(50, DIM)), 80, axis=0)
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    dense.write_part(tmp_path, 0, unit)
    built = dense.build(tmp_path, rows=4000, dim=DIM, threads=2, factory="IVF16,SQ8")
    assert built.recall >= dense.RECALL_WANTED


def test_rows_are_read_back_across_parts(folder: Path, vectors: dense.Vectors) -> None:
    ids = [0, dense.ROWS_PER_PART - 1, dense.ROWS_PER_PART, ROWS - 1]
    assert np.allclose(dense.VectorParts(folder, ROWS).take(ids), vectors[ids], atol=1e-3)


def test_kinds_by_size() -> None:
    assert dense.choose_factory(6_000) == "Flat"
    assert dense.choose_factory(500_000) == "IVF2048,SQ8"
    assert dense.choose_factory(8_000_000) == "IVF8192,SQ8"


def test_a_part_with_pickled_objects_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    np.save(tmp_path / dense.part_name(0), np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(AssetError, match="not a readable part"):
        dense.read_part(tmp_path, 0)


def test_a_file_that_faiss_cannot_read_is_an_asset_error(tmp_path: Path) -> None:
    (tmp_path / "dense").mkdir()
    (tmp_path / dense.NAME).write_bytes(b"no index")
    with pytest.raises(AssetError, match="damaged inside"):
        dense.Dense(tmp_path, rows=1, factory="Flat", nprobe=1)
