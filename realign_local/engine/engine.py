"""The loop: admit rows, evaluate one mixed batch, take the new tokens, hand out what is done."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

import numpy as np

from realign_local.base.lock import Closing
from realign_local.engine.admission import next_to_begin
from realign_local.engine.backend import Backend, Run
from realign_local.engine.capacity import Capacity, held_slots
from realign_local.engine.growing import SpanEnd
from realign_local.engine.kept.beginnings import Beginnings
from realign_local.engine.kept.state_files import StateFiles
from realign_local.engine.lookup import Acceptance
from realign_local.engine.prefix import Prefixes, as_tokens
from realign_local.engine.request import Completion, Finish, OnPiece, Request, Sampling
from realign_local.engine.sampler import choose
from realign_local.engine.scheduler import Share, add_drafts, plan
from realign_local.engine.sequence import Sequence
from realign_local.engine.slots import Slots
from realign_local.engine.text_ids import Codec


@dataclass(frozen=True, slots=True)
class Policy:
    """How the engine works; the defaults are the fast way, the rest is for measuring.

    `overhead_tokens`: how many tokens' evaluation the fixed cost of a step is worth.
    `look_up_rows`: with more rows in a step nothing is guessed. Guesses of different lengths are
    batches of their own, and finding them is work for Python in the time of a step.
    `look_ahead`: requests that are pulled before there is room, so that equal beginnings meet.
    """

    running: int = 16
    step_tokens: int = 512
    overhead_tokens: float = 2.5
    look_ahead: int = 16
    share_prefixes: bool = True
    look_up: bool = True
    look_up_rows: int = 64


@dataclass(slots=True)
class Stats:
    """What the engine has done so far; times in seconds.

    `restored_tokens` were not evaluated in this process, but read from a file of an earlier one.
    Steps take `backend_s` and `python_s`. What Python does `beside_s` costs time on a CPU as well,
    and none where a card has more to do meanwhile.
    """

    steps: int = 0
    prompt_tokens: int = 0
    prompt_tokens_evaluated: int = 0
    restored_tokens: int = 0
    forced_tokens: int = 0
    completion_tokens: int = 0
    drafted: int = 0
    accepted: int = 0
    backend_s: float = 0.0
    python_s: float = 0.0
    beside_s: float = 0.0


class BatchEngine(Closing):
    """Answers requests by continuous batching over one backend; not thread-safe.

    Greedy texts do not depend on what runs side by side, except where the backend's own rounding
    does. Raises EngineError from `generate` when the backend fails; the engine is then unusable.
    """

    def __init__(
        self, backend: Backend, policy: Policy | None = None, *, kept: StateFiles | None = None
    ) -> None:
        self.policy = policy or Policy()
        self.stats = Stats()
        self._backend = backend
        self._codec = Codec(backend.vocabulary)
        self._slots = Slots(backend)
        self._prefixes = Prefixes(
            self._slots,
            running=self.policy.running,
            cells=backend.cells,
            share=self.policy.share_prefixes and backend.can_rewind,
        )
        self._beginnings: Beginnings | None = None
        if kept and self.policy.share_prefixes and backend.can_rewind and backend.has_states:
            self._beginnings = Beginnings(kept, backend, self._prefixes)
        self._look_up = self.policy.look_up and backend.can_rewind
        self._acceptance = Acceptance()
        self._waiting: deque[Sequence] = deque()
        self._running: list[Sequence] = []
        self._finished: deque[Completion] = deque()
        self._source: Iterator[Request] = iter(())
        self._arrivals = 0
        self._likeliest: list[int] | None = None

    def __repr__(self) -> str:
        state = f"{len(self._running)} running, {len(self._waiting)} waiting"
        return f"<BatchEngine {state}, {self._slots!r}, {self._prefixes!r}>"

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Pull requests as room appears and yield each completion as soon as it is done."""
        self._source = iter(requests)
        try:
            while self._has_work():
                self._drop_cancelled()
                self._admit()
                self._close_gaps()
                if self._running:
                    self._step(on_piece)
                while self._finished:
                    yield self._finished.popleft()
        finally:
            self._abandon()

    def cancel(self, key: str) -> None:
        """Stop a running or waiting request at the next step."""
        for sequence in [*self._running, *self._waiting]:
            sequence.cancelled |= sequence.request.key == key

    def _has_work(self) -> bool:
        """Whether anything is left to do, with as many rows in the waiting line as there may be."""
        self._pull()
        if self._beginnings:
            self.stats.restored_tokens += sum(map(self._beginnings.fetch, self._waiting))
        return bool(self._waiting or self._running or self._finished)

    def _pull(self) -> None:
        """Fill the waiting line."""
        while len(self._waiting) + len(self._finished) < self.policy.look_ahead:
            request = next(self._source, None)
            if request is None:
                break
            sequence = Sequence(request, self._codec, arrival=self._arrivals)
            self._arrivals += 1
            self.stats.prompt_tokens += sequence.prompt_tokens
            if sequence.done:
                self._finished.append(sequence.completion(Finish.STOP))
            elif sequence.worst_tokens > self._backend.cells:
                self._finished.append(sequence.completion(Finish.PROMPT_TOO_LONG))
            else:
                sequence.guest = self._prefixes.expect(sequence.opening)
                self._waiting.append(sequence)

    def _admit(self) -> None:
        """Let waiting rows begin while slots are free."""
        while len(self._running) < self.policy.running:
            chosen = next_to_begin(self._waiting, self._prefixes)
            if chosen is None:
                break
            sequence, match = chosen
            self._waiting.remove(sequence)
            sequence.slot, sequence.computed = self._prefixes.seat(sequence.guest, match)
            self._running.append(sequence)

    def _close_gaps(self) -> None:
        """Move rows into lower free slots: only neighbouring streams are evaluated together."""
        if self._prefixes.packed:
            return
        for sequence in sorted(self._running, key=lambda one: -one.slot):
            if self._backend.can_rewind:
                sequence.slot = self._prefixes.move(sequence.slot)

    def _drop_cancelled(self) -> None:
        for sequence in [one for one in self._running if one.cancelled]:
            self._retire(sequence, Finish.CANCELLED)
        for sequence in [one for one in self._waiting if one.cancelled]:
            self._waiting.remove(sequence)
            self._prefixes.forget(sequence.guest)
            self._finished.append(sequence.completion(Finish.CANCELLED))

    def _step(self, on_piece: OnPiece | None) -> None:
        """Evaluate one batch and take what comes out of it."""
        started = time.perf_counter()
        shares = self._plan()
        runs = [_run(share) for share in shares]
        before = time.perf_counter()
        self._backend.decode(runs)
        begun = time.perf_counter()
        try:
            self._work_beside(shares)
        finally:
            worked = time.perf_counter()
            self._backend.wait()
        evaluated = time.perf_counter()
        self._take(shares, on_piece)
        self.stats.steps += 1
        self.stats.beside_s += worked - begun
        self.stats.backend_s += begun - before + evaluated - worked
        self.stats.python_s += time.perf_counter() - evaluated + before - started

    def _work_beside(self, shares: list[Share]) -> None:
        """What costs no time where a card works meanwhile, tokenizing above all; slots stay."""
        self._likeliest = None
        for share in shares:
            self._book(share)
        self._pull()

    def _plan(self) -> list[Share]:
        shares = plan(self._running, budget_tokens=self.policy.step_tokens)
        if self._beginnings:
            shares = [self._beginnings.halt(share) for share in shares]
        if self._look_up and len(shares) <= self.policy.look_up_rows:
            shares = add_drafts(
                shares,
                acceptance=self._acceptance,
                overhead_tokens=self.policy.overhead_tokens,
                budget_tokens=self.policy.step_tokens,
            )
        # Neighbouring streams are evaluated together only if they follow each other in the batch.
        return sorted(shares, key=attrgetter("sequence.slot"))

    def _book(self, share: Share) -> None:
        """Count the tokens that are being evaluated for a row."""
        sequence, count = share.sequence, share.count
        computed = sequence.computed
        sequence.computed = computed + count
        self._slots.grow(sequence.slot, count + len(share.drafted))
        if computed < len(sequence.opening):
            of_prompt = sequence.prompt_tokens - computed
            self.stats.prompt_tokens_evaluated += max(0, min(count, of_prompt))
            self._prefixes.progress(sequence.slot, sequence.computed)

    def _take(self, shares: list[Share], on_piece: OnPiece | None) -> None:
        """Sample rows that have caught up, and judge what is given."""
        if self._beginnings:
            for share in shares:
                self._beginnings.keep(share.sequence)
        output = 0
        ended = False
        for share in shares:
            if share.catches_up:
                ended |= self._sample(share, output, on_piece)
            elif share.scored:
                ended |= self._judge(share, output)
            output += share.outputs
        for sequence in [one for one in self._running if one.done] if ended else ():
            self._retire(sequence, Finish.LENGTH if sequence.answer.cut_off else Finish.STOP)

    def _sample(self, share: Share, output: int, on_piece: OnPiece | None) -> bool:
        """Take the tokens that the logits give, as far as the guesses were right, and one more.

        Returns whether the span has ended.
        """
        sequence, drafted, right = share.sequence, share.drafted, 0
        while True:
            token = self._choose(sequence, output + right)
            is_right = (token,) == drafted[right : right + 1]
            end = sequence.take(token, is_cached=is_right)
            right += is_right
            if end is not None or not is_right:
                break
        if end is not None:
            self._report(sequence, end, on_piece)
        if drafted or end is not None:
            self._count_draft(share, right)
            sequence.computed = self._slots.truncate(sequence.slot, sequence.computed)
            self._prefixes.progress(sequence.slot, sequence.computed)
        return end is not None

    def _judge(self, share: Share, output: int) -> bool:
        """Judge given tokens by their logits; returns whether all have been."""
        score = share.sequence.score
        if score is None:
            return False
        for place in range(output, output + share.scored):
            score.take(self._backend.logits(place))
        return score.done

    def _choose(self, sequence: Sequence, output: int) -> int:
        """The next token by the span's rules: a space held back comes first, then the grammar."""
        answer = sequence.answer
        if sequence.is_greedy and not answer.is_bound:
            return self._likeliest_of_all()[output]
        logits, start = self._backend.logits(output), answer.must_begin_with
        if start:
            allowed = self._backend.vocabulary.starting_with(start)
            logits = np.where(allowed, logits, np.float32(-np.inf))
        if answer.span.grammar and sequence.grammar is None:
            sequence.grammar = self._backend.grammar(answer.span.grammar)
        return choose(logits, sequence.sampling, draw=sequence.sampled, grammar=sequence.grammar)

    def _likeliest_of_all(self) -> list[int]:
        """What greedy rows take, found in one pass over the logits of all of them."""
        if self._likeliest is None:
            self._likeliest = self._backend.likeliest().tolist()
        return self._likeliest

    def _report(self, sequence: Sequence, end: SpanEnd, on_piece: OnPiece | None) -> None:
        reply = on_piece(sequence.request.key, end.part, end.text) if on_piece else True
        if isinstance(reply, Sampling):
            sequence.write_again(reply)
        else:
            sequence.cancelled |= not reply

    def _count_draft(self, share: Share, right: int) -> None:
        if share.drafted:
            self._acceptance.record(share.match, len(share.drafted), right)
            share.sequence.drafted += len(share.drafted)
            share.sequence.accepted += right

    def _retire(self, sequence: Sequence, finish: Finish) -> None:
        """Complete a running row; what it computed stays until its slot is needed."""
        self._running.remove(sequence)
        sequence.close_grammar()
        self._prefixes.finish(sequence.slot, as_tokens(sequence.tokens[: sequence.computed]))
        self.stats.forced_tokens += sequence.answer.forced_tokens
        self.stats.completion_tokens += sequence.sampled
        self.stats.drafted += sequence.drafted
        self.stats.accepted += sequence.accepted
        self._finished.append(sequence.completion(finish))

    def _abandon(self) -> None:
        """Free all that was running, waiting or held: the run is over, or the caller has gone."""
        self._source = iter(())
        for sequence in self._running:
            sequence.close_grammar()
            self._prefixes.drop(sequence.slot)
        self._running.clear()
        self._waiting.clear()
        self._finished.clear()
        self._prefixes.clear()

    def check_integrity(self) -> None:
        """Raise AssertionError where books, cache and rows disagree; tests call it every step."""
        self._slots.check_integrity()
        self._prefixes.check_integrity()
        for sequence in self._running:
            sequence.check_integrity()
            assert self._slots.length(sequence.slot) == sequence.computed, repr(sequence)
        slots = [sequence.slot for sequence in self._running]
        assert len(set(slots)) == len(slots), "two rows in one slot"

    def close(self) -> None:
        """Free the model."""
        self._backend.close()


