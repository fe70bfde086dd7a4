"""What the rows that were held out decide: how sharp the confidence is, and when to look up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realign_local.classifier.features import Vectors
from realign_local.classifier.fit import Rows
from realign_local.classifier.linear import routing, softmax

FEWEST_ROWS = 50
"""Fewer say too little, so the defaults stand."""

SHARPNESSES = tuple(round(0.6 + 0.1 * step, 1) for step in range(25))
LEAST_RECALL = 0.97
"""Share of the rows with need of evidence that have to be looked up: a search costs little, a fact
that was not looked up is lost. Rows of other hands lie a point or two off, so 0.95 has no margin.
Only rows of tasks that ask for evidence count: a question of fact in another task ("Sort these by
age") is known by its words or not at all, and for it a lower share looks up one in five others."""

LEAST_SHARE, MOST_SHARE = 0.08, 0.25
"""A tenth of a small file says little about a quantile, so it may not go far."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`sharpness` multiplies the scores of the tasks; evidence is looked up from `route_at` on."""

    sharpness: float
    route_at: float


DEFAULT = Calibration(sharpness=1.5, route_at=0.17)
"""Where there are too few rows to measure on: what the everyday requests gave."""


def calibrate(scores: Vectors, held: Rows, *, fact_tasks: NDArray[np.bool_]) -> Calibration:
    """Least surprise about the tasks, and as few false alarms as the recall allows.

    `scores` (n, tasks + 1) are those of the held rows by a fit that did not see them.
    """
    counts = held.evidence & fact_tasks[held.tasks]
    if len(scores) < FEWEST_ROWS or not counts.any():
        return DEFAULT
    losses = {s: _surprise(softmax(s * scores[:, :-1]), held.tasks) for s in SHARPNESSES}
    sharpness = min(losses, key=lambda one: losses[one])
    of_tasks = softmax(sharpness * scores[:, :-1])[:, fact_tasks].sum(axis=1)
    shares = routing(scores[:, -1], of_tasks)[counts]
    route_at = float(np.clip(np.quantile(shares, 1 - LEAST_RECALL), LEAST_SHARE, MOST_SHARE))
    return Calibration(sharpness, round(route_at, 4))


def _surprise(shares: Vectors, goals: NDArray[np.intp]) -> float:
    return float(-np.log(np.clip(shares[np.arange(len(goals)), goals], 1e-7, 1)).mean())
