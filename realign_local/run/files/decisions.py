"""What a person decided about single responses: an append-only file that outlives a crash.

A decision belongs to texts, not to a place: its key is a hash of the request, the original and the
rewrite. Run the data again with another result, and an old decision no longer applies.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self, get_args

from realign_local.base.errors import DataError, DiskError
from realign_local.base.lock import held
from realign_local.base.reasons import Status
from realign_local.base.records import content_key
from realign_local.base.untrusted import loads, read_whole
from realign_local.base.words.plural import counted
from realign_local.data.formats import Row
from realign_local.run.files import rundir

REVIEW = rundir.REVIEW
"""The file in the run directory."""

Verdict = Literal["accept", "reject", "edit", "undecided"]
KEY_CHARS = 32
"""128 bits of the hash: enough that no two responses share a key by chance."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Accept leaves the output as it is, reject takes the original back, edit has its own text."""

    key: str
    verdict: Verdict
    text: str = ""

    @classmethod
    def of(cls, value: Any) -> Self:
        """From its JSON object; raises ValueError for anything else."""
        if not isinstance(value, dict) or value.get("verdict") not in get_args(Verdict):
            raise ValueError("not a decision")
        key, text = value.get("key"), value.get("text", "")
        if not isinstance(key, str) or not isinstance(text, str):
            raise ValueError("key and text must be strings")
        found = cls(key, value["verdict"], text)
        if value.get("crc", found.crc) != found.crc:
            raise ValueError("damaged on the disk")
        return found

    @property
    def crc(self) -> int:
        """A checksum: a text that is damaged on the disk must not go out as a person's own."""
        return zlib.crc32("\0".join((self.key, self.verdict, self.text)).encode(errors="replace"))


def key_of(instruction: str, record: Mapping[str, Any]) -> str:
    """The key of one line of provenance and the request that it answers."""
    texts = (record["original"], record.get("rewritten", ""), record.get("rejected", ""))
    return content_key(instruction, *texts)[:KEY_CHARS]


def read_decisions(folder: Path) -> dict[str, Decision]:
    """The last decision for each key; a line that a crash cut off counts as never written.

    Raises DataError where the file cannot be read.
    """
    found = {d.key: d for line in _lines(folder) if (d := _decision(line))}
    return {key: d for key, d in found.items() if d.verdict != "undecided"}


def unread_lines(folder: Path) -> int:
    """How many lines hold no decision: cut off by a crash, or damaged. Raises DataError."""
    return sum(_decision(line) is None for line in _lines(folder))


def told_unread(lines: int) -> str:
    """The same in words."""
    return f"{REVIEW}: {counted(lines, 'line')} could not be read and decide nothing"


def told_stale(decisions: int) -> str:
    """What is said of decisions whose texts the run does not have any more."""
    verbs = "belongs to other texts and was" if decisions == 1 else "belong to other texts and were"
    return f"{REVIEW}: {counted(decisions, 'decision')} {verbs} not applied"


def _lines(folder: Path) -> list[bytes]:
    return [line for line in review_bytes(folder).split(b"\n") if line]


def review_bytes(folder: Path) -> bytes:
    """All that the file holds; nothing where there is none. Raises DataError."""
    path = folder / REVIEW
    rundir.refuse_no_file(path)
    try:
        return read_whole(path) if path.exists() else b""
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error


def _decision(line: bytes) -> Decision | None:
    try:
        return Decision.of(loads(line))
    except ValueError:
        return None


class DecisionLog:
    """The file open for writing by one process; each decision is on the disk when `add` returns."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / REVIEW
        rundir.refuse_no_file(self.path)
        with ExitStack() as stack:
            stack.enter_context(
                held(
                    folder / rundir.REVIEW_LOCK,
                    busy=f"{folder} is being reviewed by another process",
                    hint="Use the page that is open already, or stop that process first.",
                )
            )
            try:
                self._file: BinaryIO = stack.enter_context(self.path.open("ab", buffering=0))
            except OSError as error:
                raise DiskError.about("write", self.path, error) from error
            self._held = stack.pop_all()
        rundir.as_private_as(folder, self.path)
        self._torn = self._ends_torn()
        self.decisions = read_decisions(folder)

    def _ends_torn(self) -> bool:
        """Whether a crash cut off the last line: the next decision must not join it."""
        held = self.path.read_bytes()
        return bool(held) and not held.endswith(b"\n")

    def add(self, decision: Decision, **beside: Any) -> None:
        """Write one decision; `beside` is for people who read the file. Raises DiskError."""
        told = {"key": decision.key, "verdict": decision.verdict, "text": decision.text}
        value = {**told, "crc": decision.crc, **beside}
        line = (b"\n" if self._torn else b"") + json.dumps(value).encode() + b"\n"
        self._torn = True
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise DiskError.about("write", self.path, error) from error
        if written != len(line):
            raise DiskError(f"{self.path}: only a part of a decision could be written")
        self._torn = False
        self.decisions.pop(decision.key, None)
        if decision.verdict != "undecided":
            self.decisions[decision.key] = decision

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()


def decided(
    row: Row, records: Iterable[dict[str, Any]], decisions: Mapping[str, Decision]
) -> tuple[Row, list[dict[str, Any]], list[Decision]]:
    """A row of the output as a person wants it, its records to match, and what was applied."""
    asked = {sample.turn: sample.instruction for sample in row.samples}
    applied: list[Decision] = []
    changed, texts = [], {}
    for record in records:
        turn = int(record.get("turn", 0))
        decision = decisions.get(key_of(asked.get(turn, ""), record)) if decisions else None
        if decision and turn in row.slots:
            applied.append(decision)
            record, text = _outcome(record, decision)
            if text is not None:
                texts[turn] = text
        changed.append(record)
    return (_with_texts(row, texts) if texts else row), changed, applied


def _outcome(record: dict[str, Any], decision: Decision) -> tuple[dict[str, Any], str | None]:
    match decision.verdict:
        case "reject":
            return _rejected(record), record["original"]
        case "edit":
            edited = {
                "status": Status.REWRITTEN.value,
                "rewritten": decision.text,
                "checks": {"review": "pass"},
            }
            return {**record, **edited}, decision.text
    return record, None


def _rejected(record: dict[str, Any]) -> dict[str, Any]:
    """The original stands; a rewrite that had won has lost, so that pairs of texts turn round."""
    if record["status"] != Status.REWRITTEN:
        return record
    lost = {"rejected": record["rewritten"], "detail": "rejected in the review"}
    return {**record, **lost, "status": Status.KEPT.value, "rewritten": record["original"]}


def _with_texts(row: Row, texts: Mapping[int, str]) -> Row:
    assert row.conversation is not None
    turns = tuple(
        replace(t, text=row.slots[t.number].thought + texts[t.number]) if t.number in texts else t
        for t in row.conversation.turns
    )
    return replace(row, conversation=replace(row.conversation, turns=turns))
