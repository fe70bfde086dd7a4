"""One response as the pages show it: the request, both texts, who wrote what, and the verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from realign_local.base.reasons import Reason, Status
from realign_local.data.formats import Row
from realign_local.run.files.decisions import Decision, key_of
from realign_local.run.files.finished import FinishedRun, Record

TITLE_CHARS = 90
"""Of the request, as it stands in the list of rows."""


@dataclass(frozen=True, slots=True)
class ShownResponse:
    """A record with its request; `history` holds the turns before it as (role, text), `decision`
    what a person decided, where a page has that from the start.
    """

    record: Record
    instruction: str
    history: tuple[tuple[str, str], ...] = ()
    decision: Decision | None = None

    @property
    def status(self) -> str:
        """As in provenance."""
        return str(self.record["status"])

    @property
    def candidate(self) -> str:
        """The rewrite that won or was turned down; "" where there is none."""
        won = self.status == Status.REWRITTEN
        return str(self.record["rewritten" if won else "rejected"] or "")

    @property
    def title(self) -> str:
        """The beginning of the request in one line; for a row that cannot be read, why."""
        text = self.instruction or str(self.record.get("detail", ""))
        return " ".join(text[: 4 * TITLE_CHARS].split())[:TITLE_CHARS]

    @property
    def key(self) -> str:
        """What a decision on this response is filed under."""
        return key_of(self.instruction, self.record)

    @property
    def can_change(self) -> bool:
        """Whether there is a response at all that a person could edit."""
        return str(self.record["reason"]) not in (Reason.MALFORMED_ROW, Reason.NOTHING_TO_REWRITE)

    def as_json(self, most_chars: int | None = None) -> dict[str, Any]:
        """What the page needs to show it; texts longer than `most_chars` are cut and it says so."""
        record, cut = self.record, _Cut(most_chars)
        sections = record.get("sections") or []
        whole = "".join(text for _, text in sections) == self.candidate
        shown = {
            "id": record["id"],
            "instruction": cut(self.instruction),
            "history": [[role, cut(text)] for role, text in self.history],
            "original": cut(record["original"]),
            "rewrite": cut(self.candidate),
            "sections": _cut_sections(sections, cut) if whole else [],
            "detail": cut(record.get("detail", "")),
            "checks": record.get("checks", {}),
            "evidence": [_passage(passage, cut) for passage in record.get("evidence", [])],
            "candidates": record.get("candidates", 0),
            "tokens": [record.get("prompt_tokens", 0), record.get("completion_tokens", 0)],
        }
        if self.decision and self.decision.verdict == "edit":
            shown["edited"] = cut(self.decision.text)
        return {**shown, "cut": True} if cut.happened else shown


class _Cut:
    """Cuts texts to a length and remembers whether it had to."""

    def __init__(self, most_chars: int | None) -> None:
        self.most_chars = most_chars
        self.happened = False

    def __call__(self, text: str) -> str:
        if self.most_chars is None or len(text) <= self.most_chars:
            return text
        self.happened = True
        return text[: self.most_chars]


def _cut_sections(sections: list[list[str]], cut: _Cut) -> list[list[str]]:
    """Sections up to the length at which the rewrite itself is cut."""
    left = cut.most_chars
    kept = []
    for origin, text in sections:
        if left is not None and left <= 0:
            break
        kept.append([origin, text if left is None else text[:left]])
        left = None if left is None else left - len(text)
    return kept


def _passage(passage: dict[str, Any], cut: _Cut) -> dict[str, Any]:
    return {**passage, "text": cut(passage.get("text", ""))}


def shown_rows(run: FinishedRun) -> Iterator[ShownResponse]:
    """Every response of a finished run, in order, one at a time."""
    for row, records in run.rows():
        yield from _of_row(row, records)


def _of_row(row: Row, records: list[Record]) -> Iterator[ShownResponse]:
    samples = {sample.turn: sample for sample in row.samples}
    for record in records:
        sample = samples.get(int(record.get("turn", 0)))
        if sample is None:
            yield ShownResponse(record, "")
        else:
            history = tuple((turn.role, turn.text) for turn in sample.history)
            yield ShownResponse(record, sample.instruction, history)
