"""Finished rows as the lines that they are in a run's files, and what they add to its counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from realign_local.base.atomic import line_bytes
from realign_local.base.criterion import Criteria
from realign_local.base.progress import Unread
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.data.formats import Row, annotate
from realign_local.run.files import rundir
from realign_local.run.files.card import Diffs


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of some rows, each with its line feed."""

    output: bytes
    provenance: bytes
    counts: Counts


@dataclass(slots=True)
class Counts:
    """What is counted over all lines, and which of the changes are shown as examples."""

    tally: rundir.Tally = field(default_factory=rundir.Tally)
    diffs: Diffs = field(default_factory=Diffs)
    unread: Unread = field(default_factory=Unread)

    def add(self, more: Counts) -> None:
        """Take those of the rows that follow into account."""
        self.tally.add(more.tally)
        self.diffs.add(more.diffs)
        self.unread.add(more.unread)


def lines_of(
    rows: Iterable[tuple[Row, Sequence[Sample]]],
    criteria: Criteria,
    *,
    model_sha256: str,
    annotated: bool,
) -> Lines:
    """Rows with their finished samples, put into words."""
    counts, output, provenance = Counts(), list[bytes](), list[bytes]()
    for row, done in rows:
        output.append(line_bytes(_line(row, done, annotated=annotated)))
        for sample in done:
            record = rundir.provenance_record(sample, criteria, model_sha256=model_sha256)
            counts.tally.count(record)
            counts.diffs.see(record)
            counts.unread.see(sample)
            provenance.append(rundir.to_json_line(record).encode())
        counts.tally.rows += 1
    return Lines(_joined(output), _joined(provenance), counts)


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _line(row: Row, done: Sequence[Sample], *, annotated: bool) -> str:
    line = row.render({s.turn: s.rewritten for s in done if s.chosen >= 0})
    if annotated and done[0].reason is not Reason.MALFORMED_ROW:
        return annotate(line, rundir.columns_of(done[-1]))
    return line
