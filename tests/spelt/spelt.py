"""What the kinds of values have in common: one value in many spellings, and others beside it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Spelt:
    """One value: `same` are its spellings, `other` those of values that are not it.

    `frames` are sentences to put it into; a value that stands alone has a frame of its own.
    """

    kind: str
    same: tuple[str, ...]
    other: tuple[str, ...]
    frames: tuple[tuple[str, str], ...] = ()
    is_directed: bool = False
    """The first spelling is the original's, and the others are the rewrite's."""


def some(rng: Random, found: list[str], most: int) -> tuple[str, ...]:
    """Up to so many of them, each once, the first one always among them."""
    distinct = list(dict.fromkeys(found))
    first, rest = distinct[:1], distinct[1:]
    return (*first, *rng.sample(rest, min(most - 1, len(rest))))


def framed(*texts: str) -> tuple[tuple[str, str], ...]:
    """Sentences that are the same in the original and in the rewrite."""
    return tuple((text, text) for text in texts)
