"""`realign models`: the language models that are known and present here."""

from __future__ import annotations

import json
from pathlib import Path

import click

from realign_local import catalog
from realign_local.errors import AssetError

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def command() -> None:
    """The language models that are known, by sha256, and where they lie.

    Example: realign models list
    """


@command.command("list")
@JSON
def list_models(as_json: bool) -> None:
    """List the catalog, and which of its files are here.

    Example: realign models list --json
    """
    entries = [(entry, catalog.locate(entry)) for entry in catalog.read_catalog()]
    if as_json:
        shown = [{**e.model_dump(), "path": str(path) if path else None} for e, path in entries]
        click.echo(json.dumps({"models": shown}, ensure_ascii=False))
        return
    width = max((len(entry.name) for entry, _ in entries), default=0)
    row = f"{{:<{width}}}  {{:>6}}  {{:>7}}  {{:<8}}  {{:<10}}  {{:<12}}  {{}}"
    click.echo(row.format("model", "MiB", "context", "template", "licence", "sha256", "file"))
    for entry, path in entries:
        size, place = f"{entry.bytes / (1 << 20):.0f}", str(path or "not here")
        facts = (size, entry.context_tokens, entry.chat_template, entry.licence, entry.sha256[:12])
        click.echo(row.format(entry.name, *facts, place))


@command.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Name in the catalog.  [default: the file's]")
@click.option("--licence", default="", help="Licence.  [default: what the file says]")
def add(file: Path, name: str, licence: str) -> None:
    """Bring a GGUF file into ./models and write it down in ./models/catalog.toml.

    The header is checked and the sha256 taken. The file is linked where possible, else copied.

    Example: realign models add ~/Downloads/model.Q4_K_M.gguf --licence Apache-2.0
    """
    entry, target = catalog.add_model(file, name=name, licence=licence)
    click.echo(f"{entry.name}: {target}, sha256 {entry.sha256}")


@command.command("verify")
@JSON
def verify(as_json: bool) -> None:
    """Check the header and the sha256 of every model that is here; exits with 4 if one is wrong.

    Example: realign models verify
    """
    found = [(entry, catalog.locate(entry)) for entry in catalog.read_catalog()]
    states = [(entry, *catalog.state_of(entry, path)) for entry, path in found]
    if as_json:
        shown = [{"name": e.name, "state": state, "detail": why} for e, state, why in states]
        click.echo(json.dumps({"models": shown}, ensure_ascii=False))
    else:
        for entry, state, why in states:
            click.echo(f"{state:<8} {entry.name}: {why}")
    wrong = [entry.name for entry, state, _ in states if state in ("damaged", "changed")]
    if wrong:
        raise AssetError(
            f"not as in the catalog: {', '.join(wrong)}", hint="Copy or download them again."
        )
