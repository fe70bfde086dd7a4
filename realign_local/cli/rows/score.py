"""`realign score`: how helpful and how accurate a model thinks each response is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from realign_local.base.config import load_settings
from realign_local.base.progress import Unread
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.options import (
    CACHE,
    OUTPUT,
    QUIET,
    check_output,
    engine_options,
    flags_of,
    input_options,
    readable,
)
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json

if TYPE_CHECKING:
    from realign_local.base.progress import Progress
    from realign_local.commands.score import Record
    from realign_local.data.formats import Row
    from realign_local.engine.request import Completion, Engine, Request
    from realign_local.rewriting.scorer import Scorer
    from realign_local.run.files.finished import FinishedRun
    from realign_local.run.tools import ModelTools


@click.command()
@click.argument("source", metavar="IN|RUN", type=click.Path(path_type=Path, allow_dash=True))
@click.option("-m", "--model", metavar="MODEL", help="GGUF file.  [default: the demo model]")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=OUTPUT,
    help="The rows as JSON lines with their scores as columns.  [default: none]",
)
@click.option(
    "--fit",
    is_flag=True,
    help="Also how well each response fits the form of its row's category; slower.  [default: off]",
)
@CACHE
@click.option("--criteria", metavar="DIR", help="Folder of criteria.  [default: the 46 built in]")
@engine_options
@input_options
@QUIET
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(source: Path, output: Path | None, **options: Any) -> None:
    """Score every response of a dataset, or of a finished run as it was and as it is now.

    Helpfulness and accuracy from 0 to 5. They are the model's opinion: `realign evaluate --pairs`
    measures how far that agrees with people. The scores of a run are kept in it and shown in its
    report. After a stop the same command goes on where it was.

    Example: realign score data.jsonl -m model.gguf -o scored.jsonl
    """
    from realign_local.commands.score import of_dataset, of_run, score
    from realign_local.data.formats import open_dataset
    from realign_local.run.files.finished import open_finished
    from realign_local.run.tools import ModelTools

    settings = load_settings(flags=flags_of(options))
    if output:
        check_output(output, source=source)
    with ExitStack() as stack:
        stack.enter_context(replacing_own(*([output] if output else [])))
        run = open_finished(source) if source.is_dir() else None
        if run:
            dataset, rows = run.dataset, partial(of_run, run)
        else:
            path = stack.enter_context(readable(source, settings.encoding))
            dataset = open_dataset(path, format=settings.format, fields=settings.fields)
            rows = partial(of_dataset, dataset, settings.turns)
        tools = ModelTools(settings)
        criteria = tools.criteria if options["fit"] else None
        stack.enter_context(orderly_stop(saves=True))
        progress = stack.enter_context(watcher("none" if options["quiet"] else "auto"))
        progress.note(f"reading {dataset.described}")
        total, unread = _counted(rows(), progress)
        progress.phase("score", total)
        scorer = scorer_of(tools, stack, progress)
        with _recorded(run, tools, progress) as record:
            summary = score(
                rows(),
                scorer,
                criteria=criteria,
                output=output,
                record=record,
                progress=progress,
            )
    found = {**summary.as_dict(), "unread": unread, "judge_agreement": None}
    if tools.agreement:
        found["judge_agreement"] = round(tools.agreement.agreement, 4)
    if options["as_json"]:
        echo_json(found)
    elif not options["quiet"]:
        _print(found, output)


def _counted(rows: Iterable[tuple[Row, object]], progress: Progress) -> tuple[int, int]:
    """How many rows there are, and how many of them cannot be read, which is told."""
    unread, total = Unread(), 0
    for row, _ in rows:
        total += 1
        for sample in row.samples:
            unread.see(sample)
    unread.tell(progress)
    return total, unread.rows


def scorer_of(tools: ModelTools, stack: ExitStack, progress: Progress) -> Scorer:
    """Scores by a model that is loaded at the first question: what is known needs none."""
    from realign_local.base.assets import sha256_cached
    from realign_local.rewriting.scorer import Scorer
    from realign_local.rewriting.scores import SCORED_TOKENS
    from realign_local.run.files.score_cache import known_scores
    from realign_local.run.job import cache_of
    from realign_local.run.tidying import tell

    tell(tools, progress)
    held: list[Engine] = []

    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        if not held:
            held.append(stack.enter_context(tools.engine(longest_tokens=SCORED_TOKENS)))
        return held[0].generate(requests)

    progress.watch(lambda: tools.effort().get("engine", {}))
    known = known_scores(cache_of(tools.settings), stack, warn=progress.warn)
    return Scorer(generate, model=sha256_cached(tools.model), known=known)


@contextmanager
def _recorded(run: FinishedRun | None, tools: ModelTools, progress: Progress) -> Iterator[Record]:
    """What takes the scores of a run's responses, for its report; nothing for a dataset."""
    from realign_local.commands.score import not_kept
    from realign_local.report.write import write_report
    from realign_local.run.files.run_scores import writing_scores
    from realign_local.run.pace import recorded_pace

    if run is None or not os.access(run.folder, os.W_OK):
        yield not_kept
        return
    told = tools.agreement.told if tools.agreement else ""
    with writing_scores(run.folder, model=tools.model_name, judge=told) as record:
        yield record
    write_report(run.folder, pace=recorded_pace(run.folder))
    progress.note(f"scores and report: {run.folder}")


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
    told = "nobody has measured" if agreement is None else f"in {agreement:.0%} of pairs"
    echo(f"  how far this model agrees with people: {told} (`realign evaluate --pairs`)")
    if output:
        echo(output)
