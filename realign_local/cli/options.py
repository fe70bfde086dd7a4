"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from realign_local.config import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def input_options(command: Command) -> Command:
    """--format, --field and --turns: how the input is read."""
    for option in (
        click.option("--turns", type=click.Choice(["last", "all"]),
                     help="Which responses of a conversation to rewrite.  [default: last]"),
        click.option("--field", "fields", metavar="OURS=THEIRS", multiple=True, callback=as_pairs,
                     help="Name a field, such as instruction=question.  [default: detected]"),
        click.option("--format", metavar="NAME",
                     help="Format of the rows, such as alpaca or messages.  [default: detected]"),
    ):  # fmt: skip
        command = option(command)
    return command


def engine_options(command: Command) -> Command:
    """--threads and --parallel: how much of the machine the engine takes."""
    for option in (
        click.option("--parallel", metavar="N|auto", help="Rows at once.  [default: auto]"),
        click.option("--threads", metavar="N", type=click.IntRange(min=1),
                     help="CPU threads.  [default: all physical cores]"),
    ):  # fmt: skip
        command = option(command)
    return command


def as_pairs(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> dict[str, str] | None:
    """Read OURS=THEIRS pairs; None where there are none."""
    pairs = [text.partition("=") for text in value]
    for ours, _, theirs in pairs:
        if not ours or not theirs:
            raise click.BadParameter("must be OURS=THEIRS, such as instruction=question")
    return {ours: theirs for ours, _, theirs in pairs} or None


def as_shard(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, int]:
    """Read i/n with 1 <= i <= n."""
    part, _, parts = value.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise click.BadParameter("must be i/n with i from 1 to n, such as 2/4")
    return int(part), int(parts)


def flags_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are settings; a flag that was not given stays out."""
    flags = {key: value for key, value in options.items() if key in Settings.model_fields}
    if options.get("force"):
        flags["adaptive"] = False
    if not flags.get("annotate"):
        flags.pop("annotate", None)
    return flags
