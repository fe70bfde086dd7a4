"""One `generate` call of the worker process: what was sent, what runs, what was cancelled."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import asdict

from realign_local.engine.process.handle import Process, error_from
from realign_local.engine.process.retry import RunningRow
from realign_local.engine.process.wire import Line, completion_from_json, request_to_json
from realign_local.engine.request import Completion, Finish, OnPiece, Sampling

AHEAD = 32
"""Rows sent before the engine asks for them, so that it never waits while the run is busy."""


class Session:
    """Rows go from `rows` to `sent` to `running` and leave as completions.

    Where the worker dies, `running` holds the rows that the engine had begun, `sent` the rows that
    it had not; the session ends with `is_done` false.
    """

    def __init__(
        self, process: Process, rows: Iterator[RunningRow], on_piece: OnPiece | None
    ) -> None:
        self.process, self.rows, self.on_piece = process, rows, on_piece
        self.sent: dict[str, RunningRow] = {}
        self.running: dict[str, RunningRow] = {}
        self.cut: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.is_full = self.is_done = False
        self.fault = ""

    def serve(self) -> Iterator[Completion]:
        """Send rows and yield completions until all are done or the child dies."""
        while True:
            self._fill()
            line = self.process.events.get()
            event = line["event"]
            if event == "done":
                yield self._finish(line)
            elif event == "took":
                self._begin(line["key"])
            elif event == "piece":
                self._show(line)
            elif event == "fault":
                self.fault = line["message"]
            elif event == "refused":
                raise error_from(line)
            else:
                self.is_done = event == "idle"
                return

    def cancel(self, key: str) -> None:
        """Pass a cancel on, now or as soon as the engine knows the row."""
        for number, row in [*self.running.items(), *self.sent.items()]:
            if row.request.key == key:
                self.cancelled.add(number)
                self.process.send("cancel", key=number)

    def _fill(self) -> None:
        while not self.is_full and len(self.sent) < AHEAD:
            row = next(self.rows, None)
            if row is None:
                self.is_full = True
                self.process.send("end")
                return
            number = str(row.number)
            self.sent[number] = row
            request = {**request_to_json(row.request), "key": number}
            self.process.send("request", request=request, watched=self.on_piece is not None)

    def _begin(self, number: str) -> None:
        self.running[number] = self.sent.pop(number)
        if number in self.cancelled:
            self.process.send("cancel", key=number)

    def _show(self, line: Line) -> None:
        number, part = line["key"], line["part"]
        reply: bool | Sampling = True
        if self.on_piece:
            reply = self.on_piece(self.running[number].request.key, part, line["text"])
        if reply is False:
            self.cut[number] = part
        self.process.send("reply", reply=asdict(reply) if isinstance(reply, Sampling) else reply)

    def _finish(self, line: Line) -> Completion:
        completion = completion_from_json(line["completion"])
        row = self.running.pop(completion.key)
        if completion.key in self.cut:
            completion = _cut_off(completion, after=self.cut.pop(completion.key))
        self.cancelled.discard(str(row.number))
        return dataclasses.replace(completion, key=row.request.key)


def _cut_off(completion: Completion, *, after: int) -> Completion:
    """The pieces up to the one that was turned down, without the given text behind it."""
    kept = completion.pieces[: after + 1]
    pieces = (*kept, *("" for _ in completion.pieces[after + 1 :]))
    return dataclasses.replace(completion, pieces=pieces, finish=Finish.CANCELLED)
