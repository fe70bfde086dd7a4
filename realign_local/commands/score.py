"""Scores of the responses of a dataset, or of a finished run before and after; kept by content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from realign_local.base.atomic import write_lines
from realign_local.base.criterion import Criteria
from realign_local.base.progress import Progress
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample, content_key
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset, Row, annotate
from realign_local.engine.request import Completion
from realign_local.rewriting.judge import Generate
from realign_local.rewriting.scores import PROMPT, Scale, Scored, overall, questions, scores_of
from realign_local.run.files.finished import FinishedRun
from realign_local.run.files.journal import Journal

STAGE = "score"
BATCH = 128
GOOD = 4.5
"""What AlpaGasus keeps: 9,229 of 52,002 rows (arXiv 2307.08701)."""


class Sides(NamedTuple):
    """One response: as it is, and, in a run, as it was; the same text where nothing changed."""

    sample: Sample
    now: str
    before: str | None


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


def of_dataset(dataset: Dataset) -> Iterator[tuple[Row, list[Sides]]]:
    """The responses of a dataset, row by row; rows without one have none."""
    for row in dataset.rows():
        readable = [s for s in row.samples if s.reason is None and s.original.strip()]
        yield row, [Sides(sample, sample.original, None) for sample in readable]


def of_run(run: FinishedRun) -> Iterator[tuple[Row, list[Sides]]]:
    """The responses of a finished run with what they were."""
    for row, records in run.rows():
        samples = {sample.turn: sample for sample in row.samples if sample.reason is None}
        known = [record for record in records if int(record["turn"]) in samples]
        yield (
            row,
            [
                Sides(samples[int(one["turn"])], one["rewritten"], one["original"])
                for one in known
                if one["reason"] != Reason.MALFORMED_ROW.value and one["rewritten"].strip()
            ],
        )


class Scorer:
    """Asks a model about answers, each once: what is known by content is not asked again."""

    def __init__(
        self, generate: Generate, *, model: str, known: Journal | None, criteria: Criteria | None
    ) -> None:
        self._generate = generate
        self._model = model
        self._known = known
        self._criteria = criteria
        self.asked = 0

    def scores(self, answers: Iterable[tuple[Sample, str]]) -> list[dict[Scale, float]]:
        """The scores of some answers, in their order."""
        wanted = [self._scored(sample, answer) for sample, answer in answers]
        found = {one.key: held for one in wanted if (held := self._recalled(one.key)) is not None}
        new = {one.key: one for one in wanted if one.key not in found}
        done: dict[str, dict[str, Completion]] = {key: {} for key in new}
        for completion in self._generate(r for one in new.values() for r in questions(one)):
            question, key = completion.key.split("|", 1)
            done[key][question] = completion
        made = {key: scores_of(completions) for key, completions in done.items()}
        self.asked += len(made)
        if self._known and made:
            self._known.put(STAGE, made)
        return [{**found, **made}[one.key] for one in wanted]

    def _scored(self, sample: Sample, answer: str) -> Scored:
        form = ""
        if self._criteria and sample.category in self._criteria:
            form = self._criteria[sample.category].format
        key = content_key(PROMPT.sha256, self._model, sample.instruction, answer, form)
        return Scored(key, sample.instruction, answer, form)

    def _recalled(self, key: str) -> dict[Scale, float] | None:
        held = self._known.get(STAGE, key) if self._known else None
        return held if isinstance(held, dict) and held else None


def score(
    rows: Iterable[tuple[Row, list[Sides]]],
    scorer: Scorer,
    *,
    output: Path | None,
    progress: Progress,
) -> ScoreSummary:
    """Score all responses; with `output` the rows are written with their scores as columns.

    The columns are realign_helpfulness, realign_accuracy and, where it was asked for, realign_fit,
    those of a run's originals with _before; of a row with several responses the last one's.
    """
    summary = ScoreSummary()
    lines = _scored_rows(rows, scorer, summary, progress)
    if output:
        write_lines(output, lines)
    else:
        for _ in lines:
            pass
    summary.asked = scorer.asked
    return summary


def _scored_rows(
    rows: Iterable[tuple[Row, list[Sides]]],
    scorer: Scorer,
    summary: ScoreSummary,
    progress: Progress,
) -> Iterator[str]:
    for some in batched(rows, BATCH):
        wanted = [
            (side.sample, text)
            for _, sides in some
            for side in sides
            for text in dict.fromkeys(t for t in (side.now, side.before) if t is not None)
        ]
        found = iter(scorer.scores(wanted))
        for row, sides in some:
            summary.rows += 1
            columns: dict[str, str | float] = {}
            for side in sides:
                summary.responses += 1
                now = next(found)
                before = next(found) if side.before not in (None, side.now) else now
                summary.means.add("after" if side.before is not None else "now", now)
                columns = {f"realign_{scale}": round(value, 4) for scale, value in now.items()}
                if side.before is not None:
                    summary.means.add("before", before)
                    old = {f"realign_{s}_before": round(v, 4) for s, v in before.items()}
                    columns |= old
            progress.advance()
            yield annotate(row.render({}), columns) if columns else row.render({})
