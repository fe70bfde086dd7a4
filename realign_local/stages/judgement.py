"""Stage 5: whether a rewrite that no rule can prove is better than what it replaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from realign_local.base.records import Sample, content_key
from realign_local.rewriting.choose import base, preferred, settled, undecided
from realign_local.rewriting.judge import PROMPT, AnswerPair, Generate, Preference, preferences
from realign_local.stages.stage import Record, reason_of, reason_to_record

VERSION = f"1 {PROMPT.sha256}"
"""Part of the journal's keys: raise the number whenever the way of judging changes."""

MARGIN = 0.3
"""By how much a rewrite must be preferred, in logarithms of odds. Of 150 pairs with labels by
people, a 1.5B model was right in 59 %, and in 73 % of the quarter with a margin above this one
(benchmarks/LOG.md)."""


def prefer(samples: Iterable[Sample], generate: Generate, *, margin: float) -> Iterator[Sample]:
    """Samples with the candidate that the judge prefers, or with what stands without one.

    They come when all of them have been asked about; hand in a slice of a large dataset at a time.
    """
    waiting = {str(place): sample for place, sample in enumerate(samples)}
    found: dict[str, dict[int, Preference]] = {place: {} for place in waiting}
    asked = (
        _pair(place, sample, number)
        for place, sample in waiting.items()
        for number in undecided(sample)
    )
    for key, preference in preferences(asked, generate):
        place, number = key.split("/")
        found[place][int(number)] = preference
    for place, sample in waiting.items():
        yield preferred(sample, found[place], margin=margin)


def _pair(place: str, sample: Sample, number: int) -> AnswerPair:
    stands = replace(sample, chosen=base(sample)).rewritten
    return AnswerPair(
        f"{place}/{number}", sample.instruction, stands, sample.candidates[number].text
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """`distrust` says why the model's judgement is not worth asking for, "" where it is; `before`
    gives what the key of the gates' verdict is made of.
    """

    distrust: str
    before: Callable[[Sample], tuple[object, ...]]
    name: ClassVar[str] = "judge"

    def needs(self, sample: Sample) -> bool:
        """Whether there is a candidate that only a judge can prefer."""
        return bool(undecided(sample))

    def key(self, sample: Sample) -> str:
        """What the judge is shown, and which judge."""
        asked = (VERSION, self.distrust, sample.passed)
        return content_key(*self.before(sample), asked)

    def run(self, samples: Iterable[Sample], generate: Generate) -> Iterator[Sample]:
        """Samples with the judge's word on them, or without where this model is not asked."""
        if self.distrust:
            return (settled(sample, why_not=self.distrust) for sample in samples)
        return prefer(samples, generate, margin=MARGIN)

    def to_record(self, sample: Sample) -> Record:
        """Which candidate is taken, and by what margin."""
        return {
            "chosen": sample.chosen,
            "margin": sample.margin,
            **reason_to_record(sample),
        }

    def apply(self, sample: Sample, record: Record | None) -> Sample:
        """The sample with the judge's word on it."""
        if record is None:
            return sample
        return replace(
            sample,
            chosen=record["chosen"],
            margin=record["margin"],
            reason=reason_of(record),
            detail=record["detail"],
        )
