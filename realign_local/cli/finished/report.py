"""`realign report`: report.html of a finished run, made again."""

from __future__ import annotations

from pathlib import Path

import click

from realign_local.base.stop import orderly_stop
from realign_local.cli.options import OUTPUT
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.output import echo


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=OUTPUT,
    help="HTML file to write; one that this program wrote is replaced.  [default: RUN/report.html]",
)
def command(run: Path, output: Path | None) -> None:
    """Write the report of the finished run in the folder RUN: one file, to be opened in a browser.

    Example: realign report runs/first -o report.html

    `realign run` does the same at its end. The file needs no network and no other file.
    """
    from realign_local.report.write import write_report
    from realign_local.run.files.rundir import run_around
    from realign_local.run.pace import recorded_pace

    named = [output] if output and not run_around(output) else []
    with orderly_stop(), replacing_own(*named):
        made = write_report(
            run,
            output,
            pace=recorded_pace(run),
            warn=lambda text: echo(f"warning: {text}", err=True),
        )
    echo(made)
