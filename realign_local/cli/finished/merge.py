"""`realign merge`: the shards of one dataset as one run."""

from __future__ import annotations

from pathlib import Path

import click

from realign_local.base.stop import orderly_stop
from realign_local.cli.options import OUTPUT
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.run_table import print_summary


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "into",
    metavar="RUN",
    required=True,
    type=OUTPUT,
    help="Folder of the merged run; it must be new or empty.",
)
@click.option("--json", "as_json", is_flag=True, help="Print stats.json on stdout instead.")
def command(runs: tuple[Path, ...], into: Path, as_json: bool) -> None:
    """Merge the shards of one dataset into one run directory, in the order of the input.

    Example: realign merge runs/part1 runs/part2 -o runs/whole

    Each RUN was made with `realign run IN -o RUN --shard i/n`, on this machine or another one. All
    shards must be there, once, finished, and made with the same settings.
    """
    from realign_local.commands.merge import merge_runs

    with orderly_stop():
        stats = merge_runs(runs, into, warn=lambda text: echo(f"warning: {text}", err=True))
    if as_json:
        echo_json(stats)
    else:
        print_summary(stats, into)
