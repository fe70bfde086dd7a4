"""`realign select`: a small part of a dataset that stands for the whole."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from realign_local.base.config import Settings, load_settings
from realign_local.base.errors import AssetError
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import (
    CACHE,
    OUTPUT,
    check_output,
    engine_options,
    flags_of,
    input_options,
    readable,
)
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.commands.select import By, RowBudget

if TYPE_CHECKING:
    from realign_local.base.progress import Progress
    from realign_local.commands.select import Encode, ScoreRows, Selected

SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
ROWS = re.compile(r"[0-9]{1,15}")


def as_budget(_ctx: click.Context, _param: click.Parameter, value: str) -> RowBudget:
    """`5%` or `500`."""
    if found := SHARE.fullmatch(value):
        share = float(found[1]) / 100
        if 0 < share <= 1:
            return RowBudget(share)
    elif ROWS.fullmatch(value) and int(value):
        return RowBudget(rows=int(value))
    raise click.BadParameter(f"must be a share such as 5% or a number of rows, was: {value!r}")


@click.command()
@click.argument("source", metavar="IN|RUN", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--budget",
    metavar="5%|N",
    required=True,
    callback=as_budget,
    help="How many rows: a share of all, rounded, or a number.",
)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    type=OUTPUT,
    help="The chosen rows as they were; with the ending of IN in its container, else JSON lines.",
)
@click.option(
    "--by",
    type=click.Choice(get_args(By)),
    default="coverage",
    show_default=True,
    help="Rows that lie near all others, those that a model scores highest, those with the longest"
    " responses, or any.",
)
@click.option("--dedupe", is_flag=True, help="Leave near copies of rows out first.  [default: off]")
@click.option(
    "--seed",
    metavar="N",
    type=WholeNumber(min=0),
    default=0,
    show_default=True,
    help="For --by random.",
)
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="GGUF file that scores the rows, for --by score.  [default: the scores that are in IN]",
)
@CACHE
@click.option(
    "--encoder",
    metavar="DIR",
    help="Folder of a sentence-transformers model.  [default: the demo encoder]",
)
@click.option(
    "--no-measure",
    is_flag=True,
    help="Do not encode all rows just to say how well the chosen ones cover the others.  [default:"
    " off]",
)
@engine_options
@input_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(source: Path, output: Path, budget: RowBudget, **options: Any) -> None:
    """Choose rows of IN that stand for all of it, and write them as they were, in their order.

    IN may be - for standard input; of the folder of a finished run the rows of its output are
    taken. How well the choice covers the rows that were left out is measured, beside the longest
    rows and rows at random.

    Example: realign select data.jsonl --budget 5% -o small.jsonl
    """
    from realign_local.commands.select import select
    from realign_local.data.formats import open_dataset
    from realign_local.run.files.finished import open_finished
    from realign_local.run.files.rundir import refuse_run_file

    check_output(output, source=source, alike=True)
    settings = load_settings(flags=flags_of(options))
    with ExitStack() as stack:
        if source.is_dir():
            run = open_finished(source)
            refuse_run_file(output, source, run.settings["input"].get("path"))
            dataset = run.dataset
        else:
            path = stack.enter_context(readable(source, settings.encoding))
            dataset = open_dataset(path, format=settings.format, fields=settings.fields)
        stack.enter_context(replacing_own(output))
        stack.enter_context(orderly_stop())
        progress = stack.enter_context(watcher())
        progress.note(f"reading {dataset.described}")
        is_needed = options["by"] == "coverage" or options["dedupe"]
        done = select(
            dataset,
            output,
            budget,
            by=options["by"],
            seed=options["seed"],
            encode=_encode(settings, progress, is_needed, measure=not options["no_measure"]),
            score=_score(source, options, settings, stack, progress),
            dedupe=options["dedupe"],
            progress=progress,
        )
    if options["as_json"]:
        echo_json({**asdict(done), "file": str(done.file)})
    else:
        _print(done)


def _encode(
    settings: Settings, progress: Progress, is_needed: bool, *, measure: bool
) -> Encode | None:
    """The encoder; None where it is neither needed nor wanted, or none is there to measure with."""
    from realign_local.base.assets import find_encoder
    from realign_local.base.machine import physical_cores
    from realign_local.evidence.encoders.encoder import Encoder

    if not is_needed and not measure:
        return None
    try:
        folder = find_encoder(settings.encoder)
    except AssetError as error:
        if is_needed or settings.encoder:
            raise
        progress.note(f"how well the choice covers the rest is not measured: {error}")
        return None
    use_card = settings.gpu_layers != 0
    return Encoder(folder, threads=settings.threads or physical_cores(), use_card=use_card).encode


def _score(
    source: Path, options: dict[str, Any], settings: Settings, stack: ExitStack, progress: Progress
) -> ScoreRows | None:
    """Where scores come from: the model that was named, the run's own file, the rows' columns."""
    from realign_local.commands.select import by_columns, by_model, by_run
    from realign_local.run.files.run_scores import read_scores

    if options["by"] != "score":
        return None
    if options["model"]:
        from realign_local.cli.rows.score import scorer_of
        from realign_local.run.tools import ModelTools

        return by_model(scorer_of(ModelTools(settings), stack, progress).scores)
    kept = read_scores(source) if source.is_dir() else None
    return by_run(kept) if kept else by_columns


def _print(done: Selected) -> None:
    echo(f"{done.chosen} of {counted(done.rows, 'row')}, by {done.by}")
    if done.copies:
        echo(f"  left out first: {counted(done.copies, 'near copy', plural='near copies')}")
    if done.least is not None:
        echo(f"  lowest score among them: {done.least:.2f}")
    if done.unscored:
        echo(f"  without a score, so last: {counted(done.unscored, 'row')}")
    if done.coverage:
        shown = ", ".join(f"{by} {value:.3f}" for by, value in done.coverage.items())
        echo(f"  distance of the other rows to the nearest chosen one: {shown} (less is better)")
    echo(done.file)
