"""`realign export`: a finished run in a trainer's format."""

from __future__ import annotations

from pathlib import Path

import click

from realign_local.base.reasons import Reason, Status
from realign_local.base.stop import orderly_stop
from realign_local.base.words.plural import counted
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.commands.export import Exported, export_run
from realign_local.run.targets import all_targets

WORDS = {
    Status.KEPT.value: "kept: its rewrite was turned down, so there is no pair",
    Status.SKIPPED.value: "skipped: no rewrite was made, so there is no pair",
    Reason.MALFORMED_ROW.value: "malformed_row: it could not be read",
    Reason.NOTHING_TO_REWRITE.value: "nothing_to_rewrite: it ends without a response",
    "has_tool_calls": "has_tool_calls: the format has no place for calls of tools",
    "has_other_than_text": "has_other_than_text: the format has no place for it",
    "has_empty_turn": "has_empty_turn: a turn of the assistant has no text",
    "not_utf8": "not_utf8: it has text that UTF-8 cannot hold",
    "turns_do_not_alternate": "turns_do_not_alternate: the format asks for it",
}
"""Why a row is left out, in words; other reasons go by their name."""


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice(list(all_targets())),
    help="The format to write.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="JSON lines file to write, outside of RUN; it is replaced if it exists.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def command(run: Path, target: str, output: Path, as_json: bool) -> None:
    """Write the finished run in the folder RUN in a trainer's format.

    Example: realign export runs/first --to messages -o train.jsonl

    Rows that the format has no place for are counted, by reason. Where LLaMA-Factory can read the
    format, its entry in dataset_info.json is written beside FILE.
    """
    with orderly_stop():
        exported = export_run(run, output, target=target)
    if as_json:
        echo_json(_as_dict(exported))
    else:
        _print(exported)


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
