"""`realign run`: the main job on one dataset."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, get_args

import click

from realign_local.base.config import Settings, load_settings
from realign_local.base.errors import AcceptanceError, BudgetReached
from realign_local.base.stop import Budget, orderly_stop
from realign_local.base.words.plural import duration
from realign_local.cli.numbers import DecimalNumber, WholeNumber
from realign_local.cli.options import (
    CACHE,
    OUTPUT,
    QUIET,
    RAY,
    as_seconds,
    as_shard,
    engine_options,
    flags_of,
    input_options,
    server_options,
    setting_options,
)
from realign_local.cli.terminal.live import Kind, watcher
from realign_local.cli.terminal.output import echo_json
from realign_local.cli.terminal.run_table import print_summary
from realign_local.run.files import rundir


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    "run_dir",
    metavar="RUN",
    required=True,
    type=OUTPUT,
    help="Folder of the run; made if need be.",
)
@setting_options
@click.option(
    "--annotate", is_flag=True, help="Add realign_* columns to the output.  [default: off]"
)
@engine_options
@server_options
@RAY
@click.option(
    "--resume",
    type=click.Choice(["auto", "never", "force"]),
    default="auto",
    show_default=True,
    help="Go on with the run in RUN, refuse to, or start it again.",
)
@click.option(
    "--shard",
    metavar="i/n",
    callback=as_shard,
    default="1/1",
    show_default=True,
    help="Only every n-th row, beginning with row i.",
)
@click.option(
    "--budget",
    metavar="TIME",
    callback=as_seconds,
    help="Stop in good order after 6h, 90m or 1h30m, the most useful rows first.  [default: none]",
)
@click.option(
    "--target-rows",
    metavar="N",
    type=WholeNumber(min=1),
    help="Ask the model no more once N responses are rewritten.  [default: all]",
)
@click.option(
    "--min-score",
    metavar="S",
    type=DecimalNumber(0, 5),
    help="Keep the original where the model scores the rewrite, helpful and accurate, below S of"
    " 5.  [default: not scored]",
)
@click.option(
    "--keep-if-not-worse",
    is_flag=True,
    default=None,
    help="Keep the original where the model scores the rewrite lower.  [default: off]",
)
@click.option(
    "--self-evaluate",
    is_flag=True,
    default=None,
    help="Let the model value the sentences and texts that it wrote, and write a poor one again,"
    " twice at most.  [default: off]",
)
@CACHE
@click.option(
    "--progress",
    type=click.Choice(get_args(Kind)),
    default="auto",
    show_default=True,
    help="How to show it on stderr; json is one object a line.",
)
@QUIET
@click.option("-v", "--verbose", is_flag=True, help="Say what the engine and its worker do.")
@click.option(
    "--fail-under",
    metavar="P",
    type=DecimalNumber(0, 1),
    help="Exit with 3 if a smaller share of the tried rows is rewritten.  [default: 0]",
)
@input_options
@click.option("--json", "as_json", is_flag=True, help="Print stats.json on stdout instead.")
def command(source: Path, run_dir: Path, **options: Any) -> None:
    """Rewrite the responses of IN (a file, or - for stdin) into the form of their task.

    Example: realign run data.jsonl -o runs/first -m model.gguf --index indexes/wiki

    Everything that is finished is safe in RUN at any moment; the same command goes on after a stop.
    """  # fmt: skip
    options["until"] = Budget(options["budget"]) if options["budget"] else None
    settings = load_settings(options["config"], flags=flags_of(options))
    if options["verbose"]:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    with orderly_stop(saves=True):
        stats = _run(source, run_dir, settings, options)
    if options["as_json"]:
        echo_json(stats)
    elif not options["quiet"]:
        print_summary(stats, run_dir)
    _judge(stats, run_dir, settings, options["budget"])
    if options["progress"] == "json":
        echo_json({"event": "done", "status": stats["status"]}, err=True)


def _judge(
    stats: dict[str, Any], run_dir: Path, settings: Settings, budget_s: float | None
) -> None:
    """Raise what a run that was written out may still end with."""
    if stats["unfinished"] and budget_s:
        raise BudgetReached(
            f"the budget of {f'{budget_s:g}s' if budget_s < 60 else duration(budget_s)} is used up:"
            f" {stats['responses'] - stats['unfinished']} of {stats['responses']} responses are"
            f" done, {run_dir / rundir.OUTPUT} has the originals of the rest"
        )
    acceptance = stats["acceptance"]
    if acceptance is not None and acceptance < settings.fail_under:
        raise AcceptanceError(
            f"{acceptance:.1%} of the tried rows were rewritten,"
            f" --fail-under asks for {settings.fail_under:.1%}",
            hint=f"{run_dir / rundir.STATS} counts the reasons by task.",
        )


def _run(
    source: Path, run_dir: Path, settings: Settings, options: dict[str, Any]
) -> dict[str, Any]:
    from realign_local.commands.run import rewrite_dataset

    with watcher(_kind(options)) as progress:
        return rewrite_dataset(
            source,
            run_dir,
            settings,
            resume=options["resume"],
            limit=options["limit"],
            shard=options["shard"],
            budget=options["until"],
            target_rows=options["target_rows"],
            ray=options["ray"],
            progress=progress,
        )


def _kind(options: dict[str, Any]) -> Kind:
    asked: Kind = options["progress"]
    return "none" if options["quiet"] and asked == "auto" else asked
