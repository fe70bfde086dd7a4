"""report.html: the rows of a finished run and what they come to, in one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from realign_local.base.atomic import replacing
from realign_local.base.errors import BudgetReached, DiskError, Interrupted
from realign_local.base.words.plural import duration
from realign_local.report.packing import SizeBudget, packed
from realign_local.report.page import CHOICES, asset, browser, filled, page
from realign_local.report.reviewed import Reviewed, reviewed_section
from realign_local.report.row_store import Spool
from realign_local.report.rows import shown_rows
from realign_local.report.score_figures import score_figures
from realign_local.report.score_section import score_section
from realign_local.report.summary import summary, text
from realign_local.run.files import rundir
from realign_local.run.files.decisions import read_review
from realign_local.run.files.finished import FinishedRun, open_finished, read_stats
from realign_local.run.files.journal import Journal
from realign_local.run.files.publish import CONTAINERS
from realign_local.run.files.run_scores import read_scores
from realign_local.run.pace import Pace, pace_in

BLOCK_BYTES = 38_000_000
"""For all blocks together: 51 MB in base64, which leaves the file under 60 MB."""

SETTINGS = ("mode", "candidates", "temperature", "seed", "passages", "min_confidence")
HASH_CHARS = 16


def write_report(
    run_dir: Path,
    output: Path | None = None,
    *,
    pace: Pace | None = None,
    just_written: bool = False,
    warn: Callable[[str], None] | None = None,
) -> Path:
    """Write the report of a finished run; returns where it is.

    Memory holds one block of rows and a line of the list for each. Raises DataError where the run
    is not finished or its files are damaged, UsageError where `output` is another file of the run,
    DiskError. `warn` hears what is wrong with the decisions of a review.
    """
    own = run_dir / rundir.REPORT
    output = output or own
    is_own = os.path.realpath(output) == os.path.realpath(own)
    if not is_own:
        rundir.refuse_run_file(output, run_dir, None)
    run = open_finished(run_dir, just_written=just_written)
    if not is_own:
        rundir.refuse_run_file(output, run_dir, run.settings["input"].get("path"))
    budget = SizeBudget(BLOCK_BYTES, _lines(run_dir / rundir.PROVENANCE))
    with spool_in(output.parent) as spool:
        reviewed = Reviewed(read_review(run_dir))
        spool.fill(reviewed.decided(shown_rows(run)), budget)
        with replacing(output) as file:
            for piece in _pieces(run, spool, reviewed, pace):
                file.write(piece.encode("utf-8", "replace"))
    if warn:
        for fault in reviewed.faults:
            warn(fault)
    if is_own:
        rundir.as_private_as(run_dir, output)
    return output


def picture(
    run_dir: Path, journal: Journal, *, warn: Callable[[str], None], of_review: bool = True
) -> None:
    """A run without its picture is still a run: what goes wrong here is said, and that is all.

    With `of_review`, decisions are told that no longer apply, or cannot be read.
    """
    told = warn if of_review else None
    try:
        write_report(run_dir, pace=pace_in(journal), just_written=True, warn=told)
    except (Interrupted, BudgetReached):
        raise
    except Exception as error:
        warn(f"{rundir.REPORT} was not written ({error}); `realign report` tries again")


def leave_picture(run_dir: Path, *, warn: Callable[[str], None]) -> None:
    """Leave no report of other files where the time does not last for one. Raises DiskError."""
    rundir.remove(run_dir / rundir.REPORT)
    warn(f"no time was left for {rundir.REPORT}; `realign report {run_dir}` writes it")


@contextmanager
def spool_in(folder: Path) -> Iterator[Spool]:
    """A spool whose file, which has no name, lies in a folder that has to have the space anyway.

    The system's folder for temporary files may be small, or full. Raises DiskError.
    """
    try:
        with closing(Spool(_file=TemporaryFile(dir=folder))) as spool:
            yield spool
    except OSError as error:
        raise DiskError.about("write into", folder, error) from error


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _pieces(run: FinishedRun, spool: Spool, reviewed: Reviewed, pace: Pace | None) -> Iterator[str]:
    stats = read_stats(run.folder)
    source = Path(str(run.settings["input"].get("path", run.folder)))
    title = text(f"{source.name}, reformatted")
    values = {
        **summary(spool.figures, stats, pace),
        **score_section(score_figures(scores) if (scores := read_scores(run.folder)) else None),
        **reviewed_section(reviewed),
        "title": title,
        "kicker": text(_kicker(run, stats)),
        "made": "".join(f"<dt>{text(k)}</dt><dd>{text(v)}</dd>" for k, v in _made(run, stats)),
        "browser": browser(choices=CHOICES if reviewed.verdicts else ""),
    }
    return page(
        title=title,
        kind="report",
        body=filled(asset("summary.html"), values),
        script="report.js",
        columns=packed(spool.columns.as_json()),
        blocks=spool.blocks(),
    )


def _kicker(run: FinishedRun, stats: Mapping[str, Any]) -> str:
    """The day comes from the data, so that the same run gives the same report at any time."""
    day = datetime.fromtimestamp((run.folder / rundir.PROVENANCE).stat().st_mtime)
    version = stats.get("realign_version", "")
    return f"Report of realign {version}, {day.day} {day:%B %Y}, from {run.folder.resolve().name}/"


def _made(run: FinishedRun, stats: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    source = run.settings["input"]
    yield "input", f"{source.get('path', '?')}: {source.get('described', source['format'])}"
    if not stats.get("model_file", "?"):
        yield "model", "none: the program alone"
    elif "server_can" in stats:
        yield "model", f"{stats['model_file']}, behind a server that {stats['server_can']}"
    elif "model_file" in stats:
        yield "model", f"{stats['model_file']}{_hash(stats, 'model')}"
    yield (
        "evidence",
        f"index {run.settings['index']}{_hash(stats, 'index')}"
        if run.settings.get("index")
        else "no index; only what rows brought along",
    )
    yield "criteria", f"{run.settings.get('criteria', 'built in')}{_hash(stats, 'criteria')}"
    yield (
        "settings",
        ", ".join(_settings(run.settings)),
    )
    if stats.get("seconds"):
        speed = f", {stats['tokens_per_s']} tokens/s" if stats.get("tokens_per_s") else ""
        yield "work", f"{duration(stats['seconds'])}{speed}"
    if stats.get("peak_memory_mb"):
        yield "memory", f"{stats['peak_memory_mb'] / 1000:.1f} GB at most"
    more = (name for name in CONTAINERS if (run.folder / name).exists())
    yield "files", f"{run.folder.resolve()}: {', '.join([*rundir.FILES, *more])}"


def _settings(settings: Mapping[str, Any]) -> Iterator[str]:
    """As options, so that they can be given again."""
    for name in SETTINGS:
        if name in settings:
            yield f"--{name.replace('_', '-')} {settings[name]}"
    if settings.get("min_score"):
        yield f"--min-score {settings['min_score']}"
    for name in ("keep_if_not_worse", "self_evaluate"):
        if settings.get(name):
            yield f"--{name.replace('_', '-')}"
    if not settings.get("adaptive", True):
        yield "--force"


def _hash(stats: Mapping[str, Any], name: str) -> str:
    value = str(stats.get(f"{name}_sha256") or "")
    return f", sha256 {value[:HASH_CHARS]}…" if value else ""
