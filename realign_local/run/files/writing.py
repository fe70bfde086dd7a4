"""The files of a run, written from the journal when its passes have come to an end."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_of
from realign_local.base.atomic import replacing
from realign_local.base.errors import DataError
from realign_local.base.machine import peak_memory_bytes
from realign_local.base.progress import Progress
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample, check_types
from realign_local.base.untrusted import loads_toml
from realign_local.data.batches import batched
from realign_local.data.formats import Row
from realign_local.data.write_like import write_jsonl_like
from realign_local.run.files import rundir
from realign_local.run.files.card import SENT_TO, Facts, card
from realign_local.run.files.changes import told_changes
from realign_local.run.files.finished import read_settings
from realign_local.run.files.input_id import InputId
from realign_local.run.files.journal import Journal
from realign_local.run.files.lines import Counts, Lines, lines_of
from realign_local.run.files.publish import publishing, vouched
from realign_local.run.job import Job, Tools
from realign_local.run.results import Ledger
from realign_local.run.versions import versions
from realign_local.stages.rewrite import Rewrite

INPUT = "input"
"""The journal's fact about the dataset that the run directory belongs to."""
PEAK = "peak_memory_mb"
"""The journal's fact about the session that took the most memory."""
MAY_DIFFER = {
    *("model", "encoder", "index", "criteria", "model_file", "model_licence", "evidence"),
    *("threads", "parallel", "gpu_layers", "kv_type", "split", "fail_under", "versions"),
    *("server", SENT_TO),
}
"""Of run.toml: where a file lies and how fast it was worked on; the hashes say the same."""
ROWS_AT_ONCE = 64
CHANGED_HINT = "Run the same command again; what was finished is used where it still fits."


