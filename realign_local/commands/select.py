"""A subset of a dataset: the rows that cover it best, score highest, are longest, or any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from realign_local.base.atomic import write_lines
from realign_local.base.errors import DataError, DiskError, UsageError
from realign_local.base.progress import Progress, Unread
from realign_local.base.reasons import Reason
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset, Row
from realign_local.data.json_text import parse
from realign_local.data.write_like import write_like
from realign_local.evidence.clusters import Vectors
from realign_local.evidence.coverage import Numbers, covering, distance, distinct
from realign_local.rewriting.scorer import AnswerToScore, ScoreAnswers
from realign_local.rewriting.scores import BOTH, as_scores, overall
from realign_local.run.files.run_scores import RunScores

By = Literal["coverage", "score", "longest", "random"]
PLAIN: tuple[By, ...] = ("longest", "random")
"""Ways to choose that need nothing: what any other is measured beside."""
Encode = Callable[[Sequence[str]], Vectors]
ScoreRows = Callable[[Sequence[Row]], Sequence[float | None]]
"""Rows to what each of them scores; None for one that nobody scored."""
ENCODED_CHARS = 2_000
"""Of request and response; encoders read a few hundred tokens."""
BATCH = 512
SCORED_AT_ONCE = 128
UNUSABLE = (Reason.MALFORMED_ROW, Reason.NOTHING_TO_REWRITE)
HOW_TO_SCORE = "`realign score IN -m MODEL -o SCORED` writes scores into columns; or give -m here."


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
    `unscored` counts the rows without a score, which come last; `least` is the lowest chosen score;
    `unread` counts the rows that could not be read, which are never chosen.
    """

    rows: int
    chosen: int
    copies: int
    by: By
    file: Path
    coverage: dict[str, float] = field(default_factory=dict)
    unscored: int = 0
    least: float | None = None
    unread: int = 0


@dataclass(slots=True)
class _ReadDataset:
    """What has to be known of every row: its number, how long its response is, its text, and, to
    choose by score, that.
    """

    rows: int = 0
    unread: Unread = field(default_factory=lambda: Unread(("is not chosen", "are not chosen")))
    numbers: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    scores: list[float | None] = field(default_factory=list)

    @property
    def ranks(self) -> list[float]:
        """What each row has by its score; one without comes after all others."""
        return [-np.inf if score is None else score for score in self.scores]


def select(
    dataset: Dataset,
    output: Path,
    budget: RowBudget,
    *,
    by: By,
    seed: int,
    encode: Encode | None,
    score: ScoreRows | None = None,
    dedupe: bool = False,
    progress: Progress,
) -> Selected:
    """Write the chosen rows to `output`, as they were and in their order, in the input's container.

    `encode` is needed by coverage and `dedupe`, `score` by score; where there is an encoder,
    `coverage` is measured. Rows that cannot be read are never chosen. Raises DataError where no row
    can be, or none has a score, and DiskError.
    """
    progress.phase("read" if by != "score" else "score", None)
    score = score if by == "score" else None
    read = _read(dataset, progress, keep_texts=encode is not None, score=score)
    if not read.numbers:
        raise DataError(f"{dataset.path} has no row that can be chosen")
    unscored = read.scores.count(None)
    if by == "score" and unscored == len(read.numbers):
        raise DataError(f"no row of {dataset.path} has a score", hint=HOW_TO_SCORE)
    vectors = _encoded(read.texts, encode, progress) if encode else None
    open_to = np.arange(len(read.numbers), dtype=np.int64)
    if dedupe:
        open_to = distinct(_needed(vectors))
    count = min(budget.of(read.rows), len(open_to))
    chosen = _chosen(by, open_to, count, read, vectors, seed)
    _write(dataset, output, {read.numbers[n] for n in chosen.tolist()})
    measured: dict[str, float] = {}
    if vectors is not None:
        measured[by] = round(distance(vectors, chosen), 4)
        for other in PLAIN:
            plain = _chosen(other, open_to, count, read, vectors, seed)
            measured.setdefault(other, round(distance(vectors, plain), 4))
    copies = len(read.numbers) - len(open_to)
    found = [s for n in chosen.tolist() if by == "score" and (s := read.scores[n]) is not None]
    least = round(min(found), 4) if found else None
    rows, unread = read.rows, read.unread.rows
    return Selected(rows, len(chosen), copies, by, output, measured, unscored, least, unread)


def _read(
    dataset: Dataset, progress: Progress, *, keep_texts: bool, score: ScoreRows | None
) -> _ReadDataset:
    read = _ReadDataset()
    for some in batched(dataset.rows(), SCORED_AT_ONCE):
        read.rows += len(some)
        for row in some:
            read.unread.see(row.samples[-1])
        usable = [row for row in some if row.samples[-1].reason not in UNUSABLE]
        for row in usable:
            sample = row.samples[-1]
            read.numbers.append(row.index)
            read.lengths.append(len(sample.original))
            if keep_texts:
                read.texts.append(f"{sample.instruction}\n{sample.original}"[:ENCODED_CHARS])
        if score:
            read.scores.extend(score(usable))
        progress.advance(len(some))
    read.unread.tell(progress)
    return read


def by_columns(rows: Sequence[Row]) -> list[float | None]:
    """What `realign score` wrote into the rows' columns."""
    return [_in_columns(row.text) for row in rows]


def _in_columns(text: str) -> float | None:
    columns = parse(text)
    if not isinstance(columns, dict):
        return None
    return overall(as_scores({s: _number(columns.get(f"realign_{s}")) for s in BOTH}))


def _number(value: Any) -> Any:
    """A number that stands as text, as in CSV; anything else as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return None


def by_run(scores: RunScores) -> ScoreRows:
    """What `realign score RUN` found for the responses as they are now; a row's last one counts."""
    found = {one.index: overall(one.after) for one in scores.responses()}
    return lambda rows: [found.get(row.samples[-1].index) for row in rows]


def by_model(score: ScoreAnswers) -> ScoreRows:
    """What a model says of the responses now."""

    def scored(rows: Sequence[Row]) -> list[float | None]:
        asked = [row.samples[-1] for row in rows]
        answers = [AnswerToScore(sample.instruction, sample.original) for sample in asked]
        return [overall(found) for found in score(answers)]

    return scored


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
    read: _ReadDataset,
    vectors: Vectors | None,
    seed: int,
) -> Numbers:
    """Numbers among the rows that were read, in ascending order."""
    if by == "coverage":
        return open_to[covering(_needed(vectors)[open_to], count)]
    if by == "random":
        return np.sort(np.random.default_rng(seed).permutation(open_to)[:count])
    ranks = np.array(read.ranks if by == "score" else read.lengths, dtype=np.float64)[open_to]
    return np.sort(open_to[np.argsort(-ranks, kind="stable")[:count]])


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
