"""`realign bench`: measure the engine on this machine, with this model, on these rows."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.table import Table

from realign_local.base.assets import shared_path
from realign_local.base.config import load_settings
from realign_local.base.words.plural import counted
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import engine_options
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.screen import Screen
from realign_local.data.formats import open_dataset

COLUMNS = (
    "", "rows/s", "CPU s", "prompt tokens evaluated", "tokens written", "unlike plain", "peak MB",
)  # fmt: skip


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
@click.option(
    "--llama-server",
    "server",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A llama-server to start on the loopback address and measure in turns with the others. "
    " [default: none]",
)
@click.option(
    "--openvino-model",
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="What openvino-genai reads: a folder of OpenVINO's with the same model, or a GGUF file."
    "  [default: the model]",
)
@click.option(
    "--load",
    metavar="N",
    type=WholeNumber(0, 1024),
    default=0,
    show_default=True,
    help="Processes that keep a core busy all the while.",
)
@engine_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def engine(
    workload: Path | None,
    against: str | None,
    server: Path | None,
    openvino_model: Path | None,
    load: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare the engine with the plain llama.cpp loop.

    Also with what the hardware allows; with llama-server, xllamacpp and openvino-genai, where they
    are there; and with a server that runs (--against). The rows come sorted by task, as in a run,
    in the order of the file (file_order), and with what --cache keeps of an earlier run
    (second_run).

    Example: realign bench engine --workload data.jsonl -m model.gguf --json
    """  # fmt: skip
    from realign_local.commands.bench import requests_of
    from realign_local.engine.bench.baselines import longest_tokens
    from realign_local.engine.bench.server import check_address, check_is_there
    from realign_local.engine.bench.speed import bench_engine
    from realign_local.run.tools import LocalTools

    if against:
        check_address(against)
        check_is_there(against)  # before the minutes that everything else takes
    tools = LocalTools(load_settings(flags=options))
    dataset = open_dataset(workload or shared_path("benchmarks/workload.jsonl"))
    with tools.classifier() as label:
        samples = (sample for row in dataset.rows() for sample in row.samples)
        requests = requests_of(samples, label, tools.criteria)
    with watcher() as progress:
        progress.note(
            f"{counted(len(requests), 'row')} of {dataset.described}, model {tools.model.name}"
        )
        report = bench_engine(
            tools.model,
            requests,
            capacity=tools.capacity_for(longest_tokens(requests)),
            against=against,
            server=server,
            openvino_model=openvino_model,
            load=load,
            progress=progress.note,
        )
    if as_json:
        echo_json(report)
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, justify="left" if not column else "right")
    shown = {
        "plain loop": report["baseline"],
        **report["peers"],
        **report["variants"],
        "engine": report["engine"],
    }
    for name, found in shown.items():
        table.add_row(
            name,
            f"{found['rows_per_s']:.3f}",
            str(found.get("cpu_s", "")),
            str(found.get("prompt_tokens_evaluated", "")),
            str(found.get("completion_tokens", "")),
            _unlike_plain(found),
            str(found.get("peak_rss_mb", "")),
        )
    console = Screen()
    console.print(table)
    console.print(
        f"{report['ratio']:.2f} times the plain loop, {report['of_ceiling']:.0%} of the ceiling"
        f" ({report['ceiling_rows_per_s']:.3f} rows/s)"
    )
    if report["left_out"]:
        left_out = ", ".join(f"{name} ({why})" for name, why in report["left_out"].items())
        console.print(f"not measured: {left_out}")
    if report["against"]:
        console.print(f"{report['against']['url']}: {report['against']['rows_per_s']:.3f} rows/s")


def _unlike_plain(found: dict[str, Any]) -> str:
    compared = found.get("rows_compared_with_plain")
    return f"{found['rows_differ_from_plain']} of {compared}" if compared else ""


@command.command()
@click.option(
    "--dump",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A Wikipedia dump to read; some megabytes are enough.  [default: pages made up]",
)
@click.option(
    "--encoder",
    metavar="DIR",
    envvar="REALIGN_ENCODER",
    help="Folder of the encoder.  [default: the installed one]",
)
@click.option(
    "--sizes",
    metavar="N,N",
    default="10000,1000000",
    show_default=True,
    callback=lambda _ctx, _param, value: _as_sizes(value),
    help="Passages to search among, made up; a million takes some minutes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def index(dump: Path | None, encoder: str | None, sizes: tuple[int, ...], as_json: bool) -> None:
    """Measure reading a dump, encoding and searching.

    What they would take for the whole English Wikipedia is projected from that.

    Example: realign bench index --dump simplewiki-pages-articles.xml.bz2 --sizes 10000
    """
    from realign_local.base.assets import find_encoder
    from realign_local.evidence.building.timings import bench_index, write_pages

    with watcher() as progress, TemporaryDirectory() as folder:
        if dump is None:
            rows = open_dataset(shared_path("benchmarks/workload.jsonl")).rows()
            texts = [sample.original for row in rows for sample in row.samples]
            dump = write_pages(Path(folder) / "made-up.xml", texts)
        report = bench_index(dump, find_encoder(encoder), sizes=sizes, note=progress.note)
    if as_json:
        echo_json(report)
    else:
        _print_index(report)


def _as_sizes(value: str) -> tuple[int, ...]:
    if not all(re.fullmatch(r"\s*0*[1-9][0-9]{0,11}\s*", part) for part in value.split(",")):
        raise click.BadParameter("must be numbers with commas between, such as 10000,1000000")
    return tuple(int(part) for part in value.split(","))


def _print_index(report: dict[str, Any]) -> None:
    plan = report["projection"]
    echo(f"reading       {report['dump_mb_per_s_core']:.2f} MB of text a second and core")
    echo(
        f"encoding      {report['passages_per_s']:.1f} passages/s in {report['precision']},"
        f" {report['ratio']:.2f} times plain encode ({report['baseline_passages_per_s']:.1f})"
    )
    for row in report["search"]:
        echo(
            f"search        {row['passages']:,} passages: {row['p50_ms']:.1f} ms,"
            f" recall@10 {row['recall@10']:.3f}, {row['rss_mb']:,.0f} MB, {row['factory']}"
        )
    echo(
        f"enwiki        {plan['assumed']['passages']:,} passages (assumed):"
        f" {plan['read_hours']} h to read, {plan['encode_hours']} h to encode,"
        f" {plan['vectors_gb']} GB of vectors"
    )
