"""`realign classifier`: train a task classifier on labels of one's own, and measure any."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from realign_local.base.config import load_settings
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import OUTPUT, flags_of
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.screen import Screen

LABELS = click.argument("labels", metavar="LABELS", type=click.Path(path_type=Path))


@click.group(name="classifier")
def command() -> None:
    """Train a task classifier on your labels, or measure one.

    LABELS is JSON or JSONL of {"instruction", "category"}; the category is one of the tasks that
    `realign criteria list` shows. A row may say "needs_evidence": true where its task does not.

    Example: realign classifier eval labels.jsonl
    """


def _common(function: Any) -> Any:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option(
            "--threads",
            metavar="N",
            type=WholeNumber(min=1),
            help="CPU threads.  [default: all physical cores]",
        ),
        click.option(
            "--criteria", metavar="DIR", help="Folder of criteria.  [default: the 46 built in]"
        ),
        click.option(
            "--encoder",
            metavar="DIR",
            help="Folder of a sentence-transformers model.  [default: the demo encoder]",
        ),
    ):
        function = option(function)
    return function


@command.command()
@LABELS
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    required=True,
    type=OUTPUT,
    help="Folder of the classifier; give it to `--classifier` afterwards.",
)
@_common
def train(labels: Path, output: Path, as_json: bool, **options: Any) -> None:
    """Train on LABELS and the queries that ship with the program.

    Example: realign classifier train labels.jsonl -o my-classifier
    """
    from realign_local.commands.train import train_classifier
    from realign_local.run.tools import ClassifierTools

    tools = ClassifierTools(load_settings(flags=flags_of(options)))
    with orderly_stop(), watcher() as progress:
        facts = train_classifier(tools, labels, output, progress=progress)
    if as_json:
        echo_json(facts)
        return
    held_out = counted(facts["held_out"], "row")
    echo(f"{facts['held_out_accuracy']:.1%} right on {held_out} held out")
    echo(output)


@command.command("eval")
@LABELS
@click.option(
    "--classifier",
    metavar="WHAT",
    help="Folder of a classifier, or encoder, llm, both, or both:DIR.  [default: encoder]",
)
@click.option("-m", "--model", metavar="MODEL", help="GGUF file for llm and both.")
@_common
def evaluate(labels: Path, as_json: bool, **options: Any) -> None:
    """Measure a classifier on LABELS.

    Figures are of the task, the decisions that hang on it, and the confidence.

    Example: realign classifier eval labels.jsonl --classifier my-classifier --json
    """
    from realign_local.commands.train import evaluate_classifier
    from realign_local.run.tools import ClassifierTools

    tools = ClassifierTools(load_settings(flags=flags_of(options)))
    with orderly_stop(), watcher() as progress:
        found = evaluate_classifier(tools, labels, progress=progress)
    if as_json:
        echo_json(found)
    else:
        _print(found)


RATES = {
    "accuracy": "task right",
    "group_accuracy": "group of tasks right",
    "form_accuracy": "same form (rewrite, operations, evidence)",
    "macro_f1": "macro F1 of the tasks",
    "rewrite_accuracy": "decision to rewrite right",
    "evidence_recall": "sent to evidence that need it",
    "evidence_false_rate": "sent to evidence without need",
}


COLUMN_CHARS = 4
"""Of a group's name over its column, so that ten of them fit a terminal."""


def _print(found: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(counted(found["rows"], "row"))
    table.add_column("", justify="right")
    table.add_column("95 % interval", justify="right")
    for name, text in RATES.items():
        reach = found["intervals"][name]
        value = "-" if found[name] is None else f"{found[name]:.1%}"
        table.add_row(text, value, f"{reach[0]:.1%} to {reach[1]:.1%}" if reach else "")
    bins = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("confidence", "rows", "mean", "right", ""):
        bins.add_column(column, justify="left" if not column else "right")
    for b in found["calibration"]:
        bar = "#" * round(20 * b["accuracy"])
        span = f"{b['from']:.1f} to {b['to']:.1f}"
        bins.add_row(span, str(b["rows"]), f"{b['confidence']:.1%}", f"{b['accuracy']:.1%}", bar)
    console = Screen()
    console.print(table)
    console.print(f"\n{found['rows_per_s']:,.0f} rows/s; calibration error {found['ece']:.1%}:\n")
    console.print(bins)
    if any(len(row) > 1 or a not in row for a, row in found["groups"].items()):
        console.print("\ngroups of tasks, labelled (lines) and taken for (columns):\n")
        console.print(_groups(found["groups"]))
    if found["worst_pairs"]:
        console.print("\nthe commonest confusions:")
    for pair in found["worst_pairs"]:
        console.print(f"  {pair['rows']:4} {pair['labelled']} taken for {pair['taken_for']}")


def _groups(found: Mapping[str, Mapping[str, int]]) -> Table:
    """A line and a column for each group that is labelled or found; nought is a dot."""
    names = sorted({*found, *(name for row in found.values() for name in row)})
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in names:
        table.add_column(name[:COLUMN_CHARS], justify="right")
    for name in names:
        row = found.get(name, {})
        table.add_row(name, *(str(row.get(other) or ".") for other in names))
    return table
