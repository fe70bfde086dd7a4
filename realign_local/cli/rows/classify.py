"""`realign classify`: add a task and a confidence to every row of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from realign_local.base.atomic import write_lines
from realign_local.base.config import Settings, load_settings
from realign_local.base.criterion import Criteria
from realign_local.base.progress import Progress, Unread
from realign_local.base.stop import orderly_stop
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import (
    OUTPUT,
    check_output,
    classifier_options,
    flags_of,
    input_options,
    readable,
)
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset, annotate, open_dataset
from realign_local.run.job import without_category
from realign_local.stages.classification import BATCH, Label, classify
from realign_local.stages.retrieval import is_for_evidence


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    type=OUTPUT,
    help="The same rows as JSONL, with task, confidence, second_task and needs_evidence added.",
)
@click.option(
    "--encoder",
    metavar="DIR",
    help="Folder of a sentence-transformers model.  [default: the demo encoder]",
)
@click.option("--criteria", metavar="DIR", help="Folder of criteria.  [default: the 46 built in]")
@classifier_options
@click.option("-m", "--model", metavar="MODEL", help="GGUF file for llm and both.")
@click.option(
    "--threads",
    metavar="N",
    type=WholeNumber(min=1),
    help="CPU threads.  [default: all physical cores]",
)
@input_options
def command(source: Path, output: Path, **options: Any) -> None:
    """Add the task of each row, how sure the classifier is (0 to 1), and if it needs evidence.

    IN may be - for standard input. A row needs no response.
    One that names one of the tasks as its `category` keeps it.

    Example: realign classify data.jsonl -o labelled.jsonl
    """  # fmt: skip
    from realign_local.run.tools import ClassifierTools

    check_output(output, source=source)
    settings = load_settings(flags=flags_of(options))
    with ExitStack() as stack:
        stack.enter_context(replacing_own(output))
        path = stack.enter_context(readable(source, settings.encoding))
        form, fields = settings.format, settings.fields
        dataset = open_dataset(path, format=form, fields=fields, answered=False)
        tools = ClassifierTools(settings)
        stack.enter_context(orderly_stop())
        progress = stack.enter_context(watcher())
        if tools.template_fault:
            progress.warn(tools.template_fault)
        label = stack.enter_context(tools.classifier())
        progress.note(f"reading {dataset.described}")
        progress.phase("classify", None)
        write_lines(output, _labelled(dataset, label, tools.criteria, settings, progress))
    echo(output)


def _labelled(
    dataset: Dataset, label: Label, criteria: Criteria, settings: Settings, progress: Progress
) -> Iterator[str]:
    rows = map(without_category, dataset.rows()) if settings.reclassify else dataset.rows()
    unread = Unread()
    for some in batched(rows, BATCH):
        done = classify((row.samples[-1] for row in some), label, tasks=criteria, route=True)
        for row, sample in zip(some, done, strict=True):
            progress.advance()
            if unread.see(sample):
                yield row.render({})
                continue
            found = {
                "task": sample.task,
                "confidence": round(sample.confidence, 4),
                "second_task": sample.second,
                "needs_evidence": is_for_evidence(sample, criteria),
            }
            yield annotate(row.render({}), found)
    unread.tell(progress)
