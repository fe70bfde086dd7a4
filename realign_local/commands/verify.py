"""Two files of the same rows compared through the gates: streaming, on several processes, in order.

Nothing is loaded that needs a model. Memory holds a few batches of rows, whatever the files' size.
Processes are sent the rows' text and read it themselves: reading takes a good part of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from realign_local.base.errors import DataError
from realign_local.base.processes.in_order import in_order
from realign_local.base.progress import Unread
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.base.untrusted import loads
from realign_local.data.batches import batched
from realign_local.data.conversation import Spoken
from realign_local.data.formats import Dataset, Row, open_dataset
from realign_local.data.json_text import encode
from realign_local.data.reading.containers import RawRow
from realign_local.gates import all_gates, judge
from realign_local.gates.claims import DeepJudge
from realign_local.gates.gate import Case, Gate
from realign_local.run.part import WHOLE, RunPart
from realign_local.run.target_rows import CALLS

BATCH_ROWS = 200
DEEP_BATCH_ROWS = 64
ROWS_FOR_POOL = 400
"""Below this a pool's start costs more than it saves."""

DIED_HINT = "Try --jobs 1; the last row shown is before the cause."

SPAN_CHARS = 200
"""Of a request or a turn that is another one."""

UNKNOWN_TASK = "(unknown)"
UNREADABLE = "not a row of this format"


class Said(NamedTuple):
    """A turn that no rewrite may touch; its calls of tools as names and arguments."""

    role: str
    text: str
    calls: list[Any]


RawPair = tuple[int, RawRow, RawRow]
"""The text of two rows at the same place, and which place that is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One gate's complaint about one response."""

    gate: str
    reason: Reason
    span: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A row with what the gates found in it; no findings means that it holds.

    `rewritten` is kept for rows with findings only, to show the spans in their place; `unread` says
    why a row, the same in both files, could not be read and so was not judged.
    """

    index: int
    id: str
    task: str
    findings: tuple[Finding, ...] = ()
    rewritten: str = ""
    differs: bool = False
    unread: str = ""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Each reason once, the most important gate's first."""
        return tuple(dict.fromkeys(finding.reason for finding in self.findings))


@dataclass(slots=True)
class VerifySummary:
    """Counts over all rows; a row counts once for each of its reasons."""

    rows: int = 0
    rows_differ: int = 0
    rows_failed: int = 0
    unread: Unread = field(default_factory=lambda: Unread(("was not judged", "were not judged")))
    by_reason: Counter[str] = field(default_factory=Counter)
    by_task: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, row: Checked) -> None:
        """Take one more row into account."""
        self.rows += 1
        self.rows_differ += row.differs
        if row.unread:
            self.unread.note(row.unread, row.index + 1)
        if not row.findings:
            return
        self.rows_failed += 1
        reasons = [reason.value for reason in row.reasons]
        self.by_reason.update(reasons)
        self.by_task.setdefault(row.task or UNKNOWN_TASK, Counter()).update(reasons)

    @property
    def violations(self) -> int:
        """Reasons over all rows."""
        return self.by_reason.total()


@dataclass(frozen=True, slots=True)
class RowPair:
    """Two rows at the same place: what is wrong with the pair as such, and what to judge."""

    index: int
    id: str
    task: str
    cases: tuple[Case, ...]
    broken: Finding | None = None
    unread: str = ""


def verify_files(
    original: Path | str,
    rewritten: Path | str,
    *,
    part: RunPart = WHOLE,
    jobs: int = 1,
    format: str | None = None,
    fields: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    deep: DeepJudge | None = None,
) -> Iterator[Checked]:
    """Check every row, in order; the verdicts do not depend on `jobs`.

    `part` says which rows of the original the other file has, `without` names gates to leave out.
    Raises DataError where a file cannot be read or the files differ in their number of rows.
    """
    first = open_dataset(original, format=format, fields=fields)
    second = open_dataset(rewritten, format=format, fields=fields)
    checker = Checker(first, second, without)
    rows = raw_pairs(first, second, part)
    if deep:
        return _deepened(rows, checker, deep)
    head = list(islice(rows, ROWS_FOR_POOL if jobs > 1 else 0))
    everything = chain(head, rows)
    if jobs <= 1 or len(head) < ROWS_FOR_POOL:
        return map(checker.check, everything)
    make = partial(_checker, first, second, tuple(without))
    checked = in_order(make, batched(everything, BATCH_ROWS), jobs=jobs, hint=DIED_HINT)
    return chain.from_iterable(checked)


def raw_pairs(original: Dataset, rewritten: Dataset, part: RunPart = WHOLE) -> Iterator[RawPair]:
    """The rows of two datasets by position; raises DataError if one of them ends first."""
    olds, news = part.of(original.raw_rows()), rewritten.raw_rows()
    for seen, (old, new) in enumerate(zip_longest(olds, news)):
        if old is None or new is None:
            longer, shorter = (rewritten, original) if old is None else (original, rewritten)
            rows = seen + 1 + sum(1 for _ in (news if old is None else olds))
            raise DataError(
                f"{longer.path} has {rows} rows, {shorter.path} has {seen}",
                hint="Rows are matched by position: both files must hold the same rows in order.",
            )
        yield old[0], old[1], new


