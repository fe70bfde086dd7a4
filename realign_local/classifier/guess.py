"""What a classifier says about one request: its task, how sure it is, and whether to look it up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

RANKED = 5

NEAR = 0.2
"""Two tasks whose shares are closer than this are both taken for possible."""


class Guess(NamedTuple):
    """The likeliest task with its probability, and a decision on evidence beside the task's own.

    `ranking` holds the likeliest tasks, best first, with their probabilities; it may be empty.
    """

    task: str
    confidence: float
    needs_evidence: bool = False
    ranking: tuple[tuple[str, float], ...] = ()

    @property
    def second(self) -> str:
        """The next task where it is near to the first one; "" where the first stands alone."""
        if len(self.ranking) < 2 or self.ranking[0][1] - self.ranking[1][1] >= NEAR:
            return ""
        return self.ranking[1][0]

    def without(self, tasks: Collection[str]) -> Self:
        """The guess after it is known that it is none of these; their shares go to the others."""
        left = [(task, share) for task, share in self.ranking if task not in tasks]
        gone = sum(share for task, share in self.ranking if task in tasks)
        if len(left) == len(self.ranking) or not left:
            return self
        ranking = tuple((task, share / max(1 - gone, 1e-6)) for task, share in left)
        return self._replace(task=ranking[0][0], confidence=ranking[0][1], ranking=ranking)

    @classmethod
    def best_of(
        cls, tasks: Sequence[str], shares: Sequence[float], *, needs_evidence: bool = False
    ) -> Self:
        """The guess that probabilities (tasks,) amount to; of equal ones the first task wins."""
        order = sorted(range(len(tasks)), key=lambda task: -shares[task])[:RANKED]
        ranking = tuple((tasks[task], shares[task]) for task in order)
        return cls(*ranking[0], needs_evidence, ranking)
