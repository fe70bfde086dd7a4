"""`realign criteria`: list, show and check the tasks and the form that each one asks for."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from realign_local.assets import shared_path
from realign_local.criteria import Criteria, read_criteria
from realign_local.errors import AcceptanceError, UsageError
from realign_local.linting import lint

FOLDER = click.option(
    "--criteria",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of criteria.  [default: the 46 built in]",
)


def _read(folder: Path | None) -> Criteria:
    return read_criteria(folder or shared_path("criteria"))


@click.group()
def command() -> None:
    """The tasks, and the form that each one asks for.

    Example: realign criteria show math_puzzles
    """


@command.command("list")
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_tasks(folder: Path | None, as_json: bool) -> None:
    """List all tasks.

    Example: realign criteria list
    """
    criteria = _read(folder)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "criteria": [
                        c.model_dump(include={"task", "group", "rewrite", "needs_evidence"})
                        for c in criteria.values()
                    ]
                }
            )
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("task", "group", "rewritten", "evidence", "sections"):
        table.add_column(column)
    for c in criteria.values():
        shape = " → ".join(s.name for s in c.layout)
        table.add_row(c.task, c.group, _yes(c.rewrite), _yes(c.needs_evidence), shape)
    Console(highlight=False).print(table)


def _yes(value: bool) -> str:
    return "yes" if value else "-"


@command.command()
@click.argument("task")
@FOLDER
def show(task: str, folder: Path | None) -> None:
    """Show one task: description, format, layout and worked examples.

    Example: realign criteria show open_qa
    """
    criteria = _read(folder)
    if task not in criteria:
        near = difflib.get_close_matches(task, criteria, n=3)
        raise UsageError(
            f"no task is called {task!r}",
            hint=f"Did you mean {' or '.join(near)}?" if near else "`realign criteria list`",
        )
    c = criteria[task]
    lines = [f"{c.task} ({c.group})", c.description, ""]
    lines += [f"rewritten: {_yes(c.rewrite)}   evidence: {_yes(c.needs_evidence)}", ""]
    if c.format:
        lines += ["Format:", c.format.strip(), ""]
    lines += [f"  {s.name}: {s.kind}, {s.style}{f', {s.part}' * bool(s.part)}" for s in c.layout]
    for example in c.examples:
        lines += ["", "--- request", example.instruction.strip()]
        lines += ["--- response", example.response.strip()]
        lines += ["--- rewritten", example.rewritten.strip()]
    click.echo("\n".join(lines))


@command.command("lint")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def check(folder: Path | None) -> None:
    """Check that every worked example obeys its own layout and passes the gates.

    Example: realign criteria lint my-criteria
    """
    criteria = _read(folder)
    problems = list(lint(criteria))
    for problem in problems:
        click.echo(problem)
    if problems:
        raise AcceptanceError(
            f"{len(problems)} problems in {len(criteria)} criteria",
            hint="Mend the examples or the layouts named above.",
        )
    click.echo(f"{len(criteria)} criteria, no problems")
