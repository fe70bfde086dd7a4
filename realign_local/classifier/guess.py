"""What a classifier says about one request: its task, how sure it is, and whether to look it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

RANKED = 5


class Guess(NamedTuple):
    """The likeliest task with its probability, and a decision on evidence beside the task's own.

    `ranking` holds the likeliest tasks, best first, with their probabilities; it may be empty.
    """

    task: str
    confidence: float
    needs_evidence: bool = False
    ranking: tuple[tuple[str, float], ...] = ()

    @classmethod
    def best_of(
        cls, tasks: Sequence[str], shares: Sequence[float], *, needs_evidence: bool = False
    ) -> Self:
        """The guess that probabilities (tasks,) amount to; of equal ones the first task wins."""
        order = sorted(range(len(tasks)), key=lambda task: -shares[task])[:RANKED]
        ranking = tuple((tasks[task], shares[task]) for task in order)
        return cls(*ranking[0], needs_evidence, ranking)
