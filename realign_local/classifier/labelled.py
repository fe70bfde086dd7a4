"""Labelled queries: those that ship with the program, and files of a user's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realign_local.base.criterion import Criteria
from realign_local.base.errors import DataError
from realign_local.base.untrusted import loads, read_text
from realign_local.base.words.plural import counted

QUERIES = Path(__file__).with_name("queries")
EVERYDAY = "everyday.jsonl"
HINT = 'A row is {"instruction": "..", "category": "one of the tasks"}; `realign criteria list`.'


@dataclass(frozen=True, slots=True)
class Labelled:
    """A request, its task, whether it needs evidence, and whose it is where that is known."""

    instruction: str
    task: str
    needs_evidence: bool
    hand: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """The rows of a file that can be used, and what was wrong with the others."""

    rows: tuple[Labelled, ...]
    unknown: Mapping[str, int] = field(default_factory=dict)
    broken: tuple[str, ...] = ()

    @property
    def notes(self) -> Iterator[str]:
        """What a person should know about the rows that were left out."""
        if self.unknown:
            names = ", ".join(f"{name[:60]!r} ({n})" for name, n in list(self.unknown.items())[:5])
            rows = counted(sum(self.unknown.values()), "row")
            yield f"left out, as the category is no task: {rows}: {names}"
        if self.broken:
            yield f"left out, as of no use: {counted(len(self.broken), 'row')}: {self.broken[0]}"


def shipped_labels(criteria: Criteria) -> tuple[Labelled, ...]:
    """The criteria's own descriptions and queries, the queries beside this file, everyday ones."""
    found = [
        (text, criterion.task, criterion.needs_evidence)
        for criterion in criteria.values()
        for text in (criterion.description, *criterion.queries)
    ]
    rows = [Labelled(*row) for row in found]
    for path in sorted(QUERIES.glob("*.jsonl")):
        if path.stem in criteria:
            rows += read_labels(path, criteria).rows
    return (*rows, *everyday_labels(criteria))


def everyday_labels(criteria: Criteria) -> tuple[Labelled, ...]:
    """Requests in the manner of real ones, of several hands and languages.

    The shipped classifier is calibrated on them, each hand by a fit that has not seen it
    (`training.py`).
    """
    rows = [value for _, value in _values(QUERIES / EVERYDAY) if value["category"] in criteria]
    return tuple(
        Labelled(
            row["instruction"],
            row["category"],
            row.get("needs_evidence", criteria[row["category"]].needs_evidence),
            row.get("hand", ""),
        )
        for row in rows
    )


def read_labels(path: Path, criteria: Criteria) -> Labels:
    """Read a JSON array or JSONL; raises DataError where nothing in it can be used."""
    rows: list[Labelled] = []
    unknown: Counter[str] = Counter()
    broken: list[str] = []
    for place, value in _values(path):
        match value:
            case {"instruction": str(text), "category": str(task)} if text.strip():
                if task not in criteria:
                    unknown[task] += 1
                    continue
                own = value.get("needs_evidence", criteria[task].needs_evidence)
                rows.append(Labelled(text, task, own is True))
            case _:
                broken.append(f"{place} has no instruction and category")
    found = Labels(tuple(rows), dict(unknown.most_common()), tuple(broken))
    if not rows:
        raise DataError(f"{path}: {next(found.notes, 'holds no rows')}", hint=HINT)
    return found


def _values(path: Path) -> Iterator[tuple[str, Any]]:
    """Where each row stands, and what it is; None for what is not JSON."""
    try:
        text = read_text(path, "utf-8-sig", pipes=True)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read labels from {path}", hint=HINT) from error
    if text.lstrip().startswith("["):
        yield from _array(path, text)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path.name}:{number}", _parsed(line)


def _array(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    try:
        values = loads(text)
    except ValueError as error:
        raise DataError(f"{path}: not whole JSON: {error}", hint=HINT) from error
    for number, value in enumerate(values, start=1):
        yield f"{path.name}, row {number},", value


def _parsed(line: str) -> Any:
    try:
        return loads(line)
    except ValueError:
        return None
