"""`realign index`: build an evidence index from a dump, look into it, search it, measure it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from realign_local.base.stop import orderly_stop
from realign_local.cli.numbers import WholeNumber
from realign_local.cli.options import OUTPUT, RAY, RERANKER, as_pairs
from realign_local.cli.terminal.output import echo, echo_json
from realign_local.cli.terminal.progress_lines import ProgressLines


@click.group(name="index")
def command() -> None:
    """Build and search an evidence index.

    Example: realign index build dump.xml.bz2 -o indexes/wiki
    """


ENCODER = click.option(
    "--encoder",
    type=click.Path(path_type=Path),
    envvar="REALIGN_ENCODER",
    help="Folder of a sentence-transformers or model2vec model.  [default: the installed one]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
LOADING = "loading the encoder ..."
NOT_LEFT_OUT = ("articles", "pages_read")
"""Of the counts of a build: they have lines of their own."""
FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


def _as_code(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[a-z]{2,12}(-[a-z0-9]+)*", value.lower()):
        raise click.BadParameter("must be the code of a language, such as de or zh")
    return value and value.lower()


def _opened(folder: Path, encoder: Path | None, reranker: Path | None) -> Any:
    """The index with its encoder; says that this takes a while only where there is an index."""
    from realign_local.evidence.manifest import read_manifest
    from realign_local.evidence.search import open_index

    read_manifest(folder)
    echo(LOADING, err=True)
    return open_index(folder, encoder=encoder, reranker=reranker)


def _print_json(found: Any) -> None:
    echo_json(found)


@command.command()
@click.argument(
    "sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o", "--output", "folder", metavar="DIR", required=True, type=OUTPUT,
    help="Folder of the index.",
)  # fmt: skip
@ENCODER
@click.option(
    "--limit-pages", type=WholeNumber(1), help="Stop after this many articles.  [default: all]"
)
@click.option("--jobs", type=WholeNumber(1), help="Processes that read text.  [default: all cores]")
@click.option(
    "--language", metavar="CODE", callback=_as_code,
    help="Language of the text, such as de or zh.  [default: the dump's own, else by the script]",
)  # fmt: skip
@click.option(
    "--field", "fields", metavar="OURS=THEIRS", multiple=True, callback=as_pairs,
    help="Name a field of JSONL or Parquet, such as text=body; also title and id."
    "  [default: the usual names]",
)  # fmt: skip
@RAY
@JSON
def build(
    sources: tuple[Path, ...],
    folder: Path,
    encoder: Path | None,
    limit_pages: int | None,
    jobs: int | None,
    language: str | None,
    fields: dict[str, str] | None,
    ray: str | None,
    as_json: bool,
) -> None:
    """Build an index from XML dumps, or from JSONL or Parquet of title and text.

    Stopped at any moment, the same command goes on where it was.

    Example: realign index build simplewiki-pages-articles.xml.bz2 -o indexes/simple
    """
    from realign_local.base.assets import find_encoder
    from realign_local.evidence.building.pipeline import BuildPlan, build_index
    from realign_local.run.files.rundir import refuse_inside_run

    refuse_inside_run(folder)
    _check_fields(fields)
    chosen = find_encoder(str(encoder) if encoder else None)
    names = tuple(sorted((fields or {}).items()))
    plan = BuildPlan(
        sources, folder, chosen, limit_pages=limit_pages, jobs=jobs, language=language, fields=names
    )
    with orderly_stop(saves=True), _workshop(ray) as workshop, ProgressLines() as progress:
        made = build_index(plan, report=progress, workshop=workshop)
    _print_json(_info(made)) if as_json else _print_summary(folder, made, progress.seconds)
    _refuse_damage(made)


@contextmanager
def _workshop(ray: str | None) -> Iterator[Any]:
    """The cluster at this address; None for this machine."""
    if ray is None:
        yield None
        return
    from realign_local.run.cluster.spread_build import workshop_on

    tell = partial(echo, err=True)
    with workshop_on(ray, note=tell, warn=lambda text: tell(f"warning: {text}")) as workshop:
        yield workshop


def _check_fields(fields: dict[str, str] | None) -> None:
    from realign_local.evidence.building.tabular import NAMES

    if unknown := set(fields or {}) - set(NAMES):
        raise click.BadParameter(
            f"{min(unknown)} must be one of {', '.join(NAMES)}", param_hint="--field"
        )


def _refuse_damage(made: Any) -> None:
    from realign_local.base.errors import AcceptanceError

    if damaged := [s for s in made.source if s.damage]:
        raise AcceptanceError(
            f"{damaged[0].name}: {damaged[0].damage}; all that was readable is in the index",
            hint="Fetch the file again, and build into another folder.",
        )


def _info(made: Any) -> dict[str, Any]:
    found: dict[str, Any] = made.model_dump(by_alias=True, exclude={"files"})
    return {**found, "bytes": made.bytes, "files": len(made.files)}


def _print_summary(folder: Path, made: Any, seconds: float) -> None:
    from realign_local.base.words.plural import duration

    _print_facts(made)
    echo(f"time          {duration(seconds)}")
    echo(f"index         {folder}")


def _print_facts(made: Any) -> None:
    echo(f"sources       {', '.join(s.name for s in made.source)} ({made.language})")
    if read := made.counts.get("pages_read"):
        echo(f"pages read    {read:,}")
    echo(f"articles      {made.pages:,}")
    echo(f"passages      {made.passages:,}")
    others = {name: n for name, n in made.counts.items() if n and name not in NOT_LEFT_OUT}
    if others:
        echo("left out:")
    for name, number in others.items():
        echo(f"  {name.replace('_', ' '):<26}{number:>9,}")
    if made.templates_dropped:
        echo("templates left out, the commonest:")
        for name, number in list(made.templates_dropped.items())[:10]:
            echo(f"  {name:<26}{number:>9,}")
    echo(f"encoder       {_encoder_name(made)}, {made.dim} numbers a passage, {made.encoder_dtype}")
    echo(f"search        FAISS {made.factory}, recall@10 {made.recall_at_10:.3f}")
    echo(f"size          {made.bytes / 1e6:,.1f} MB")


def _encoder_name(made: Any) -> str:
    """The folder `model` of the installed encoder says nothing; the one above it does."""
    from realign_local.base.assets import find_encoder
    from realign_local.base.errors import AssetError
    from realign_local.evidence.encoders.encoder import encoder_sha256

    try:
        folder = find_encoder(None)
    except AssetError:
        return str(made.encoder)
    same = folder.name == made.encoder and encoder_sha256(folder) == made.encoder_sha256
    return folder.parent.name if same and folder.name == "model" else str(made.encoder)


@command.command()
@FOLDER
@JSON
def info(folder: Path, as_json: bool) -> None:
    """Show what an index holds, without loading it.

    Exits with 4 if a file is missing or cut.

    Example: realign index info indexes/simple
    """
    from realign_local.evidence.manifest import check_sizes, read_manifest

    made = read_manifest(folder)
    check_sizes(folder, made)
    _print_json(_info(made)) if as_json else _print_facts(made)


@command.command()
@FOLDER
@JSON
def verify(folder: Path, as_json: bool) -> None:
    """Check the size and hash of every file of an index.

    Exits with 4 if one is wrong.

    Example: realign index verify indexes/simple
    """
    from realign_local.evidence.manifest import check_files, read_manifest

    made = read_manifest(folder)
    check_files(folder, made, full=True)
    if as_json:
        _print_json({"ok": True, "files": len(made.files), "bytes": made.bytes})
    else:
        echo(f"{len(made.files)} files, {made.bytes / 1e6:,.1f} MB: all as they were built")


@command.command()
@FOLDER
@click.argument("query", nargs=-1, required=True)
@click.option(
    "-k", "count", default=5, show_default=True, type=WholeNumber(1, 100), help="Passages."
)
@ENCODER
@RERANKER
@JSON
def search(
    folder: Path,
    query: tuple[str, ...],
    count: int,
    encoder: Path | None,
    reranker: Path | None,
    as_json: bool,
) -> None:
    """Find the passages that answer a question.

    Example: realign index search indexes/simple how high is Mount Everest
    """
    index = _opened(folder, encoder, reranker)
    text = " ".join(query)
    passages = index.search([text], count)[0]
    index.close()
    if as_json:
        _print_json({"query": text, "passages": [_passage(p) for p in passages]})
        return
    for place, passage in enumerate(passages, start=1):
        heading = f"{passage.title} > {passage.section}" if passage.section else passage.title
        echo(f"{place}. {heading}  [{passage.passage_id}, {passage.score:.3f}]")
        echo(f"   {passage.text}\n")


def _passage(passage: Any) -> dict[str, Any]:
    names = ("passage_id", "title", "section", "text", "score")
    return {name: getattr(passage, name) for name in names}


@command.command("eval")
@FOLDER
@click.argument("questions", metavar="QUESTIONS.jsonl", type=click.Path(path_type=Path))
@ENCODER
@RERANKER
@JSON
def evaluate(
    folder: Path, questions: Path, encoder: Path | None, reranker: Path | None, as_json: bool
) -> None:
    """Measure how often the right passage is found.

    Also what each part of the search adds. A line of QUESTIONS.jsonl is an object with "question"
    and what tells the right passage: "title" of its article, "answers" (a list; one must be in the
    text), or "passage_id".

    Example: realign index eval indexes/simple questions.jsonl
    """
    from realign_local.evidence import recall

    read = recall.read_questions(questions)
    index = _opened(folder, encoder, reranker)
    with ProgressLines() as progress:
        found = recall.evaluate(index, read, report=lambda d, t: progress("measure", d, t))
    index.close()
    if as_json:
        _print_json(found)
        return
    echo(f"{'':<22}{'hit@1':>8}{'hit@5':>8}{'hit@20':>8}{'mrr':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for name, row in found["ablation"].items():
        echo(f"{name:<22}" + "".join(f"{value:>8}" for value in row.values()))
    echo(f"{found['questions']:,} questions")
