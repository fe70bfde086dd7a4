"""Stage 1: give every sample its task and how sure the classifier is of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from realign_local.base.records import Sample
from realign_local.classifier.guess import Guess
from realign_local.data.batches import batched
from realign_local.rewriting.evident import known_task

Label = Callable[[Sequence[str]], Sequence[Guess]]
"""Instructions in, guesses out, in the same order."""

BATCH = 256


def classify(
    samples: Iterable[Sample], label: Label, *, tasks: Collection[str], route: bool = False
) -> Iterator[Sample]:
    """Label by batches; a task that came with the row, or that it shows by itself, is respected.

    With `route` the classifier also says of such rows whether they need evidence.
    """
    for batch in batched(samples, BATCH):
        known = [known_task(sample, tasks) for sample in batch]
        asked = [s.instruction for s, task in zip(batch, known, strict=True) if route or not task]
        found = iter(label(asked) if asked else ())
        for sample, evident in zip(batch, known, strict=True):
            guess = next(found) if route or not evident else Guess(evident, 1.0)
            task, confidence = (evident, 1.0) if evident else (guess.task, guess.confidence)
            yield replace(
                sample, task=task, confidence=confidence, needs_evidence=guess.needs_evidence
            )
