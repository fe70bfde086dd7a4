"""Rows packed for the browser: gzip blocks of JSON, opened one at a time, and columns for lists.

The size of the whole is bounded: where the rows of a run would take more than their share, their
texts are cut, and each row that lost something says so.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from realign_local.base.reasons import Status
from realign_local.report.rows import ShownResponse
from realign_local.run.files.decisions import VERDICTS

BLOCK_ROWS = 400
BLOCK_CHARS = 1_000_000
"""A block is complete with so many rows or about so many characters: it opens in some 20 ms."""

CUTS_CHARS = (200_000, 20_000, 6_000, 2_500, 1_000, 400, 120, 0)
"""Longest text in a block, tried in this order until the block fits its share."""

SLACK = 2.0
"""Times its share that a block may take while others are still to come: rows differ in size."""

GZIP_LEVEL = 6
STATUSES = tuple(status.value for status in Status)


@dataclass(slots=True)
class ListColumns:
    """What the list and its filters need of every row; small enough to be there at once."""

    starts: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    turn: list[int] = field(default_factory=list)
    task: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    reason: list[int] = field(default_factory=list)
    confidence: list[int] = field(default_factory=list)
    ratio: list[int] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    verdict: list[int] = field(default_factory=list)
    tasks: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, shown: ShownResponse) -> None:
        """One more row; fractions become thousandths."""
        record = shown.record
        self.index.append(record["index"])
        self.turn.append(record.get("turn", 0))
        self.task.append(_number(self.tasks, record["task"] or "(none)"))
        self.status.append(STATUSES.index(shown.status))
        self.reason.append(_number(self.reasons, record["reason"]))
        self.confidence.append(round(1000 * record.get("confidence", 0)))
        self.ratio.append(round(1000 * record.get("length_ratio", 1)))
        self.title.append(shown.title)
        self.verdict.append(VERDICTS.index(shown.decision.verdict) if shown.decision else 0)

    def as_json(self) -> dict[str, Any]:
        """Tasks and reasons as lists: their numbers are places in them."""
        names = {"tasks": list(self.tasks), "reasons": list(self.reasons), "statuses": STATUSES}
        columns = ("starts", "index", "turn", "task", "status", "reason", "confidence", "ratio")
        decided = ("verdict",) if any(self.verdict) else ()
        return {**{name: getattr(self, name) for name in (*columns, "title", *decided)}, **names}


def _number(names: dict[str, int], name: str) -> int:
    return names.setdefault(name, len(names))


def packed(value: Any) -> bytes:
    """JSON in gzip; lone surrogates travel as escapes, equal values give equal bytes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = json.dumps(value, separators=(",", ":")).encode()
    return gzip.compress(data, GZIP_LEVEL, mtime=0)


def grouped(rows: Iterable[ShownResponse]) -> Iterator[list[ShownResponse]]:
    """Rows by blocks; a block holds at least one row, however long that is."""
    block: list[ShownResponse] = []
    size = 0
    for row in rows:
        block.append(row)
        size += len(row.instruction) + len(row.record["original"]) + 2 * len(row.candidate)
        size += sum(len(p.get("text", "")) for p in row.record.get("evidence", []))
        if len(block) >= BLOCK_ROWS or size >= BLOCK_CHARS:
            yield block
            block, size = [], 0
    if block:
        yield block


@dataclass(slots=True)
class SizeBudget:
    """How many bytes all blocks together may take, shared out by rows."""

    bytes_left: int
    rows_left: int

    def pack(self, block: list[ShownResponse]) -> bytes:
        """The block with its texts as long as its share allows."""
        share = self.bytes_left * len(block) / max(self.rows_left, len(block))
        limit = min(SLACK * share, self.bytes_left)
        data = b""
        for most_chars in CUTS_CHARS:
            data = packed([row.as_json(most_chars) for row in block])
            if len(data) <= limit:
                break
        self.bytes_left -= len(data)
        self.rows_left -= len(block)
        return data
