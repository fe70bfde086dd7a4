"""The files of a run directory: what one line of provenance, stats.json and run.toml hold."""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from realign_local.base.atomic import remove_leftovers, replacing
from realign_local.base.criterion import Criteria
from realign_local.base.errors import DataError, DiskError, UsageError
from realign_local.base.reasons import Reason, Status
from realign_local.base.records import Sample
from realign_local.base.untrusted import as_utf8

JOURNAL = "journal.sqlite"
OUTPUT = "output.jsonl"
PROVENANCE = "provenance.jsonl"
STATS = "stats.json"
SETTINGS = "run.toml"
CARD = "README.md"
REPORT = "report.html"
REVIEW = "review.jsonl"
REVIEW_LOCK = ".review.lock"
REVIEW_COUNT = ".review.count"
SCORES = "scores.jsonl"
INPUT = "input"
"""The copy of standard input that a run of - works on."""
FILES = (OUTPUT, PROVENANCE, STATS, SETTINGS, CARD, REPORT)
"""What a run writes when it ends; the journal is there before."""
OWN = {
    *(*FILES, REVIEW, REVIEW_LOCK, REVIEW_COUNT, SCORES, INPUT),
    *(JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm"),
    *(f"output.{kind}" for kind in ("json", "csv", "parquet")),
}
"""Every name that a file of a run may have."""
ASIDE = ".input.aside"
"""The copy before, until it is known that the new one is of the same dataset."""


def provenance_record(sample: Sample, criteria: Criteria, *, model_sha256: str) -> dict[str, Any]:
    """What provenance says of one response; `rewritten` is the text in the output.

    A candidate that the gates turned down is kept under `rejected`, for people who judge the gates.
    """
    shown = sample.shown
    criterion = criteria.get(sample.task)
    return {
        "id": sample.id,
        "index": sample.index,
        "turn": sample.turn,
        "task": sample.task,
        "confidence": round(sample.confidence, 4),
        "second": sample.second,
        "status": sample.status.value,
        "reason": (sample.reason or Reason.ACCEPTED).value,
        "detail": sample.detail,
        "checks": dict(sample.checks),
        "evidence": [
            {
                "passage_id": p.passage_id,
                "title": p.title,
                "section": p.section,
                "score": round(p.score, 5),
                "text": p.text,
            }
            for p in sample.evidence
        ],
        "candidates": len(sample.candidates),
        "original": sample.original,
        "rewritten": sample.rewritten,
        "rejected": shown.text if shown and sample.chosen < 0 else "",
        "operations": list(shown.operations) if shown else [],
        "sections": [[shown.origin, shown.text]] if shown else [],
        "margin": sample.margin,
        "value": shown.value if shown else 0.0,
        "attempts": shown.attempts if shown else 0,
        "length_ratio": round(sample.length_ratio, 4),
        "prompt_tokens": sample.prompt_tokens,
        "completion_tokens": sample.completion_tokens,
        "model_sha256": model_sha256,
        "criterion_sha256": criterion.sha256 if criterion else "",
        "seed": shown.seed if shown else 0,
    }


_NUMBER = (int, float)
RECORD_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "task", "second", "status", "reason", "detail"), str),
    **dict.fromkeys(("original", "rewritten", "rejected", "model_sha256", "criterion_sha256"), str),
    **dict.fromkeys(("index", "turn", "candidates", "attempts", "seed"), int),
    **dict.fromkeys(("prompt_tokens", "completion_tokens"), int),
    **dict.fromkeys(("confidence", "margin", "value", "length_ratio"), _NUMBER),
    **dict.fromkeys(("evidence", "operations", "sections"), list),
    "checks": dict,
}
NEEDED = frozenset({"index", "turn", "task", "status", "reason", "original", "rewritten", "checks"})
"""The others are not in every record of a version before."""


def as_record(value: Any) -> dict[str, Any]:
    """A line of provenance that was read; raises ValueError for what no run writes."""
    if not isinstance(value, dict) or not value.keys() >= NEEDED:
        raise ValueError("fields are missing")
    for name in RECORD_TYPES.keys() & value.keys():
        found = value[name]
        if not isinstance(found, RECORD_TYPES[name]) or found in (math.inf, -math.inf):
            raise ValueError(f"{name} must not be {found!r:.40}")
    passages, sections = value.get("evidence", ()), value.get("sections", ())
    if not all(isinstance(passage, dict) for passage in passages):
        raise ValueError("evidence must hold passages")
    texts = [passage.get(name, "") for passage in passages for name in ("title", "section", "text")]
    texts += [*value["checks"].values(), *value.get("operations", ()), value["status"]]
    texts += [text for pair in sections for text in (pair if isinstance(pair, list) else (None,))]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a text is none")
    Status(value["status"])
    return value


