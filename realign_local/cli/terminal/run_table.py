"""The table that ends a run: what happened to the rows, by task, and where the result lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from realign_local.base.reasons import Reason, Status
from realign_local.base.words.plural import counted, duration
from realign_local.cli.terminal.screen import Screen
from realign_local.run.files import rundir

LEGEND = (
    "kept: a rewrite was made and turned down; skipped: none was made, so the original stays too"
)


def print_summary(stats: Mapping[str, Any], run_dir: Path) -> None:
    """Print it on stdout."""
    console = Screen()
    console.print(_table(stats))
    status = stats["status"]
    console.print(
        f"{_what(stats)}: {status['rewritten']} rewritten, {status['kept']} kept,"
        f" {status['skipped']} skipped, {duration(stats['seconds'])} of work so far"
    )
    console.print(LEGEND, style="dim", soft_wrap=True)
    if stats["generated_twice"]:
        twice = counted(stats["generated_twice"], "row")
        console.print(f"generated twice: {twice}; please report this")
    for name, what in (
        (rundir.OUTPUT, "the dataset, as JSON lines"),
        *(
            (path.name, f"the same as {_kind(path)}, like the input")
            for path in run_dir.glob("output.*[!l]")
        ),
        (rundir.PROVENANCE, "why, row by row"),
        (rundir.STATS, "the figures"),
        *(
            [(rundir.REPORT, "all of it, to look at in a browser")]
            if (run_dir / rundir.REPORT).exists()
            else []
        ),
    ):
        console.print(Text.assemble(f"  {run_dir / name}  ", (what, "dim")), soft_wrap=True)


def _what(stats: Mapping[str, Any]) -> str:
    rows, responses = stats["rows"], stats["responses"]
    what = counted(rows, "row")
    return what if rows == responses else f"{what} with {counted(responses, 'response')}"


def _kind(path: Path) -> str:
    return {"csv": "CSV", "json": "a JSON array", "parquet": "Parquet"}.get(
        path.name.split(".")[1], path.name
    )


def _table(stats: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task")
    for name in Status:
        table.add_column(name.value, justify="right")
    table.add_column("commonest reasons otherwise")
    for task, counts in stats["tasks"].items():
        reasons = Counter({r: n for r, n in counts.items() if r in set(Reason) and r})
        shown = ", ".join(f"{name} {count}" for name, count in reasons.most_common(2))
        table.add_row(task, *(str(counts.get(s.value, 0)) for s in Status), shown)
    return table
