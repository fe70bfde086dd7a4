"""`realign evaluate`: what a run did to its responses, and how far a judge agrees with people."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from realign_local.base.config import load_settings
from realign_local.base.errors import UsageError
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.options import engine_options, flags_of
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json


@click.command()
@click.argument("run", metavar="[RUN]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help='JSON lines of {"question", "answers": [...]}, matched by question, else in the order of'
    " the responses.",
)
@click.option("--index", metavar="DIR", help="Evidence index to look every sentence up in.")
@click.option(
    "--pairs",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help='Without RUN: JSON lines of {"instruction", "output_1", "output_2", "label": 1 or 2}.',
)
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="GGUF file of the judge.  [default: none for RUN, the demo model for --pairs]",
)
@click.option("--encoder", metavar="DIR", help="Encoder of the index.  [default: its own]")
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(
    run: Path | None, answers: Path | None, pairs: Path | None, as_json: bool, **options: Any
) -> None:
    """Evaluate a finished run, or a model as a judge.

    A run: whether the gold answers still stand in the responses (--answers), how many sentences an
    index bears out (--index), and how often a judge prefers the new response (-m). A judge
    (--pairs): how far it agrees with people; that is kept beside the model, and `realign run` asks
    a model only where it agrees clearly more than chance.

    Example: realign evaluate runs/first --answers gold.jsonl --index indexes/wiki
    """
    if (run is None) == (pairs is None):
        raise UsageError("give either RUN or --pairs", hint="`realign evaluate --help` has both.")
    if pairs is not None:
        _measure_judge(pairs, options, as_json=as_json)
    elif run is not None:
        _evaluate_run(run, answers, options, as_json=as_json)


def _evaluate_run(
    run: Path, answers: Path | None, options: dict[str, Any], *, as_json: bool
) -> None:
    from realign_local.commands.evaluate import evaluate, read_answers
    from realign_local.rewriting.judge import JUDGED_TOKENS
    from realign_local.run.files.finished import open_finished

    if not (answers or options["index"] or options["model"]):
        raise UsageError(
            "nothing to evaluate the run by",
            hint="Give --answers FILE, --index DIR or -m MODEL, or several of them.",
        )
    gold = read_answers(answers) if answers else []
    finished = open_finished(run)
    with ExitStack() as stack:
        search = _search(options, stack) if options["index"] else None
        stack.enter_context(orderly_stop())
        progress = stack.enter_context(watcher())
        generate, agreement = None, None
        if options["model"]:
            from realign_local.run.tools import ModelTools

            tools = ModelTools(load_settings(flags=flags_of({**options, "index": None})))
            progress.watch(lambda: tools.effort().get("engine", {}))
            agreement = round(tools.agreement.agreement, 4) if tools.agreement else None
            engine = stack.enter_context(tools.engine(longest_tokens=JUDGED_TOKENS))
            generate = engine.generate
        found = evaluate(
            finished, answers=gold, search=search, generate=generate, progress=progress
        )
    found.agreement = agreement
    if as_json:
        echo_json(found.as_dict())
    else:
        _print(found.as_dict())


def _search(options: dict[str, Any], stack: ExitStack) -> Any:
    from realign_local.evidence.search import open_index

    encoder = Path(options["encoder"]) if options["encoder"] else None
    index = open_index(Path(options["index"]), encoder=encoder)
    stack.callback(index.close)
    return index.evidence


def _print(found: dict[str, Any]) -> None:
    facts, read = found["factuality"], found["readability"]
    echo(counted(found["rows"], "response"))
    if facts["questions"]:
        for side in ("before", "after"):
            low, high = facts[f"gold_{side}_interval"]
            hits = facts[f"gold_{side}"]
            echo(
                f"  gold answer stands in it {side:<7} {hits} of {facts['questions']}"
                f" ({hits / facts['questions']:.1%}; 95 %: {low:.1%} to {high:.1%})"
            )
    if foreign := facts["questions_of_no_response"]:
        echo(f"  left out: {counted(foreign, 'question')} to which no response belongs")
    for side, end in (("before", "_before"), ("after", "")):
        counts = [facts[f"{kind}{end}"] for kind in ("supported", "unsupported", "undecided")]
        if any(counts):
            echo(f"  sentences {side:<7} {counts[0]} supported, {counts[1]} not, {counts[2]} open")
    judged = read["win"] + read["tie"] + read["loss"]
    if judged:
        echo(
            f"  of {judged} that changed: {read['win']} win, {read['tie']} tie, {read['loss']} loss"
        )
        known = found["judge_agreement"]
        told = "nobody has measured" if known is None else f"in {known:.0%} of pairs"
        echo(f"  how far this judge agrees with people: {told} (--pairs)")


def _measure_judge(pairs: Path, options: dict[str, Any], *, as_json: bool) -> None:
    from realign_local.rewriting.judge import JUDGED_TOKENS
    from realign_local.run.agreement import keep, measure, read_pairs
    from realign_local.run.tidying import tell
    from realign_local.run.tools import ModelTools

    labelled = read_pairs(pairs)
    tools = ModelTools(load_settings(flags=flags_of(options)))
    with orderly_stop(), watcher() as progress:
        tell(tools, progress)
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
