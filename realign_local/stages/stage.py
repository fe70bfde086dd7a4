"""What a stage is: the work on a row, what its result hangs on, and how that is kept and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from realign_local.base.reasons import Reason
from realign_local.base.records import Sample

Record = Mapping[str, Any]
"""What the journal keeps of a stage's work on one sample; JSON-able."""


class Stage(Protocol):
    """One step on a sample's way. Each has a `run` of its own beside, as each works with other
    tools: samples that need it in, samples with what it found out of them out.
    """

    @property
    def name(self) -> str:
        """What the journal and the progress call it."""
        ...

    def needs(self, sample: Sample) -> bool:
        """Whether there is work for a sample that all stages before have left behind them."""
        ...

    def key(self, sample: Sample) -> str:
        """A hash of everything that decides the result."""
        ...

    def to_record(self, sample: Sample) -> Record:
        """What has to be kept of a sample that comes from `run`."""
        ...

    def apply(self, sample: Sample, record: Record | None) -> Sample | None:
        """The sample as it leaves the stage: by its record, or None for one that needs no work.

        Returns None where the record is of no use any more.
        """
        ...


def reason_of(record: Record) -> Reason | None:
    """The reason in a record."""
    return None if record["reason"] is None else Reason(record["reason"])


def reason_to_record(sample: Sample) -> Record:
    """The reason of a sample and its detail."""
    return {
        "reason": None if sample.reason is None else sample.reason.value,
        "detail": sample.detail,
    }
