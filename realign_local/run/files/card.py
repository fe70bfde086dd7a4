"""README.md of a run: a dataset card that the Hugging Face hub can read, and people too."""

from __future__ import annotations

import difflib
import hashlib
import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from realign_local.base.reasons import Status
from realign_local.base.words.plural import counted
from realign_local.run.files.rundir import OUTPUT, PROVENANCE, SETTINGS, STATS

DIFFS = 10
DIFF_LINES = 40
"""A longer diff is cut: a card is read from top to bottom."""
WRAP = 88
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST = "1M<n<10M"
SENT_TO = "sent_to"
"""The hosts that the texts of the rows were sent to, in run.toml and stats.json."""


@dataclass(slots=True)
class Diffs:
    """A sample of rewritten responses: up to DIFFS of each task, chosen by hash and not by place.

    Memory grows with the tasks. The same rows give the same sample, in whatever order they come.
    """

    by_task: dict[str, list[tuple[str, Mapping[str, Any]]]] = field(default_factory=dict)

    def see(self, record: Mapping[str, Any]) -> None:
        """Take a line of provenance into account."""
        if record["status"] != Status.REWRITTEN.value:
            return
        text = f"{record['original']}\0{record['rewritten']}".encode(errors="replace")
        self._take(record["task"], [(hashlib.sha256(text).hexdigest(), record)])

    def add(self, more: Diffs) -> None:
        """Take the sample of the rows that follow into account."""
        for task, found in more.by_task.items():
            self._take(task, found)

    def _take(self, task: str, found: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        known = self.by_task.get(task, [])
        self.by_task[task] = sorted([*known, *found], key=lambda pair: pair[0])[:DIFFS]

    def chosen(self) -> list[Mapping[str, Any]]:
        """DIFFS of them: the tasks take turns."""
        rounds = zip_longest(*(self.by_task[task] for task in sorted(self.by_task)))
        return [pair[1] for turn in rounds for pair in turn if pair][:DIFFS]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card says beside the counts: names, licences, and how to make the run again."""

    source: str
    source_sha256: str
    command: str
    model_licence: str = ""
    evidence: Sequence[str] = ()


def card(facts: Facts, stats: Mapping[str, Any], diffs: Iterable[Mapping[str, Any]]) -> str:
    """The whole text; `stats` is what stats.json holds."""
    parts = [
        _header(facts, stats),
        f"# {facts.source}, reformatted\n",
        _summary(stats),
        _counts(stats),
        _by_task(stats),
        _provenance(facts, stats),
        _reproduction(facts, stats),
        _examples(diffs),
    ]
    return "\n".join(part for part in parts if part)


def _header(facts: Facts, stats: Mapping[str, Any]) -> str:
    """YAML; a JSON string is a YAML string too."""
    rows = stats["rows"]
    size = next((name for most, name in SIZES if rows < most), LARGEST)
    return f"""---
pretty_name: {json.dumps(f"{facts.source}, reformatted", ensure_ascii=False)}
license: unknown
task_categories:
- text-generation
size_categories:
- {size}
tags:
- instruction-tuning
- synthetic
- realign
configs:
- config_name: default
  data_files:
  - split: train
    path: {OUTPUT}
---
"""


def _summary(stats: Mapping[str, Any]) -> str:
    status, left = stats["status"], stats.get("unfinished", 0)
    unfinished = (
        f" The run is not finished: {counted(left, 'response')} not reached." if left else ""
    )
    return f"""\
{counted(stats["rows"], "row")} with {counted(stats["responses"], "response")}: \
{status["rewritten"]} rewritten, {status["kept"]} kept (a rewrite was made and turned down), \
{status["skipped"]} skipped (none was made).{unfinished} A rewritten \
response has the form of its task; every other field of every row is as it was, and so is the \
order of the rows.
"""


def _counts(stats: Mapping[str, Any]) -> str:
    if not stats["reasons"]:
        return ""
    lines = "".join(f"| `{name}` | {n} |\n" for name, n in stats["reasons"].items())
    return f"## Why responses were left as they were\n\n| reason | responses |\n|---|---|\n{lines}"


def _by_task(stats: Mapping[str, Any]) -> str:
    lines = "".join(
        f"| {task} | {' | '.join(str(counts.get(s.value, 0)) for s in Status)} |\n"
        for task, counts in stats["tasks"].items()
    )
    return "## By task\n\n| task | rewritten | kept | skipped |\n|---|---|---|---|\n" + lines


def _provenance(facts: Facts, stats: Mapping[str, Any]) -> str:
    evidence = "".join(f"- Evidence: {line}\n" for line in facts.evidence) or "- Evidence: none\n"
    licence = facts.model_licence or "not stated in its file"
    file, sha256 = (stats.get(f"model_{what}", "unknown") for what in ("file", "sha256"))
    model = f"{file}, licence: {licence}, sha256 `{sha256}`" if file else "none: the program alone"
    if "server_can" in stats:  # a server shows no file whose hash could be told
        model = f"{file}, behind a server, licence: {licence}"
    return f"""## Where it comes from

- Input: {facts.source}, sha256 `{facts.source_sha256}`. Its licence is not known to the program \
that wrote this: put it into the header.
- Model: {model}.
{evidence}{left_machine(stats)}
`{PROVENANCE}` has a line for each response: the original, the verdict of each gate, the evidence, \
and the origin of each stretch of the new text. `{SETTINGS}` has the settings, hashes and \
versions, `{STATS}` the figures.
"""


def left_machine(stats: Mapping[str, Any]) -> str:
    """A line where the texts of the rows went to another machine; "" where they did not."""
    hosts = ", ".join(stats.get(SENT_TO) or ())
    told = "- The texts of the rows left the machine of the run: they were sent to"
    return f"{told} {hosts}.\n" if hosts else ""


def _reproduction(facts: Facts, stats: Mapping[str, Any]) -> str:
    version = stats.get("realign_version", "")
    return f"""## How to make it again

With realign-local {version} and the files named above:

    {facts.command}

Greedy decoding gives the same text on the same machine; another processor, or other rows side by \
side, may round differently and change a word.
"""


def _examples(diffs: Iterable[Mapping[str, Any]]) -> str:
    shown = "\n".join(map(_example, diffs))
    return f"## Some of the changes, at random\n\n{shown}" if shown else ""


def _example(record: Mapping[str, Any]) -> str:
    lines = _diff(record["original"], record["rewritten"])
    fence = "`" * max(3, 1 + _longest_fence(lines))
    return "\n".join(
        [f"### {record['task']}, row {record['index']}", "", f"{fence}diff", *lines, fence, ""]
    )


def _diff(original: str, rewritten: str) -> list[str]:
    """Lines with + and -, long ones wrapped so that a change in them can be seen."""
    found = difflib.ndiff(_wrapped(original), _wrapped(rewritten))
    lines = [line.rstrip() for line in found if not line.startswith("?")]
    left = len(lines) - DIFF_LINES
    return [*lines[:DIFF_LINES], f"  ... and {left} lines more"] if left > 0 else lines


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, WRAP, break_long_words=False, break_on_hyphens=False) or [""]
    return lines


def _longest_fence(lines: Iterable[str]) -> int:
    return max((len(run) for line in lines for run in line.split() if set(run) == {"`"}), default=0)