def _run(share: Share) -> Run:
    sequence = share.sequence
    start, count = sequence.computed, share.count
    if count == 1 and not share.drafted:  # nearly all
        return Run(sequence.slot, start, (sequence.tokens[start],), share.outputs)
    tokens = (*sequence.tokens[start : start + count], *share.drafted)
    return Run(sequence.slot, start, tokens, share.outputs)


CPU_STEP_TOKENS = 256
"""A CPU evaluates 256 tokens at once about 7 % faster than 320 or more (benchmarks/LOG.md)."""


def policy_for(capacity: Capacity) -> Policy:
    """The fast way to work with a context of this size."""
    step = capacity.micro_batch_tokens
    if not capacity.gpu_layers:
        step = min(step, CPU_STEP_TOKENS)
    return Policy(running=capacity.sequences, step_tokens=step)


def make_engine(
    model: Path,
    capacity: Capacity,
    *,
    policy: Policy | None = None,
    kept: StateFiles | None = None,
) -> BatchEngine:
    """The engine over a GGUF file, in this process. Raises EngineError where it cannot be made.

    On a card it is measured what a step costs beside its tokens; a CPU's figure is known.
    """
    from realign_local.engine.backends.llama import LlamaBackend, step_overhead

    policy = policy or policy_for(capacity)
    backend = LlamaBackend(model, capacity, held=held_slots(capacity.sequences))
    if capacity.gpu_layers:
        policy = replace(policy, overhead_tokens=step_overhead(backend))
    return BatchEngine(backend, policy, kept=kept)
