"""A candidate while it is written: each piece is judged as it ends, and a bad one is tried again.

The engine stops at a piece that is turned down. The request for the rest gives it back what stands
before that piece, so that nothing good is written twice, and another seed.
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

VERSION = 1
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
    """One candidate of a sample by its plan; without a plan (a free rewrite) everything stands.

    `spent_tokens` went into pieces that were turned down.
    """

    sample: Sample
    plan: Plan | None
    request: Request
    warmth: Sampling = WARMTH
    rewinds: int = 0
    spent_tokens: int = 0
    turned_down: int = -1
    _spans: dict[int, str] = field(default_factory=dict)

    def stands(self, part: int, text: str) -> bool:
        """Whether a piece that has just been written may stay; remembers it either way."""
        self._spans[part] = text
        if self.plan is None or self.rewinds == MOST_REWINDS:
            return True
        if not self._is_sound(self.plan, part, text) or self._breaks_a_gate(self.plan, part):
            self.turned_down = part
        return self.turned_down < 0

    def once_more(self, *, spent_tokens: int) -> Request:
        """The request for the rest of the answer from the piece on that was turned down."""
        part, self.turned_down = self.turned_down, -1
        self.rewinds += 1
        self.spent_tokens += spent_tokens
        standing = (Given(text) for text in self._texts(part))
        seed = self.request.sampling.seed + _SEEDS_APART * self.rewinds
        return replace(
            self.request,
            answer=(*standing, *self.request.answer[part:]),
            sampling=replace(self.warmth, seed=seed),
        )

    def _texts(self, end: int) -> list[str]:
        return [
            part.text if isinstance(part, Given) else self._spans.get(place, "")
            for place, part in enumerate(self.request.answer[:end])
        ]

    def _is_sound(self, plan: Plan, part: int, text: str) -> bool:
        piece = plan.pieces[part]
        if piece.is_prose and finished_words(text) != text.rstrip():
            return False
        if piece.motive and not piece.motive.explained_by(text):
            return False
        return not piece.is_paragraph or piece.demand.met_by(text)

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
