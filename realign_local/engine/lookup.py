"""Prompt lookup: guess the next tokens from where the row's own last tokens stood before.

Rewriting copies. A guess that the model confirms costs a share of one step instead of a step of its
own; a wrong one costs its evaluation. So guesses are only made where, by what was seen so far, they
are likely enough for the size of the batch.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

SHORTEST_MATCH = 2
LONGEST_MATCH = 12
STRONG_MATCH = 4
LONGEST_DRAFT = 16


class NgramIndex:
    """Where each pair, and each run of four, of a growing list of tokens was seen last."""

    __slots__ = ("_indexed", "_last")

    def __init__(self) -> None:
        self._last: dict[tuple[int, ...], int] = {}
        self._indexed = 0

    def extend(self, tokens: Sequence[int]) -> None:
        """Index all that is new, except the end itself: it has nothing after it yet."""
        for end in range(max(self._indexed, SHORTEST_MATCH), len(tokens)):
            self._last[tuple(tokens[end - SHORTEST_MATCH : end])] = end
            if end >= STRONG_MATCH:
                self._last[tuple(tokens[end - STRONG_MATCH : end])] = end
        self._indexed = max(self._indexed, len(tokens))

    def rewind(self, length: int) -> None:
        """Take back what lies beyond `length`; stale entries stay and are checked on use."""
        self._indexed = min(self._indexed, length)

    def find(self, tokens: Sequence[int]) -> tuple[int, int]:
        """Where the longest match of the last tokens continues, and its length, else (0, 0)."""
        for size in (STRONG_MATCH, SHORTEST_MATCH):
            place = self._last.get(tuple(tokens[-size:]), 0)
            if 0 < place < len(tokens):
                return place, _matched(tokens, place)
        return 0, 0


def _matched(tokens: Sequence[int], place: int) -> int:
    """How many tokens before `place` equal the last ones, up to LONGEST_MATCH."""
    length = 0
    longest = min(place, LONGEST_MATCH)
    while length < longest and tokens[place - 1 - length] == tokens[-1 - length]:
        length += 1
    return length


class Acceptance:
    """How often a guessed token was right, by the length of the match that it was taken from."""

    PRIOR_TRIES = 4.0

    def __init__(self) -> None:
        self._tries = [self.PRIOR_TRIES] * (LONGEST_MATCH + 1)
        # A longer match is the better guess; the counts below take over after a few steps.
        self._hits = [
            self.PRIOR_TRIES * length / (length + 1) for length in range(LONGEST_MATCH + 1)
        ]

    def chance(self, match: int) -> float:
        """The chance that the token after a match of this length is the model's own choice."""
        match = min(match, LONGEST_MATCH)
        return self._hits[match] / self._tries[match]

    def record(self, match: int, drafted: int, accepted: int) -> None:
        """Count a draft: its accepted tokens were right, the next one, if any, was wrong."""
        for offset in range(min(accepted + 1, drafted)):
            length = min(match + offset, LONGEST_MATCH)
            self._tries[length] += 1
            self._hits[length] += offset < accepted


@dataclass(frozen=True, slots=True)
class GuessedTokens:
    """Tokens that may come next, and the chance that each and all before it are right."""

    tokens: list[int]
    match: int
    chances: list[float]


NO_DRAFT = GuessedTokens([], 0, [])


def draft(
    tokens: Sequence[int], index: NgramIndex, *, acceptance: Acceptance, longest: int
) -> GuessedTokens:
    """Copy what followed the last place where the row stood as it stands now."""
    place, match = index.find(tokens)
    if match < SHORTEST_MATCH:
        return NO_DRAFT
    guessed = list(tokens[place : place + min(longest, LONGEST_DRAFT)])
    chances = accumulate(
        (acceptance.chance(match + offset) for offset in range(len(guessed))), operator.mul
    )
    return GuessedTokens(guessed, match, list(chances))
