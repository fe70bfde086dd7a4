"""From a measured sample to the whole dataset: pure arithmetic, with an honest range.

The time that the engine takes is taken to grow with the tokens that it works on: those of a row's
own text, those that it writes, and the beginning of each task's prompt, which is evaluated once.
What one such token costs is measured on the sample; how many there are is counted or, in a large
dataset, estimated from some hundred rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from realign_local.base.wilson import wilson

WRITTEN_TOKEN = 3.0
"""A token that is written is taken to cost three that are read. It matters little: sample and
dataset have much the same share of them."""
TYPICAL_WRITTEN = 20.0
"""Tokens that a guided rewrite has the model write, where not one row was finished."""
MODEL_ERROR = 0.20
"""Relative error of the model even where all rows are counted; set by judgement, not yet measured
on a machine at rest (benchmarks/LOG.md)."""
FEW_ROWS_ERROR = 0.6
"""More of it, over the square root of the rows measured."""
SURE = 1.64
"""Half-width of an interval that holds nine times in ten, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a row would have the engine do: characters of its own text, and its task."""

    task: str
    own_chars: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a sample of rows took, model loaded: rows, characters and tokens of all of them.

    `read_tokens` is given where the time was up before all rows were done: so many tokens had been
    read, for these rows and for others.
    """

    work: tuple[Work, ...]
    seconds: float
    prompt_chars: int
    prompt_tokens: int
    written_tokens: tuple[int, ...]
    read_tokens: int = 0

    @property
    def tokens_per_char(self) -> float:
        """Of prompts; 0.25 where nothing was asked."""
        return self.prompt_tokens / self.prompt_chars if self.prompt_chars else 0.25

    @property
    def written(self) -> float:
        """Tokens written for a row, on average."""
        return fmean(self.written_tokens) if self.written_tokens else TYPICAL_WRITTEN


@dataclass(frozen=True, slots=True)
class Range:
    """A likely value, and bounds that hold nine times in ten."""

    low: float
    likely: float
    high: float

    @classmethod
    def around(cls, likely: float, error: float) -> Range:
        """Bounds by a relative error, equally far in ratio: time has no lower bound below 0."""
        factor = math.exp(SURE * error)
        return cls(likely / factor, likely, likely * factor)

    def plus(self, seconds: float) -> Range:
        """The same with something that is certain on top."""
        return Range(self.low + seconds, self.likely + seconds, self.high + seconds)

    def as_dict(self, digits: int = 1) -> dict[str, float]:
        """Rounded, for JSON."""
        return {name: round(getattr(self, name), digits) for name in ("low", "likely", "high")}


def engine_seconds(
    counted: Sequence[Work], scale: float, prefix_chars: Mapping[str, int], measured: Measured
) -> Range:
    """Seconds that the engine needs for `scale` times the rows counted."""
    if not counted:
        return Range(0, 0, 0)
    done = _tokens(measured.work, 1.0, prefix_chars, measured)
    if measured.read_tokens:
        done = measured.read_tokens + WRITTEN_TOKEN * sum(measured.written_tokens)
    cost = measured.seconds / max(1e-9, done)
    likely = cost * _tokens(counted, scale, prefix_chars, measured)
    if len(counted) == len(measured.work) and scale == 1:
        return Range.around(likely, MODEL_ERROR / 2)
    return Range.around(likely, _error(counted, scale, measured))


def _tokens(
    rows: Sequence[Work], scale: float, prefix_chars: Mapping[str, int], measured: Measured
) -> float:
    """Tokens read, and tokens written at their greater cost."""
    own = sum(row.own_chars for row in rows) * scale
    shared = sum(prefix_chars[task] for task in {row.task for row in rows})
    written = measured.written * len(rows) * scale
    return (own + shared) * measured.tokens_per_char + WRITTEN_TOKEN * written


def _error(counted: Sequence[Work], scale: float, measured: Measured) -> float:
    """Three errors that know nothing of each other: the model's, the sample's, the count's."""
    count = _relative([row.own_chars for row in counted]) if scale > 1 else 0.0
    few = FEW_ROWS_ERROR / math.sqrt(max(1, len(measured.work)))
    return math.hypot(MODEL_ERROR, few, count)


def _relative(values: Sequence[int]) -> float:
    """Standard error of the mean over the mean."""
    if len(values) < 2 or not any(values):
        return 0.0
    return stdev(values) / math.sqrt(len(values)) / fmean(values)


def share(hits: int, of: int) -> Range:
    """A proportion with its interval; anything from 0 to 1 where nothing was counted."""
    if not of:
        return Range(0, 0, 1)
    low, high = wilson(hits, of, z=SURE)
    return Range(low, hits / of, high)


def stratified(rows: Iterable[Work], size: int, *, tasks: int | None = None) -> list[int]:
    """Places of up to `size` rows, spread from short to long; of the `tasks` largest tasks only.

    Each further task costs the reading of its prompt's beginning, which can be reckoned without.
    """
    by_task: dict[str, list[tuple[int, int]]] = {}
    for place, row in enumerate(rows):
        by_task.setdefault(row.task, []).append((row.own_chars, place))
    largest = sorted(map(sorted, by_task.values()), key=len, reverse=True)[:tasks]
    total = sum(map(len, largest))
    chosen: list[int] = []
    carried = 0.0
    for ranked in largest:
        carried += min(1.0, size / max(1, total)) * len(ranked)
        take = min(len(ranked), max(1, round(carried)) if len(chosen) < size else 0)
        carried -= take
        steps = [int((number + 0.5) * len(ranked) / take) for number in range(take)]
        chosen += [ranked[step][1] for step in steps]
    return sorted(chosen[:size])
