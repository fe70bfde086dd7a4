"""`realign bench`: measure the engine on this machine, with this model, on these rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from realign_local.assets import shared_path
from realign_local.cli.options import engine_options
from realign_local.cli.progress import watcher
from realign_local.config import load_settings
from realign_local.data.formats import open_dataset


@click.group()
def command() -> None:
    """Measure how fast this machine is.

    Example: realign bench engine -m model.gguf
    """


@command.command()
@click.option(
    "--workload",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Any dataset of instructions and responses.  [default: 64 rows built in]",
)
@click.option("-m", "--model", metavar="MODEL", help="GGUF file.  [default: the demo model]")
@click.option(
    "--against",
    metavar="URL",
    help="An OpenAI-compatible server to measure on the same rows, such as"
    " http://127.0.0.1:8080.  [default: none]",
)
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def engine(workload: Path | None, against: str | None, as_json: bool, **options: Any) -> None:
    """Compare the engine with the plain llama.cpp loop, and with what the hardware allows.

    Example: realign bench engine --workload data.jsonl -m model.gguf --json
    """  # fmt: skip
    from realign_local.benching import requests_of
    from realign_local.engine.bench import bench_engine
    from realign_local.tools import LocalTools

    tools = LocalTools(load_settings(flags=options))
    dataset = open_dataset(workload or shared_path("benchmarks/workload.jsonl"))
    with tools.classifier() as label:
        samples = (sample for row in dataset.rows() for sample in row.samples)
        requests = requests_of(samples, label, tools.criteria)
    with watcher() as progress:
        progress.note(f"{len(requests)} rows of {dataset.described}, model {tools.model.name}")
        report = bench_engine(
            tools.model,
            requests,
            capacity=tools.capacity_for(0),
            against=against,
            progress=progress.note,
        )
    if as_json:
        click.echo(json.dumps(report))
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "rows/s", "prompt tokens evaluated", "tokens written", "peak MB"):
        table.add_column(column, justify="left" if not column else "right")
    shown = {"plain loop": report["baseline"], **report["variants"], "engine": report["engine"]}
    for name, found in shown.items():
        table.add_row(
            name,
            f"{found['rows_per_s']:.3f}",
            str(found.get("prompt_tokens_evaluated", "")),
            str(found.get("completion_tokens", "")),
            str(found.get("peak_rss_mb", "")),
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{report['ratio']:.2f} times the plain loop, {report['of_ceiling']:.0%} of the ceiling"
        f" ({report['ceiling_rows_per_s']:.3f} rows/s)"
    )
    if report["against"]:
        console.print(f"{report['against']['url']}: {report['against']['rows_per_s']:.3f} rows/s")
