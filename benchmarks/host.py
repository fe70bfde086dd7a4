"""What a step costs beside llama_decode, part by part: known texts are played back, no card needed.

The real engine and the real backend work on a library whose decoding is left out: what was to be
written is known, and stands in logits of the real size. Times are CPU seconds of this process, so
that others at work do not count; those of `likeliest tokens` are shared by as many threads.

    python benchmarks/gpu.py requests ROWS -m MODEL -o requests.jsonl.gz
    python benchmarks/host.py requests.jsonl.gz -m MODEL [-n 800] [--rows 256] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import ctypes
import gc
import hashlib
import json
import os
import pstats
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.gpu import grouped, read_requests
from realign_local.engine import engine as engine_module
from realign_local.engine.backends import llama
from realign_local.engine.backends.llama import LlamaBackend
from realign_local.engine.capacity import Capacity, held_slots
from realign_local.engine.engine import BatchEngine, Policy
from realign_local.engine.prefix import Prefixes
from realign_local.engine.process import wire
from realign_local.engine.request import Completion, Request
from realign_local.engine.sequence import Sequence as Row
from realign_local.engine.text_ids import Codec

CELLS = 4096
CARD_STEP_TOKENS = 2048
CARD_OVERHEAD_TOKENS = 67.0
"""What a step costs beside its tokens on the card of benchmarks/LOG.md."""
MOST_OUTPUTS = 2048
SLIP = 17
"""Of the text that is to be copied one token in so many is written otherwise."""


class Clock:
    """CPU seconds of all threads by part; what begins inside a part is a part of its own."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._open: list[str] = ["the rest"]
        self._since = time.process_time()

    def begin(self) -> None:
        """Forget what was before."""
        self.spent.clear()
        self.calls.clear()
        self._since = time.process_time()

    def _book(self) -> None:
        now = time.process_time()
        self.spent[self._open[-1]] += now - self._since
        self._since = now

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """The time from here on belongs to `name`."""
        self._book()
        self._open.append(name)
        self.calls[name] += 1
        try:
            yield
        finally:
            self._book()
            self._open.pop()

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same function on the clock."""

        def on_clock(*given: Any, **named: Any) -> Any:
            self._book()
            self._open.append(name)
            self.calls[name] += 1
            try:
                return call(*given, **named)
            finally:
                self._book()
                self._open.pop()

        return on_clock


class Library:
    """llama.cpp without a context: `decode` plays back what was to be written."""

    def __init__(self, real: Any, clock: Clock, *, slots: int, rows: int) -> None:
        self._real, self._clock = real, clock
        self._tokens = np.zeros((slots, CELLS), np.int32)
        self._lengths = [0] * slots
        self._scripts: list[list[int]] = [[] for _ in range(slots)]
        self._begins = [CELLS] * slots
        self.known: dict[bytes, list[int]] = {}
        self.end = 0
        self._size = 0
        self._rows = rows
        self.logits = np.zeros((0, 0), np.float32)
        self._raised: list[tuple[int, int, float]] = []
        self.steps: list[tuple[int, int]] = []
        self.digest = hashlib.sha256()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def make_logits(self, size: int) -> None:
        """Logits of so large a vocabulary; as many rows as run at once are not in the caches."""
        self.logits = np.zeros((MOST_OUTPUTS, size), np.float32)
        numbers = np.random.default_rng(0)
        for row in range(self._rows):
            self.logits[row] = numbers.standard_normal(size, np.float32)

    def llama_model_default_params(self) -> Any:
        params = self._real.llama_model_default_params()
        params.vocab_only = True
        return params

    def llama_init_from_model(self, _model: Any, _params: Any) -> Any:
        return 1

    def llama_get_memory(self, _context: Any) -> Any:
        return 1

    def llama_n_ctx_seq(self, _context: Any) -> int:
        return CELLS

    def llama_free(self, _context: Any) -> None: ...

    def llama_synchronize(self, _context: Any) -> None: ...

    def llama_decode(self, _context: Any, batch: Any) -> int:
        with self._clock.part("llama_decode"):
            return self._decode(batch)

    def _decode(self, batch: Any) -> int:
        count = batch.n_tokens
        as_array = np.ctypeslib.as_array
        tokens = as_array(batch.token, (count,))
        starts = as_array(batch.pos, (count,)).tolist()
        wanted = as_array(batch.logits, (count,)).tolist()
        first = ctypes.addressof(batch.seq_id[0].contents)
        slots = np.frombuffer((ctypes.c_int32 * count).from_address(first), np.int32).tolist()
        for row, token, before in self._raised:
            self.logits[row, token] = before
        self._raised.clear()
        self.digest.update(tokens.tobytes())
        output = 0
        for place in range(count):
            slot, start = slots[place], starts[place]
            assert self._lengths[slot] == start, (slot, start, self._lengths[slot])
            self._tokens[slot, start] = tokens[place]
            self._lengths[slot] = start + 1
            if start < self._begins[slot]:
                self._begins[slot] = CELLS
            if wanted[place]:
                self._raise(output, self._next(slot, start + 1))
                output += 1
        self.steps.append((count, output))
        return 0

    def _next(self, slot: int, length: int) -> int:
        if self._begins[slot] > length:
            self._scripts[slot] = self.known[self._tokens[slot, :length].tobytes()]
            self._begins[slot] = length
        script, place = self._scripts[slot], length - self._begins[slot]
        return script[place] if place < len(script) else self.end

    def _raise(self, row: int, token: int) -> None:
        self._raised.append((row, token, float(self.logits[row, token])))
        self.logits[row, token] = 99

    def llama_get_logits(self, _context: Any) -> Any:
        return self.logits.ctypes.data_as(ctypes.POINTER(ctypes.c_float))

    def llama_get_logits_ith(self, _context: Any, place: int) -> Any:
        raise AssertionError(f"nothing here samples otherwise than greedily ({place})")

    def llama_memory_seq_cp(self, _memory: Any, source: int, target: int, *_range: int) -> None:
        self._tokens[target] = self._tokens[source]
        self._lengths[target] = self._lengths[source]
        self._begins[target], self._scripts[target] = self._begins[source], self._scripts[source]

    def llama_memory_seq_rm(self, _memory: Any, slot: int, start: int, _end: int) -> bool:
        self._lengths[slot] = min(self._lengths[slot], max(0, start))
        if self._lengths[slot] < self._begins[slot]:
            self._begins[slot] = CELLS
        return True

    def llama_memory_seq_pos_max(self, _memory: Any, slot: int) -> int:
        return self._lengths[slot] - 1


def known_texts(requests: Sequence[Request], codec: Codec) -> dict[bytes, list[int]]:
    """What is written after each prompt: the text that was to be rewritten, with slips."""
    known = {}
    for number, request in enumerate(requests):
        row = Row(request, codec, arrival=number)
        text = request.messages[-1].content.rpartition("Answer:\n")[2]
        ids = codec.encode(text)
        slips = [(token * 7 + place) % SLIP == 0 for place, token in enumerate(ids)]
        known[row.opening.tobytes()] = [
            ids[(place * 31) % len(ids)] if slip else token
            for place, (token, slip) in enumerate(zip(ids, slips, strict=True))
        ]
    return known


def measured(clock: Clock) -> list[Any]:
    """The parts of the engine's work, put on the clock."""
    table: list[tuple[Any, str, str]] = [
        (BatchEngine, "_pull", "next rows: books"),
        (Row, "__init__", "next rows: tokenizing"),
        (Prefixes, "expect", "next rows: comparing beginnings"),
        (BatchEngine, "_admit", "rows begin"),
        (BatchEngine, "_close_gaps", "rows move together"),
        (BatchEngine, "_plan", "planning a step"),
        (LlamaBackend, "decode", "batch arrays"),
        (LlamaBackend, "likeliest", "likeliest tokens"),
        (BatchEngine, "_take", "taking tokens"),
        (BatchEngine, "_step", "a step's books"),
        (BatchEngine, "_work_beside", "beside: books"),
        (BatchEngine, "_retire", "rows end"),
    ]
    return [
        patch.object(owner, name, clock.timed(part, getattr(owner, name)))
        for owner, name, part in table
    ]


