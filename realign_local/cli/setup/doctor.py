"""`realign doctor`: what works on this machine, what does not, how to mend it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from realign_local.base.config import go_offline, load_settings
from realign_local.base.errors import AssetError
from realign_local.cli.options import server_options
from realign_local.cli.terminal.output import echo_json, visible


@click.command()
@click.option("-m", "--model", metavar="FILE", help="GGUF model.  [default: the demo model]")
@click.option("--encoder", metavar="DIR", help="Sentence encoder.  [default: the demo encoder]")
@click.option("--index", metavar="DIR", help="Evidence index.  [default: none]")
@click.option("--criteria", metavar="DIR", help="Folder of criteria.  [default: built in]")
@click.option(
    "-c",
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Settings in TOML.  [default: none]",
)
@click.option(
    "--gpu-layers",
    metavar="N|auto",
    help="Layers of the model to try on the graphics card; 0: none, and a card that stays idle is"
    " no fault.  [default: auto, all]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@server_options
def command(config: Path | None, as_json: bool, **flags: Any) -> None:
    """Check the machine, llama.cpp, the model, the encoder and the index.

    With --server, what the server can do is found out, in the place of llama.cpp and the model.

    llama.cpp is tried out in a child process, so that a crash is a finding. Exits with 4 when the
    main job cannot run, or a graphics card is there and not used; a missing index is only a note.

    Example: realign doctor --json
    """
    from realign_local.commands.doctor import CheckResult, Wanted, findings
    from realign_local.engine.remote.address import read_address

    go_offline()
    settings = load_settings(config, flags=flags)
    for url in settings.server or ():
        read_address(url, option="--server")  # a slip of the pen need not wait for the checks
    wanted = Wanted(
        model=settings.model,
        encoder=settings.encoder,
        index=settings.index,
        criteria=settings.criteria,
        gpu_layers=None if settings.gpu_layers == "auto" else settings.gpu_layers,
        server=tuple(settings.server or ()),
        server_model=settings.server_model or "",
        **({"threads": settings.threads} if settings.threads else {}),
    )
    found: list[CheckResult] = []
    for finding in findings(wanted):
        found.append(finding)
        if not as_json:
            _show(finding.name, ok=finding.ok, detail=finding.detail, hint=finding.hint)
    bad = [finding.name for finding in found if not finding.ok]
    if as_json:
        echo_json({"ok": not bad, "findings": [asdict(finding) for finding in found]})
    if bad:
        raise AssetError(f"the main job cannot run: {', '.join(bad)}", hint="See the hints above.")


def _show(name: str, *, ok: bool, detail: str, hint: str) -> None:
    mark = click.style("ok  ", fg="green") if ok else click.style("FAIL", fg="red", bold=True)
    click.echo(f"{mark}  {name:<11} {visible(detail)}")
    if hint:
        click.echo(f"{'':<18}{click.style(visible(hint), dim=True)}")
