"""Stage 6, only where it is asked for: what the model scores too low does not replace anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from typing import ClassVar

from realign_local.base.reasons import Reason
from realign_local.base.records import Sample, content_key
from realign_local.rewriting.scorer import AnswerToScore, ScoreAnswers
from realign_local.rewriting.scores import WORDING, Scores, overall
from realign_local.stages.stage import Record, reason_of, reason_to_record

BY_SCORE = "by its score: "
"""So begins the detail of a rewrite that the rule turned down, and of no other."""


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """`least` is what a rewrite must reach on both scales, 0 to 5; with `not_worse` no scale of it
    may be below the original's.
    """

    least: float = 0.0
    not_worse: bool = False

    @property
    def is_set(self) -> bool:
        """Whether anything is to be scored."""
        return self.least > 0 or self.not_worse


@dataclass(frozen=True, slots=True)
class Scoring:
    """`model` is its hash."""

    rule: ScoreRule
    model: str
    name: ClassVar[str] = "score"

    def needs(self, sample: Sample) -> bool:
        """Whether it has a rewrite that would be taken."""
        return self.rule.is_set and sample.chosen >= 0

    def key(self, sample: Sample) -> str:
        """The questions, the model, the rule, and all that decides which texts are compared.

        Not the text that stands: the rule may change that, and the result is found by this key.
        """
        texts = [(one.text, one.proven) for one in sample.candidates]
        chosen_by = (texts, sample.passed, sample.margin)
        asked = (WORDING, self.model, astuple(self.rule))
        return content_key(*asked, sample.instruction, sample.original, chosen_by)

    def run(self, samples: Iterable[Sample], score: ScoreAnswers) -> Iterator[Sample]:
        """The samples as they were, or with the original where the rule says so.

        They come when all have been asked about; hand in a slice of a large dataset at a time.
        """
        waiting = list(samples)
        texts = [
            (one.instruction, text) for one in waiting for text in (one.original, one.rewritten)
        ]
        found = score([AnswerToScore(*text) for text in texts])
        for sample, before, after in zip(waiting, found[::2], found[1::2], strict=True):
            why = self._against(before, after)
            yield sample if not why else _turned_down(sample, why)

    def _against(self, before: Scores, after: Scores) -> str:
        """What speaks against the rewrite; "" where nothing does."""
        reached = overall(after)
        if reached is None:
            return "the model could tell none"
        if reached < self.rule.least:
            return f"{reached:.2f}, {self.rule.least:g} are asked for"
        if self.rule.not_worse:
            for scale, value in before.items():
                if after[scale] < value:
                    return f"its {scale} is {after[scale]:.2f}, the original's {value:.2f}"
        return ""

    def to_record(self, sample: Sample) -> Record:
        """Whether the rewrite still stands, and why not."""
        return {"chosen": sample.chosen, **reason_to_record(sample)}

    def apply(self, sample: Sample, record: Record | None) -> Sample:
        """The sample as the rule left it."""
        if record is None:
            return sample
        return replace(
            sample,
            chosen=record["chosen"],
            reason=reason_of(record),
            detail=record["detail"],
        )


def _turned_down(sample: Sample, why: str) -> Sample:
    return replace(sample, chosen=-1, reason=Reason.NOT_BETTER, detail=f"{BY_SCORE}{why}")
