"""Stage 4: put every candidate through the gates; the best that passes all of them wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from realign_local.data.records import Candidate, Sample
from realign_local.gates.gate import Case, Verdict
from realign_local.prompts import passage_text
from realign_local.reasons import Reason

Judge = Callable[[Case], Mapping[str, Verdict]]
"""A Case in, a verdict by gate out, in the order of the gates' importance."""


def verify(samples: Iterable[Sample], judge: Judge) -> Iterator[Sample]:
    """Samples with a reason, the checks of the text that was judged, and the chosen candidate.

    The candidates come in the order in which they are preferred (the greedy one first), so the
    first that passes is chosen; where none does, the first one's first failure is the reason.
    """
    for sample in samples:
        yield _verified(sample, judge) if sample.candidates else sample


def _verified(sample: Sample, judge: Judge) -> Sample:
    verdicts = [judge(_case(sample, candidate)) for candidate in sample.candidates]
    for number, found in enumerate(verdicts):
        if not any(verdict.outcome == "fail" for verdict in found.values()):
            return replace(sample, chosen=number, reason=Reason.ACCEPTED, checks=_outcomes(found))
    first = next(v for v in verdicts[0].values() if v.outcome == "fail")
    return replace(
        sample,
        reason=first.reason,
        detail=": ".join(text for text in (first.detail, first.span) if text),
        checks=_outcomes(verdicts[0]),
    )


def _case(sample: Sample, candidate: Candidate) -> Case:
    return Case(
        instruction="\n\n".join([*(turn.text for turn in sample.history), sample.instruction]),
        original=sample.original,
        rewritten=candidate.text,
        evidence=tuple(passage_text(passage) for passage in sample.evidence),
        task=sample.task,
        truncated=candidate.finish == "length",
    )


def _outcomes(found: Mapping[str, Verdict]) -> dict[str, str]:
    return {gate: verdict.outcome for gate, verdict in found.items()}
