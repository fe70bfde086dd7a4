"""Put the shards of one dataset together into one run directory, in the input's order."""

from __future__ import annotations

import heapq
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_of
from realign_local.base.atomic import beside, replacing
from realign_local.base.errors import DataError, DiskError, UsageError
from realign_local.base.untrusted import loads
from realign_local.data.formats import open_dataset
from realign_local.data.write_like import write_jsonl_like
from realign_local.report.write import picture
from realign_local.run.files import rundir
from realign_local.run.files.card import SENT_TO, Diffs, card
from realign_local.run.files.decisions import (
    Decision,
    join_reviews,
    read_review,
    told_overruling,
)
from realign_local.run.files.finished import check_has, check_is_folder, read_settings, read_stats
from realign_local.run.files.input_id import InputId
from realign_local.run.files.journal import Journal
from realign_local.run.files.opening import check_folder, open_run
from realign_local.run.files.publish import (
    as_journalled,
    check_files,
    containers_of,
    publishing,
    vouched,
    written_stats,
)
from realign_local.run.files.writing import INPUT, deciding, effort_of, facts_of, held_input

MERGED_AGAIN = "Run that shard again with the settings of the others; it goes on where it can."


@dataclass(frozen=True, slots=True)
class _Shard:
    """One run directory: which part of which input, and its settings."""

    folder: Path
    settings: Mapping[str, Any]
    stats: Mapping[str, Any]

    @property
    def place(self) -> tuple[int, int]:
        part, parts = self.settings["input"]["shard"].split("/")
        return int(part), int(parts)

    @property
    def deciding(self) -> dict[str, Any]:
        """Everything that must be the same in all shards, by the name that run.toml gives it."""
        source = self.settings["input"].items()
        part = {f"input.{key}": v for key, v in source if key not in ("shard", "path")}
        return deciding(self.settings) | part


def merge_runs(runs: Sequence[Path], into: Path, *, warn: Callable[[str], None]) -> dict[str, Any]:
    """Write one run directory out of the shards 1/n to n/n; returns what stats.json holds.

    Raises UsageError for shards that are missing, double or made with other settings, and where
    `into` is taken; DataError for a run that is not finished.
    """
    shards = sorted(map(_shard, runs), key=lambda shard: shard.place)
    _check_places(shards)
    for other in shards[1:]:
        _check_settings(shards[0], other)
    _clear(_place_for(into))
    check_folder(into, "never", way_out="Choose another -o.")
    with ExitStack() as stack:
        parts = [stack.enter_context(_held(shard)) for shard in shards]
        folder = stack.enter_context(_all_or_nothing(into))
        with (
            open_run(folder, "never") as journal,
            publishing(folder, journal, warn=warn) as new,
        ):
            stats = _merge(shards, parts, new, journal, warn)
    with Journal(into / rundir.JOURNAL) as journal:
        picture(into, journal, warn=warn, of_review=False)  # told shard by shard
    return stats


@contextmanager
def _held(shard: _Shard) -> Iterator[Journal]:
    """The journal of a shard whose files are as it wrote them; nobody changes them meanwhile."""
    fixed = not os.access(shard.folder, os.W_OK)
    with Journal(shard.folder / rundir.JOURNAL, read_only=fixed) as journal:
        check_files(shard.folder, written_stats(journal))
        yield journal


def _place_for(into: Path) -> Path:
    """Where the merged run is put together, always the same, so that a next merge can clear it."""
    return (into if into.is_dir() else into.parent) / f".{beside(into.name)}.merging"


def _clear(made: Path) -> None:
    """Remove what a merge that was killed has left; raises UsageError where one is going on."""
    if (made / rundir.JOURNAL).is_file():
        with suppress(DataError), Journal(made / rundir.JOURNAL):
            pass
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _all_or_nothing(into: Path) -> Iterator[Path]:
    """A folder whose files become those of `into` when the block ends, and vanish if it fails."""
    made = _place_for(into)
    try:
        yield made
        _move(made, into)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _move(made: Path, into: Path) -> None:
    """The journal comes last: without it the folder is not taken for a run."""
    try:
        if not into.is_dir():
            made.replace(into)
            return
        for file in sorted(made.iterdir(), key=lambda file: file.name == rundir.JOURNAL):
            file.replace(into / file.name)
    except OSError as error:
        raise DiskError.about("write", into, error) from error


