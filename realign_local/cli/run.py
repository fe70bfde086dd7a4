"""`realign run`: the main job on one dataset."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from realign_local.cli.options import as_shard, engine_options, flags_of, input_options
from realign_local.cli.progress import watcher
from realign_local.cli.summary import print_summary
from realign_local.config import Settings, load_settings
from realign_local.data import rundir
from realign_local.data.atomic import spool_stdin
from realign_local.data.formats import Dataset, open_dataset
from realign_local.errors import AcceptanceError, UsageError
from realign_local.pipeline import Job, open_run, run_job
from realign_local.stop import orderly_stop


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    "run_dir",
    metavar="RUN",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the run; made if need be.",
)
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="GGUF file or a name under models/.  [default: the demo model, if installed]",
)
@click.option(
    "--index", metavar="DIR", help="Evidence index.  [default: none, no evidence is looked up]"
)
@click.option(
    "--encoder",
    metavar="DIR",
    help="Folder of a sentence-transformers model.  [default: the demo encoder]",
)
@click.option("--criteria", metavar="DIR", help="Folder of criteria.  [default: the 46 built in]")
@click.option(
    "-c",
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Settings in TOML; flags win over it.  [default: none]",
)
@click.option(
    "-n",
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Only the first N rows.  [default: all rows]",
)
@click.option(
    "--mode",
    type=click.Choice(["guided", "free"]),
    help="Follow the layout of the task, or let the model rewrite freely.  [default: guided]",
)
@click.option(
    "--candidates",
    metavar="N",
    type=click.IntRange(1, 16),
    help="Rewrites to try for each row; the first is greedy.  [default: 1]",
)
@click.option(
    "--temperature",
    metavar="T",
    type=click.FloatRange(0, 2),
    help="For the second candidate and on.  [default: 0.7]",
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    help="Start of all random numbers.  [default: 0]",
)
@click.option(
    "--passages",
    metavar="N",
    type=click.IntRange(1, 20),
    help="Passages of evidence for each row.  [default: 3]",
)
@click.option(
    "--min-confidence",
    metavar="P",
    type=click.FloatRange(0, 1),
    help="Leave rows alone whose task is less sure.  [default: 0.4]",
)
@click.option(
    "--force",
    is_flag=True,
    help="Rewrite even where the request sets a form of its own.  [default: off]",
)
@click.option(
    "--annotate", is_flag=True, help="Add realign_* columns to the output.  [default: off]"
)
@engine_options
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
    "--fail-under",
    metavar="P",
    type=click.FloatRange(0, 1),
    help="Exit with 3 if a smaller share of the tried rows is rewritten.  [default: 0]",
)
@input_options
@click.option("--json", "as_json", is_flag=True, help="Print stats.json on stdout instead.")
def command(source: Path, run_dir: Path, **options: Any) -> None:
    """Rewrite the responses of IN (a file, or - for stdin) into the form of their task.

    Example: realign run data.jsonl -o runs/first -m model.gguf --index indexes/wiki

    Everything that is finished is safe in RUN at any moment; the same command goes on after a stop.
    """  # fmt: skip
    settings = load_settings(options["config"], flags=flags_of(options))
    with orderly_stop():
        stats = _run(source, run_dir, settings, options)
    if options["as_json"]:
        click.echo(json.dumps(stats, ensure_ascii=False))
    else:
        print_summary(stats, run_dir)
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
    from realign_local.tools import LocalTools

    if run_dir == Path():
        raise UsageError("-o must name a folder of its own", hint="Give a new folder: -o RUN.")
    tools = LocalTools(settings)
    with ExitStack() as stack:
        if str(source) == "-":
            journal = stack.enter_context(open_run(run_dir, options["resume"]))
            source = run_dir / "input"
            spool_stdin(source)
        dataset = open_dataset(source, format=settings.format, fields=settings.fields)
        if source != run_dir / "input":
            journal = stack.enter_context(open_run(run_dir, options["resume"]))
        job = _job(dataset, run_dir, settings, options)
        progress = stack.enter_context(watcher())
        progress.note(f"reading {dataset.described}")
        return run_job(job, tools, journal, progress=progress)


def _job(dataset: Dataset, run_dir: Path, settings: Settings, options: dict[str, Any]) -> Job:
    from realign_local.tools import rewrite_settings

    return Job(
        dataset,
        run_dir,
        rewrite_settings(settings),
        passages=settings.passages,
        turns=settings.turns,
        limit=options["limit"],
        shard=options["shard"],
        annotate=settings.annotate,
        settings=settings.model_dump(exclude_none=True),
    )
