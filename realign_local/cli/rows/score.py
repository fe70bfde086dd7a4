"""`realign score`: how helpful and how accurate a model thinks each response is."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from realign_local.base.config import load_settings
from realign_local.base.errors import RealignError
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.options import (
    check_output,
    engine_options,
    flags_of,
    input_options,
    readable,
)
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json


@click.command()
@click.argument("source", metavar="IN|RUN", type=click.Path(path_type=Path, allow_dash=True))
@click.option("-m", "--model", metavar="MODEL", help="GGUF file.  [default: the demo model]")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="The rows as JSON lines with their scores as columns.  [default: none]",
)
@click.option(
    "--fit",
    is_flag=True,
    help="Also how well each response fits the form of its row's category; slower.  [default: off]",
)
@click.option(
    "--cache",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where scores are kept for the next time.  [default: the user's cache]",
)
@click.option("--criteria", metavar="DIR", help="Folder of criteria.  [default: the 46 built in]")
@engine_options
@input_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(source: Path, output: Path | None, **options: Any) -> None:
    """Score every response of a dataset, or of a finished run as it was and as it is now.

    Helpfulness and accuracy from 0 to 5. They are the model's opinion: `realign evaluate --pairs`
    measures how far that agrees with people.

    Example: realign score data.jsonl -m model.gguf -o scored.jsonl
    """
    from realign_local.base.assets import sha256_cached
    from realign_local.commands.score import Scorer, of_dataset, of_run, score
    from realign_local.data.formats import open_dataset
    from realign_local.rewriting.scores import SCORED_TOKENS
    from realign_local.run.files.finished import open_finished
    from realign_local.run.tools import LocalTools

    settings = load_settings(flags=flags_of(options))
    with ExitStack() as stack:
        if source.is_dir():
            run = open_finished(source)
            rows, described = of_run(run), run.dataset.described
        else:
            path = stack.enter_context(readable(source, settings.encoding))
            dataset = open_dataset(path, format=settings.format, fields=settings.fields)
            rows, described = of_dataset(dataset), dataset.described
        if output:
            check_output(output, source=source)
        tools = LocalTools(settings)
        stack.enter_context(orderly_stop())
        progress = stack.enter_context(watcher())
        progress.note(f"reading {described}")
        known = _known(options["cache"], stack, progress)
        progress.phase("score", None)
        progress.watch(lambda: tools.effort().get("engine", {}))
        scorer = Scorer(
            _when_asked(tools, stack, SCORED_TOKENS),
            model=sha256_cached(tools.model),
            known=known,
            criteria=tools.criteria if options["fit"] else None,
        )
        summary = score(rows, scorer, output=output, progress=progress)
    found = {**summary.as_dict(), "judge_agreement": None}
    if tools.agreement:
        found["judge_agreement"] = round(tools.agreement.agreement, 4)
    if options["as_json"]:
        echo_json(found)
    else:
        _print(found, output)


def _when_asked(tools: Any, stack: ExitStack, tokens: int) -> Any:
    """The engine's `generate`, started at the first question: what is known needs no model."""
    held: list[Any] = []

    def generate(requests: Any) -> Any:
        requests = list(requests)
        if not requests:
            return iter(())
        if not held:
            held.append(stack.enter_context(tools.engine(longest_tokens=tokens)))
        return held[0].generate(requests)

    return generate


def _known(folder: Path | None, stack: ExitStack, progress: Any) -> Any:
    """The scores of earlier sessions; without them where another process holds them."""
    from realign_local.base.machine import cache_folder
    from realign_local.run.files.journal import Journal

    folder = folder or cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return stack.enter_context(Journal(folder / "scores.sqlite"))
    except (OSError, RealignError) as error:
        progress.warn(f"going on without the scores of earlier sessions: {error}")
        return None


def _print(found: dict[str, Any], output: Path | None) -> None:
    echo(f"{counted(found['responses'], 'response')}, {found['asked']} scored now")
    for scale in ("helpfulness", "accuracy", "fit"):
        for side, value in found.get(scale, {}).items():
            if value is not None:
                name = scale if side == "now" else f"{scale} {side}"
                echo(f"  {name:<20} {value:.2f}")
    for side, count in found["good"].items():
        echo(f"  4.5 or more on both{'' if side == 'now' else f' {side}'}: {count}")
    agreement = found["judge_agreement"]
    told = "nobody has measured" if agreement is None else f"{agreement:.0%} of pairs is"
    echo(f"  how far this model agrees with people: {told} (`realign evaluate --pairs`)")
    if output:
        echo(output)
