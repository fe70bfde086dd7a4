"""What a running command tells whoever watches it; the command line draws it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from realign_local.base.reasons import Reason, Status
from realign_local.base.records import Sample

EngineStats = Callable[[], Mapping[str, float]]
"""The engine's counters at this moment; empty while it loads."""

FLOOR = 0.3
FLOOR_AFTER_ROWS = 20
"""A task of which fewer than 3 in 10 rewrites are accepted after so many rows is worth a word."""


class Progress(Protocol):
    """Told about phases and steps; must be cheap to call for every row."""

    def phase(self, name: str, total: int | None) -> None:
        """A new phase begins; `total` steps where that is known."""
        ...

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        """So many steps more are done, and so many tokens were written for them."""
        ...

    def judged(self, task: str, status: Status, reason: str) -> None:
        """What became of a row for which the model was asked."""
        ...

    def watch(self, stats: EngineStats) -> None:
        """From now on these counters say what the engine does; may be asked from any thread."""
        ...

    def note(self, text: str) -> None:
        """One line that is worth reading now."""
        ...

    def warn(self, text: str) -> None:
        """One line that must not be missed, even by someone who wants no progress."""
        ...


class Silent:
    """Tells nobody."""

    def phase(self, name: str, total: int | None) -> None:
        return

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        return

    def judged(self, task: str, status: Status, reason: str) -> None:
        return

    def watch(self, stats: EngineStats) -> None:
        return

    def note(self, text: str) -> None:
        return

    def warn(self, text: str) -> None:
        return


@dataclass(slots=True)
class Unread:
    """Rows that could not be read as the dataset's format: how many, and where they are.

    `fate` is what becomes of one, and of several.
    """

    fate: tuple[str, str] = ("stays as it is", "stay as they are")
    rows: int = 0
    first: str = ""
    last_row: int = 0

    def see(self, sample: Sample) -> bool:
        """Count it if it stands for such a row, and say if it does."""
        if sample.reason is not Reason.MALFORMED_ROW:
            return False
        self.note(sample.detail, sample.index + 1)
        return True

    def note(self, detail: str, row: int) -> None:
        """Count the row of this number, from 1, of which this is said."""
        self.rows += 1
        self.first = self.first or detail
        self.last_row = row

    def add(self, more: Unread) -> None:
        """Count those of the rows that follow."""
        self.rows += more.rows
        self.first = self.first or more.first
        self.last_row = more.last_row or self.last_row

    def tell(self, progress: Progress) -> None:
        """Warn of them in one line, where there are any."""
        if told := self.told:
            progress.warn(told)

    @property
    def told(self) -> str:
        """The same line; "" where there are none."""
        if self.rows == 1:
            return f"1 row could not be read and {self.fate[0]}: {self.first}"
        if self.rows:
            told = f"{self.rows} rows could not be read and {self.fate[1]}"
            return f"{told}, the first: {self.first}; the last is row {self.last_row:,}"
        return ""


@dataclass(slots=True)
class Scores:
    """Acceptance so far by task, and a warning for a task that does badly from the start."""

    tried: Counter[str] = field(default_factory=Counter)
    rewritten: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, task: str, status: Status, reason: str) -> str:
        """Count a row; returns the warning where it is due, else the empty string."""
        if status is Status.SKIPPED:
            return ""
        self.tried[task] += 1
        if status is Status.REWRITTEN:
            self.rewritten[task] += 1
        else:
            self.reasons.setdefault(task, Counter())[reason] += 1
        return self._warning(task) if self.tried[task] == FLOOR_AFTER_ROWS else ""

    def _warning(self, task: str) -> str:
        won = self.rewritten[task]
        if won >= FLOOR * FLOOR_AFTER_ROWS:
            return ""
        reason, rows = self.reasons[task].most_common(1)[0]
        return (
            f"{task}: {won} of the first {FLOOR_AFTER_ROWS} rewrites were accepted,"
            f" the commonest reason is {reason} ({rows})"
        )

    @property
    def total(self) -> tuple[int, int]:
        """Rewritten and tried, over all tasks."""
        return self.rewritten.total(), self.tried.total()

    def as_dict(self) -> dict[str, dict[str, int]]:
        """By task, the one with the most rows first."""
        return {
            task: {"tried": tried, "rewritten": self.rewritten[task]}
            for task, tried in self.tried.most_common()
        }