def _merge(
    shards: Sequence[_Shard],
    parts: Sequence[Journal],
    into: Path,
    journal: Journal,
    warn: Callable[[str], None],
) -> dict[str, Any]:
    made_from = _merge_journals(journal, shards, parts)
    source = {**shards[0].settings["input"], "shard": "1/1"}
    settings = {**shards[0].settings, "input": source}
    if SENT_TO in settings:
        settings[SENT_TO] = sorted(
            {host for shard in shards for host in shard.settings.get(SENT_TO, ())}
        )
    rundir.write_text(into / rundir.SETTINGS, rundir.to_toml(settings))
    tally, diffs = _merge_files(shards, into)
    _write_like(shards, into, source, warn)
    same = {key: settings[key] for key in shards[0].stats if key in settings}
    peak = max(shard.stats.get("peak_memory_mb", 0) for shard in shards)
    counts = {**tally.as_dict(), **effort_of(journal)}
    stats = {**counts, **same, "peak_memory_mb": peak}
    limit = source.get("limit")
    facts = facts_of(made_from.as_dict(), stats, only=f" -n {limit}" if limit else "")
    rundir.write_text(into / rundir.CARD, card(facts, stats, diffs.chosen()))
    stats["files"] = vouched(into)
    rundir.write_json(into / rundir.STATS, stats)
    merge_reviews([shard.folder for shard in shards], into, warn)
    return stats


def merge_reviews(folders: Sequence[Path], into: Path, warn: Callable[[str], None]) -> None:
    """What people decided on the shards holds for the whole: a decision belongs to its texts. Where
    shards differ on the same ones, that of the last shard holds, and is told.
    """
    held: dict[str, Decision] = {}
    for folder in folders:
        review = read_review(folder)
        for fault in review.faults:
            warn(f"{folder}: {fault}")
        others = sum(held.get(key, d) != d for key, d in review.decisions.items())
        if others:
            warn(f"{folder}: {told_overruling(others)}")
        held.update(review.decisions)
    join_reviews(folders, into)


def _shard(folder: Path) -> _Shard:
    check_is_folder(folder)
    told = as_journalled(folder)  # a move that was cut off is finished before anything is read
    check_has(folder, rundir.JOURNAL, rundir.SETTINGS)
    check_has(folder, rundir.OUTPUT, rundir.PROVENANCE, rundir.STATS)
    check_files(folder, told, names=(rundir.SETTINGS,))
    settings, stats = read_settings(folder), read_stats(folder)
    source = settings["input"]
    if not {"path", "sha256"} <= source.keys():
        raise DataError(f"{folder / rundir.SETTINGS} does not name its input's path and sha256")
    if not re.fullmatch(r"[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", str(source.get("shard"))):
        raise DataError(
            f"{folder / rundir.SETTINGS}: shard must be i/n, was: {source.get('shard')!r}"
        )
    if stats.get("unfinished"):
        raise DataError(
            f"{folder} is not finished: {stats['unfinished']} responses were not reached",
            hint="Run the command that made it again; it goes on where it stopped.",
        )
    return _Shard(folder, settings, stats)


def _check_places(shards: Sequence[_Shard]) -> None:
    parts = shards[0].place[1]
    for shard in shards:
        if shard.place[1] != parts:
            raise UsageError(
                f"{shards[0].folder} is one of {parts} shards, {shard.folder} one of"
                f" {shard.place[1]}",
                hint="Merge the shards of one division.",
            )
    for first, second in pairwise(shards):
        if first.place == second.place:
            raise UsageError(
                f"{first.folder} and {second.folder} both hold shard {first.place[0]}/{parts}",
                hint="Name each shard once.",
            )
    missing = set(range(1, parts + 1)) - {shard.place[0] for shard in shards}
    if missing:
        raise UsageError(
            f"shard {min(missing)}/{parts} is missing",
            hint=f"Make it with `realign run IN -o RUN --shard {min(missing)}/{parts}`.",
        )


