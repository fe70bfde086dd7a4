"""`realign models`: the language models that are known and present here."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from realign_local.base.errors import AssetError
from realign_local.base.weights import catalog
from realign_local.cli.options import OUTPUT
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.screen import Screen

MEASURED = ("memory", "accepted", "rows/s")
MEANT = (
    "accepted: of the rewrites that were tried, how many passed the gates, those by"
    " rule among them; no measure of how well a model writes (docs/choosing-a-model.md)"
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def command() -> None:
    """The language models that are known, by sha256, and where they lie.

    Example: realign models list
    """


@command.command("list")
@JSON
def list_models(as_json: bool) -> None:
    """List the catalog: size, licence, and which files are here.

    Where a model was measured, also memory (the most MiB that a run took), accepted (the share of
    tried rewrites that passed the gates) and rows/s. --json has the sha256, rows and machine.

    Example: realign models list --json
    """
    entries = [(entry, catalog.locate(entry)) for entry in catalog.read_catalog()]
    if as_json:
        shown = [{**e.model_dump(), "path": str(path) if path else None} for e, path in entries]
        echo_json({"models": shown})
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("model", overflow="fold")
    measured = any(entry.rows_per_s or entry.memory_mib or entry.acceptance for entry, _ in entries)
    for column in ("MiB", "context", *(MEASURED if measured else ())):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("licence", overflow="fold")
    for entry, _ in entries:
        facts = _measured(entry) if measured else ()
        size, context = f"{entry.bytes / (1 << 20):.0f}", f"{entry.context_tokens}"
        table.add_row(entry.name, size, context, *facts, entry.licence)
    Screen().print(table)
    echo()
    if measured:
        echo(MEANT)
        echo()
    for entry, path in entries:
        echo(f"{entry.name}: {path or f'not here; put {entry.file} into {catalog.MODELS}/'}")


def _measured(entry: catalog.Entry) -> tuple[str, ...]:
    return (
        "-" if entry.memory_mib is None else f"{entry.memory_mib}",
        "-" if entry.acceptance is None else f"{entry.acceptance:.0%}",
        "-" if entry.rows_per_s is None else f"{entry.rows_per_s:.2g}",
    )


@command.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Name in the catalog.  [default: the file's]")
@click.option("--licence", default="", help="Licence.  [default: what the file says]")
def add(file: Path, name: str, licence: str) -> None:
    """Bring a GGUF file into ./models.

    It is written down in ./models/local.toml. The header is checked and the sha256 taken. The file
    is linked where possible, else copied.

    Example: realign models add ~/Downloads/model.Q4_K_M.gguf --licence Apache-2.0
    """
    entry, target = catalog.add_model(file, name=name, licence=licence)
    echo(f"{entry.name}: {target}, sha256 {entry.sha256}")
    echo(f"context {entry.context_tokens}, licence {entry.licence}")
    if entry.chat_template == "none":
        echo("no chat template: the prompt will be plain text; rewrites will be poorer")
    else:
        echo(f"chat template {entry.chat_template}")


@command.command("verify")
@JSON
def verify(as_json: bool) -> None:
    """Check the header and the sha256 of every model here.

    Exits with 4 if one is wrong.

    Example: realign models verify
    """
    found = [(entry, catalog.locate(entry)) for entry in catalog.read_catalog()]
    states = [(entry, *catalog.state_of(entry, path)) for entry, path in found]
    if as_json:
        shown = [{"name": e.name, "state": state, "detail": why} for e, state, why in states]
        echo_json({"models": shown})
    else:
        for entry, state, why in states:
            echo(f"{state:<8} {entry.name}: {why}")
    wrong = [entry.name for entry, state, _ in states if state in ("damaged", "changed")]
    if wrong:
        raise AssetError(
            f"not as in the catalog: {', '.join(wrong)}", hint="Copy or download them again."
        )


@command.command("distill-static")
@click.argument("encoder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "target", metavar="DIR", required=True, type=OUTPUT,
    help="A new folder for the static encoder.",
)  # fmt: skip
def distill_static(encoder: Path, target: Path) -> None:
    """Make a static encoder from another encoder.

    That one is a sentence-transformers folder; neither data nor a network is needed. It encodes
    many times faster and finds less by meaning: for an index of millions of passages.

    Example: realign models distill-static models/all-MiniLM-L6-v2 -o models/static
    """
    from realign_local.evidence.encoders import distill

    echo("encoding the vocabulary, about a minute ...", err=True)
    pieces, dim = distill.distill_static(encoder, target)
    echo(f"{target}: {pieces:,} pieces of {dim} numbers")
