"""Which candidate takes the response's place: proven by rule first, else what the judge prefers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from realign_local.base.reasons import Reason
from realign_local.base.records import Candidate, Sample
from realign_local.gates.gate import Case
from realign_local.rewriting.editor import passage_text
from realign_local.rewriting.judge import Preference


def case_of(sample: Sample, candidate: Candidate) -> Case:
    """A candidate as the gates see it."""
    return Case(
        instruction="\n\n".join([*(turn.text for turn in sample.history), sample.instruction]),
        original=sample.original,
        rewritten=candidate.text,
        evidence=tuple(passage_text(passage) for passage in sample.evidence),
        # The layout of a task is asked of whoever rewrites, not of what the program sets right.
        task="" if candidate.proven else sample.task,
        truncated=candidate.finish == "length",
    )


def base(sample: Sample) -> int:
    """The number of the first proven candidate that passes the gates; -1 is the original."""
    return next((n for n in sample.passed if sample.candidates[n].proven), -1)


def undecided(sample: Sample) -> tuple[int, ...]:
    """The candidates that pass the gates and that only a judge can prefer."""
    if sample.reason is not None:
        return ()
    return tuple(n for n in sample.passed if not sample.candidates[n].proven)


def settled(sample: Sample, *, why_not: str = "") -> Sample:
    """The sample without its undecided candidates: the proven one, or else the original stays."""
    number = base(sample)
    if number < 0:
        return replace(sample, reason=Reason.NOT_BETTER, detail=why_not)
    return replace(sample, chosen=number, reason=Reason.ACCEPTED)


def preferred(sample: Sample, found: Mapping[int, Preference], *, margin: float) -> Sample:
    """The sample with the candidate that the judge prefers most, by `margin` and in both orders."""
    won = {n: p.margin for n, p in found.items() if p.agrees and p.margin >= margin}
    if not won:
        return settled(sample, why_not="the judge does not prefer it in both orders")
    number = max(won, key=lambda n: (won[n], -n))
    return replace(sample, chosen=number, margin=round(won[number], 3), reason=Reason.ACCEPTED)