def _check_settings(one: _Shard, other: _Shard) -> None:
    first, second = one.deciding, other.deciding
    for key in sorted(first.keys() | second.keys()):
        if first.get(key) != second.get(key):
            raise UsageError(
                f"{one.folder} and {other.folder} differ in {key}:"
                f" {first.get(key)!r} and {second.get(key)!r}",
                hint=MERGED_AGAIN,
            )


def _merge_journals(
    journal: Journal, shards: Sequence[_Shard], parts: Sequence[Journal]
) -> InputId:
    """All results in one journal, so that the merged run can be gone on with."""
    for part in parts:
        journal.absorb(part)
    ids = [held_input(part) or _bare_id(shard) for part, shard in zip(parts, shards, strict=True)]
    whole = ids[0].of_whole(ids[1:])
    journal.set_fact(INPUT, whole.as_dict())
    return whole


def _bare_id(shard: _Shard) -> InputId:
    source = shard.settings["input"]
    return InputId(source["path"], source["sha256"], source["shard"], ())


def _merge_files(shards: Sequence[_Shard], into: Path) -> tuple[rundir.Tally, Diffs]:
    tally, diffs = rundir.Tally(), Diffs()
    with ExitStack() as stack:
        outputs = [stack.enter_context((s.folder / rundir.OUTPUT).open("rb")) for s in shards]
        with replacing(into / rundir.OUTPUT) as output:
            for line in _in_turns(outputs, shards):
                output.write(line)
                tally.rows += 1
        proofs = [stack.enter_context((s.folder / rundir.PROVENANCE).open("rb")) for s in shards]
        with replacing(into / rundir.PROVENANCE) as provenance:
            for record, line in heapq.merge(*map(_records, proofs), key=lambda p: _place_of(p[0])):
                provenance.write(line)
                tally.count(record)
                diffs.see(record)
    return tally, diffs


def _in_turns(files: Sequence[Any], shards: Sequence[_Shard]) -> Iterator[bytes]:
    """Row k of the input is in shard k modulo n; the files must end in the same round."""
    while True:
        lines = [file.readline() for file in files]
        yield from filter(None, lines)
        if not all(lines):
            break
    ended = lines.index(b"")
    for number, (shard, file) in enumerate(zip(shards, files, strict=True)):
        if file.readline() or (lines[number] and number > ended):
            raise DataError(
                f"{shard.folder} has more rows than {shards[ended].folder} leaves room for",
                hint="Run the shards again; their input is not the same any more.",
            )


def _records(file: Any) -> Iterator[tuple[dict[str, Any], bytes]]:
    for number, line in enumerate(file, start=1):
        try:
            record = rundir.as_record(loads(line))
            whole = line.endswith(b"\n")
        except ValueError:
            whole = False
        if not whole:
            raise DataError(
                f"{file.name}:{number}: not a whole line of provenance", hint=MERGED_AGAIN
            )
        yield record, line


def _place_of(record: Mapping[str, Any]) -> tuple[int, int]:
    return int(record["index"]), int(record["turn"])


def _write_like(
    shards: Sequence[_Shard], into: Path, source: Mapping[str, Any], warn: Callable[[str], None]
) -> None:
    """The container that came in, where it was not JSON lines; needs the input's own columns."""
    others = containers_of(shards[0].folder)
    if not others:
        return
    path = Path(source["path"])
    if not path.is_file() or sha256_of(path) != source["sha256"]:
        warn(f"{path} is not there any more, so there is no {others[0]}")
        return
    fields = shards[0].settings.get("fields", {})
    dataset = open_dataset(path, format=source["format"], fields=fields)
    write_jsonl_like(dataset, into / rundir.OUTPUT)