_READABLE = json.JSONEncoder(ensure_ascii=False)


def to_json_line(record: Mapping[str, Any]) -> str:
    """JSON in UTF-8 text; a lone surrogate, which UTF-8 cannot hold, becomes an escape."""
    text = _READABLE.encode(record)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(record)
    return text


def columns_of(sample: Sample) -> dict[str, str | float]:
    """The flat columns that --annotate adds to every row; never null, the same keys in each."""
    return {
        "realign_id": sample.id,
        "realign_task": sample.task,
        "realign_confidence": round(sample.confidence, 4),
        "realign_status": sample.status.value,
        "realign_reason": (sample.reason or Reason.ACCEPTED).value,
        "realign_original": sample.original,
        "realign_length_ratio": round(sample.length_ratio, 4),
    }


@dataclass(slots=True)
class Tally:
    """Counts over a finished run; grows by task and reason, not by row."""

    rows: int = 0
    samples: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    by_task: dict[str, Counter[str]] = field(default_factory=dict)
    gates_failed: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    valued: int = 0
    written_again: int = 0

    def count(self, record: Mapping[str, Any]) -> None:
        """Take one more line of provenance into account."""
        self.samples += 1
        self.statuses[record["status"]] += 1
        task = self.by_task.setdefault(record["task"] or "(none)", Counter())
        task[record["status"]] += 1
        if record["reason"]:
            self.reasons[record["reason"]] += 1
            task[record["reason"]] += 1
        if record["status"] == Status.REWRITTEN.value:
            self.operations.update(record["operations"])
        attempts = int(record.get("attempts", 0))  # a run of a version before has none
        self.valued += attempts > 0
        self.written_again += max(0, attempts - 1)
        self.gates_failed.update(g for g, outcome in record["checks"].items() if outcome == "fail")

    def add(self, more: Tally) -> None:
        """Take what was counted over the rows that follow into account."""
        for name in ("rows", "samples", "valued", "written_again"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        for name in ("statuses", "reasons", "gates_failed", "operations"):
            getattr(self, name).update(getattr(more, name))
        for task, counts in more.by_task.items():
            self.by_task.setdefault(task, Counter()).update(counts)

    @property
    def tried(self) -> int:
        """Responses for which the model was asked."""
        return self.statuses[Status.REWRITTEN.value] + self.statuses[Status.KEPT.value]

    @property
    def acceptance(self) -> float | None:
        """Rewritten responses for each one tried; None where none was."""
        return self.statuses[Status.REWRITTEN.value] / self.tried if self.tried else None

    def as_dict(self) -> dict[str, Any]:
        """The counting half of stats.json."""
        return {
            "rows": self.rows,
            "responses": self.samples,
            "unfinished": self.reasons[Reason.NOT_REACHED.value],
            "status": {s.value: self.statuses[s.value] for s in Status},
            "reasons": dict(self.reasons.most_common()),
            "tasks": {task: dict(counts) for task, counts in sorted(self.by_task.items())},
            "operations": dict(self.operations.most_common()),
            "gates_failed": dict(self.gates_failed.most_common()),
            "self_evaluation": {"valued": self.valued, "written_again": self.written_again},
            "acceptance": None if self.acceptance is None else round(self.acceptance, 4),
        }


def to_toml(values: Mapping[str, Any]) -> str:
    """TOML of scalars and one level of tables; None is left out, as TOML has no word for it."""
    return tomli_w.dumps(_as_toml(values))


def _as_toml(value: Any) -> Any:
    """The same without None, empty tables and lone surrogates."""
    if isinstance(value, Mapping):
        return {as_utf8(k): _as_toml(v) for k, v in value.items() if v is not None and v != {}}
    if isinstance(value, list | tuple):
        return [_as_toml(each) for each in value]
    return as_utf8(value) if isinstance(value, str) else value


def is_there(path: Path) -> bool:
    """Whether something has this name; raises UsageError for a name that nothing can have."""
    try:
        return path.exists()
    except PermissionError as error:
        raise DiskError.about("look at", path, error) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{str(path)[:80]} cannot be the name of a folder") from error


def refuse_no_file(path: Path) -> None:
    """Raise DataError where something has this name that is no file and leads to none."""
    if os.path.lexists(path) and not path.is_file():
        raise DataError(f"{path} is not a file", hint="Move it away, or copy the run again.")


def foreign_files(folder: Path) -> list[Path]:
    """What is in a folder that holds no run: all of it is somebody else's. Raises DiskError."""
    if (folder / JOURNAL).exists() or not folder.is_dir():
        return []
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DiskError.about("look into", folder, error) from error


def lacks_journal(folder: Path) -> bool:
    """Whether a run wrote its files there and its journal was lost, or not copied along."""
    with contextlib.suppress(OSError):
        is_run = all((folder / name).is_file() for name in (SETTINGS, STATS))
        return is_run and not (folder / JOURNAL).exists()
    return False


def run_around(path: Path) -> Path | None:
    """The folder of the run that `path` lies in, links followed; None where it lies in none."""
    for folder in Path(os.path.realpath(path)).parents:
        with contextlib.suppress(OSError):
            if (folder / JOURNAL).exists():
                return folder
    return None


def refuse_run_file(output: Path, run: Path, source: object) -> None:
    """Raise UsageError where what is made from `run` would replace a file of a run or its input.

    `source` is the path of the input, as far as it is known.
    """
    real = Path(os.path.realpath(output))
    if real.parent == Path(os.path.realpath(run)) and real.name in OWN:
        raise UsageError(f"{output} is a file of the run", hint="Give another name: -o FILE.")
    refuse_inside_run(output)
    if isinstance(source, str) and real == Path(os.path.realpath(source)):
        raise UsageError(f"{output} is the input of the run", hint="Give another name: -o FILE.")


def refuse_inside_run(output: Path) -> None:
    """Raise UsageError where `output` lies in the folder of a run, whichever run that is."""
    if around := run_around(output):
        raise UsageError(
            f"{output} lies in the folder of the run {around}", hint="Give a place outside of it."
        )


def is_own_file(path: Path, folder: Path) -> bool:
    """Whether `path`, by whatever name or link, is a file that the run in `folder` writes."""
    for name in OWN - {INPUT}:
        with contextlib.suppress(OSError):
            if path.samefile(folder / name):
                return True
    return False


def as_private_as(folder: Path, *paths: Path) -> None:
    """Close files to everybody to whom the folder is closed: they may be moved or linked out of it.

    Beyond that the umask decides, as for every file.
    """
    with contextlib.suppress(OSError):  # a file system without permissions
        allowed = folder.stat().st_mode & 0o666
        for path in paths:
            mode = path.stat().st_mode & 0o777
            if mode & ~allowed & 0o066:
                path.chmod(mode & (allowed | 0o700))


def set_input_aside(folder: Path) -> None:
    """Keep the copy of the input that a new one is about to replace. Raises DiskError."""
    if (folder / INPUT).is_file():
        _rename(folder / INPUT, folder / ASIDE)


def put_input_back(folder: Path) -> None:
    """Undo it where the new copy was not taken, or a kill came between. Raises DiskError."""
    if (folder / ASIDE).is_file():
        _rename(folder / ASIDE, folder / INPUT)


def take_new_input(folder: Path) -> None:
    """The copy before is needed no more. Raises DiskError."""
    remove(folder / ASIDE)


def _rename(path: Path, to: Path) -> None:
    try:
        path.replace(to)
    except OSError as error:
        raise DiskError.about("rename", path, error) from error


def clear_up(folder: Path) -> None:
    """Clear up behind a process that was killed; call it only with the lock held."""
    put_input_back(folder)
    remove_leftovers(folder, OWN, is_held=True)


def remove(path: Path) -> None:
    """Remove a file; raises DiskError that names it."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DiskError.about("remove", path, error) from error


def make_folder(path: Path) -> None:
    """Create a folder with its parents; raises DiskError that names it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError.about("create", path, error) from error


def write_text(path: Path, text: str) -> None:
    """Write a small file atomically; lone surrogates, which UTF-8 cannot hold, become `?`."""
    with replacing(path) as file:
        file.write(text.encode("utf-8", "replace"))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an indented JSON object atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
