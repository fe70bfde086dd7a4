"""`realign criteria`: list, show and check the tasks and the form that each one asks for."""

from __future__ import annotations

import difflib
from pathlib import Path

import click
from rich.table import Table

from realign_local.base.assets import shared_path
from realign_local.base.criterion import (
    Criteria,
    Criterion,
    read_criteria,
    read_criterion,
    told_of_no_default,
)
from realign_local.base.errors import AcceptanceError, UsageError
from realign_local.base.words.plural import counted
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.screen import Screen
from realign_local.commands.lint import lint

GROUP_COLUMNS = 120
"""A narrower screen has no room for the groups beside the sections."""
PIPE_COLUMNS = 240
"""Nothing is cut off where no screen sets a width."""

LEGEND = """\
rewritten: yes is tidied, and the model may do what the last column names. A row that itself names a
task with - is left alone; where the task is only guessed it is still tidied, but for those of the
groups Generation and Conversation, which are left alone except with --mode tidy."""
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
        wanted = {"task", "group", "rewrite", "needs_evidence"}
        echo_json({"criteria": [c.model_dump(include=wanted) for c in criteria.values()]})
        return
    console = Screen()
    if not console.is_terminal:
        console = Screen(width=PIPE_COLUMNS)
    console.print(_table(criteria, with_group=console.width >= GROUP_COLUMNS))
    console.print(f"\n{LEGEND}", soft_wrap=True)


def _table(criteria: Criteria, *, with_group: bool) -> Table:
    """One line a task, whatever the width: what does not fit at the end is cut off."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task", min_width=max(map(len, criteria)))
    if with_group:
        table.add_column("group", min_width=max(len(c.group) for c in criteria.values()))
    for column in ("rewritten", "evidence"):
        table.add_column(column, min_width=len(column))
    table.add_column("the model may", no_wrap=True, overflow="ellipsis")
    for c in criteria.values():
        shape = ", ".join(c.operations)
        group = [c.group] if with_group else []
        table.add_row(c.task, *group, _yes(c.rewrite), _yes(c.needs_evidence), shape)
    return table


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
    if c.operations:
        lines += [f"the model may: {', '.join(c.operations)}", ""]
    if c.format:
        lines += ["Format:", c.format.strip(), ""]
    lines += [f"  {s.name}: {s.kind}, {s.style}{f', {s.part}' * bool(s.part)}" for s in c.layout]
    for example in c.examples:
        lines += ["", "--- request", example.instruction.strip()]
        lines += ["--- response", example.response.strip()]
        lines += ["--- rewritten", example.rewritten.strip()]
    echo("\n".join(lines))


@command.command("lint")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def check(folder: Path | None) -> None:
    """Check that every worked example obeys its own layout and passes the gates.

    Example: realign criteria lint my-criteria
    """
    criteria, problems = _read_all(folder or shared_path("criteria"))
    problems += lint(criteria)
    for problem in problems:
        echo(problem)
    if warning := told_of_no_default(criteria):
        echo(f"warning: {warning}", err=True)
    if problems:
        raise AcceptanceError(
            f"{counted(len(problems), 'problem')} in {folder or 'the criteria built in'}",
            hint="Mend the files, examples or layouts named above.",
        )
    echo(f"{counted(len(criteria), 'criterion', plural='criteria')}, no problems")


def _read_all(folder: Path) -> tuple[Criteria, list[str]]:
    """The criteria that can be read, and one line for each file that cannot."""
    good: list[Criterion] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            good.append(read_criterion(path))
        except UsageError as error:
            problems.append(str(error))
    return Criteria(good) if good or problems else read_criteria(folder), problems
