"""`realign review`: a local page to accept, reject or edit the responses of a finished run."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realign_local.base.errors import Interrupted
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.terminal.output import echo

if TYPE_CHECKING:
    from realign_local.stages.verification import Check


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--port",
    metavar="N",
    type=WholeNumber(0, 65535),
    default=0,
    show_default=True,
    help="Port of the page on this machine; 0 takes a free one.",
)
def command(run: Path, port: int) -> None:
    """Step through the responses of the run in the folder RUN on a page in your browser.

    Example: realign review runs/first

    Each decision is on the disk (RUN/review.jsonl) before the page goes on, and `realign export`
    reads it. Only this machine can reach the page, at the address that is printed. Ctrl+C ends it.
    """
    from realign_local.report.loopback import ReviewServer
    from realign_local.report.review_state import Review
    from realign_local.run.files.decisions import told_stale

    with closing(Review(run, _check_of(run))) as review:
        with ReviewServer(review, title=run.resolve().name, port=port) as server:
            for fault in review.faults:
                echo(f"warning: {fault}", err=True)
            if review.stale:
                echo(f"warning: {told_stale(review.stale)}", err=True)
            echo(server.address)
            echo("Open this address in a browser here; Ctrl+C ends the review.", err=True)
            try:
                with orderly_stop():
                    server.serve_forever(poll_interval=0.1)
            except Interrupted:
                pass
        echo(f"{review.decided} of {counted(review.rows, 'response')} decided", err=True)


def _check_of(run: Path) -> Check:
    """The gates with the criteria that the run had, or the built-in ones where those are gone."""
    from realign_local.run.files.finished import open_finished
    from realign_local.run.tools import PAPER, criteria_of
    from realign_local.stages.gate_check import GateCheck

    settings = open_finished(run).settings  # refuses what is no finished run before all else
    own = settings.get("criteria", "")
    there = own == PAPER or (own and Path(own).is_dir())
    return GateCheck(criteria_of(own if there else None), settings.get("gates", {}))
