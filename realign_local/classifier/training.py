"""Train a classifier from labelled queries: measure and calibrate in turns, fit on all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realign_local.base.errors import DataError
from realign_local.base.progress import Progress, Silent
from realign_local.classifier.calibrate import DEFAULT, calibrate
from realign_local.classifier.features import Encode, Vectors, design
from realign_local.classifier.fit import Rows, fit
from realign_local.classifier.labelled import Labelled
from realign_local.classifier.model import Model

OWN_WEIGHT = 2.0
"""Of a user's row beside a shipped one: 90.9 % right in cross-validation, at 1 it is 90.3 %."""

FOLDS = 4
"""In turns, one row in so many is held out, to measure and to calibrate; or, where the rows are of
several hands, those of one hand: what is new is of another one."""

FEWEST_ROWS = 20
FEW_A_TASK = 5
MOST_ROWS = 20_000
"""Features of so many rows take 700 MB."""

CHUNK = 256


@dataclass(frozen=True, slots=True)
class Trained:
    """The classifier, and what the rows that were held out say about it."""

    model: Model
    notes: tuple[str, ...]


def train(
    labels: Sequence[Labelled],
    encode: Encode,
    *,
    shipped: Sequence[Labelled] = (),
    encoder_sha256: str,
    evidence_tasks: Collection[str],
    progress: Progress | None = None,
) -> Trained:
    """Fit on a user's labels together with the shipped ones; the order of rows plays no part.

    The user's rows are held out in turns, to measure and to calibrate; then all are fitted. Raises
    DataError where there are too few labels.
    """
    progress = progress or Silent()
    used = _ordered(labels)[:MOST_ROWS]
    if len(used) < FEWEST_ROWS:
        raise DataError(
            f"{len(used)} labelled rows are too few, at least {FEWEST_ROWS} are needed",
            hint="Forty or more for each task make a good classifier.",
        )
    known = {row.instruction for row in used}
    rest = [row for row in _ordered(shipped) if row.instruction not in known]
    tasks = tuple(sorted({row.task for row in (*used, *rest)}))
    rows = _rows([*used, *rest], len(used), tasks, encode, progress)
    scores, unseen = _unseen(rows, _folds(used), len(tasks), progress)
    final = fit(rows, len(tasks))
    progress.advance()
    facts = np.isin(tasks, list(evidence_tasks))
    tuned = calibrate(scores, unseen, fact_tasks=facts) if rest else DEFAULT
    right = scores[:, :-1].argmax(axis=1) == unseen.tasks
    model = Model(
        tasks,
        final.matrix,
        final.bias,
        encoder_sha256,
        tuned.sharpness,
        tuned.route_at,
        tuple(sorted(set(evidence_tasks) & set(tasks))),
        {
            "rows": len(used),
            "shipped_rows": len(rest),
            "held_out": len(right),
            "held_out_accuracy": round(float(right.mean()), 4),
        },
    )
    return Trained(model, tuple(_notes(labels, used, tasks)))


def _notes(
    labels: Sequence[Labelled], used: Sequence[Labelled], tasks: Sequence[str]
) -> Iterator[str]:
    counts = Counter(row.task for row in used)
    few = [f"{task} ({counts[task]})" for task in tasks if counts[task] < FEW_A_TASK]
    if few:
        shown = ", ".join(few[:6]) + (", ..." if len(few) > 6 else "")
        yield f"tasks with fewer than {FEW_A_TASK} labels of yours: {shown}"
    if len(used) < len(labels):
        left = len(labels) - len(used)
        yield f"left out, as they came twice or after {MOST_ROWS:,} others: {left}"


def _ordered(rows: Sequence[Labelled]) -> list[Labelled]:
    """Each request once, in an order of its own (by hash), whatever order the file has."""
    found = {row.instruction: row for row in sorted(rows, key=lambda row: row.task)}
    return sorted(found.values(), key=lambda row: _number(row.instruction))


def _number(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()


def _rows(
    rows: Sequence[Labelled], own: int, tasks: Sequence[str], encode: Encode, progress: Progress
) -> Rows:
    progress.phase("encode", len(rows))
    parts = []
    for start in range(0, len(rows), CHUNK):
        texts = [row.instruction for row in rows[start : start + CHUNK]]
        parts.append(design(texts, encode))
        progress.advance(len(texts))
    goals = np.array([tasks.index(row.task) for row in rows])
    evidence = np.array([row.needs_evidence for row in rows])
    weights = np.where(np.arange(len(rows)) < own, OWN_WEIGHT, 1).astype(np.float32)
    return Rows(np.vstack(parts), goals, evidence, weights)


def _folds(used: Sequence[Labelled]) -> list[NDArray[np.intp]]:
    """The numbers of the rows of each hand, or of every `FOLDS`th row where there is but one.

    Rows are in the order of their hashes, so every `FOLDS`th one is a fair draw.
    """
    hands = sorted({row.hand for row in used})
    if len(hands) < 2:
        return [np.arange(fold, len(used), FOLDS) for fold in range(FOLDS)]
    of_each = np.array([hands.index(row.hand) for row in used])
    return [np.flatnonzero(of_each == hand) for hand in range(len(hands))]


def _unseen(
    rows: Rows, folds: Sequence[NDArray[np.intp]], tasks: int, progress: Progress
) -> tuple[Vectors, Rows]:
    """Scores of the own rows by fits that did not see them, and these rows."""
    progress.phase("fit", len(folds) + 1)
    own = sum(map(len, folds))
    scores = np.zeros((own, tasks + 1), dtype=np.float32)
    numbers = np.arange(len(rows.weights))
    for held in folds:
        seen = fit(rows.part(np.setdiff1d(numbers, held)), tasks)
        scores[held] = seen.scores(rows.features[held])
        progress.advance()
    return scores, rows.part(np.arange(own))