def play(requests: list[Request], told: argparse.Namespace) -> dict[str, Any]:
    """All requests through the engine; what it cost."""
    clock = Clock()
    rows, held = told.rows, held_slots(told.rows)
    real = llama.load_bindings().llama_cpp
    library = Library(real, clock, slots=rows + held, rows=rows)
    bindings = type("Bindings", (), {"llama_cpp": library})
    capacity = Capacity(CELLS * rows, rows, CARD_STEP_TOKENS, CARD_STEP_TOKENS, told.threads)
    with patch.object(llama, "load_bindings", lambda: bindings):
        backend = LlamaBackend(told.model, capacity, held=held)
    library.make_logits(backend.vocabulary.size)
    ends = range(backend.vocabulary.size - 1, 0, -1)
    library.end = next(token for token in ends if backend.vocabulary.is_end(token))
    library.known = known_texts(requests, Codec(backend.vocabulary))
    policy = Policy(
        running=rows, step_tokens=CARD_STEP_TOKENS, overhead_tokens=CARD_OVERHEAD_TOKENS
    )
    engine = BatchEngine(backend, policy)
    patches = [] if told.profile else measured(clock)
    for one in patches:
        one.start()
    profile = cProfile.Profile() if told.profile else None
    gc.collect()
    gc.freeze()  # as a worker does
    clock.begin()
    started, cpu = time.perf_counter(), time.process_time()
    with profile or clock.part("the rest"):
        done = list(engine.generate(requests))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    gc.unfreeze()
    for one in patches:
        one.stop()
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    return report(engine, library, clock, done, seconds=seconds, cpu_s=cpu)


