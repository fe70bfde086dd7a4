"""Stage 1: give every sample its task and how sure the classifier is of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from realign_local.data.batches import batched
from realign_local.data.records import Sample

Label = Callable[[Sequence[str]], Sequence[tuple[str, float]]]
"""Instructions in, (task, confidence between 0 and 1) out, in the same order."""

BATCH = 64


def classify(
    samples: Iterable[Sample], label: Label, *, tasks: Collection[str]
) -> Iterator[Sample]:
    """Label by batches; a category that came with the row and names one of `tasks` is respected."""
    for batch in batched(samples, BATCH):
        unknown = [s for s in batch if s.category not in tasks]
        found = iter(label([s.instruction for s in unknown]) if unknown else ())
        for sample in batch:
            task, confidence = (sample.category, 1.0) if sample.category in tasks else next(found)
            yield replace(sample, task=task, confidence=confidence)
