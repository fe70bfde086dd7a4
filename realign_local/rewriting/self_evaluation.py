"""`--self-evaluate`: the model values what it wrote, and writes again what it finds poor.

After RAIN (arXiv 2309.07124): the value of a stretch is the probability of the letter that stands
for it against the other letter, the mean over both orders of the two answers, and writing goes on
until a value is over 0.8 or the attempts are used up. RAIN searches a tree of short stretches; what
is written here is one sentence or one text, so it is written anew as a whole, from the same prompt,
and the attempt with the highest value is taken. The gates see it as they see any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realign_local.base.records import Candidate, Sample
from realign_local.rewriting import editor, sentence
from realign_local.rewriting.judge import AnswerPair, Generate, Preference, preferences

ENOUGH = 0.8
"""RAIN's threshold: the search stops there."""
MORE_ATTEMPTS = 2
VALUED = (sentence.NAME, editor.NAME)
"""What other random numbers give other words for; a correction of spelling is right or wrong."""
WriteAgain = Callable[[Sequence[Sample], int], Iterable[Sample]]
"""Samples without candidates, and the number of the attempt, to samples with new candidates."""


@dataclass(slots=True)
class _Valued:
    """A sample by its best attempt. A `value` of None: the model cannot read the question."""

    best: Sample
    value: float | None = None
    attempts: int = 1

    @property
    def place(self) -> tuple[int, int]:
        return self.best.index, self.best.turn

    @property
    def is_poor(self) -> bool:
        return self.value is not None and self.value <= ENOUGH

    def see(self, other: Sample, value: float | None) -> None:
        """Take an attempt into account: what it cost in any case, its words if they are better."""
        self.attempts += 1
        cost = _cost(self.best, other)
        if value is not None and self.value is not None and value > self.value:
            self.best, self.value = other, value
        self.best = replace(self.best, **cost)

    @property
    def sample(self) -> Sample:
        """The best attempt, with its value and how many there were."""
        first, *others = self.best.candidates
        told = replace(first, value=round(self.value or 0.0, 4), attempts=self.attempts)
        return replace(self.best, candidates=(told, *others))


def self_evaluated(
    made: Iterable[Sample], generate: Generate, write_again: WriteAgain
) -> Iterator[Sample]:
    """Samples with the best of up to three attempts; those that are not valued come first.

    `made` is used up before the model is asked about it. Hand in a slice of a large dataset.
    """
    held: list[_Valued] = []
    for sample in made:
        if _written(sample) is None:
            yield sample
        else:
            held.append(_Valued(sample))
    for one, value in zip(held, _values([one.best for one in held], generate), strict=True):
        one.value = value
    for attempt in range(1, MORE_ATTEMPTS + 1):
        poor = {one.place: one for one in held if one.is_poor}
        if not poor:
            break
        fresh = [_without_candidates(one.best) for one in poor.values()]
        new = list(write_again(fresh, attempt))
        for other, value in zip(new, _values(new, generate), strict=True):
            poor[other.index, other.turn].see(other, value)
    for one in held:
        yield one.sample


def _cost(one: Sample, other: Sample) -> dict[str, Any]:
    """The tokens of two attempts at a row."""
    found = zip(one.found_tokens, other.found_tokens, strict=True)
    return {
        "prompt_tokens": one.prompt_tokens + other.prompt_tokens,
        "completion_tokens": one.completion_tokens + other.completion_tokens,
        "found_tokens": tuple(a + b for a, b in found),
    }


def _written(sample: Sample) -> Candidate | None:
    """The preferred candidate, if it is one that has a value."""
    first = sample.candidates[0] if sample.candidates else None
    return first if first and first.operations[-1:] and first.operations[-1] in VALUED else None


def _without_candidates(sample: Sample) -> Sample:
    return replace(
        sample,
        candidates=(),
        reason=None,
        detail="",
        prompt_tokens=0,
        completion_tokens=0,
        found_tokens=(0, 0),
    )


def _values(samples: Sequence[Sample], generate: Generate) -> list[float | None]:
    """The value of each sample's preferred candidate beside what would be there without it."""
    pairs = [
        AnswerPair(str(number), sample.instruction, _instead(sample), written.text)
        for number, sample in enumerate(samples)
        if (written := _written(sample))
    ]
    found = dict(preferences(pairs, generate)) if pairs else {}
    return [_value(found.get(str(number))) for number in range(len(samples))]


def _instead(sample: Sample) -> str:
    given = [one.text for one in sample.candidates if one.origin == "given"]
    return given[0] if given else sample.original


def _value(preference: Preference | None) -> float | None:
    if preference is None:
        return None
    return (_probability(preference.in_order) + _probability(preference.exchanged)) / 2


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, log_odds))))