def pair(old: Row, new: Row) -> RowPair:
    """What is to be judged of two rows: the responses that differ."""
    task = old.samples[0].task or old.samples[0].category
    if old.text.strip() == new.text.strip():  # CSV may say more of a row than its JSON does
        last = old.samples[-1]
        unread = "" if old.conversation else last.detail or UNREADABLE
        return RowPair(old.index, last.id, task, (), unread=unread)
    broken = _mismatch(old, new)
    if broken:
        return RowPair(old.index, old.samples[-1].id, task, (), broken)
    both = zip(old.samples, new.samples, strict=True)
    cases = tuple(_case(a, b) for a, b in both if a.original != b.original)
    return RowPair(old.index, old.samples[-1].id, task, cases)


def _mismatch(old: Row, new: Row) -> Finding | None:
    """Why the second row cannot be a rewrite of the first, or None if it can."""
    if old.conversation is None and new.conversation is None:
        return _other(new.text, "a row that could not be read before either")
    if old.conversation is None or new.conversation is None:
        read = new if new.conversation is None else old
        return Finding("row", Reason.MALFORMED_ROW, read.samples[0].detail[:SPAN_CHARS])
    for a, b in zip(old.samples, new.samples, strict=False):
        if a.instruction != b.instruction:
            return _other(b.instruction, "another request; rows are matched by position")
    if [s.turn for s in old.samples] != [s.turn for s in new.samples]:
        counts = len(old.samples), len(new.samples)
        if counts[0] == counts[1]:
            return _other("", "the response is another turn of its row; are both of one format?")
        return _other("{} responses became {}".format(*counts))
    none = Said("", "", [])
    for one, other in zip_longest(_fixed(old), _fixed(new), fillvalue=none):
        if one != other:
            span = other.text if other.text != one.text or not other.calls else encode(other.calls)
            return _other(span, f"another turn of the {other.role or one.role}")
    was, tools = old.conversation.tools, new.conversation.tools
    same = not was or not tools or _value(was) == _value(tools)
    return None if same else _other(tools, "other tools")


def _other(span: str, detail: str = "") -> Finding:
    return Finding("row", Reason.REQUEST_CHANGED, span[:SPAN_CHARS], detail)


def _fixed(row: Row) -> list[Said]:
    """What no rewrite may touch: all turns but the responses, of which only the thought is left."""
    assert row.conversation is not None
    return [
        Said("assistant's thought", row.slots[turn.number].thought, [])
        if turn.number in row.slots
        else _said(turn)
        for turn in row.conversation.turns
    ]


def _said(turn: Spoken) -> Said:
    """The turn with its calls of tools, whichever form those have."""
    if not turn.calls:
        return Said(turn.role, turn.text, [])
    named = [call["function"] for call in _value(turn.calls)]
    calls = [[one["name"], _value(one.get("arguments"))] for one in named]
    return Said(turn.role, turn.text if CALLS & set(turn.beside) else "", calls)


def _value(text: Any) -> Any:
    """What a JSON text holds, so that spaces and the order of names make no difference."""
    try:
        return loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _case(old: Sample, new: Sample) -> Case:
    return Case(
        instruction="\n\n".join([*(turn.text for turn in old.history), old.instruction]),
        original=old.original,
        rewritten=new.original,
        evidence=old.given_evidence,
        task=old.task or old.category,
    )


def _deepened(stream: Iterator[RawPair], checker: Checker, deep: DeepJudge) -> Iterator[Checked]:
    """All in this process: the encoder takes most of the time and has threads of its own."""
    for raw in batched(stream, DEEP_BATCH_ROWS):
        batch = [checker.read(one) for one in raw]
        verdicts = iter(deep.judge([case for one in batch for case in one.cases]))
        for one in batch:
            checked = checker.judge(one)
            more = [
                Finding(name, verdict.reason, verdict.span, verdict.detail)
                for _ in one.cases
                for name, verdict in next(verdicts).items()
                if verdict.outcome == "fail"
            ]
            text = "\n\n".join(case.rewritten for case in one.cases) if more else ""
            yield replace(
                checked,
                findings=(*checked.findings, *more),
                rewritten=checked.rewritten or text,
            )


class Checker:
    """Reads the rows of two datasets and runs the gates over them."""

    def __init__(self, original: Dataset, rewritten: Dataset, without: Sequence[str] = ()) -> None:
        self._original, self._rewritten = original, rewritten
        self._gates: dict[str, Gate] = {
            n: gate for n, gate in all_gates().items() if n not in without
        }

    def read(self, raw: RawPair) -> RowPair:
        """The rows that two texts hold."""
        number, old, new = raw
        return pair(
            self._original.read(old, number, turns="all"),
            self._rewritten.read(new, number, turns="all"),
        )

    def check(self, raw: RawPair) -> Checked:
        """The findings of one row."""
        return self.judge(self.read(raw))

    def judge(self, pair: RowPair) -> Checked:
        """The findings of one row that has been read."""
        if pair.broken:
            found = [pair.broken]
        else:
            found = [finding for case in pair.cases for finding in self._findings(case)]
        text = "\n\n".join(case.rewritten for case in pair.cases) if found else ""
        differs = bool(pair.cases or pair.broken)
        return Checked(
            pair.index, pair.id, pair.task, tuple(found), text, differs, unread=pair.unread
        )

    def _findings(self, case: Case) -> Iterator[Finding]:
        for name, verdict in judge(case, self._gates).items():
            if verdict.outcome == "fail":
                yield Finding(name, verdict.reason, verdict.span, verdict.detail)


def _checker(
    original: Dataset, rewritten: Dataset, without: tuple[str, ...]
) -> Callable[[Sequence[RawPair]], list[Checked]]:
    """What a process of a pool does with a batch."""
    checker = Checker(original, rewritten, without)
    return lambda batch: [checker.check(one) for one in batch]
