"""Writes docs/commands.md from the commands themselves; `--check` only says whether it is stale.

The text is what `--help` prints, so the two cannot differ.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from realign_local.cli import realign

TARGET = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
WIDTH = 92
HEAD = """\
# Commands

Made by `python scripts/command_reference.py` from the program's own help; not edited by hand.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | something unexpected; `realign -v COMMAND ...` shows the trace |
| 2 | wrong usage or configuration |
| 3 | finished, but violations were found or acceptance is below `--fail-under` |
| 4 | a model, index or encoder is missing or damaged |
| 5 | the input cannot be read as a dataset |
| 75 | stopped by `--budget`; the same command goes on |
| 129, 130, 143 | stopped by a signal (SIGHUP, Ctrl+C, SIGTERM); the same command goes on |
"""


def reference() -> str:
    """The whole page."""
    root = click.Context(
        realign,
        info_name="realign",
        max_content_width=WIDTH,
        terminal_width=WIDTH,
        **realign.context_settings,
    )
    sections = [f"## {ctx.command_path}\n\n```text\n{_help(ctx)}\n```\n" for ctx in _walk(root)]
    return "\n".join([HEAD, *sections])


def _walk(ctx: click.Context) -> Iterator[click.Context]:
    """The context of the command and of all below it, in the order of the help."""
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            command = ctx.command.get_command(ctx, name)
            if command and not command.hidden:
                yield from _walk(click.Context(command, parent=ctx, info_name=name))


def _help(ctx: click.Context) -> str:
    lines = ctx.command.get_help(ctx).strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    text = reference()
    if "--check" in sys.argv[1:]:
        sys.exit(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
