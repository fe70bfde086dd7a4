"""How fast evidence is made and searched on this machine, and what that means for a whole wiki."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from realign_local.base.errors import DataError
from realign_local.base.machine import peak_memory_bytes
from realign_local.base.processes.isolated import isolated_spawn
from realign_local.evidence import dense
from realign_local.evidence.building.dump import open_source
from realign_local.evidence.building.parts import Context, UnitMaker, UnitTask, unpacked
from realign_local.evidence.encoders.encoder import Encoder
from realign_local.evidence.encoders.tokens import max_tokens_of

Note = Callable[[str], None]
ENCODED_PASSAGES = 256
PROBED_PASSAGES = 48
MOST_DOCUMENTS = 2000
MADE_UP_PAGES, PARTS, TEXTS_IN_PART = 150, 10, 5
QUERIES = 100
CANDIDATES = 60  # as many as a search asks for
ROWS_PER_CENTRE = 50
NOISE = 0.7
CITED = "<ref>{{cite book|last=A|first=B|title=A book of some length|year=1999|page=7}}</ref>"
ENGLISH_WIKIPEDIA = {"articles": 7_100_000, "xml_mb": 105_000, "passages": 40_000_000}
"""Assumed, not measured: about the size of the English Wikipedia in 2026."""


def bench_index(dump: Path, encoder: Path, *, sizes: Sequence[int], note: Note) -> dict[str, Any]:
    """Measure reading, encoding and search; a dump of some megabytes is enough.

    Raises DataError where the dump holds too little text.
    """
    note(f"reading {dump.name}")
    speed, texts = _read(dump, encoder)
    note(f"encoding {len(texts)} passages, plain and as a build does it")
    found = {"dump_mb_per_s_core": speed, **_encode(encoder, texts)}
    searches = []
    for size in sizes:
        note(f"making {size:,} vectors, their index, and searching")
        searches.append(_search(size, int(found["dim"])))
    found["search"] = searches
    return {**found, "projection": _projection(found)}


def write_pages(path: Path, texts: Sequence[str]) -> Path:
    """A dump of pages made up from these texts, with about as much markup as real pages have."""
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        file.write("<mediawiki>")
        for number in range(MADE_UP_PAGES):
            parts = (" ".join(rng.choices(texts, k=TEXTS_IN_PART)) for _ in range(PARTS))
            body = "\n\n".join(_marked_up(text, rng) for text in parts)
            page = f"<title>Page {number}</title><ns>0</ns><id>{number}</id>"
            file.write(f"<page>{page}<revision><text>{escape(body)}</text></revision></page>\n")
        file.write("</mediawiki>")
    return path


def _marked_up(text: str, rng: random.Random) -> str:
    words = [f"[[{w}]]" if w.isalpha() and rng.random() < 0.06 else w for w in text.split(" ")]
    facts = f"{{{{convert|{rng.randrange(1, 999)}|km|mi}}}}{CITED * 3}"
    return f"== Part ==\n{' '.join(words)} It is {facts} long."


def _read(dump: Path, encoder: Path) -> tuple[float, list[str]]:
    """MB of XML a second of CPU in this one process, and the first passages."""
    source = open_source(dump)
    maker = UnitMaker(Context(encoder, max_tokens_of(encoder)))
    maker.make(UnitTask(0, 0, list(islice(source, 1)), source.site))  # loads what it works with
    start = time.process_time()
    documents = list(islice(source, MOST_DOCUMENTS))
    made = maker.make(UnitTask(1, 0, documents, source.site))
    seconds = time.process_time() - start
    pages = unpacked(made.packed).pages
    size = sum(len(document.text.encode("utf-8", "replace")) for document in documents) / 1e6
    texts = [f"{page[3]}: {text}" for page in pages for _, text in page[5]]
    if not texts:
        raise DataError(f"{dump}: no article text found in it")
    step = max(1, len(texts) // ENCODED_PASSAGES)
    return round(size / seconds, 3), texts[::step][:ENCODED_PASSAGES]


def _encode(folder: Path, texts: list[str]) -> dict[str, Any]:
    """Passages a second: the library's own `encode` against ours, turn by turn."""
    encoder = Encoder(folder)
    precision = encoder.fastest(texts[:PROBED_PASSAGES])
    ways: dict[str, Callable[[], Any]] = {
        "baseline": lambda: encoder.encode_plainly(texts),
        "ours": lambda: encoder.encode(texts, precision=precision),
    }
    seconds = dict.fromkeys(ways, float("inf"))
    vectors = {}
    for _ in range(2):
        for name, run in ways.items():
            start = time.perf_counter()
            vectors[name] = run()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    alike = float(np.mean(np.sum(vectors["ours"] * vectors["baseline"], axis=1)))
    return {
        "passages_per_s": round(len(texts) / seconds["ours"], 2),
        "baseline_passages_per_s": round(len(texts) / seconds["baseline"], 2),
        "ratio": round(seconds["baseline"] / seconds["ours"], 3),
        "precision": precision,
        "cosine_to_baseline": round(alike, 5),
        "dim": encoder.dim,
        "threads": encoder.threads,
    }


