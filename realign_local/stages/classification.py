"""Stage 1: give every sample its task and how sure the classifier is of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from realign_local.base.criterion import Criteria
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample, content_key
from realign_local.classifier.guess import Guess
from realign_local.data.batches import batched
from realign_local.rewriting.evident import known_task, ruled_out
from realign_local.stages.stage import Record

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
            yield _labelled(sample, guess, evident)


def _labelled(sample: Sample, guess: Guess, evident: str) -> Sample:
    """What the response rules out goes to the next best task."""
    if evident:
        needs = guess.needs_evidence
        return replace(sample, task=evident, confidence=1.0, second="", needs_evidence=needs)
    guess = guess.without(ruled_out(sample.original))
    return replace(
        sample,
        task=guess.task,
        confidence=guess.confidence,
        second=guess.second,
        needs_evidence=guess.needs_evidence,
    )


@dataclass(frozen=True, slots=True)
class Classification:
    """`classifier` is a hash of who decides. With `routes`, where there is an index, it is also
    asked whether rows of a known task need evidence, if their task leaves that open. Where nobody
    is asked, `unknown` is the task of the rows that show none.
    """

    criteria: Criteria
    classifier: str
    routes: bool
    unknown: str = ""
    name: ClassVar[str] = "classify"

    def needs(self, sample: Sample) -> bool:
        """Whether its task, or whether to look it up, is not plain from the row itself."""
        if self.unknown or sample.reason is Reason.MALFORMED_ROW:
            return False
        task = known_task(sample, self.criteria)
        return not task or self._is_open(task)

    def _is_open(self, task: str) -> bool:
        criterion = self.criteria[task]
        return self.routes and criterion.rewrite and not criterion.needs_evidence

    def key(self, sample: Sample) -> str:
        """The request and who reads it, and what the response says about the task."""
        if known := known_task(sample, self.criteria):
            return content_key(self.classifier, sample.instruction, known)
        return content_key(self.classifier, sample.instruction, sorted(ruled_out(sample.original)))

    def run(self, samples: Iterable[Sample], label: Label) -> Iterator[Sample]:
        """Samples with their tasks."""
        return classify(samples, label, tasks=self.criteria, route=self.routes)

    def to_record(self, sample: Sample) -> Record:
        """Task, confidence, a task that is near, and whether to look it up."""
        return {
            "task": sample.task,
            "confidence": sample.confidence,
            "second": sample.second,
            "needs_evidence": sample.needs_evidence,
        }

    def apply(self, sample: Sample, record: Record | None) -> Sample | None:
        """The sample with its task; a task that is none any more is of no use."""
        if record is not None:
            return replace(sample, **record) if record["task"] in self.criteria else None
        if sample.reason is Reason.MALFORMED_ROW:
            return sample
        if task := known_task(sample, self.criteria):
            return replace(sample, task=task, confidence=1.0)
        return replace(sample, task=self.unknown, confidence=0.0)
