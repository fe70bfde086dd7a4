"""Policy: who evaluates how many tokens in the next step. Pure; it moves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from realign_local.engine.lookup import LONGEST_DRAFT, Acceptance, Draft, draft
from realign_local.engine.sequence import Sequence


@dataclass(frozen=True, slots=True)
class Share:
    """A sequence's part of a step: `count` tokens that it lacks, then `drafted` guesses.

    `catches_up`: after these tokens it lacks none, and the logits tell what comes next.
    """

    sequence: Sequence
    count: int
    catches_up: bool
    drafted: list[int] = field(default_factory=list)
    match: int = 0

    @property
    def outputs(self) -> int:
        """Tokens whose logits are needed: the last known one and the guesses after it."""
        return 1 + len(self.drafted) if self.catches_up else 0


def plan(running: Iterable[Sequence], *, budget_tokens: int) -> list[Share]:
    """Give each sequence the tokens that it lacks, those that lack least first, within the budget.

    Rows that are being written lack one token and so never wait for a long prompt; what is left of
    the budget goes to prompts in the order of their arrival.
    """
    shares = []
    for sequence in sorted(running, key=lambda one: (one.lacking > 1, one.arrival)):
        count = min(sequence.lacking, budget_tokens)
        if count == 0:
            break
        shares.append(Share(sequence, count, count == sequence.lacking))
        budget_tokens -= count
    return shares


def add_drafts(
    shares: list[Share], *, acceptance: Acceptance, overhead_tokens: float, budget_tokens: int
) -> list[Share]:
    """Let the rows that are being written guess ahead, where that is likely to save time.

    A step over n tokens takes as long as n + `overhead_tokens` tokens. All rows guess the same
    number of tokens, that which promises most tokens for the time: the backend splits a batch with
    uneven rows, and each split pays the overhead again.
    """
    writing = [share for share in shares if share.catches_up and share.count == 1]
    room = (budget_tokens - sum(share.count for share in shares)) // max(1, len(writing))
    room = min([room, *(share.sequence.answer.tokens_left - 1 for share in writing)])
    if not writing or room <= 0 or len(writing) < len(shares):
        return shares
    guesses = [_guess(share.sequence, acceptance, longest=room) for share in writing]
    length = _best_length(guesses, room, overhead_tokens=overhead_tokens)
    return [
        replace(share, drafted=guess.tokens[:length], match=guess.match)
        for share, guess in zip(writing, guesses, strict=True)
    ]


def _guess(sequence: Sequence, acceptance: Acceptance, *, longest: int) -> Draft:
    sequence.ngrams.extend(sequence.tokens)
    if sequence.answer.must_begin_with:
        return Draft([], 0, [])
    return draft(sequence.tokens, sequence.ngrams, acceptance=acceptance, longest=longest)


def _best_length(guesses: list[Draft], room: int, *, overhead_tokens: float) -> int:
    """How many tokens each row should guess."""
    rows, gained = len(guesses), 0.0
    best, best_rate = 0, rows / (rows + overhead_tokens)
    for length in range(1, min(room, LONGEST_DRAFT) + 1):
        gained += sum(guess.chances[length - 1] for guess in guesses if len(guess.tokens) >= length)
        rate = (rows + gained) / (rows * (1 + length) + overhead_tokens)
        if rate > best_rate:
            best, best_rate = length, rate
    return best
