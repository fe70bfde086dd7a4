"""`realign retrieve`: add the passages of an evidence index to every row of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from realign_local.base.atomic import write_lines
from realign_local.base.config import go_offline, load_settings
from realign_local.base.progress import Progress, Unread
from realign_local.base.records import Passage
from realign_local.base.stop import orderly_stop
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import (
    OUTPUT,
    RERANKER,
    check_output,
    flags_of,
    input_options,
    readable,
)
from realign_local.cli.own_output import replacing_own
from realign_local.cli.terminal.live import watcher
from realign_local.cli.terminal.output import echo
from realign_local.data.batches import batched
from realign_local.data.formats import Dataset, Row, annotate, open_dataset
from realign_local.evidence.search import open_index
from realign_local.stages.retrieval import BATCH, Search, retrieve


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    type=OUTPUT,
    help="The same rows as JSONL, with `evidence` added: a list of passages.",
)
@click.option(
    "--index", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Evidence index."
)
@click.option(
    "--encoder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The encoder that the index was built with.  [default: the demo encoder]",
)
@RERANKER
@click.option(
    "--passages",
    metavar="N",
    type=WholeNumber(1, 20),
    help="Passages for each row, at most.  [default: 3]",
)
@input_options
def command(
    source: Path,
    output: Path,
    index: Path,
    encoder: Path | None,
    reranker: Path | None,
    **options: Any,
) -> None:
    """Add evidence to each row: the passages that answer its request best.

    Passages that are far off are left out, so a row may get none.

    IN may be - for standard input. A row needs no response.

    Example: realign retrieve data.jsonl -o with-evidence.jsonl --index indexes/wiki
    """  # fmt: skip
    go_offline()
    check_output(output, source=source)
    settings = load_settings(flags=flags_of(options))
    with replacing_own(output), readable(source, settings.encoding) as path:
        form, fields = settings.format, settings.fields
        dataset = open_dataset(path, format=form, fields=fields, answered=False)
        with (
            closing(open_index(index, encoder=encoder, reranker=reranker)) as opened,
            orderly_stop(),
            watcher() as progress,
        ):
            progress.phase("retrieve", None)
            write_lines(output, _found(dataset, opened.evidence, settings.passages, progress))
    echo(output)


def _found(dataset: Dataset, search: Search, passages: int, progress: Progress) -> Iterator[str]:
    unread = Unread()
    for rows in batched(dataset.rows(), BATCH):
        done = retrieve((row.samples[-1] for row in rows), search, passages=passages)
        for row, sample in zip(rows, done, strict=True):
            progress.advance()
            yield _with_evidence(row, sample.evidence, malformed=unread.see(sample))
    unread.tell(progress)


def _with_evidence(row: Row, evidence: tuple[Passage, ...], *, malformed: bool) -> str:
    if malformed:
        return row.render({})
    found = [
        {
            "passage_id": p.passage_id,
            "title": p.title,
            "section": p.section,
            "text": p.text,
            "score": round(p.score, 5),
        }
        for p in evidence
    ]
    return annotate(row.render({}), {"evidence": found})
