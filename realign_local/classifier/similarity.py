"""A classifier without training: the task whose known queries an instruction is nearest to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from realign_local.base.criterion import Criteria
from realign_local.classifier.guess import Guess

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts in, unit vectors (n, dim) out."""

VERSION = "similarity-1"
NEIGHBOURS = 5
SHARPNESS = 20.0
"""Turns differences of cosines into odds; a difference of 0.1 is e squared."""

HEAD_CHARS = 500
"""What is asked stands at the head; the text it is asked about would drown it."""


class SimilarityClassifier:
    """Nearest labelled queries (`criteria/*.toml`) by cosine, softmax over the tasks' scores."""

    def __init__(self, criteria: Criteria, encode: Encode) -> None:
        pairs = [(q, c.task) for c in criteria.values() for q in (c.description, *c.queries)]
        self._encode = encode
        self._tasks = list(criteria)
        self._owner = np.array([self._tasks.index(task) for _, task in pairs])
        self._vectors = encode([text[:HEAD_CHARS] for text, _ in pairs])

    def __call__(self, instructions: Sequence[str]) -> list[Guess]:
        """A guess for each instruction; only the task says whether it needs evidence."""
        if not instructions:
            return []
        queries = self._encode([text[:HEAD_CHARS] for text in instructions])
        scores = np.stack([self._scores(row) for row in queries @ self._vectors.T])
        odds = np.exp(SHARPNESS * (scores - scores.max(axis=1, keepdims=True)))
        shares = odds / odds.sum(axis=1, keepdims=True)
        return [Guess.best_of(self._tasks, row) for row in shares.tolist()]

    def _scores(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """For each task the mean of its best cosines, so that one lucky query does not decide."""
        scores = np.full(len(self._tasks), -1.0, dtype=np.float32)
        for task in range(len(self._tasks)):
            own = np.sort(cosines[self._owner == task])[::-1]
            if own.size:
                scores[task] = 0.7 * own[0] + 0.3 * own[:NEIGHBOURS].mean()
        return scores
