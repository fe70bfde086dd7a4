"""Stage 5: whether a rewrite that no rule can prove is better than what it replaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from realign_local.base.records import Sample
from realign_local.rewriting.choose import base, preferred, settled, undecided
from realign_local.rewriting.judge import PROMPT, Generate, Pair, Preference, preferences

VERSION = f"1 {PROMPT.sha256}"
"""Part of the journal's keys: raise the number whenever the way of judging changes."""

MARGIN = 0.3
"""By how much a rewrite must be preferred, in logarithms of odds. Of 150 pairs with labels by
people, a 1.5B model was right in 59 %, and in 73 % of the quarter with a margin above this one
(benchmarks/LOG.md)."""


def prefer(samples: Iterable[Sample], generate: Generate, *, margin: float) -> Iterator[Sample]:
    """Samples with the candidate that the judge prefers, or with what stands without one.

    They come when all of them have been asked about; hand in a slice of a large dataset at a time.
    """
    waiting = {str(place): sample for place, sample in enumerate(samples)}
    found: dict[str, dict[int, Preference]] = {place: {} for place in waiting}
    asked = (
        _pair(place, sample, number)
        for place, sample in waiting.items()
        for number in undecided(sample)
    )
    for key, preference in preferences(asked, generate):
        place, number = key.split("/")
        found[place][int(number)] = preference
    for place, sample in waiting.items():
        yield preferred(sample, found[place], margin=margin)


def without_judge(sample: Sample, why: str) -> Sample:
    """The same where the model's judgement is not worth asking for."""
    return settled(sample, why_not=why)


def _pair(place: str, sample: Sample, number: int) -> Pair:
    stands = replace(sample, chosen=base(sample)).rewritten
    return Pair(f"{place}/{number}", sample.instruction, stands, sample.candidates[number].text)
