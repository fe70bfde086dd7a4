"""`realign preview`: a few rows of every task, before and after, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from realign_local.base.config import load_settings
from realign_local.base.reasons import Status
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import (
    CACHE,
    engine_options,
    flags_of,
    input_options,
    readable,
    rewrite_options,
    server_options,
)
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import visible
from realign_local.cli.terminal.screen import Screen
from realign_local.commands.preview import Looked, PreviewedRow, preview
from realign_local.data.formats import open_dataset
from realign_local.text.diff import DiffPart

SIDE_BY_SIDE_COLUMNS = 90
"""On a narrower screen the two texts stand one below the other."""

STYLES = {
    "same": "",
    "gone": "red strike",
    "given": "cyan",
    "model": "bold yellow",
    "evidence": "bold magenta",
}
MARKS = {
    "same": ("", ""),
    "gone": ("[-", "-]"),
    "given": ("{", "}"),
    "model": ("{+", "+}"),
    "evidence": ("{*", "*}"),
}
"""What stands for a colour where there is none."""

BLANKS, PLAIN_BLANKS = ("·", "↵"), ("_", "\\n")
"""What stands for a new space and a new end of a line."""

VERDICTS = {Status.REWRITTEN: "green", Status.KEPT: "red", Status.SKIPPED: "dim"}


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "-n",
    "--rows",
    metavar="N",
    type=WholeNumber(1, 100),
    default=8,
    show_default=True,
    help="Rows to show, spread over the tasks.",
)
@rewrite_options
@engine_options
@CACHE
@server_options
@input_options
def command(source: Path, rows: int, **options: Any) -> None:
    """Show a few rows of IN before and after; writes nothing.

    IN may be - for standard input.

    Example: realign preview data.jsonl -m model.gguf -n 12

    The rows go through the model and the gates as in a run. Words that went are red; new words are
    cyan if the program wrote them, yellow if the model did, and magenta if they are cited evidence.
    """
    from realign_local.run.job import Job
    from realign_local.run.kept.remembering import remembering
    from realign_local.run.tidying import make_tools, tell

    settings = load_settings(options["config"], flags=flags_of(options))
    tools = make_tools(settings)
    with readable(source, settings.encoding) as path:
        dataset = open_dataset(path, format=settings.format, fields=settings.fields)
        job = Job.of(tools.resolved, dataset)
        with orderly_stop(), watcher() as progress:
            progress.note(f"reading {dataset.described}")
            tell(tools, progress)
            with remembering(tools, job.kept, progress) as known:
                shown, looked = preview(job, known, rows=rows, progress=progress)
    print_rows(Screen(), shown, looked)


def print_rows(console: Console, shown: Iterable[PreviewedRow], looked: Looked) -> None:
    """Every row with its verdict, then why other rows are left alone."""
    shown = list(shown)
    for row in shown:
        _print_row(console, row)
    console.print(_legend(console))
    wins = sum(row.sample.status is Status.REWRITTEN for row in shown)
    console.print(f"{counted(len(shown), 'row')} shown, {wins} accepted", style="bold")
    left = ", ".join(f"{name} {count}" for name, count in looked.left_alone.most_common())
    if left:
        console.print(f"of {counted(looked.responses, 'response')} looked at, left alone: {left}")


def _print_row(console: Console, row: PreviewedRow) -> None:
    sample = row.sample
    console.print(Rule(f"row {sample.index}  {sample.task}", align="left", style="dim"))
    console.print(Text(_first_line(sample.instruction), style="italic"))
    old, new = _text(console, row.before), _text(console, row.after)
    if console.width >= SIDE_BY_SIDE_COLUMNS:
        table = Table(box=None, pad_edge=False, expand=True, header_style="dim")
        table.add_column("before", ratio=1)
        table.add_column("after", ratio=1)
        table.add_row(old, new)
        console.print(table)
    else:
        for title, text in (("before", old), ("after", new)):
            console.print(Text(title, style="dim"))
            console.print(text)
    console.print(_verdict(row), end="\n\n")


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:159]}…"


def _text(console: Console, parts: Iterable[DiffPart]) -> Text:
    text = Text()
    plain = console.no_color or not console.is_terminal
    for part in parts:
        shown = visible(part.text)
        if part.kind == "blank":
            text.append(_blank(console, shown), style=STYLES["given"])
            continue
        start, end = MARKS[part.kind] if plain else ("", "")
        body = shown.rstrip() if start else shown
        text.append(f"{start}{body}{end}", style=STYLES[part.kind])
        text.append(shown[len(body) :])
    return text


def _blank(console: Console, blank: str) -> str:
    """New white space, which no colour would show, with a sign where it begins."""
    space, line = BLANKS if console.encoding.startswith("utf") else PLAIN_BLANKS
    return blank.replace(" ", space).replace("\n", f"{line}\n")


def _verdict(row: PreviewedRow) -> Text:
    sample = row.sample
    passed = sum(outcome == "pass" for outcome in sample.checks.values())
    failed = [gate for gate, outcome in sample.checks.items() if outcome == "fail"]
    told = [f"{counted(passed, 'gate')} passed"] if sample.checks else []
    told += [f"failed: {', '.join(failed)}"] if failed else []
    told += [sample.reason.value] if sample.reason else []
    told += [sample.detail] if sample.detail else []
    return Text.assemble((sample.status.value, VERDICTS[sample.status]), "  ", "; ".join(told))


def _legend(console: Console) -> Text:
    names = {
        "gone": "went",
        "given": "the program's words",
        "model": "the model's words",
        "evidence": "cited evidence",
    }
    plain = console.no_color or not console.is_terminal
    legend = Text()
    for kind, name in names.items():
        start, end = MARKS[kind] if plain else ("", "")
        legend.append(f"{start}{name}{end}", style=STYLES[kind]).append("  ")
    return legend
