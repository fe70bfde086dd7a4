"""What the model is asked for a row, and how its words become a candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Message, Part


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: a prompt, and the answer to be completed."""

    messages: tuple[Message, ...]
    answer: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Further requests whose completions decide what becomes of the first ones."""

    asks: tuple[Ask, ...]
    finish: Callable[[Sequence[Completion]], str | None]


Finish = Callable[[Sequence[Completion]], str | FollowUp | None]
"""The completions of a draft's requests, in order, to the candidate's text, or to more requests;
None where they are of no use."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`proven`: what `finish` lets through is better than what was there by the program's own
    rules; without that a judge has to prefer it. `varied`: other random numbers give other words,
    so that further candidates make sense.
    """

    operation: str
    asks: tuple[Ask, ...]
    finish: Finish
    proven: bool
    varied: bool = False


WordOperation = Callable[[Sample, str], Draft | None]
"""(sample, its response as the program left it) -> what to ask; None where it does not apply."""
