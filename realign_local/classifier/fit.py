"""Softmax regression with a binary head, fitted by Adam on all rows at once; needs only numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realign_local.classifier.features import Vectors
from realign_local.classifier.linear import logistic, softmax

STEPS = 120
LEAST_STEPS = 60
"""Before that, Adam's first large steps make the loss on held-out rows go up and down."""

CHECK_EVERY = 10
PATIENCE = 3
RATE = 0.1
INVERSE_REGULARIZATION = 3.0
"""Chosen among 2, 3, 5, 10 and 30 on labels from elsewhere."""

_MEAN, _SQUARE = 0.9, 0.99


@dataclass(frozen=True, slots=True)
class Rows:
    """Features (n, d), task shares (n, tasks), need for evidence (n,), weights (n,)."""

    features: Vectors
    tasks: Vectors
    evidence: Vectors
    weights: Vectors

    def part(self, chosen: NDArray[np.intp]) -> Rows:
        """The rows with these numbers."""
        parts = (self.features, self.tasks, self.evidence, self.weights)
        return Rows(*(values[chosen] for values in parts))

    @property
    def goals(self) -> Vectors:
        """(n, tasks + 1)."""
        return np.hstack([self.tasks, self.evidence[:, None]])


@dataclass(frozen=True, slots=True)
class Fitted:
    """`matrix` (d, tasks + 1), `bias` (tasks + 1,), and after how many steps they were best."""

    matrix: Vectors
    bias: Vectors
    steps: int


def fit(
    rows: Rows,
    *,
    held: Rows | None = None,
    steps: int = STEPS,
    report: Callable[[int], None] = lambda _steps: None,
) -> Fitted:
    """Fit `steps` steps; with `held` rows, stop where their loss no longer falls."""
    width = rows.tasks.shape[1] + 1
    descent = _Descent(rows, np.zeros((rows.features.shape[1], width), dtype=np.float32))
    best = Fitted(descent.matrix.copy(), descent.bias.copy(), 0)
    lowest, worse = np.inf, 0
    for step in range(1, steps + 1):
        descent.step(step)
        if step % CHECK_EVERY == 0:
            report(CHECK_EVERY)
        if held and step >= LEAST_STEPS and step % CHECK_EVERY == 0:
            loss = _loss(held, descent.matrix, descent.bias)
            worse = 0 if loss < lowest else worse + 1
            if loss < lowest:
                lowest = loss
                best = Fitted(descent.matrix.copy(), descent.bias.copy(), step)
            if worse >= PATIENCE:
                break
    return best if held else Fitted(descent.matrix, descent.bias, steps)


class _Descent:
    """Adam (Kingma and Ba, 2015) with a rate that falls to a tenth, on one fixed set of rows."""

    def __init__(self, rows: Rows, matrix: Vectors) -> None:
        self._rows, self._goals = rows, rows.goals
        self.matrix, self.bias = matrix, np.zeros(matrix.shape[1], dtype=np.float32)
        self._moments = [(np.zeros_like(p), np.zeros_like(p)) for p in (self.matrix, self.bias)]

    def step(self, number: int) -> None:
        rate = RATE * max(0.1, 1 - number / STEPS)
        for values, slope, (mean, square) in zip(
            (self.matrix, self.bias), self._slopes(), self._moments, strict=True
        ):
            mean *= _MEAN
            mean += (1 - _MEAN) * slope
            square *= _SQUARE
            square += (1 - _SQUARE) * slope * slope
            size = np.sqrt(square / (1 - _SQUARE**number)) + 1e-8
            values -= (rate / (1 - _MEAN**number)) * mean / size

    def _slopes(self) -> tuple[Vectors, Vectors]:
        rows, count = self._rows, len(self._rows.weights)
        miss = _shares(rows.features @ self.matrix + self.bias) - self._goals
        miss *= rows.weights[:, None] / count
        decay = self.matrix / np.float32(INVERSE_REGULARIZATION * count)
        return rows.features.T @ miss + decay, miss.sum(axis=0)


def _shares(scores: Vectors) -> Vectors:
    """Softmax over the tasks, logistic for the last column."""
    return np.hstack([softmax(scores[:, :-1]), logistic(scores[:, -1:])])


def _loss(rows: Rows, matrix: Vectors, bias: Vectors) -> float:
    """Mean cross entropy of tasks and head."""
    shares = np.clip(_shares(rows.features @ matrix + bias), 1e-7, 1 - 1e-7)
    of_tasks = -(rows.tasks * np.log(shares[:, :-1])).sum(axis=1)
    right = np.where(rows.evidence > 0.5, shares[:, -1], 1 - shares[:, -1])
    return float((of_tasks - np.log(right)).mean())
