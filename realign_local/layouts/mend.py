"""Mend a candidate that broke a gate: leave out or word anew what the model wrote, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from realign_local.criteria import Criterion, Section
from realign_local.data.records import Candidate, Sample
from realign_local.gates import first_failure
from realign_local.gates.gate import Verdict
from realign_local.layouts.asked import plain_sentence
from realign_local.layouts.pieces import Origin, Stretch, shown_as, trimmed
from realign_local.layouts.plan import is_english

VERSION = 1
"""Part of the journal's keys: raise it whenever the rules below change."""

MOST_ROUNDS = 4
MOST_EDITS = 12
"""Bounds on the work for one candidate: rounds, and edits that are judged in each of them."""

ADDED = ("model", "evidence")
"""Origins of what a rewrite can do without."""

Judged = Callable[[Candidate], Mapping[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Mended:
    """A candidate that passes every gate, with the verdicts and what was done to get there."""

    candidate: Candidate
    verdicts: Mapping[str, Verdict]
    done: str


def mend(
    candidate: Candidate, sample: Sample, *, criterion: Criterion, judged: Judged
) -> Mended | None:
    """The candidate with as few as possible of the model's words exchanged or left out.

    Each round looks at the first gate that fails and tries the model's words one by one, those
    that the gate points at first. Where that leads nowhere, all of them go. None where a gate
    still fails then, or where nothing would be left of the rewrite.
    """
    verdicts = judged(candidate)
    failure = first_failure(verdicts)
    if not candidate.names or failure is None:
        return None
    edited: Candidate | None = candidate
    for _ in range(MOST_ROUNDS):
        if edited is None or failure is None:
            break
        edits = _edits(edited, sample, criterion, failure[1].span)
        edited, verdicts = _best_edit(edits, failure[0], judged)
        failure = first_failure(verdicts)
    if edited is None:
        edited = _without_the_model(candidate, sample, criterion)
        verdicts = judged(edited)
    if first_failure(verdicts) or edited.text.split() == sample.original.split():
        return None
    return Mended(edited, verdicts, _told(candidate, edited))


def _best_edit(
    edits: Iterator[Candidate], gate: str, judged: Judged
) -> tuple[Candidate | None, Mapping[str, Verdict]]:
    """The first edit that every gate passes, else the first that this gate and the layout pass."""
    best: tuple[Candidate | None, Mapping[str, Verdict]] = None, {}
    for edited in edits:
        verdicts = judged(edited)
        failure = first_failure(verdicts)
        if failure is None:
            return edited, verdicts
        if best[0] is None and failure[0] != "layout" and verdicts[gate].outcome != "fail":
            best = edited, verdicts
    return best


def _told(before: Candidate, after: Candidate) -> str:
    """Which sections lost words of the model, for a person."""
    gone = [
        one.section
        for one in _stretches(before)
        if one.origin in ADDED and one not in _stretches(after)
    ]
    return f"without what was added in: {', '.join(dict.fromkeys(gone))}"


def _edits(
    candidate: Candidate, sample: Sample, criterion: Criterion, span: str
) -> Iterator[Candidate]:
    """Candidates that differ in one stretch of the model's, the likeliest culprit first."""
    stretches = _stretches(candidate)
    written = [n for n, one in enumerate(stretches) if one.origin in ADDED]
    written.sort(key=lambda n: (not _overlap(stretches, n, span), -n))
    edits = (
        shown_as(candidate, trimmed(edited))
        for n in written
        for edited in _ways(stretches, n, sample, criterion, pick=candidate.seed)
    )
    yield from (edited for edited, _ in zip(edits, range(MOST_EDITS), strict=False))


def _overlap(stretches: Sequence[Stretch], place: int, span: str) -> bool:
    """Whether a gate points at this stretch, or at a sentence that it is a part of."""
    text, found = stretches[place].text.strip(), span.strip()
    return bool(found and text) and (found in text or text in found)


def _stretches(candidate: Candidate) -> list[Stretch]:
    known = {origin: origin for origin in get_args(Origin)}
    return [
        Stretch(known[origin], text, name)
        for (origin, text), name in zip(candidate.sections, candidate.names, strict=True)
    ]


def _ways(
    stretches: Sequence[Stretch], place: int, sample: Sample, criterion: Criterion, *, pick: int
) -> Iterator[list[Stretch]]:
    """All stretches without one of the model's: what takes its place comes first, if anything."""
    one = stretches[place]
    section = next((s for s in criterion.layout if s.name == one.section), None)
    if section is None or section.kind == "free":
        return
    before = stretches[place - 1] if place else None
    if section.kind == "items" or (
        before and before.text.endswith(":") and section.kind != "write"
    ):
        yield _without_note(stretches, place)
        return
    yield from _without_paragraph(stretches, section, sample, pick=pick)


def _without_note(stretches: Sequence[Stretch], place: int) -> list[Stretch]:
    """Without a label or a reason, and without the marks that lead to it."""
    edited = list(stretches)
    before = edited[place - 1]
    if before.text.endswith("**"):
        edited[place - 1] = replace(before, text=before.text.removesuffix("**"))
        edited[place + 1] = replace(
            edited[place + 1], text=edited[place + 1].text.removeprefix(":** ")
        )
    elif before.origin == "given":
        edited[place - 1] = replace(before, text=before.text.removesuffix(":"))
    del edited[place]
    return edited


def _without_paragraph(
    stretches: Sequence[Stretch], section: Section, sample: Sample, *, pick: int
) -> Iterator[list[Stretch]]:
    """The section in plain words of the program's, then the whole without it."""
    first = next(n for n, one in enumerate(stretches) if one.section == section.name)
    others = [one for one in stretches if one.section != section.name]
    gap = [stretches[first]] if not stretches[first].text.strip() else []
    text = plain_sentence(section, sample, pick=pick) if is_english(sample.original) else ""
    if text:
        plain = [*gap, Stretch("given", text, section.name)]
        yield [*others[:first], *plain, *others[first:]]
    yield others


def _without_the_model(candidate: Candidate, sample: Sample, criterion: Criterion) -> Candidate:
    """Every stretch of the model's exchanged or left out."""
    stretches = _stretches(candidate)
    while places := [n for n, one in enumerate(stretches) if one.origin in ADDED]:
        edited = next(
            _ways(stretches, places[0], sample, criterion, pick=candidate.seed),
            [one for n, one in enumerate(stretches) if n != places[0]],
        )
        stretches = edited
    return shown_as(candidate, trimmed(stretches))
