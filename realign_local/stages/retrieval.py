"""Stage 2: find evidence for the samples whose task asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from realign_local.base.records import Passage, Sample
from realign_local.data.batches import batched

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


def query_of(sample: Sample) -> str:
    """What is looked up for a sample."""
    return sample.instruction[:QUERY_CHARS]


def given_passages(sample: Sample) -> tuple[Passage, ...]:
    """The evidence that came with the row itself."""
    return tuple(
        Passage(f"row-{sample.index}-{number}", "", "", text)
        for number, text in enumerate(sample.given_evidence)
    )
