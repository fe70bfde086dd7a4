"""A subset of a dataset: the rows that cover it best, the longest, or any, without near copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from realign_local.base.atomic import write_lines
from realign_local.base.errors import DataError, DiskError, UsageError
from realign_local.base.progress import Progress
from realign_local.base.reasons import Reason
from realign_local.data.formats import Dataset, Row
from realign_local.data.write_like import write_like
from realign_local.evidence.clusters import Vectors
from realign_local.evidence.coverage import Numbers, covering, distance, distinct

By = Literal["coverage", "longest", "random"]
Encode = Callable[[Sequence[str]], Vectors]
ENCODED_CHARS = 2_000
"""Of request and response; encoders read a few hundred tokens."""
BATCH = 512


@dataclass(frozen=True, slots=True)
class RowBudget:
    """How many rows: a share of all, or a number."""

    share: float | None = None
    rows: int = 0

    def of(self, rows: int) -> int:
        """The number for a dataset of so many rows; a share is rounded, and never to none."""
        if self.share is None:
            return min(self.rows, rows)
        return min(rows, max(1, round(self.share * rows)))


@dataclass(frozen=True, slots=True)
class Selected:
    """What was chosen. `coverage` is the mean cosine distance of the rows left out to the nearest
    chosen one, for this choice and for the ways to choose that need nothing; lower is better.
    """

    rows: int
    chosen: int
    copies: int
    by: By
    file: Path
    coverage: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _ReadDataset:
    """What has to be known of every row: its number, how long its response is, its text."""

    rows: int = 0
    numbers: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def select(
    dataset: Dataset,
    output: Path,
    budget: RowBudget,
    *,
    by: By,
    seed: int,
    encode: Encode | None,
    dedupe: bool = False,
    progress: Progress,
) -> Selected:
    """Write the chosen rows to `output`, as they were and in their order, in the input's container.

    `encode` is needed by coverage and `dedupe`; where there is one, `coverage` is measured. Rows
    that cannot be read are never chosen. Raises DataError where no row can be, and DiskError.
    """
    progress.phase("read", None)
    read = _read(dataset, progress, keep_texts=encode is not None)
    if not read.numbers:
        raise DataError(f"{dataset.path} has no row that can be chosen")
    vectors = _encoded(read.texts, encode, progress) if encode else None
    open_to = np.arange(len(read.numbers), dtype=np.int64)
    if dedupe:
        open_to = distinct(_needed(vectors))
    count = min(budget.of(read.rows), len(open_to))
    chosen = _chosen(by, open_to, count, read.lengths, vectors, seed)
    _write(dataset, output, {read.numbers[n] for n in chosen.tolist()})
    others: tuple[By, ...] = ("longest", "random")
    measured: dict[str, float] = {}
    if vectors is not None:
        measured[by] = round(distance(vectors, chosen), 4)
        for other in others:
            plain = _chosen(other, open_to, count, read.lengths, vectors, seed)
            measured.setdefault(other, round(distance(vectors, plain), 4))
    copies = len(read.numbers) - len(open_to)
    return Selected(read.rows, len(chosen), copies, by, output, measured)


def _read(dataset: Dataset, progress: Progress, *, keep_texts: bool) -> _ReadDataset:
    read = _ReadDataset()
    for row in dataset.rows():
        read.rows += 1
        progress.advance()
        sample = row.samples[-1]
        if sample.reason in (Reason.MALFORMED_ROW, Reason.NOTHING_TO_REWRITE):
            continue
        read.numbers.append(row.index)
        read.lengths.append(len(sample.original))
        if keep_texts:
            read.texts.append(f"{sample.instruction}\n{sample.original}"[:ENCODED_CHARS])
    return read


def _encoded(texts: list[str], encode: Encode, progress: Progress) -> Vectors:
    progress.phase("encode", len(texts))
    found = []
    for start in range(0, len(texts), BATCH):
        found.append(encode(texts[start : start + BATCH]))
        progress.advance(len(found[-1]))
    return np.concatenate(found)


def _chosen(
    by: By,
    open_to: Numbers,
    count: int,
    lengths: Sequence[int],
    vectors: Vectors | None,
    seed: int,
) -> Numbers:
    """Numbers among the rows that were read, in ascending order."""
    if by == "coverage":
        return open_to[covering(_needed(vectors)[open_to], count)]
    if by == "random":
        return np.sort(np.random.default_rng(seed).permutation(open_to)[:count])
    sizes = np.array(lengths, dtype=np.int64)[open_to]
    return np.sort(open_to[np.argsort(-sizes, kind="stable")[:count]])


def _needed(vectors: Vectors | None) -> Vectors:
    if vectors is None:
        raise UsageError("this way to choose needs an encoder", hint="Give --encoder DIR.")
    return vectors


def _write(dataset: Dataset, output: Path, wanted: set[int]) -> None:
    def lines() -> Iterator[Row]:
        return (row for row in dataset.rows() if row.index in wanted)

    kind = dataset.container.partition(".")[0]
    if kind == "jsonl" or output.suffix.removeprefix(".") != kind:
        write_lines(output, (row.text for row in lines()))
        return
    made = write_like(
        dataset, output.with_suffix(""), (row.text for row in lines()), numbers=sorted(wanted)
    )
    if made != output:
        raise DiskError(f"{output} could not be written")
