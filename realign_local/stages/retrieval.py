"""Stage 2: find evidence for the samples whose task asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from realign_local.base.criterion import Criteria
from realign_local.base.records import Passage, Sample, content_key
from realign_local.classifier.enclosed import brings_its_text
from realign_local.data.batches import batched
from realign_local.rewriting.plan import RewriteSettings, left_alone
from realign_local.stages.stage import Record

Search = Callable[[Sequence[str], int], Sequence[Sequence[Passage]]]
"""Queries and k in, up to k passages for each out, best first."""

VERSION = 2
"""Part of the journal's keys: raise it when an index gives other passages for the same request."""

BATCH = 32
QUERY_CHARS = 600
"""Encoders read a few hundred tokens; what a long request asks stands at its beginning."""


def retrieve(samples: Iterable[Sample], search: Search, *, passages: int) -> Iterator[Sample]:
    """Add `passages` passages to each sample."""
    for batch in batched(samples, BATCH):
        found = search([query_of(sample) for sample in batch], passages)
        for sample, evidence in zip(batch, found, strict=True):
            yield replace(sample, evidence=tuple(evidence))


def is_for_evidence(sample: Sample, criteria: Criteria) -> bool:
    """Whether passages would help: its task or the classifier says so, and it brings no text.

    A task that the row itself names is taken at its word; evidence that came with a row stays.
    """
    of_task = criteria[sample.task].needs_evidence
    if not (of_task or sample.needs_evidence):
        return False
    is_said = of_task and sample.task == sample.category
    return is_said or bool(sample.given_evidence) or not brings_its_text(sample.instruction)


def query_of(sample: Sample) -> str:
    """What is looked up for a sample."""
    return sample.instruction[:QUERY_CHARS]


def given_passages(sample: Sample) -> tuple[Passage, ...]:
    """The evidence that came with the row itself."""
    return tuple(
        Passage(f"row-{sample.index}-{number}", "", "", text)
        for number, text in enumerate(sample.given_evidence)
    )


@dataclass(frozen=True, slots=True)
class Retrieval:
    """`index` is its hash, "" for none; `passages` is how many are looked up for a sample."""

    criteria: Criteria
    settings: RewriteSettings
    index: str
    passages: int
    name: ClassVar[str] = "retrieve"

    def needs(self, sample: Sample) -> bool:
        """Whether it is a row that may be rewritten, asks for evidence and brings none itself."""
        if not self._is_asked(sample) or sample.given_evidence or not self.index:
            return False
        may_use_it = self.criteria[sample.task].rewrite
        return may_use_it and left_alone(sample, self.criteria, self.settings) is None

    def _is_asked(self, sample: Sample) -> bool:
        return bool(sample.task) and is_for_evidence(sample, self.criteria)

    def key(self, sample: Sample) -> str:
        """The index, what is looked up there, and how many passages."""
        return content_key(VERSION, self.index, self.passages, query_of(sample))

    def run(self, samples: Iterable[Sample], search: Search) -> Iterator[Sample]:
        """Samples with their passages."""
        return retrieve(samples, search, passages=self.passages)

    def to_record(self, sample: Sample) -> Record:
        """The passages."""
        return {"evidence": [asdict(passage) for passage in sample.evidence]}

    def apply(self, sample: Sample, record: Record | None) -> Sample:
        """The sample with what was found, or with what it brought."""
        if record is not None:
            found = tuple(Passage(**passage) for passage in record["evidence"])
            return replace(sample, evidence=found)
        if self._is_asked(sample) and sample.given_evidence:
            return replace(sample, evidence=given_passages(sample))
        return sample
