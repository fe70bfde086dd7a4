"""Policy: who evaluates how many tokens in the next step. Pure; it moves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from realign_local.engine.lookup import NO_DRAFT, Acceptance, GuessedTokens, draft
from realign_local.engine.sequence import Sequence

FEW_TOKENS = 8
"""Given text up to here goes along token by token: as many tokens as a batch of their own costs."""


@dataclass(slots=True)
class Share:
    """A sequence's part of a step: `count` tokens that it lacks, then `drafted` guesses.

    `catches_up`: after these tokens it lacks none, and the logits tell what comes next. `scored`:
    at so many tokens, the last ones, the logits judge a token that is given. There is one for each
    row and step, and none changes; a frozen one takes six times as long to make.
    """

    sequence: Sequence
    count: int
    catches_up: bool
    drafted: tuple[int, ...] = ()
    match: int = 0
    scored: int = 0

    @property
    def outputs(self) -> int:
        """Tokens whose logits are needed: the last known one and the guesses after it, if any."""
        return 1 + len(self.drafted) if self.catches_up else self.scored


def plan(running: Iterable[Sequence], *, budget_tokens: int) -> list[Share]:
    """One long prompt or given text alone, else one token for each sequence.

    Both kinds of step are as cheap as their tokens can be had: a long text fills a batch by itself,
    and single tokens are the cheaper the more rows give one. Mixing them wins nothing, as the
    backend evaluates streams together only as far as they are equally long, and it loses something:
    while prompts come in, few rows are written. Short given texts go along token by token.
    """
    line = sorted(running, key=attrgetter("arrival"))[:budget_tokens]
    lacking = [len(sequence.tokens) - sequence.computed for sequence in line]
    if max(lacking, default=0) > FEW_TOKENS:
        long = next(place for place, count in enumerate(lacking) if count > FEW_TOKENS)
        return [_share(line[long], min(lacking[long], budget_tokens))]
    return [
        _share(sequence, 1) if sequence.score else Share(sequence, 1, count == 1)
        for sequence, count in zip(line, lacking, strict=True)
    ]


def _share(sequence: Sequence, count: int) -> Share:
    if sequence.score:
        scored = sequence.score.outputs(sequence.computed, count)
        return Share(sequence, count, catches_up=False, scored=scored)
    return Share(sequence, count, count == sequence.lacking)


def add_drafts(
    shares: list[Share], *, acceptance: Acceptance, overhead_tokens: float, budget_tokens: int
) -> list[Share]:
    """Let rows guess ahead where that is likely to save time; a guess must be worth its evaluation.

    A batch over n tokens takes as long as n + `overhead_tokens` tokens. Unless all rows guess
    equally many, the guesses of each row are one more batch with an overhead of its own.
    """
    guesses = [_guess(share, acceptance) for share in shares]
    length = _best_length(guesses, overhead_tokens=overhead_tokens)
    if not length:
        return shares
    room = budget_tokens - sum(share.count for share in shares)
    result = []
    for share, guess in zip(shares, guesses, strict=True):
        tokens = tuple(guess.tokens[: min(length, room)])
        room -= len(tokens)
        result.append(replace(share, drafted=tokens, match=guess.match))
    return result


def _guess(share: Share, acceptance: Acceptance) -> GuessedTokens:
    """What the row would guess, no longer than its span may still be."""
    sequence = share.sequence
    if not share.catches_up or share.count > 1 or sequence.answer.must_begin_with:
        return NO_DRAFT
    longest = sequence.answer.tokens_left - 1
    sequence.ngrams.extend(sequence.tokens)
    return draft(sequence.tokens, sequence.ngrams, acceptance=acceptance, longest=longest)


def _best_length(guesses: list[GuessedTokens], *, overhead_tokens: float) -> int:
    """How many tokens each row may guess, so that most tokens are to be expected for the time."""
    rows = len(guesses)
    gained = cost = 0.0
    best, best_rate = 0, rows / (rows + overhead_tokens)
    longest = max((len(guess.tokens) for guess in guesses), default=0)
    for length in range(1, longest + 1):
        guessing = [guess for guess in guesses if len(guess.tokens) >= length]
        gained += sum(guess.chances[length - 1] for guess in guessing)
        cost += len(guessing)
        splits = sum(bool(guess.tokens) for guess in guesses) if len(guessing) < rows else 0
        rate = (rows + gained) / (rows + cost + overhead_tokens * (1 + splits))
        if rate > best_rate:
            best, best_rate = length, rate
    return best
