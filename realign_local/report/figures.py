"""What the report counts over the rows of a run, one at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from realign_local.base.reasons import Reason, Status
from realign_local.report.rows import ShownResponse
from realign_local.stages.scoring import BY_SCORE

RATIO_BINS, RATIO_BIN = 30, 0.1
"""Length ratios up to 3 in bins of a tenth; the last bin also holds all that is above."""
CONFIDENCE_BINS = 20


def _by_status() -> dict[str, list[int]]:
    return {status.value: [0] * CONFIDENCE_BINS for status in Status}


def _by_name() -> defaultdict[str, Counter[str]]:
    return defaultdict(Counter)


@dataclass(slots=True)
class Figures:
    """Counts that grow with the number of tasks, reasons and gates, not of rows.

    `tasks` has a Counter of statuses and reasons for each task, `reasons` has one of statuses
    for each reason; `operations` counts what was done to the rewritten ones, `by_score` the
    rewrites that gave way because the model scored them too low.
    """

    rows: int = 0
    responses: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: defaultdict[str, Counter[str]] = field(default_factory=_by_name)
    tasks: defaultdict[str, Counter[str]] = field(default_factory=_by_name)
    gates: defaultdict[str, Counter[str]] = field(default_factory=_by_name)
    ratios: list[int] = field(default_factory=lambda: [0] * RATIO_BINS)
    confidences: dict[str, list[int]] = field(default_factory=_by_status)
    operations: Counter[str] = field(default_factory=Counter)
    by_score: int = 0
    with_evidence: int = 0
    last_index: int = -1

    @property
    def tried(self) -> int:
        """Responses for which there was a rewrite, taken or turned down."""
        return self.statuses[Status.REWRITTEN.value] + self.statuses[Status.KEPT.value]

    @property
    def good(self) -> int:
        """Responses whose form was right as it came."""
        return self.reasons.get(Reason.ALREADY_CONFORMS.value, Counter()).total()

    def count(self, shown: ShownResponse) -> None:
        """Take one more response into account."""
        record = shown.record
        self.rows += record["index"] != self.last_index
        self.last_index = record["index"]
        self.responses += 1
        self.statuses[shown.status] += 1
        task = self.tasks[record["task"] or "(none)"]
        task[shown.status] += 1
        if record["reason"]:
            self.reasons[record["reason"]][shown.status] += 1
            task[record["reason"]] += 1
        self.by_score += str(record.get("detail", "")).startswith(BY_SCORE)
        for gate, outcome in record.get("checks", {}).items():
            self.gates[gate][outcome] += 1
        self.with_evidence += bool(record.get("evidence"))
        self._bin(shown)

    def _bin(self, shown: ShownResponse) -> None:
        record = shown.record
        if shown.can_change:
            place = int(record.get("confidence", 0) * CONFIDENCE_BINS)
            self.confidences[shown.status][min(place, CONFIDENCE_BINS - 1)] += 1
        if shown.status == Status.REWRITTEN:
            place = int(record.get("length_ratio", 1) / RATIO_BIN + 1e-9)
            self.ratios[min(place, RATIO_BINS - 1)] += 1
            self.operations.update(record.get("operations", ()))
