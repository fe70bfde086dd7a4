"""A candidate while it is written: each piece is judged as it ends, and a bad one is tried again.

The engine waits for the verdict and goes back to where the piece began, so that nothing good is
written twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from realign_local import gates
from realign_local.data.records import Candidate, Sample
from realign_local.engine.request import Given, Request, Sampling
from realign_local.gates.gate import Case
from realign_local.layouts.pieces import Plan, finished_words, shown_as
from realign_local.prompts import passage_text

VERSION = 3
"""Part of the journal's keys: raise it whenever the rules below change."""

MOST_REWINDS = 3
"""Pieces that may be tried again in one candidate; what is bad after that is left to mending."""

WARMTH = Sampling(temperature=0.7, top_p=0.95)
"""How a piece is tried again where the run itself is greedy."""


def case_of(sample: Sample, candidate: Candidate) -> Case:
    """A candidate as the gates see it."""
    return Case(
        instruction="\n\n".join([*(turn.text for turn in sample.history), sample.instruction]),
        original=sample.original,
        rewritten=candidate.text,
        evidence=tuple(passage_text(passage) for passage in sample.evidence),
        task=sample.task,
        truncated=candidate.finish == "length",
    )


@dataclass(slots=True)
class Draft:
    """One candidate of a sample by its plan; without a plan (a free rewrite) everything stands."""

    sample: Sample
    plan: Plan | None
    request: Request
    warmth: Sampling = WARMTH
    rewinds: int = 0
    _spans: dict[int, str] = field(default_factory=dict)
    _standing: int = -1

    def verdict(self, part: int, text: str) -> bool | Sampling:
        """What to do about a piece that has just been written: it may stay, or how to try again."""
        if part <= self._standing:  # the engine had to begin the row anew
            self.rewinds, self._standing = 0, -1
        self._spans[part] = text
        if self._may_stay(part, text):
            self._standing = part
            return True
        self.rewinds += 1
        seed = self.request.sampling.seed + _SEEDS_APART * self.rewinds
        return replace(self.warmth, seed=seed)

    def _may_stay(self, part: int, text: str) -> bool:
        if self.plan is None or self.rewinds == MOST_REWINDS:
            return True
        return self._is_sound(self.plan, part, text) and not self._breaks_a_gate(self.plan, part)

    def _texts(self, end: int) -> list[str]:
        return [
            part.text if isinstance(part, Given) else self._spans.get(place, "")
            for place, part in enumerate(self.request.answer[:end])
        ]

    def _is_sound(self, plan: Plan, part: int, text: str) -> bool:
        piece = plan.pieces[part]
        if piece.motive and not piece.motive.explained_by(text):
            return False
        whole = finished_words(text) == text.rstrip()
        return not piece.is_paragraph or (whole and piece.demand.met_by(text))

    def _breaks_a_gate(self, plan: Plan, part: int) -> bool:
        """Whether a gate fails with this piece that holds without it, the rest being unwritten."""
        rest = [
            one.text if isinstance(one, Given) else "" for one in self.request.answer[part + 1 :]
        ]
        before = self._texts(part)
        failing = self._failing(plan, [*before, self._spans[part], *rest])
        return bool(failing) and not failing <= self._failing(plan, [*before, "", *rest])

    def _failing(self, plan: Plan, texts: Sequence[str]) -> set[str]:
        candidate = shown_as(Candidate("", "stop", 0, 0, 0), plan.compose(texts))
        verdicts = gates.judge(case_of(self.sample, candidate))
        return {name for name, verdict in verdicts.items() if verdict.outcome == "fail"}


_SEEDS_APART = 1 << 20
"""Far more than a row has candidates, so that no two of its attempts share a seed."""
