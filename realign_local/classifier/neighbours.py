"""Labelled queries near a request: the worked examples that the language model is shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from realign_local.classifier.features import Encode, Vectors, asked
from realign_local.classifier.labelled import Labelled


class Neighbours:
    """Finds queries by the cosine of what is asked; they are encoded when first looked for.

    Most runs never ask, and encoding some thousand queries takes seconds.
    """

    def __init__(self, queries: Sequence[Labelled], encode: Encode) -> None:
        self._queries, self._encode = queries, encode

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encode([asked(query.instruction) for query in self._queries])

    def near(
        self, instructions: Sequence[str], tasks: Sequence[Collection[str]], *, of_each: int
    ) -> list[list[Labelled]]:
        """For each request the nearest `of_each` queries of each of its tasks, the nearest last."""
        if not instructions:
            return []
        cosines = self._encode([asked(text) for text in instructions]) @ self._vectors.T
        pairs = zip(cosines, tasks, strict=True)
        return [self._chosen(row, wanted, of_each) for row, wanted in pairs]

    def _chosen(self, cosines: Vectors, tasks: Collection[str], of_each: int) -> list[Labelled]:
        room = dict.fromkeys(tasks, of_each)
        found: list[Labelled] = []
        for place in map(int, np.argsort(-cosines, kind="stable")):
            query = self._queries[place]
            if room.get(query.task, 0):
                room[query.task] -= 1
                found.append(query)
            if len(found) == of_each * len(tasks):
                break
        return found[::-1]
