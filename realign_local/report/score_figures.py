"""What the report counts over the scores of a run, one response at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from realign_local.rewriting.scores import GOOD, Scale, Scores, overall
from realign_local.run.files.run_scores import RunScores, ScoredResponse

Side = Literal["before", "after"]
SIDES: tuple[Side, ...] = ("before", "after")
SCORE_BINS, SCORE_BIN = 20, 0.25
"""From 0 to 5."""
FIT_BINS, FIT_BIN = 30, 0.1
FIT_LEAST = -1.5
"""Of a token, in natural logarithms; the first and the last bin hold all that is beyond."""


@dataclass(slots=True)
class Spread:
    """A histogram of one scale by side, and what its means are made of."""

    least: float
    bin: float
    bins: int
    counts: dict[str, list[int]] = field(default_factory=dict)
    sums: dict[Side, float] = field(default_factory=dict)

    def add(self, side: Side, value: float) -> None:
        """Take one more score into account."""
        counts = self.counts.setdefault(side, [0] * self.bins)
        place = int((value - self.least) / self.bin + 1e-9) if value > self.least else 0
        counts[min(place, self.bins - 1)] += 1
        self.sums[side] = self.sums.get(side, 0.0) + value

    def mean(self, side: Side) -> float | None:
        """None where nothing was scored."""
        of = sum(self.counts.get(side, ()))
        return self.sums[side] / of if of else None


@dataclass(slots=True)
class Good:
    """How many responses were scored on both scales, and how many reach the mark on both."""

    of: Counter[Side] = field(default_factory=Counter)
    good: Counter[Side] = field(default_factory=Counter)
    sums: dict[Side, float] = field(default_factory=lambda: {"before": 0.0, "after": 0.0})

    def add(self, side: Side, scores: Scores) -> None:
        """Take one more answer into account."""
        if (both := overall(scores)) is not None:
            self.of[side] += 1
            self.good[side] += both >= GOOD
            self.sums[side] += both


def _spreads() -> dict[Scale, Spread]:
    return {
        "helpfulness": Spread(0.0, SCORE_BIN, SCORE_BINS),
        "accuracy": Spread(0.0, SCORE_BIN, SCORE_BINS),
        "fit": Spread(FIT_LEAST, FIT_BIN, FIT_BINS),
    }


@dataclass(slots=True)
class ScoreFigures:
    """Counts that grow with the number of tasks, not of responses."""

    model: str
    judge: str
    responses: int = 0
    changed: int = 0
    spreads: dict[Scale, Spread] = field(default_factory=_spreads)
    total: Good = field(default_factory=Good)
    tasks: dict[str, Good] = field(default_factory=dict)

    def count(self, one: ScoredResponse) -> None:
        """Take one more response into account."""
        self.responses += 1
        self.changed += one.before != one.after
        sides: tuple[tuple[Side, Scores], ...] = (("before", one.before), ("after", one.after))
        for side, scores in sides:
            for scale, value in scores.items():
                self.spreads[scale].add(side, value)
            self.total.add(side, scores)
            self.tasks.setdefault(one.task or "(none)", Good()).add(side, scores)


def score_figures(scores: RunScores) -> ScoreFigures:
    """The figures of all responses of a run."""
    figures = ScoreFigures(scores.model, scores.judge)
    for one in scores.responses():
        figures.count(one)
    return figures
