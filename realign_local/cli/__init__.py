"""The `realign` command: reads a subcommand's file only when it is needed, prints every error."""

from __future__ import annotations

import difflib
import importlib
import sys

import click

from realign_local import __version__
from realign_local.errors import RealignError

COMMANDS = {
    "doctor": "Check the machine, the model, the encoder and the index.",
    "models": "List, add and verify language models.",
    "index": "Build and search an evidence index.",
    "classify": "Add a task and a confidence to each row.",
    "retrieve": "Add evidence to each row.",
    "run": "Rewrite a dataset: classify, retrieve, rewrite, verify.",
    "verify": "Check a rewritten dataset against its original; needs no model.",
    "export": "Write a finished run in a trainer's format.",
    "bench": "Measure how fast this machine is.",
    "criteria": "List, show and check the tasks and their formats.",
}


USAGE_HINT = "`realign --help` lists the commands, `realign COMMAND --help` the options of one."


class LazyGroup(click.Group):
    """Reads a command's module only when that command runs, so that --help stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"realign_local.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="realign")
@click.option("-v", "--verbose", is_flag=True, help="Show the trace of an error.")
@click.pass_context
def realign(ctx: click.Context, verbose: bool) -> None:
    """Reformat instruction-tuning data offline, and check that only the form changed.

    Start with `realign run DATASET -o RUN`; see `realign doctor` if anything is missing.
    """
    ctx.obj = {"verbose": verbose}


def main() -> None:
    """Run the command line; the one place where errors become text and exit codes."""
    verbose = any(flag in sys.argv[1:2] for flag in ("-v", "--verbose"))
    try:
        code = realign.main(prog_name="realign", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        _print_error(error.format_message(), USAGE_HINT)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except RealignError as error:
        if verbose:
            raise
        _print_error(str(error), error.hint)
        sys.exit(error.exit_code)
    except Exception as error:
        if verbose:
            raise
        _print_error(f"unexpected: {type(error).__name__}: {error}", RealignError.default_hint)
        sys.exit(RealignError.exit_code)


def _print_error(message: str, hint: str) -> None:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
