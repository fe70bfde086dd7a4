"""`realign evaluate`: how far a model's judgement of two answers agrees with people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from realign_local.base.config import load_settings
from realign_local.base.stop import orderly_stop
from realign_local.cli.options import engine_options, flags_of
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json


@click.command()
@click.option(
    "--pairs",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help='JSON lines of {"instruction", "output_1", "output_2", "label": 1 or 2}.',
)
@click.option("-m", "--model", metavar="MODEL", help="GGUF file.  [default: the demo model]")
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(pairs: Path, as_json: bool, **options: Any) -> None:
    """Measure a model as a judge, on pairs of answers that people have judged.

    The result is kept beside the model: `realign run` asks a model which of two answers is better
    only where it agrees with people clearly more than chance. `realign doctor` shows it.

    Example: realign evaluate --pairs pairs.jsonl -m model.gguf
    """
    from realign_local.rewriting.judge import JUDGED_TOKENS
    from realign_local.run.agreement import keep, measure, read_pairs
    from realign_local.run.tools import LocalTools

    labelled = read_pairs(pairs)
    tools = LocalTools(load_settings(flags=flags_of(options)))
    with orderly_stop(), watcher() as progress:
        progress.phase("judge", len(labelled))
        progress.watch(lambda: tools.effort().get("engine", {}))
        with tools.engine(longest_tokens=JUDGED_TOKENS) as engine:
            found = measure(labelled, engine.generate, seen=progress.advance)
    keep(tools.model, found)
    if as_json:
        echo_json(asdict(found))
        return
    echo(found.told)
    echo(
        f"both orders say the same in {found.consistent:.0%};"
        f" of those, {found.agreement_consistent:.0%} agree"
    )
    if not found.is_clear:
        echo("that is too close to chance: a run will not ask this model")