def report(
    engine: BatchEngine,
    library: Library,
    clock: Clock,
    done: list[Completion],
    *,
    seconds: float,
    cpu_s: float,
) -> dict[str, Any]:
    """The table, and what tells whether another version does the same."""
    texts = json.dumps(sorted((one.key, one.pieces, one.finish) for one in done))
    wide = sum(tokens > 64 for tokens, _ in library.steps if _ > 64)
    return {
        "rows": len(done),
        "steps": len(library.steps),
        "steps_of_more_than_64_rows": wide,
        "outputs": sum(outputs for _, outputs in library.steps),
        "same": {
            "batches": library.digest.hexdigest()[:16],
            "texts": hashlib.sha256(texts.encode()).hexdigest()[:16],
            "prompt_tokens_evaluated": engine.stats.prompt_tokens_evaluated,
            "completion_tokens": engine.stats.completion_tokens,
            "drafted": engine.stats.drafted,
            "accepted": engine.stats.accepted,
        },
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu_s, 2),
        "ms": {part: round(1e3 * spent, 1) for part, spent in by_size(clock.spent)},
        "us_a_call": {
            part: round(1e6 * spent / clock.calls[part], 1)
            for part, spent in by_size(clock.spent)
            if clock.calls[part]
        },
    }


def by_size(spent: dict[str, float]) -> list[tuple[str, float]]:
    """The largest first."""
    return sorted(spent.items(), key=lambda pair: -pair[1])


def pipe(requests: list[Request]) -> dict[str, float]:
    """Microseconds a row for its way to the worker and back, on either side."""
    done = [
        Completion(one.key, (one.messages[-1].content,), engine_module.Finish.STOP, 400, 150)
        for one in requests
    ]
    reading, writing = os.pipe()
    sides = {
        "request, sent": (wire.request_to_json, requests),
        "completion, sent": (wire.completion_to_json, done),
    }
    found = {}
    with os.fdopen(reading, "rb") as back, os.fdopen(writing, "wb") as forth:
        for name, (to_json, things) in sides.items():
            sent_s = read_s = 0.0
            from_json: Callable[[Any], Any] = (
                wire.request_from_json if "request" in name else wire.completion_from_json
            )
            for thing in things:
                started = time.process_time()
                wire.write_line(forth, to_json(thing))  # type: ignore[operator]
                sent = time.process_time()
                line = wire.read_line(back)
                assert line
                assert from_json(line) == thing
                sent_s, read_s = sent_s + sent - started, read_s + time.process_time() - sent
            found[name] = round(1e6 * sent_s / len(things), 1)
            found[name.replace("sent", "read")] = round(1e6 * read_s / len(things), 1)
    return found


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("requests", type=Path, help="what `gpu.py requests` made")
    parser.add_argument("-m", "--model", type=Path, required=True)
    parser.add_argument("-n", "--limit", type=int, default=800)
    parser.add_argument("--rows", type=int, default=256, help="rows at once")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--profile", action="store_true", help="by function instead of by part")
    told = parser.parse_args()
    requests = grouped(read_requests(told.requests, told.limit))
    print(json.dumps({**play(requests, told), "pipe_us": pipe(requests)}, indent=1))


if __name__ == "__main__":
    main()