def _search(rows: int, dim: int) -> dict[str, Any]:
    """Build an index of synthetic vectors and search it from a fresh process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, part in enumerate(synthetic_parts(rows, dim)):
            dense.write_part(folder, number, part)
        start = time.perf_counter()
        built = dense.build(folder, rows=rows, dim=dim, threads=os.cpu_count() or 1)
        seconds = time.perf_counter() - start
        with ProcessPoolExecutor(1, isolated_spawn()) as pool:
            p50_ms, rss = pool.submit(_timed_search, folder, rows, built).result()
    return {
        "passages": rows,
        "p50_ms": p50_ms,
        "recall@10": built.recall,
        "rss_mb": rss,
        "factory": built.factory,
        "nprobe": built.nprobe,
        "build_s": round(seconds, 1),
    }


def synthetic_parts(rows: int, dim: int) -> Iterator[dense.Vectors]:
    """Unit vectors in loose clusters, as those of texts are, part by part."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(max(1, rows // ROWS_PER_CENTRE), dim)).astype(np.float32)
    for number in range(dense.part_count(rows)):
        size = min(dense.ROWS_PER_PART, rows - number * dense.ROWS_PER_PART)
        part = centres[rng.integers(0, len(centres), size)]
        part = part + NOISE * rng.standard_normal((size, dim), dtype=np.float32)
        yield part / np.linalg.norm(part, axis=1, keepdims=True)


def _timed_search(folder: Path, rows: int, built: dense.Built) -> tuple[float, float]:
    """Median ms of one query at a time, and the peak memory of the process in MB."""
    opened = dense.Dense(folder, rows=rows, factory=built.factory, nprobe=built.nprobe)
    part = dense.read_part(folder, 0)
    queries = part[:QUERIES].astype(np.float32)
    times = []
    for query in queries:
        start = time.perf_counter()
        opened.search(query[None, :], CANDIDATES)
        times.append((time.perf_counter() - start) * 1000)
    return round(float(np.median(times)), 2), round(peak_memory_bytes() / 1e6, 1)


def _projection(found: dict[str, Any]) -> dict[str, Any]:
    """Hours and disk for the English Wikipedia at these speeds."""
    wiki = ENGLISH_WIKIPEDIA
    cores = os.cpu_count() or 1
    vectors_gb = wiki["passages"] * found["dim"] * 3 / 1e9  # float16, and SQ8 in FAISS
    return {
        "assumed": wiki,
        "read_hours": round(wiki["xml_mb"] / found["dump_mb_per_s_core"] / cores / 3600, 1),
        "encode_hours": round(wiki["passages"] / found["passages_per_s"] / 3600, 1),
        "vectors_gb": round(vectors_gb, 1),
    }
