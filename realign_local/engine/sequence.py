"""One request while it runs: arithmetic on how many tokens are known and how many are computed."""

from __future__ import annotations

import numpy as np

from realign_local.engine.backend import Grammar, Tokens
from realign_local.engine.growing import Answer, SpanEnd
from realign_local.engine.lookup import NgramIndex
from realign_local.engine.prefix import Guest
from realign_local.engine.request import Completion, Finish, Request, Sampling
from realign_local.engine.scored_text import Score, split_scored
from realign_local.engine.text_ids import Codec


class Sequence:
    """The state of one request.

        tokens    [── prompt ──)[── given, sampled, given, ... ──)
        computed  [── in the cache ─────────────)
        lacking                                  [── next to evaluate ──)

    There is no prefill and no decoding: every step lets `computed` catch up with `tokens`; when it
    has, the logits at the last token give the next one.
    """

    __slots__ = (
        *("request", "sampling", "is_greedy", "arrival", "slot", "answer", "tokens", "computed"),
        *("prompt_tokens", "recurring", "worst_tokens", "score", "opening", "guest", "sampled"),
        *("span_start", "_this_span", "_last_span", "drafted", "accepted", "passed_over"),
        *("cancelled", "ngrams", "grammar"),
    )
    # All rows are gone through in each step, when logits have driven them from the caches.

    def __init__(self, request: Request, codec: Codec, *, arrival: int) -> None:
        self.request = request
        self.sampling = request.sampling
        self.is_greedy = self.sampling.temperature <= 0
        self.arrival = arrival
        self.slot = -1
        self.answer = Answer(request.answer, codec)
        self.tokens = codec.prompt(request.messages)
        self.prompt_tokens = len(self.tokens)
        self.recurring = min(codec.recurring(request.messages), self.prompt_tokens - 1)
        self.worst_tokens = self.prompt_tokens + self.answer.worst_tokens()
        self.tokens += self.answer.begin()
        before, self.score = split_scored(request.answer, codec)
        scored = self.score.tokens if self.score else []
        if self.score:
            self.score.start += len(self.tokens)
        self.tokens += before
        self.worst_tokens += len(before + scored)
        self.opening: Tokens = np.array(self.tokens, dtype=np.int32)
        self.guest: Guest
        self.tokens += scored[:-1]
        self.span_start = len(self.tokens)
        self._this_span = self._last_span = (self.span_start, self.answer.mark)
        self.computed = 0
        self.sampled = 0
        self.drafted = 0
        self.accepted = 0
        self.passed_over = 0
        self.cancelled = False
        self.ngrams = NgramIndex()
        self.grammar: Grammar | None = None

    def __repr__(self) -> str:
        state = f"{self.computed}/{len(self.tokens)} computed, {self.sampled} sampled"
        return f"<Sequence {self.request.key!r} slot {self.slot}: {state}>"

    @property
    def lacking(self) -> int:
        """Known tokens that are not in the cache yet."""
        return len(self.tokens) - self.computed

    @property
    def done(self) -> bool:
        """Whether every part is there, and judged where that was asked for."""
        return self.answer.done and (self.score is None or self.score.done)

    def take(self, token: int, *, is_cached: bool) -> SpanEnd | None:
        """Add a sampled token, which a right guess has already put into the cache.

        Where that ends the span, the tokens are cut to the kept text and the given text follows.
        """
        self.sampled += 1
        end = self.answer.take(token)
        self.tokens.append(token)
        self.computed += is_cached
        if end is not None:
            self._go_on(end)
        return end

    def write_again(self, sampling: Sampling) -> None:
        """Go back to where the span began that has just ended, and sample like this from there."""
        self._this_span = self._last_span
        self.span_start, mark = self._last_span
        self.answer.go_back(mark)
        self.sampling = sampling
        self.is_greedy = sampling.temperature <= 0
        del self.tokens[self.span_start :]
        self.computed = min(self.computed, self.span_start - 1)
        self.ngrams.rewind(self.span_start)
        self.close_grammar()

    def _go_on(self, end: SpanEnd) -> None:
        kept = self.span_start + end.kept_tokens
        del self.tokens[kept:]
        self.tokens += end.following
        # The logits after the last token are needed again, so one token at least is evaluated.
        self.computed = min(self.computed, kept, len(self.tokens) - 1)
        self.ngrams.rewind(kept)
        self.span_start = len(self.tokens)
        self._last_span, self._this_span = self._this_span, (self.span_start, self.answer.mark)
        self.close_grammar()

    def close_grammar(self) -> None:
        """Give the native grammar back, if the span had one."""
        if self.grammar is not None:
            self.grammar.close()
            self.grammar = None

    def completion(self, finish: Finish, *, error: str = "") -> Completion:
        """What the caller gets; pieces are those that were finished."""
        score = self.score or Score(0, [])
        return Completion(
            key=self.request.key,
            pieces=tuple(self.answer.pieces),
            finish=finish,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.sampled,
            forced_tokens=self.answer.forced_tokens + len(score.tokens),
            drafted=self.drafted,
            accepted=self.accepted,
            error=error,
            log_probability=score.log_probability,
            scored_tokens=score.seen,
            instead=score.instead,
            tokens=tuple(score.each),
        )

    def check_integrity(self) -> None:
        """Raise AssertionError where the counters contradict each other."""
        assert 0 <= self.computed < len(self.tokens) or self.done, repr(self)
        assert len(self.tokens) <= self.worst_tokens, repr(self)
        assert self.accepted <= self.drafted, repr(self)
