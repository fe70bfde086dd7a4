"""`realign completion`: the script that teaches a shell to complete our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_REALIGN_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and file names.

    Example: realign completion bash > ~/.local/share/bash-completion/completions/realign

    In zsh put `eval "$(realign completion zsh)"` into ~/.zshrc; fish reads
    ~/.config/fish/completions/realign.fish.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "realign", VARIABLE).source())
