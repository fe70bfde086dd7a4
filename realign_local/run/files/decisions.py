"""What a person decided about single responses: an append-only file that outlives a crash.

A decision belongs to texts, not to a place: its key is a hash of the request, the original and the
rewrite. Run the data again with another result, and an old decision no longer applies.

Each line has its number, and a file beside it has that of the last one: lines that went are told.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self, get_args

from realign_local.base.atomic import replacing
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

Verdict = Literal["undecided", "accept", "reject", "edit"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
LINE = ("key", "verdict", "text", "number", "crc")
"""What a line must have; the rest of it is for people."""
MOST_LINES = 10_000_000
"""No person decides more: a larger number is damage, and says nothing of lines that went."""
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
        if not isinstance(value, dict) or value.get("verdict") not in VERDICTS:
            raise ValueError("not a decision")
        key, text = value.get("key"), value.get("text", "")
        if not isinstance(key, str) or not isinstance(text, str):
            raise ValueError("key and text must be strings")
        found = cls(key, value["verdict"], text)
        crc = found.crc(_number(value))
        if value.get("crc", crc) != crc:
            raise ValueError("damaged on the disk")
        return found

    def crc(self, number: int) -> int:
        """A checksum: a text that is damaged on the disk must not go out as a person's own.

        `number` is that of its line; 0 for none, as in files of versions before.
        """
        parts = (self.key, self.verdict, self.text, *([str(number)] if number else []))
        return zlib.crc32("\0".join(parts).encode(errors="replace"))

    def line(self, number: int, beside: Mapping[str, Any]) -> bytes:
        """As it stands in the file; `beside` is for people who read that."""
        told = {"key": self.key, "verdict": self.verdict, "text": self.text, "number": number}
        return json.dumps({**told, "crc": self.crc(number), **beside}).encode() + b"\n"


def _number(value: Mapping[str, Any]) -> int:
    number = value.get("number", 0)
    if type(number) is not int or number < 0:
        raise ValueError("number must be that of a line")
    return number


@dataclass(frozen=True, slots=True)
class ReadReview:
    """What the file holds: the last decision for each key, how many lines could not be read, how
    many decisions were made that are not there, and the number that the last one had.
    """

    decisions: Mapping[str, Decision]
    unread: int = 0
    lost: int = 0
    last: int = 0

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with it, in words."""
        told = ((self.unread, told_unread), (self.lost, told_lost))
        return tuple(tell(number) for number, tell in told if number)


def key_of(instruction: str, record: Mapping[str, Any]) -> str:
    """The key of one line of provenance and the request that it answers."""
    texts = (record["original"], record.get("rewritten", ""), record.get("rejected", ""))
    return content_key(instruction, *texts)[:KEY_CHARS]


def read_review(folder: Path) -> ReadReview:
    """Read the file; a line that a crash cut off, or that is damaged, decides nothing.

    Raises DataError where it cannot be read.
    """
    told = _told_last(folder)  # before the lines, of which a review that goes on adds more
    newest: dict[str, tuple[int, Decision]] = {}
    numbers: set[int] = set()
    unread = 0
    for number, _, value in _numbered(folder):
        if value is None:
            unread += 1
            continue
        numbers.add(number)
        decision = Decision.of(value)
        if number >= newest.get(decision.key, (0, None))[0]:  # whatever line it stands in
            newest[decision.key] = number, decision
    decisions = {key: d for key, (_, d) in newest.items() if d.verdict != "undecided"}
    last = max(told, len(numbers) + unread, *numbers, 0)
    return ReadReview(decisions, unread, last - len(numbers) - unread, last)


def _numbered(folder: Path) -> Iterator[tuple[int, bytes, dict[str, Any] | None]]:
    """Each line with its number and its object, None where it cannot be read. A line without a
    number has the next one: so do those of versions before, which stand first.
    """
    last = 0
    for line in _lines(folder):
        value = _value(line)
        number = _number(value or {})
        number = number if 0 < number <= MOST_LINES else last + 1
        last = max(last, number)
        yield number, line, value


