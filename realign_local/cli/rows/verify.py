"""`realign verify`: the gates over two files of the same rows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from realign_local.base.assets import find_encoder
from realign_local.base.errors import DataError, UsageError
from realign_local.base.machine import physical_cores
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import as_pairs, as_roles, readable
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.verify_table import print_report
from realign_local.commands.verify import Checked, VerifySummary, verify_files
from realign_local.gates.claims import DeepJudge
from realign_local.run.files import rundir
from realign_local.run.part import RunPart, input_of_run, part_of_output, part_of_run


@click.command()
@click.argument("original", type=click.Path(path_type=Path))
@click.argument("rewritten", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option(
    "--jobs",
    metavar="N",
    type=WholeNumber(min=1),
    help="Processes.  [default: one a core]",
)
@click.option(
    "--without", metavar="GATE", multiple=True, help="Leave a gate out; may be given several times."
)
@click.option(
    "--show",
    metavar="N",
    default=20,
    type=WholeNumber(min=0),
    help="Rows to show.  [default: 20]",
)
@click.option(
    "--deep",
    is_flag=True,
    help="Also look for claims from nowhere and drift, with an encoder; much slower.",
)
@click.option("--encoder", metavar="DIR", help="Encoder for --deep.  [default: the demo encoder]")
@click.option("--format", metavar="NAME", help="Format of the rows.  [default: detected]")
@click.option(
    "--field",
    "fields",
    metavar="OURS=THEIRS",
    multiple=True,
    callback=as_pairs,
    help="Name a field, such as instruction=question.  [default: detected]",
)
@click.option(
    "--role",
    "roles",
    metavar="OURS=THEIRS",
    multiple=True,
    callback=as_roles,
    help="What a role is called in the turns, such as assistant=agent.  [default: detected]",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="Encoding of ORIGINAL where it is not UTF-8, such as cp1252.  [default: utf-8]",
)
def command(original: Path, rewritten: Path | None, **options: Any) -> None:
    """Check a rewritten dataset against its original: needs no model, changes nothing.

    REWRITTEN may also be a run directory. Alone, as in `realign verify RUN`, it names its input
    itself. Rows are matched by position. Exits with 3 if any row fails a gate.

    Example: realign verify data.jsonl runs/first/output.jsonl
    """
    _known_gates(options["without"])
    if rewritten is None and original.is_file():
        raise UsageError("REWRITTEN is missing", hint="Alone stands only the folder of a run.")
    run = original if rewritten is None else rewritten
    is_run = rewritten is None or run.is_dir()
    part = part_of_run(run) if is_run else part_of_output(run)
    source = original if rewritten else input_of_run(run)
    with readable(source, options["encoding"]) as path:
        try:
            summary = _told(path, run, part, options)
        except DataError as error:
            if told := part.made_from_other(path):
                error.hint = f"{told[0].upper()}{told[1:]}."
            raise
        if summary.violations and (told := part.made_from_other(path)):
            echo(f"warning: {told}", err=True)
    if summary.violations:
        sys.exit(3)


def _told(path: Path, run: Path, part: RunPart, options: dict[str, Any]) -> VerifySummary:
    """Check the rows and print what was found."""
    rows = verify_files(
        path,
        run / rundir.OUTPUT if run.is_dir() else run,
        part=part,
        jobs=options["jobs"] or physical_cores(),
        format=options["format"] or part.format,
        fields={**(options["fields"] or part.fields), **(options["roles"] or {})},
        without=options["without"],
        deep=_deep_judge(options["encoder"]) if options["deep"] else None,
    )
    return _print_json(rows) if options["as_json"] else print_report(rows, show=options["show"])


def _deep_judge(encoder: str | None) -> DeepJudge:
    from realign_local.evidence.encoders.encoder import Encoder

    return DeepJudge(Encoder(find_encoder(encoder), threads=physical_cores()).encode)


def _known_gates(names: tuple[str, ...]) -> None:
    from realign_local.gates import all_gates

    if unknown := [name for name in names if name not in all_gates()]:
        raise UsageError(f"no gate {unknown[0]!r}", hint=f"Gates: {', '.join(all_gates())}.")


def _print_json(rows: Iterator[Checked]) -> VerifySummary:
    summary = VerifySummary()
    failed = []
    for row in rows:
        summary.count(row)
        if row.findings:
            failed.append(
                {"index": row.index, "id": row.id, "reasons": [r.value for r in row.reasons]}
            )
    echo_json(
        {
            "rows": summary.rows,
            "rows_unread": summary.unread.rows,
            "violations": summary.violations,
            "by_reason": dict(summary.by_reason.most_common()),
            "rows_failed": failed,
        }
    )
    return summary
