"""Scores of the responses of a dataset, or of a finished run before and after; kept by content."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from realign_local.base.atomic import write_lines
from realign_local.base.criterion import Criteria
from realign_local.base.progress import Progress
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.data.batches import batched
from realign_local.data.conversation import Turns
from realign_local.data.formats import Dataset, Row, annotate
from realign_local.rewriting.scorer import AnswerToScore, Scorer
from realign_local.rewriting.scores import GOOD, Scale, Scores, as_columns, overall
from realign_local.run.files.finished import FinishedRun
from realign_local.run.files.run_scores import ScoredResponse

BATCH = 128
Record = Callable[[ScoredResponse], None]


def not_kept(_one: ScoredResponse) -> None:
    """For who wants no record of each response."""


class Sides(NamedTuple):
    """One response: as it is, and, in a run, as it was; the same text where nothing changed."""

    sample: Sample
    task: str
    now: str
    before: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What has to be scored: one text, or two that differ."""
        both = (self.now, self.before) if self.before is not None else (self.now,)
        return tuple(dict.fromkeys(both))


@dataclass(slots=True)
class Means:
    """Running means by scale and side, and how many are good on both scales."""

    sums: dict[tuple[Scale, str], float] = field(default_factory=dict)
    counts: dict[tuple[Scale, str], int] = field(default_factory=dict)
    good: dict[str, int] = field(default_factory=dict)

    def add(self, side: str, scores: Mapping[Scale, float]) -> None:
        """Count the scores of one answer."""
        for scale, value in scores.items():
            self.sums[scale, side] = self.sums.get((scale, side), 0.0) + value
            self.counts[scale, side] = self.counts.get((scale, side), 0) + 1
        both = overall(scores)
        if both is not None:
            self.good[side] = self.good.get(side, 0) + (both >= GOOD)

    def of(self, scale: Scale, side: str) -> float | None:
        """The mean; None where nothing was scored."""
        count = self.counts.get((scale, side), 0)
        return round(self.sums[scale, side] / count, 4) if count else None


@dataclass(slots=True)
class ScoreSummary:
    """What `realign score` tells at its end; `asked` counts the answers that were not known yet."""

    rows: int = 0
    responses: int = 0
    asked: int = 0
    means: Means = field(default_factory=Means)

    def add(self, side: Sides, told: Mapping[str, Scores]) -> dict[str, float]:
        """Count a response by the scores of its texts; returns its columns."""
        self.responses += 1
        if side.before is None:
            self.means.add("now", told[side.now])
            return as_columns(told[side.now])
        self.means.add("after", told[side.now])
        self.means.add("before", told[side.before])
        return as_columns(told[side.now], told[side.before])

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        sides = sorted({side for _, side in self.means.counts}, reverse=True)
        scales = sorted({scale for scale, _ in self.means.counts})
        return {
            "rows": self.rows,
            "responses": self.responses,
            "asked": self.asked,
            **{scale: {side: self.means.of(scale, side) for side in sides} for scale in scales},
            "good": {side: self.means.good.get(side, 0) for side in sides},
        }


def of_dataset(dataset: Dataset, turns: Turns = "last") -> Iterator[tuple[Row, list[Sides]]]:
    """The responses of a dataset, row by row; rows without one have none."""
    for row in dataset.rows(turns=turns):
        readable = [s for s in row.samples if s.reason is None and s.original.strip()]
        yield row, [Sides(sample, sample.category, sample.original) for sample in readable]


def of_run(run: FinishedRun) -> Iterator[tuple[Row, list[Sides]]]:
    """The responses of a finished run with what they were."""
    for row, records in run.rows():
        samples = {sample.turn: sample for sample in row.samples if sample.reason is None}
        known = [record for record in records if int(record["turn"]) in samples]
        yield (
            row,
            [
                Sides(samples[int(one["turn"])], one["task"], one["rewritten"], one["original"])
                for one in known
                if one["reason"] != Reason.MALFORMED_ROW.value and one["rewritten"].strip()
            ],
        )


def score(
    rows: Iterable[tuple[Row, list[Sides]]],
    scorer: Scorer,
    *,
    criteria: Criteria | None = None,
    output: Path | None = None,
    record: Record = not_kept,
    progress: Progress,
) -> ScoreSummary:
    """Score all responses; with `output` the rows are written with their scores as columns.

    The columns are realign_helpfulness, realign_accuracy and, with `criteria`, realign_fit, those
    of a run's originals with _before; of a row with several responses the last one's. `record`
    takes each response of a run.
    """
    summary = ScoreSummary()
    lines = _scored_rows(rows, scorer, criteria, summary, record, progress)
    if output:
        write_lines(output, lines)
    else:
        deque(lines, maxlen=0)
    summary.asked = scorer.asked
    return summary


def _form(side: Sides, criteria: Criteria | None) -> str:
    return criteria[side.task].format if criteria and side.task in criteria else ""


def _scored_rows(
    rows: Iterable[tuple[Row, list[Sides]]],
    scorer: Scorer,
    criteria: Criteria | None,
    summary: ScoreSummary,
    record: Record,
    progress: Progress,
) -> Iterator[str]:
    for some in batched(rows, BATCH):
        wanted = [
            AnswerToScore(side.sample.instruction, text, _form(side, criteria))
            for _, sides in some
            for side in sides
            for text in side.texts
        ]
        parts = sum(2 if one.form else 1 for one in wanted)
        found = iter(scorer.scores(wanted, done=_in_rows(len(some), parts, progress)))
        for row, sides in some:
            summary.rows += 1
            columns: dict[str, float] = {}
            for side in sides:
                told = {text: next(found) for text in side.texts}
                columns = summary.add(side, told)
                if side.before is not None:
                    both = told[side.before], told[side.now]
                    at = side.sample.index, side.sample.turn
                    record(ScoredResponse(*at, side.task, *both))
            yield annotate(row.render({}), columns) if columns else row.render({})


def _in_rows(rows: int, parts: int, progress: Progress) -> Callable[[int], None]:
    """Tells the progress in rows what is done in parts of answers, as if all had equally many."""
    seen = 0

    def done(count: int) -> None:
        nonlocal seen
        before, seen = seen, seen + count
        if steps := rows * seen // parts - rows * before // parts if parts else rows:
            progress.advance(steps)

    return done
