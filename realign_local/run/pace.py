"""Tokens a second over a run that may have been stopped and gone on with."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from realign_local.base.errors import RealignError
from realign_local.base.records import Sample
from realign_local.run.files.journal import Journal
from realign_local.run.files.publish import written_at
from realign_local.run.files.rundir import JOURNAL

BUCKET_S = 10
"""The pipeline counts tokens by the wall clock, in pieces of so many seconds."""
COUNTER = "tokens@"
"""The journal's counters of tokens: this, and the bucket's number."""
STOPPED_S = 300
"""A longer silence is no slow row: the run was stopped."""
POINTS = 80


@dataclass(frozen=True, slots=True)
class Pace:
    """`points` are (share of the time worked, tokens/s); -1 tokens/s marks a stop."""

    points: tuple[tuple[float, float], ...]
    seconds: float


def pace_of(tokens: Mapping[int, float]) -> Pace | None:
    """From tokens by bucket number; None where there are too few to draw."""
    buckets = sorted(tokens)
    if len(buckets) < 3:
        return None
    worked, at = _worked(buckets)
    width = max(1, -(-worked // POINTS))
    sums = [0.0] * (-(-worked // width))
    for bucket, place in at.items():
        sums[place // width] += tokens[bucket]
    points = [
        (n * width / worked, total / (min(width, worked - n * width) * BUCKET_S))
        for n, total in enumerate(sums)
    ]
    points += [(place / worked, -1.0) for place in _stops(buckets, at)]
    return Pace(tuple(sorted(points)), worked * BUCKET_S)


def _worked(buckets: list[int]) -> tuple[int, dict[int, int]]:
    """How many buckets were worked in, and the place of each without the stops between them."""
    at, place = {}, 0
    for before, bucket in zip([buckets[0] - 1, *buckets], buckets, strict=False):
        gap = bucket - before
        place += 1 if gap * BUCKET_S > STOPPED_S else gap
        at[bucket] = place - 1
    return place, at


def _stops(buckets: list[int], at: Mapping[int, int]) -> list[int]:
    return [at[new] for old, new in pairwise(buckets) if (new - old) * BUCKET_S > STOPPED_S]


def counter_at(seconds: float) -> str:
    """The counter that tokens written at this time of the wall clock are added to."""
    return f"{COUNTER}{int(seconds // BUCKET_S)}"


def effort_of_row(sample: Sample, *, seconds: float) -> dict[str, float]:
    """What a row that the model was asked for adds to the journal's counters: the work of this run.

    A row counts as found where earlier runs had all of its answers, else as generated.
    """
    of_prompts, of_answers = sample.found_tokens
    written = sample.completion_tokens - of_answers
    return {
        "generated": 1 if written else 0,
        "found": 1 if of_answers and not written else 0,
        "completion_tokens": written,
        "prompt_tokens": sample.prompt_tokens - of_prompts,
        "rewrite_seconds": seconds,
        counter_at(time.time()): written,
    }


def pace_in(journal: Journal, *, until: float | None = None) -> Pace | None:
    """The pace of the run that the journal is about, up to a time in seconds since 1970."""
    counted = journal.counters(COUNTER).items()
    buckets = {name.removeprefix(COUNTER): tokens for name, tokens in counted}
    found = {int(name): tokens for name, tokens in buckets.items() if name.isdecimal()}
    if until is not None:
        found = {bucket: n for bucket, n in found.items() if bucket * BUCKET_S <= until}
    return pace_of(found)


def recorded_pace(run_dir: Path) -> Pace | None:
    """The pace of a run up to when its files were written: a later session may have been stopped.

    None where its journal cannot be had, because somebody works on it.
    """
    path = run_dir / JOURNAL
    if not path.is_file():
        return None
    try:
        with Journal(path, read_only=not os.access(run_dir, os.W_OK)) as journal:
            return pace_in(journal, until=written_at(journal))
    except RealignError:
        return None
