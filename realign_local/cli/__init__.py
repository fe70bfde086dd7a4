"""The `realign` command: reads a subcommand's file only when it is needed, prints every error."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import re
import sys
import traceback

import click

from realign_local import __version__
from realign_local.base.errors import (
    UNUSABLE_NAMES,
    BudgetReached,
    DiskError,
    Interrupted,
    RealignError,
    UsageError,
)
from realign_local.cli.terminal.output import (
    clipped,
    echo,
    echo_json,
    open_closed_streams,
    take_any_sign,
)
from realign_local.run.versions import versions

SECTIONS = {
    "Rows of a dataset": (
        "rows",
        {
            "run": "Rewrite a dataset: classify, retrieve, rewrite, verify.",
            "preview": "Show a few rows of every task before and after; writes nothing.",
            "estimate": "Say how long a run would take, and what it would need.",
            "verify": "Check a rewritten dataset against its original; needs no model.",
            "score": "Say how helpful and how accurate a model thinks each response is.",
            "select": "Choose a small part that stands for the whole.",
            "classify": "Add a task and a confidence to each row.",
            "retrieve": "Add evidence to each row.",
        },
    ),
    "Finished runs": (
        "finished",
        {
            "review": "Accept, reject or edit the rows of a finished run on a local page.",
            "export": "Write a finished run in a trainer's format.",
            "report": "Write report.html of a finished run again.",
            "merge": "Put the shards of one dataset together.",
            "evaluate": "Say what a run did to facts and readability; measure a judge.",
        },
    ),
    "This machine and what lies on it": (
        "setup",
        {
            "doctor": "Check the machine, the model, the encoder and the index.",
            "models": "List, add and verify language models.",
            "index": "Build and search an evidence index.",
            "criteria": "List, show and check the tasks and their formats.",
            "classifier": "Train a task classifier on your own labels, and measure one.",
            "bench": "Measure how fast this machine is.",
            "bundle": "Carry everything to a machine without a network.",
            "completion": "Teach a shell to complete commands and options.",
        },
    ),
}
"""The commands as the help shows them: a heading, the folder of their modules, names and lines."""
FOLDERS = {name: folder for folder, commands in SECTIONS.values() for name in commands}
COMMANDS = {name: line for _, commands in SECTIONS.values() for name, line in commands.items()}

TOO_MANY = re.compile(r"Got unexpected extra arguments? ")
"""How click says it; the word is kept for errors of our own making."""
USAGE_HINT = "`realign --help` lists the commands, `realign COMMAND --help` the options of one."
DISK_HINT = "Make room there; what is finished by then is kept."
NAME_HINT = "Check the name, and that it is the file or folder that is meant and may be used."


class LazyGroup(click.Group):
    """Reads a command's module only when that command runs, so that --help stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(
            f"realign_local.cli.{FOLDERS[cmd_name]}.{cmd_name}"
        ).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        unknown = args and args[0] not in COMMANDS and not args[0].startswith("-")
        if unknown and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, COMMANDS))
        for heading, (_, commands) in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), line) for name, line in commands.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    click.echo(f"realign {__version__}")
    for name, version in versions().items():
        click.echo(f"  {name} {version}{_build() if name == 'llama-cpp-python' else ''}")
    ctx.exit()


def _build() -> str:
    """What this build of llama.cpp can do, where it was asked before: asking takes seconds."""
    from realign_local.base.cache import recall
    from realign_local.engine.process.probe import build_key

    try:
        known = recall("build", build_key())
    except RealignError:
        return ""
    if not isinstance(known, dict):
        return ""
    gpu = "with GPU" if known.get("gpu_offload") else "no GPU"
    return f" ({gpu}; {', '.join(known.get('features', ()))})"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and those of the libraries that decide the result.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the trace of an error.")
@click.pass_context
def realign(ctx: click.Context, verbose: bool) -> None:
    """Reformat instruction-tuning data offline, and check that only the form changed.

    Start with `realign run DATASET -o RUN`; see `realign doctor` if anything is missing.
    """
    ctx.obj = {"verbose": verbose}
    if not ctx.resilient_parsing:
        _warn_of_variables()
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> None:
    """Run the command line; the one place where errors become text and exit codes."""
    verbose = not {"-v", "--verbose"}.isdisjoint(sys.argv[1:])
    open_closed_streams()
    take_any_sign()
    try:
        code = realign.main(prog_name="realign", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()  # the help in its lines, which an error would fold into one
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _print_error(TOO_MANY.sub("one argument too many: ", error.format_message()), USAGE_HINT)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except RealignError as error:
        if verbose:
            traceback.print_exc()
        _print_error(str(error), error.hint, is_stop=isinstance(error, BudgetReached | Interrupted))
        sys.exit(error.exit_code)
    except Exception as error:
        if verbose:
            traceback.print_exc()
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _print_error(f"no space left: {error.filename or 'standard output'}", DISK_HINT)
            sys.exit(DiskError.exit_code)
        if isinstance(error, OSError) and error.errno in UNUSABLE_NAMES and error.filename:
            _print_error(f"cannot use {error.filename}: {error.strerror}", NAME_HINT)
            sys.exit(UsageError.exit_code)
        _print_error(f"unexpected: {type(error).__name__}: {error}", RealignError.default_hint)
        sys.exit(RealignError.exit_code)


def _tells_a_machine() -> bool:
    return bool({"--progress=json", "json"} & set(sys.argv)) and "run" in sys.argv[1:3]


def _warn_of_variables() -> None:
    """A variable of ours that nothing reads is a slip that would go unnoticed."""
    if not any(name.startswith("REALIGN_") for name in os.environ):
        return
    from realign_local.base.config import unread_variables

    for text in unread_variables(os.environ):
        if _tells_a_machine():
            echo_json({"event": "warning", "text": text}, err=True)
        else:
            echo(f"warning: {text}", err=True)


def _print_error(message: str, hint: str, *, is_stop: bool = False) -> None:
    """Two lines for a person; one JSON object where the progress is for a machine."""
    kind, text = "stopped" if is_stop else "error", clipped(" ".join(message.split()))
    if _tells_a_machine():
        echo_json({"event": kind, "text": text, "hint": hint}, err=True)
        return
    echo(text if is_stop and text.startswith(kind) else f"{kind}: {text}", err=True)
    if hint:
        echo(f"hint: {hint}", err=True)