def held_input(journal: Journal) -> InputId | None:
    """What the journal says that it is about; None where nothing, or that was damaged."""
    try:
        if not (known := journal.fact(INPUT)):
            return None
        held = InputId.of(known)
        check_types(held)
        return held
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def deciding(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What of run.toml decides the result, but the input and the part of it."""
    return {key: v for key, v in settings.items() if key not in MAY_DIFFER and key != "input"}


def begin_files(
    job: Job, tools: Tools, made_from: InputId, progress: Progress, *, begun_again: bool
) -> None:
    """Write run.toml where no files are yet; say where those that are will be replaced.

    `begun_again` says that what was finished for them is not in the journal any more.
    """
    if not (job.run_dir / rundir.OUTPUT).exists():
        write_settings(job, tools, made_from, job.run_dir)
        return
    try:
        old = read_settings(job.run_dir)
    except DataError:  # it is written anew
        return
    files, changed = f"the files in {job.run_dir}", _changed_settings(old, job, tools)
    if begun_again and old["input"].get("sha256") != made_from.sha256:
        progress.warn(
            f"{files} were made from {Path(str(old['input'].get('path'))).name} and are replaced;"
            " what was finished for them is discarded"
        )
    elif changed:
        after = (
            "what was finished for them is discarded"
            if begun_again
            else "the command with those settings brings them back, and does nothing twice"
        )
        progress.warn(
            f"{files} were made with other settings ({changed}) and are replaced; {after}"
        )


def _changed_settings(old: Mapping[str, Any], job: Job, tools: Tools) -> str:
    """What decides the result and is another than in the files that are there, in words."""
    now = {**(job.settings or {}), **tools.describe()}
    new = loads_toml(rundir.to_toml(now))
    was, is_now = deciding(old), deciding(new)
    keys = sorted(key for key in was.keys() | is_now.keys() if was.get(key) != is_now.get(key))
    return told_changes(old, new, keys)


def write_settings(job: Job, tools: Tools, made_from: InputId, folder: Path) -> None:
    """run.toml: the settings, the input, hashes and versions of all that decides the result."""
    source = {
        "path": made_from.path,
        "sha256": made_from.sha256,
        "format": job.dataset.format,
        "described": job.dataset.described,
        "turns": job.turns,
        "shard": made_from.shard,
        "limit": job.limit,
    }
    values = {**(job.settings or {}), **tools.describe(), "input": source, "versions": versions()}
    rundir.write_text(folder / rundir.SETTINGS, rundir.to_toml(values))


def write_run(
    job: Job,
    tools: Tools,
    journal: Journal,
    made_from: InputId,
    lines: Iterable[Lines],
    *,
    progress: Progress,
) -> dict[str, Any]:
    """All files of the run but its report, or none of them; returns what stats.json holds.

    `lines` are those of all rows. Raises DataError where the input changed on the way, and, with
    everything else written, where a text does not fit the container that came in.
    """
    with publishing(job.run_dir, journal, warn=progress.warn) as folder:
        written = _write_rows(lines, folder, progress)
        unfit = _write_like(job, folder)
        _check_unchanged(job, made_from)
        write_settings(job, tools, made_from, folder)
        counts = {**written.tally.as_dict(), **effort_of(journal)}
        stats = {**counts, **tools.describe(), **tools.effort()}
        journal.set_fact(PEAK, stats["peak_memory_mb"])
        only = f" -n {job.limit}" if job.limit else ""
        only += f" --shard {job.shard_name}" if job.shard[1] > 1 else ""
        facts = facts_of(made_from.as_dict(), stats, only=only)
        rundir.write_text(folder / rundir.CARD, card(facts, stats, written.diffs.chosen()))
        stats["files"] = vouched(folder)
        rundir.write_json(folder / rundir.STATS, stats)
    if unfit:
        raise unfit
    return stats


def _write_rows(lines: Iterable[Lines], folder: Path, progress: Progress) -> Counts:
    counts = Counts()
    with (
        replacing(folder / rundir.OUTPUT) as output,
        replacing(folder / rundir.PROVENANCE) as provenance,
    ):
        for some in lines:
            output.write(some.output)
            provenance.write(some.provenance)
            counts.add(some.counts)
            progress.advance(some.counts.tally.rows)
    return counts


def _check_unchanged(job: Job, made_from: InputId) -> None:
    """N rows in must be N rows out of one and the same file."""
    if sha256_of(job.dataset.path) != made_from.sha256:
        raise DataError(f"{job.dataset.path} changed while the run was going on", hint=CHANGED_HINT)


def facts_of(made_from: Mapping[str, Any], stats: Mapping[str, Any], *, only: str) -> Facts:
    """What the dataset card says of a run beside its counts; `only` are options for a part."""
    source = Path(made_from.get("path", "the input")).name
    return Facts(
        source,
        made_from.get("sha256", "unknown"),
        f"realign run {shlex.quote(source)} -o RUN -c {rundir.SETTINGS}{only}",
        model_licence=stats.get("model_licence", ""),
        evidence=stats.get("evidence", ()),
    )


def finished_lines(
    job: Job, tools: Tools, ledger: Ledger, progress: Progress, *, stopped: bool
) -> Iterator[Lines]:
    """All rows as the journal knows them.

    `stopped` says that the budget ended the passes early: a row that is not finished then keeps its
    response, with the reason not_reached. Raises DataError where the input changed on the way.
    """
    progress.phase("write", None)
    for rows in batched(_finished_rows(job, ledger, stopped=stopped), ROWS_AT_ONCE):
        model = tools.identity.model
        yield lines_of(rows, tools.criteria, model_sha256=model, annotated=job.annotate)


def _finished_rows(
    job: Job, ledger: Ledger, *, stopped: bool
) -> Iterator[tuple[Row, list[Sample]]]:
    for row in job.rows():
        done = [ledger.furthest(sample) for sample in row.samples]
        if not stopped and any(sample.reason is Reason.NOT_REACHED for sample in done):
            ledger.check_sound()
            raise DataError(
                f"row {row.index + 1} of the input changed while the run was going on",
                hint=CHANGED_HINT,
            )
        yield row, done


def _write_like(job: Job, folder: Path) -> DataError | None:
    """The same rows once more as JSON array, CSV or Parquet, where that is what came in.

    Returns what is wrong where they do not fit it: the JSON lines are no worse for that.
    """
    numbers = (row.index for row in job.rows())
    try:
        write_jsonl_like(job.dataset, folder / rundir.OUTPUT, numbers=numbers)
    except DataError as error:
        return error
    return None


def effort_of(journal: Journal) -> dict[str, Any]:
    """What stats.json says of the work, over all sessions of the run."""
    seconds = journal.counter("rewrite_seconds")
    generated = int(journal.counter("generated"))
    tokens = int(journal.counter("completion_tokens"))
    known = peak if isinstance(peak := journal.fact(PEAK), int | float) else 0.0
    return {
        "generated": generated,
        "found": int(journal.counter("found")),
        "generated_twice": journal.written_twice(Rewrite.name),
        "prompt_tokens": int(journal.counter("prompt_tokens")),
        "completion_tokens": tokens,
        "seconds": round(journal.counter("seconds"), 2),
        "rewrite_seconds": round(seconds, 2),
        "tokens_per_s": round(tokens / seconds, 2) if seconds else None,
        "rows_per_s": round(generated / seconds, 3) if seconds else None,
        "peak_memory_mb": max(known, round(peak_memory_bytes() / 1e6, 1)),
    }
