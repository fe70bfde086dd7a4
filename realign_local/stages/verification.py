"""Stage 4: put every candidate through the gates; what is proven and passes them all is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from realign_local.base.records import Sample
from realign_local.gates import first_failure
from realign_local.gates.gate import Case, Verdict
from realign_local.rewriting.choose import case_of, settled, undecided

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
