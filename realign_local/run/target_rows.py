"""A finished row as targets see it, and what a target is; pure, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from realign_local.base.reasons import Reason
from realign_local.data.conversation import Spoken
from realign_local.data.formats import Row

Records = Iterable[dict[str, Any]]
Left = frozenset[str]
"""Names of the columns that at least one row has: those columns are written for every row."""

CALLS = frozenset({"tool_calls", "function_call"})
"""Fields of a turn in which its calls are."""
CARRIED = CALLS | {"tool_call_id"}


class Unfit(ValueError):
    """A row that the target has no place for; the message is the reason it is counted under."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What provenance says about one response."""

    id: str
    index: int
    turn: int
    task: str
    status: str
    reason: str
    original: str
    passed: tuple[str, ...]
    failed: bool = False
    rejected: str = ""
    detail: str = ""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read a line of provenance; raises KeyError for one that lacks a key."""
        return cls(
            id=record["id"],
            index=int(record["index"]),
            turn=int(record.get("turn", 0)),
            task=record["task"],
            status=record["status"],
            reason=record["reason"],
            original=record["original"],
            passed=tuple(name for name, out in record["checks"].items() if out == "pass"),
            failed="fail" in record["checks"].values(),
            rejected=record.get("rejected", ""),
            detail=record.get("detail", ""),
        )


@dataclass(frozen=True, slots=True)
class Finished:
    """A row of the output and the verdicts on its responses by turn; `index` counts input rows."""

    row: Row
    index: int
    judged: Mapping[int, Judged]
    model: str

    @property
    def turns(self) -> tuple[Spoken, ...]:
        """All turns of the row; none for a malformed row."""
        return self.row.conversation.turns if self.row.conversation else ()

    @property
    def id(self) -> str:
        """The row's own id, else one made of its number."""
        own = self.row.conversation.id if self.row.conversation else ""
        return own or f"row-{self.index:06d}"

    @property
    def last(self) -> Judged:
        """The verdict on the row's last response."""
        return self.judged[max(self.judged)]

    def before(self, turn: int) -> tuple[Spoken, ...]:
        """The turns before a response."""
        return self.turns[: self._place(turn)]

    def response(self, turn: int) -> Spoken:
        """The turn of a response."""
        return self.turns[self._place(turn)]

    def _place(self, turn: int) -> int:
        return next(n for n, t in enumerate(self.turns) if t.path and t.number == turn)

    @property
    def has_response(self) -> bool:
        """Whether the row ends with anything that a model wrote as text."""
        return self.row.samples[-1].reason is not Reason.NOTHING_TO_REWRITE

    @property
    def answer_turn(self) -> int:
        """The number of the turn that a model would be trained to give last."""
        return self.row.samples[-1].turn


@dataclass(frozen=True, slots=True)
class Target:
    """How rows become records. `companion` writes LLaMA-Factory's own shape where it differs.

    `leads` finds a record to write first: `datasets` learns the columns' types from the beginning
    of the file, and an empty list teaches it nothing. `carries` are the fields of a turn beside its
    text that go into the records.
    """

    records: Callable[[Finished, Left], Records]
    columns: Callable[[Finished], Left] | None = None
    companion: Callable[[Finished, Left], Records] | None = None
    leads: Callable[[dict[str, Any]], bool] | None = None
    carries: frozenset[str] = frozenset()


def alternates(row: Finished) -> bool:
    """Whether user and assistant take turns, after at most one system turn, and the latter ends."""
    roles = [turn.role for turn in row.turns]
    roles = roles[1:] if roles[:1] == ["system"] else roles
    asks, answers = set(roles[::2]), set(roles[1::2])
    return len(roles) % 2 == 0 and asks <= {"user", "tool"} and answers <= {"assistant", "call"}
