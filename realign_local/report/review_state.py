"""One review of one run: its rows, the decisions on them, and what the gates say about an edit."""

from __future__ import annotations

import gzip
import json
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from realign_local.base.records import Passage
from realign_local.gates.gate import Case, Verdict
from realign_local.report.packing import SizeBudget, packed
from realign_local.report.rows import ShownResponse, shown_rows
from realign_local.report.write import spool_in
from realign_local.rewriting.editor import passage_text
from realign_local.run.files.decisions import Decision, DecisionLog
from realign_local.run.files.finished import open_finished

UNBOUNDED = 1 << 60
Judge = Callable[[Case], Mapping[str, Verdict]]


class Unfitting(Exception):
    """A request that cannot be met; the message is for the person at the page."""


class Review:
    """Safe to use from several threads. Raises what `open_finished` and `DecisionLog` raise."""

    def __init__(self, run_dir: Path, judge: Judge) -> None:
        run = open_finished(run_dir)
        self._judge = judge
        self._lock = threading.Lock()
        self._keys: list[str] = []
        self._editable: list[int] = []
        with ExitStack() as stack:
            self._log = stack.enter_context(closing(DecisionLog(run_dir)))
            self._spool = stack.enter_context(spool_in(run_dir))
            self._spool.fill(self._noted(shown_rows(run)), SizeBudget(UNBOUNDED, 1))
            self._open = stack.pop_all()

    def _noted(self, rows: Iterable[ShownResponse]) -> Iterator[ShownResponse]:
        for shown in rows:
            self._keys.append(shown.key)
            self._editable.append(int(shown.can_change))
            yield shown

    @property
    def rows(self) -> int:
        """How many responses there are to decide on."""
        return len(self._keys)

    @property
    def decided(self) -> int:
        """How many of them have a decision."""
        with self._lock:
            return sum(key in self._log.decisions for key in self._keys)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the decisions made before, in words."""
        return self._log.faults

    @property
    def stale(self) -> int:
        """How many decisions are about texts that the run does not have any more."""
        with self._lock:
            return len(self._log.decisions.keys() - set(self._keys))

    def columns(self) -> bytes:
        """What the list of rows needs, packed; with the key of each row's decision."""
        columns = self._spool.columns.as_json()
        return packed({**columns, "keys": self._keys, "editable": self._editable})

    def block(self, number: int) -> bytes:
        """A block of rows, packed; raises IndexError."""
        with self._lock:
            return self._spool.block(number)

    def decisions(self) -> dict[str, dict[str, str]]:
        """All decisions by key."""
        with self._lock:
            made = self._log.decisions.items()
            return {key: {"verdict": d.verdict, "text": d.text} for key, d in made}

    def decide(self, row: int, decision: Decision) -> None:
        """Put a decision on the disk; raises Unfitting where it is not about this row, DiskError.

        The key guards against a page that shows an older run.
        """
        if not 0 <= row < self.rows or self._keys[row] != decision.key:
            raise Unfitting("this page shows another run; load it again")
        if not self._editable[row]:
            raise Unfitting("this row could not be read; there is nothing to decide")
        if decision.verdict == "edit" and not decision.text.strip():
            raise Unfitting("an empty text cannot be the response")
        place = self._spool.columns
        with self._lock:
            self._log.add(decision, index=place.index[row], turn=place.turn[row])

    def findings(self, row: int, text: str) -> list[dict[str, str]]:
        """What the gates object to in an edited text; raises Unfitting for no such row."""
        verdicts = self._judge(self._case(row, text))
        return [
            {
                "gate": gate,
                "reason": verdict.reason.value,
                "words": ": ".join(filter(None, (verdict.detail, verdict.span))),
            }
            for gate, verdict in verdicts.items()
            if verdict.outcome == "fail"
        ]

    def _case(self, row: int, text: str) -> Case:
        shown, columns = self._row(row), self._spool.columns
        passages = (
            Passage("", p.get("title", ""), p.get("section", ""), p["text"])
            for p in shown["evidence"]
        )
        return Case(
            instruction="\n\n".join([*(t for _, t in shown["history"]), shown["instruction"]]),
            original=shown["original"],
            rewritten=text,
            evidence=tuple(map(passage_text, passages)),
            task=list(columns.tasks)[columns.task[row]],
        )

    def _row(self, row: int) -> dict[str, Any]:
        if not 0 <= row < self.rows:
            raise Unfitting("there is no such row")
        starts = self._spool.columns.starts
        number = bisect_right(starts, row) - 1
        found: list[dict[str, Any]] = json.loads(gzip.decompress(self.block(number)))
        return found[row - starts[number]]

    def close(self) -> None:
        """Let go of the run."""
        self._open.close()
