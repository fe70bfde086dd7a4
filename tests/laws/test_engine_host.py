"""What the processor does for many rows at once: laid out, compared and read as one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.engine.backend import Run, Tokens
from realign_local.engine.backends.llama import _Batch, load_bindings
from realign_local.engine.backends.scripted import ScriptedBackend, ScriptedVocabulary
from realign_local.engine.engine import BatchEngine, Policy
from realign_local.engine.growing import Answer, SpanEnd
from realign_local.engine.prefix import Prefixes
from realign_local.engine.request import Given, Message, Request, Span
from realign_local.engine.slots import Slots
from realign_local.engine.text_ids import Codec

STARTS = ["the cat is a cat. " * 6, "Step 1. the 12 " * 7]
NEVER = "no text says this"

runs = st.builds(
    lambda slot, start, tokens, outputs: Run(slot, start, tokens, min(outputs, len(tokens))),
    st.integers(0, 300),
    st.integers(0, 5000),
    st.lists(st.integers(0, 200_000), min_size=1, max_size=9),
    st.integers(0, 9),
)


def requests(count: int) -> list[Request]:
    return [
        Request(
            f"r{number}",
            (Message("system", STARTS[number % 2]), Message("user", f"row {number}")),
            (Given("So: "), Span(2 + number % 7), Given("\n"), Span(3)),
        )
        for number in range(count)
    ]


@given(st.lists(runs, min_size=1, max_size=40))
@settings(max_examples=60)
def test_a_batch_holds_the_runs_one_after_the_other(drawn: list[Run]) -> None:
    batch = _Batch(load_bindings().llama_cpp, 400)
    outputs = batch.fill([Run(7, 7, [7] * 390, 390)])
    assert outputs == list(range(390))
    outputs = batch.fill(drawn)
    expected = [
        (token, run.start + place, run.slot, place >= len(run.tokens) - run.outputs)
        for run in drawn
        for place, token in enumerate(run.tokens)
    ]
    native = batch.native
    found = [
        (native.token[at], native.pos[at], native.seq_id[at][0], bool(native.logits[at]))
        for at in range(native.n_tokens)
    ]
    assert found == expected
    assert outputs == [at for at, row in enumerate(expected) if row[3]]


class Watched(ScriptedBackend):
    """Notes what is asked of it in which order, and whether it works."""

    def __init__(self, **sizes: int) -> None:
        super().__init__(**sizes)  # type: ignore[arg-type]
        self.works = False
        self.pulled_beside = 0

    def decode(self, runs: Sequence[Run]) -> None:
        super().decode(runs)
        self.works = True

    def wait(self) -> None:
        self.works = False

    def _resting(self) -> None:
        assert not self.works, "a batch is being evaluated"

    def likeliest(self) -> Tokens:
        self._resting()
        return super().likeliest()

    def logits(self, output: int) -> Any:
        self._resting()
        return super().logits(output)

    def copy(self, source: int, target: int, length: int) -> None:
        self._resting()
        super().copy(source, target, length)

    def truncate(self, slot: int, length: int) -> None:
        self._resting()
        super().truncate(slot, length)

    def state(self, slot: int) -> bytes:
        self._resting()
        return super().state(slot)


def test_rows_are_pulled_while_the_backend_works_and_it_is_asked_nothing_then() -> None:
    backend = Watched(slots=6)

    def source() -> Iterator[Request]:
        for request in requests(30):
            backend.pulled_beside += backend.works
            yield request

    engine = BatchEngine(backend, Policy(running=4, look_ahead=4))
    texts = {one.key: one.text for one in engine.generate(source())}
    assert backend.pulled_beside > 15
    plain = BatchEngine(ScriptedBackend(slots=2), Policy(running=1, share_prefixes=False))
    assert texts == {one.key: one.text for one in plain.generate(requests(30))}


def test_a_source_that_fails_beside_a_step_leaves_nothing_behind() -> None:
    backend = Watched(slots=4)

    def source() -> Iterator[Request]:
        yield from requests(4)
        assert backend.works
        raise OSError("the disk is gone")

    engine = BatchEngine(backend, Policy(running=2, look_ahead=2))
    with pytest.raises(OSError, match="gone"):
        list(engine.generate(source()))
    assert [backend.length(slot) for slot in range(4)] == [0] * 4
    assert len(list(engine.generate(requests(3)))) == 3


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(2, 9))
def test_rows_are_compared_with_the_slots_as_each_alone(cuts: list[int], running: int) -> None:
    backend = ScriptedBackend(slots=running + 2)
    codec = Codec(backend.vocabulary)
    prefixes = Prefixes(Slots(backend), running=running, cells=backend.cells)
    tokens = [np.array(codec.encode(STARTS[cut % 2])[: 5 + cut], np.int32) for cut in cuts]
    for one in tokens[: running - 1]:
        (match,) = prefixes.matches([guest := prefixes.expect(one)])
        slot, computed = prefixes.seat(guest, match)
        backend.decode([Run(slot, computed, one[computed:].tolist(), 1)])
        prefixes._slots.grow(slot, len(one) - computed)
        prefixes.progress(slot, len(one))
    guests = [prefixes.expect(one) for one in tokens]
    assert prefixes.matches(guests) == [prefixes.matches([guest])[0] for guest in guests]
    for guest, match in zip(guests, prefixes.matches(guests), strict=True):
        if match.source is not None:
            held = backend._cache[match.source][: match.ready]
            assert held == guest.tokens[: match.ready].tolist()


def ended(span: Span, tokens: list[int]) -> SpanEnd | None:
    answer = Answer((Given("A "), span, Given(" B")), Codec(ScriptedVocabulary()))
    answer.begin()
    return next((end for token in tokens if (end := answer.take(token))), None)


@given(st.lists(st.integers(0, ScriptedVocabulary().size - 1), max_size=20), st.integers(1, 12))
def test_a_text_read_when_its_span_ends_is_the_text_read_token_by_token(
    tokens: list[int], most: int
) -> None:
    assert ended(Span(most), tokens) == ended(Span(most, stop=(NEVER,)), tokens)
