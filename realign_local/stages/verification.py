"""Stage 4: put every candidate through the gates; what is proven and passes them all is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from realign_local.base.records import Sample, content_key
from realign_local.gates import first_failure
from realign_local.gates.gate import Case, Verdict
from realign_local.rewriting.choose import case_of, settled, undecided
from realign_local.stages.stage import Record, reason_of, reason_to_record

Check = Callable[[Case], Mapping[str, Verdict]]
"""A Case in, a verdict by gate out, in the order of the gates' importance."""


def verify(samples: Iterable[Sample], check: Check) -> Iterator[Sample]:
    """Samples with the checks of the text that was judged, and the candidate that is taken.

    A sample that has candidates only a judge can prefer is left open, its reason None. Where no
    candidate passes, the first one's first failure is the reason.
    """
    for sample in samples:
        yield _verified(sample, check) if sample.candidates else sample


def _verified(sample: Sample, check: Check) -> Sample:
    found = [check(case_of(sample, candidate)) for candidate in sample.candidates]
    passed = tuple(n for n, verdicts in enumerate(found) if first_failure(verdicts) is None)
    if not passed:
        return _turned_down(sample, found[0])
    known = replace(sample, passed=passed, checks=_outcomes(found[passed[0]]))
    return known if undecided(known) else settled(known)


def _turned_down(sample: Sample, found: Mapping[str, Verdict]) -> Sample:
    first = next(v for v in found.values() if v.outcome == "fail")
    return replace(
        sample,
        reason=first.reason,
        detail=": ".join(text for text in (first.detail, first.span) if text),
        checks=_outcomes(found),
    )


def _outcomes(found: Mapping[str, Verdict]) -> dict[str, str]:
    return {gate: verdict.outcome for gate, verdict in found.items()}


@dataclass(frozen=True, slots=True)
class Verification:
    """`gates` is a hash of the gates and their thresholds; `before` gives what the key of the
    candidates themselves is made of.
    """

    gates: str
    before: Callable[[Sample], tuple[object, ...]]
    name: ClassVar[str] = "verify"

    def needs(self, sample: Sample) -> bool:
        """Whether there is anything to be judged."""
        return bool(sample.candidates)

    def key(self, sample: Sample) -> str:
        """The gates and what they see."""
        return content_key(*self.parts(sample))

    def parts(self, sample: Sample) -> tuple[object, ...]:
        """What the key is made of."""
        texts = [(c.text, c.finish, c.proven) for c in sample.candidates]
        return (self.gates, *self.before(sample), texts)

    def run(self, samples: Iterable[Sample], check: Check) -> Iterator[Sample]:
        """Samples with the gates' word on them."""
        return verify(samples, check)

    def to_record(self, sample: Sample) -> Record:
        """Which candidates passed, which one is taken, and the checks."""
        return {
            "passed": sample.passed,
            "chosen": sample.chosen,
            **reason_to_record(sample),
            "checks": dict(sample.checks),
        }

    def apply(self, sample: Sample, record: Record | None) -> Sample:
        """The sample with the gates' word on it."""
        if record is None:
            return sample
        return replace(
            sample,
            passed=tuple(record["passed"]),
            chosen=record["chosen"],
            reason=reason_of(record),
            detail=record["detail"],
            checks=record["checks"],
        )
