"""`realign classify`: add a task and a confidence to every row of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from realign_local.cli.options import flags_of, input_options
from realign_local.cli.progress import watcher
from realign_local.config import load_settings
from realign_local.data.atomic import write_lines
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset, annotate, open_dataset
from realign_local.progress import Progress
from realign_local.reasons import Reason
from realign_local.stages.classify import BATCH, Label, classify
from realign_local.stop import orderly_stop


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path),
    help="The same rows as JSONL, with `task` and `confidence` added.",
)
@click.option(
    "--encoder",
    metavar="DIR",
    help="Folder of a sentence-transformers model.  [default: the demo encoder]",
)
@click.option("--criteria", metavar="DIR", help="Folder of criteria.  [default: the 46 built in]")
@click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(min=1),
    help="CPU threads.  [default: all physical cores]",
)
@input_options
def command(source: Path, output: Path, **options: Any) -> None:
    """Add the task of each row, and how sure the classifier is (0 to 1).

    Example: realign classify data.jsonl -o labelled.jsonl
    """  # fmt: skip
    from realign_local.tools import ClassifierTools

    settings = load_settings(flags=flags_of(options))
    dataset = open_dataset(source, format=settings.format, fields=settings.fields)
    tools = ClassifierTools(settings)
    with orderly_stop(), watcher() as progress, tools.classifier() as label:
        progress.note(f"reading {dataset.described}")
        progress.phase("classify", None)
        write_lines(output, _labelled(dataset, label, tools.criteria, progress))
    click.echo(output)


def _labelled(dataset: Dataset, label: Label, tasks: Any, progress: Progress) -> Iterator[str]:
    for rows in batched(dataset.rows(), BATCH):
        done = classify((row.samples[-1] for row in rows), label, tasks=tasks)
        for row, sample in zip(rows, done, strict=True):
            progress.advance()
            if sample.reason is Reason.MALFORMED_ROW:
                yield row.render({})
                continue
            found = {"task": sample.task, "confidence": round(sample.confidence, 4)}
            yield annotate(row.render({}), found)
