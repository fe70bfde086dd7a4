"""`realign estimate`: how long a run would take, and what it would need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from realign_local.base.config import load_settings
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted, duration
from realign_local.cli.options import (
    CACHE,
    as_shard,
    engine_options,
    flags_of,
    input_options,
    readable,
    server_options,
    setting_options,
)
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo_json
from realign_local.cli.terminal.screen import Screen
from realign_local.data.formats import open_dataset


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@setting_options
@engine_options
@CACHE
@server_options
@click.option(
    "--shard",
    metavar="i/n",
    callback=as_shard,
    default="1/1",
    show_default=True,
    help="Only every n-th row, beginning with row i.",
)
@input_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(source: Path, as_json: bool, **options: Any) -> None:
    """Say how long `realign run IN` would take here, and what it would need; writes nothing.

    IN may be - for standard input.

    Example: realign estimate data.jsonl -m model.gguf --index indexes/wiki

    All rows are read, up to 500 are classified, and up to 16 go through the model and the gates,
    for two minutes at most. The range allows for chance and for what the model of the cost leaves
    out; other work on the machine comes on top.
    """
    from realign_local.commands.estimate import estimate
    from realign_local.run.job import Job
    from realign_local.run.tidying import make_tools, tell

    settings = load_settings(options["config"], flags=flags_of(options))
    tools = make_tools(settings)
    with readable(source, settings.encoding) as path:
        dataset = open_dataset(path, format=settings.format, fields=settings.fields)
        job = Job.of(tools.resolved, dataset, limit=options["limit"], shard=options["shard"])
        with orderly_stop(), watcher() as progress:
            progress.note(f"reading {dataset.described}")
            tell(tools, progress)
            found = estimate(job, tools, progress=progress)
    if as_json:
        echo_json(found)
    else:
        _print(found, tools.model_name)


def _print(found: dict[str, Any], model: str) -> None:
    console = Screen()
    seconds, accepted = found["seconds"], found["acceptance"]
    low, likely, high = (duration(seconds[name]) for name in ("low", "likely", "high"))
    console.print(f"time        about {likely}, between {low} and {high}, with {model}")
    asked = counted(found["tried"], "response")
    console.print(f"rows        {found['rows']:,}; the model is asked for {asked}")
    for reason, rows in found["skipped"].items():
        console.print(f"            {rows} left alone: {reason}")
    if accepted:
        span = f"{accepted['low']:.0%} to {accepted['high']:.0%}"
        of = f"{counted(found['measured_rows'], 'row')} measured"
        console.print(f"accepted    about {accepted['likely']:.0%} ({span}; {of})")
    console.print(
        f"tokens      {found['prompt_tokens']:,} of prompts, {found['completion_tokens']:,} written"
    )
    console.print(f"memory      {found['memory_mb']:,} MB, as measured")
    console.print(f"disk        {_size(found['disk_mb'])} for the run directory")


def _size(megabytes: float) -> str:
    """In full MB; little in tenths, for there is always a file."""
    return f"{megabytes:,.0f} MB" if megabytes >= 10 else f"{max(megabytes, 0.1):.1f} MB"
