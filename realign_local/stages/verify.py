"""Stage 4: put every candidate through the gates; the best that passes all of them wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from realign_local.criteria import Criteria
from realign_local.data.records import Candidate, Sample
from realign_local.gates import first_failure
from realign_local.gates.gate import Case, Verdict
from realign_local.layouts.choose import merit
from realign_local.layouts.draft import case_of
from realign_local.layouts.mend import mend
from realign_local.reasons import Reason

Judge = Callable[[Case], Mapping[str, Verdict]]
"""A Case in, a verdict by gate out, in the order of the gates' importance."""


@dataclass(frozen=True, slots=True)
class _Passed:
    """A candidate that passes every gate, by its number; `mended` with what was done to it."""

    number: int
    candidate: Candidate
    verdicts: Mapping[str, Verdict]
    mended: str = ""


def verify(samples: Iterable[Sample], judge: Judge, *, criteria: Criteria) -> Iterator[Sample]:
    """Samples with a reason, the checks of the text that was judged, and the chosen candidate.

    Of the candidates that pass every gate the one of most merit is chosen, and among equals the
    first (the greedy one). Where none passes, candidates are mended by leaving out what the model
    wrote; where that does not help either, the first one's first failure is the reason.
    """
    for sample in samples:
        yield _verified(sample, judge, criteria) if sample.candidates else sample


def _verified(sample: Sample, judge: Judge, criteria: Criteria) -> Sample:
    verdicts = [judge(case_of(sample, candidate)) for candidate in sample.candidates]
    passed = [
        _Passed(number, candidate, found)
        for number, (candidate, found) in enumerate(zip(sample.candidates, verdicts, strict=True))
        if first_failure(found) is None
    ]
    passed = passed or list(_mended(sample, judge, criteria))
    if not passed:
        return _turned_down(sample, verdicts[0])
    best = max(passed, key=lambda one: (merit(sample, one.candidate.text), -one.number))
    return replace(
        sample,
        chosen=best.number,
        mended=best.candidate if best.mended else None,
        reason=Reason.ACCEPTED,
        detail=best.mended,
        checks=_outcomes(best.verdicts),
    )


def _mended(sample: Sample, judge: Judge, criteria: Criteria) -> Iterator[_Passed]:
    for number, candidate in enumerate(sample.candidates):
        found = mend(
            candidate,
            sample,
            criterion=criteria[sample.task],
            judged=lambda edited: judge(case_of(sample, edited)),
        )
        if found:
            yield _Passed(number, found.candidate, found.verdicts, found.done)


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
