"""`realign export`: a finished run in a trainer's format."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from realign_local.base.config import load_settings
from realign_local.base.errors import UsageError
from realign_local.base.reasons import Reason, Status
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.options import CACHE, OUTPUT, check_output, engine_options, flags_of
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.commands.export import Exported, export_run, files_of
from realign_local.run.preference_targets import JUDGED_TARGETS
from realign_local.run.targets import all_targets

if TYPE_CHECKING:
    from realign_local.base.progress import Progress
    from realign_local.rewriting.judge import Generate
    from realign_local.run.files.run_scores import ColumnsOf
    from realign_local.run.tools import ModelTools

WORDS = {
    Status.KEPT.value: "kept: its rewrite was turned down, so nothing says which text is better",
    Status.SKIPPED.value: "skipped: no rewrite was made, so there is no text to set beside it",
    Reason.MALFORMED_ROW.value: "malformed_row: it could not be read",
    Reason.NOTHING_TO_REWRITE.value: "nothing_to_rewrite: it ends without a response",
    "has_tool_calls": "has_tool_calls: the format has no place for calls of tools",
    "has_other_than_text": "has_other_than_text: the format has no place for it",
    "has_empty_turn": "has_empty_turn: a turn of the assistant has no text",
    "not_utf8": "not_utf8: it has text that UTF-8 cannot hold",
    Reason.PROMPT_TOO_LONG.value: "prompt_too_long: the model cannot read it whole",
    "turns_do_not_alternate": "turns_do_not_alternate: the format asks for it",
}
"""Why a row is left out, in words; other reasons go by their name."""


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice([*all_targets(), *JUDGED_TARGETS]),
    help="The format to write.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=OUTPUT,
    help="JSON lines file to write, outside of RUN; one that this program wrote is replaced.",
)
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="GGUF file, for figa, allo, spa and reward-augmented; with dpo, its trust in each pair is"
    " written, too.  [default: the demo model; none for dpo]",
)
@click.option("--index", metavar="DIR", help="Evidence index, for factalign.")
@click.option(
    "--scores",
    is_flag=True,
    help="Add the scores that `realign score RUN` found, as columns of every record.  [default:"
    " off]",
)
@CACHE
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def command(run: Path, target: str, output: Path, as_json: bool, **options: Any) -> None:
    """Write the finished run in the folder RUN in a trainer's format.

    Example: realign export runs/first --to messages -o train.jsonl

    Rows that the format has no place for are counted, by reason. Where LLaMA-Factory can read the
    format, its entry in dataset_info.json is written beside FILE.
    """
    check_output(output, source=run)
    with orderly_stop(), replacing_own(*files_of(output, target)):
        if target in JUDGED_TARGETS:
            exported = _judged(run, output, target, options)
        elif target == "dpo" and options["model"]:
            exported = _trusted(run, output, target, options)
        else:
            exported = export_run(run, output, target=target, scores=_scores(run, options))
    if as_json:
        echo_json(_as_dict(exported))
    else:
        _print(exported)


def _scores(run: Path, options: dict[str, Any]) -> ColumnsOf | None:
    from realign_local.run.files.run_scores import columns_of_run

    return columns_of_run(run) if options["scores"] else None


def _trusted(run: Path, output: Path, target: str, options: dict[str, Any]) -> Exported:
    from realign_local.commands.export_judged import pair_columns
    from realign_local.commands.llama_factory import check_entry
    from realign_local.run.files.rundir import refuse_run_file
    from realign_local.run.tools import criteria_of

    refuse_run_file(output, run, None)  # before the model is asked, not only when it was
    check_entry(files_of(output, target)[-1], target)
    scores = _scores(run, options)
    with ExitStack() as stack:
        progress = stack.enter_context(watcher())
        found = pair_columns(
            run,
            criteria=criteria_of(None),
            generate=_generate(options, stack, progress),
            progress=progress,
        )
    return export_run(run, output, target=target, columns_of=found, scores=scores)


def _judged(run: Path, output: Path, target: Any, options: dict[str, Any]) -> Exported:
    from realign_local.cli.rows.score import scorer_of
    from realign_local.commands.export_judged import export_judged
    from realign_local.evidence.search import open_index
    from realign_local.run.tools import criteria_of

    with ExitStack() as stack:
        progress = stack.enter_context(watcher())
        generate = search = score = None
        if target == "factalign":
            if not options["index"]:
                raise UsageError("factalign needs an evidence index", hint="Give --index DIR.")
            index = open_index(Path(options["index"]))
            stack.callback(index.close)
            search = index.evidence
        elif target == "reward-augmented":
            score = scorer_of(_tools(options), stack, progress).scores
        else:
            generate = _generate(options, stack, progress)
        return export_judged(
            run,
            output,
            target=target,
            criteria=criteria_of(None),
            generate=generate,
            score=score,
            search=search,
            scores=_scores(run, options),
            progress=progress,
        )


def _generate(options: dict[str, Any], stack: ExitStack, progress: Progress) -> Generate:
    from realign_local.commands.export_judged import LONGEST_TOKENS
    from realign_local.run.tidying import tell

    tools = _tools(options)
    tell(tools, progress)
    progress.watch(lambda: tools.effort().get("engine", {}))
    return stack.enter_context(tools.engine(longest_tokens=LONGEST_TOKENS)).generate


def _tools(options: dict[str, Any]) -> ModelTools:
    from realign_local.run.tools import ModelTools

    return ModelTools(load_settings(flags=flags_of({**options, "index": None})))


def _as_dict(exported: Exported) -> dict[str, object]:
    return {
        "target": exported.target,
        "rows": exported.rows,
        "records": exported.records,
        "left_out": exported.left_out,
        "notes": list(exported.notes),
        "files": [str(path) for path in exported.files],
    }


def _print(exported: Exported) -> None:
    records = counted(exported.records, f"{exported.target} record")
    echo(f"{records} from {counted(exported.rows, 'row')}")
    for reason, rows in exported.left_out.items():
        echo(f"  left out: {counted(rows, 'row')}, {WORDS.get(reason, reason)}")
    for note in exported.notes:
        echo(f"  note: {note}")
    for path in exported.files:
        echo(f"  {path}")
