"""Logistic regression by scikit-learn, used to train only: what ships is its plain arrays."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realign_local.classifier.features import Vectors

INVERSE_REGULARIZATION = 1.5
"""Between 1.5 and 5 the tasks found differ by a point at most; more is surer than it is right."""

MOST_STEPS = 300
TOLERANCE = 1e-4
UNSEEN = -12.0
"""Score of a task, or of the need for evidence, that no row has."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Features (n, d), numbers of tasks (n,), need for evidence (n,), weights (n,)."""

    features: Vectors
    tasks: NDArray[np.intp]
    evidence: NDArray[np.bool_]
    weights: Vectors

    def part(self, chosen: NDArray[np.intp]) -> Rows:
        """The rows with these numbers."""
        return Rows(
            self.features[chosen], self.tasks[chosen], self.evidence[chosen], self.weights[chosen]
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """`matrix` (d, tasks + 1) and `bias` (tasks + 1,): a column a task, then the evidence head."""

    matrix: Vectors
    bias: Vectors

    def scores(self, features: Vectors) -> Vectors:
        """Shape (n, tasks + 1)."""
        found: Vectors = features @ self.matrix + self.bias
        return found


def fit(rows: Rows, tasks: int) -> Fitted:
    """Softmax regression over the tasks, and one of yes and no over the need for evidence."""
    from scipy.sparse import csr_matrix  # most features are words that are not there

    features = csr_matrix(rows.features)
    width = rows.features.shape[1]
    matrix = np.zeros((width, tasks + 1), dtype=np.float32)
    bias = np.full(tasks + 1, UNSEEN, dtype=np.float32)
    found, slopes, starts = _regression(features, rows.tasks, rows.weights)
    matrix[:, found], bias[found] = slopes, starts
    answers, slopes, starts = _regression(features, rows.evidence.astype(int), rows.weights)
    for column, answer in enumerate(answers):
        if len(answers) == 2:
            matrix[:, -1] += slopes[:, column] * (1 if answer else -1)
            bias[-1] = starts[column] - starts[1 - column] if answer else bias[-1]
        elif answer:
            bias[-1] = -UNSEEN
    return Fitted(matrix, bias)


def _regression(features: Any, goals: NDArray[Any], weights: Vectors) -> tuple[Any, Any, Any]:
    """The classes that there are (k,), slopes (d, k) and intercepts (k,) of their scores."""
    from sklearn.linear_model import LogisticRegression

    classes = np.unique(goals)
    if len(classes) == 1:
        return classes, np.zeros((features.shape[1], 1)), np.zeros(1)
    regression = LogisticRegression(
        C=INVERSE_REGULARIZATION, max_iter=MOST_STEPS, tol=TOLERANCE, solver="lbfgs"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that was stopped early is as good
        regression.fit(features, goals, sample_weight=weights)
    slopes, starts = regression.coef_.T, regression.intercept_
    if len(classes) == 2:  # scikit-learn gives the second class's only
        slopes, starts = np.hstack([-slopes, slopes]) / 2, np.array([-starts[0], starts[0]]) / 2
    return classes, slopes, starts