def join_reviews(folders: Sequence[Path], into: Path) -> None:
    """What people decided on parts of a dataset, as decisions on the whole of it.

    What was lost of a part stays a gap in the numbers. Raises DataError, DiskError.
    """
    read = [(folder, read_review(folder)) for folder in folders]
    if not any(review.last for _, review in read):
        return
    before = 0
    held: dict[str, Decision] = {}
    with replacing(into / REVIEW) as review_file:
        for folder, review in read:
            others = {key: d for key, d in held.items() if key not in review.decisions}
            for number, line, value in _numbered(folder):
                moved = value and before and _moved(value, before + number, others)
                review_file.write(moved or line + b"\n")
            held |= review.decisions
            before += review.last
    _tell_last(into, before)


def _moved(value: Mapping[str, Any], number: int, others: Mapping[str, Decision]) -> bytes:
    """A line of a later part; where that took its decision back, the one of another part stands."""
    beside = {k: v for k, v in value.items() if k not in LINE}
    decision = Decision.of(value)
    return others.get(decision.key, decision).line(number, beside)


def told_unread(lines: int) -> str:
    """The same in words."""
    return f"{REVIEW}: {counted(lines, 'line')} could not be read and decide nothing"


def told_lost(decisions: int) -> str:
    """The same of lines that are not there any more."""
    verb = "was made that is" if decisions == 1 else "were made that are"
    return f"{REVIEW}: {counted(decisions, 'decision')} {verb} not there any more"


def told_stale(decisions: int) -> str:
    """What is said of decisions whose texts the run does not have any more."""
    verbs = "belongs to other texts and was" if decisions == 1 else "belong to other texts and were"
    return f"{REVIEW}: {counted(decisions, 'decision')} {verbs} not applied"


def told_overruling(decisions: int) -> str:
    """What is said of a shard's review that differs from those of the shards before it."""
    differ, hold = ("differs", "holds") if decisions == 1 else ("differ", "hold")
    return (
        f"{counted(decisions, 'decision')} of its review {differ} from that of another shard on the"
        f" same texts, and {hold} for all of them"
    )


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


def _value(line: bytes) -> dict[str, Any] | None:
    """The object of a whole line, which is a decision; None for another one."""
    try:
        value = loads(line)
        Decision.of(value)
    except ValueError:
        return None
    return dict(value)


def _told_last(folder: Path) -> int:
    """The number of the last decision by the file beside; 0 where it was not copied along."""
    with suppress(OSError, ValueError):
        told = read_whole(folder / rundir.REVIEW_COUNT).strip()
        if told.isdigit() and int(told) <= MOST_LINES:
            return int(told)
    return 0


def _tell_last(folder: Path, number: int) -> None:
    """It may lag behind by a crash, which only makes it say less."""
    with suppress(OSError):
        (folder / rundir.REVIEW_COUNT).write_text(f"{number}\n", encoding="ascii")


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
        read = read_review(folder)
        self.faults, self.decisions, self._last = read.faults, dict(read.decisions), read.last

    def _ends_torn(self) -> bool:
        """Whether a crash cut off the last line: the next decision must not join it."""
        held = self.path.read_bytes()
        return bool(held) and not held.endswith(b"\n")

    def add(self, decision: Decision, **beside: Any) -> None:
        """Write one decision; `beside` is for people who read the file. Raises DiskError."""
        if self._torn:  # what could not be written before may stand there in part
            self._last = read_review(self.path.parent).last
        line = (b"\n" if self._torn else b"") + decision.line(self._last + 1, beside)
        self._torn = True
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise DiskError.about("write", self.path, error) from error
        if written != len(line):
            raise DiskError(f"{self.path}: only a part of a decision could be written")
        self._torn = False
        self._last += 1
        _tell_last(self.path.parent, self._last)
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
