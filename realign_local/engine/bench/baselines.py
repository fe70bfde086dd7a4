"""What a benchmark's child process does: one way of answering, a turn at a time.

The plain loop and other programs take the rows as they stand in the file, as any loop does; the
engine takes them grouped by task, as a run does, and once as they stand.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from realign_local.engine.backends.llama import LlamaBackend, load_bindings, prefill_s
from realign_local.engine.capacity import Capacity
from realign_local.engine.engine import BatchEngine, make_engine, policy_for
from realign_local.engine.kept.state_files import StateFiles
from realign_local.engine.process.fleet import Fleet
from realign_local.engine.process.spec import llama_spec
from realign_local.engine.request import Message, Request, Span

BASELINE, ENGINE = "baseline", "prefixes_lookup"
FILE_ORDER, SECOND_RUN = "file_order", "second_run"
"""The engine on rows in the order of the file; the engine with what an earlier run has left."""
LLAMA_SERVER, XLLAMACPP, OPENVINO = "llama-server", "xllamacpp", "openvino-genai"
PEERS = (LLAMA_SERVER, XLLAMACPP, OPENVINO)
"""Other programs that batch."""
WHOLE = (ENGINE, FILE_ORDER, SECOND_RUN)
BYTES_PER_TOKEN = 3
"""Prose has about 4.5, digits, code and Chinese about 3."""
SAMPLED_EVERY, SAMPLE_LEAST = 4, 16
"""Of the rows one in four, but sixteen at least, go to the baselines that share nothing."""

PLAIN_MOST = 64
"""Of more rows the plain loop answers an even sample: each costs it the same."""

Report = dict[str, Any]
Answers = Iterator[tuple[str, str]]
"""Pairs of key and text, as they are finished."""
PlainChat = Callable[[Sequence[Message], int, Sequence[str]], str]
"""Messages, most tokens and stop strings to text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row as each peer is asked: the prompt as text, so that all of them read the same."""

    key: str
    prompt: str
    max_tokens: int
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """What every baseline is given; `asked` are the same rows for the peers, in the file's order.

    `openvino_model`: what OpenVINO reads in the place of the GGUF file.
    """

    model: Path
    capacity: Capacity
    requests: tuple[Request, ...]
    asked: tuple[Asked, ...] = ()
    server: Path | None = None
    openvino_model: Path | None = None

    def rows_for(self, name: str) -> list[Request]:
        """The rows that a baseline answers, in its order.

        Where nothing is shared every row costs the same whatever its neighbours are, so that a
        sample tells how fast it goes; answering all would take longer than everything else.
        """
        if name == BASELINE:
            return list(self.requests[:: -(-len(self.requests) // PLAIN_MOST)])
        if name == FILE_ORDER:
            return list(self.requests)
        every = max(1, min(SAMPLED_EVERY, len(self.requests) // SAMPLE_LEAST))
        grouped = sorted(self.requests, key=lambda one: (task_of(one), one.messages[0].content))
        return grouped if "prefixes" in name or name in WHOLE else grouped[::every]


def task_of(request: Request) -> str:
    """The task in a request's name, which is row/turn/task; "" where it has none."""
    return "".join(request.key.split("/")[2:])


def work(name: str, setup: Setup, pipe: Connection) -> None:
    """Build the baseline, then answer in turns as long as somebody asks."""
    with ExitStack() as stack:
        turn = _turn(name, setup, stack)
        with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
            while True:
                pipe.send({"peak_rss_mb": _peak_rss_mb()} | turn(pipe.recv()))


def _turn(name: str, setup: Setup, stack: ExitStack) -> Callable[[float], Report]:
    if name == "ceiling":
        return _ceiling_turn(setup)
    if name in PEERS:
        from realign_local.engine.bench.peers import peer_turn

        return peer_turn(name, setup, stack)
    kept = Path(stack.enter_context(TemporaryDirectory())) if name == SECOND_RUN else None
    return _rows_turn(name, setup, kept)


def bound_tokens(request: Request) -> int:
    """How many tokens the whole answer may take, given text included (four bytes a token)."""
    return sum(
        part.max_tokens if isinstance(part, Span) else _bytes(part.text) // 4
        for part in request.answer
    )


def longest_tokens(requests: Sequence[Request]) -> int:
    """More tokens than any of these takes with its prompt, so that none is refused."""
    texts = (sum(_bytes(one.content) for one in row.messages) for row in requests)
    bounds = map(bound_tokens, requests)
    return max((t // BYTES_PER_TOKEN + b for t, b in zip(texts, bounds, strict=True)), default=0)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _rows_turn(name: str, setup: Setup, kept: Path | None) -> Callable[[float], Report]:
    rows = setup.rows_for(name)
    if name == BASELINE:
        return in_turns(_baseline(setup, rows), of=len(rows))
    engine = _engine(name, setup, kept)
    return in_turns(_answers(engine, rows), of=len(rows), counts=lambda: _counts(engine))


def in_turns(
    answers: Answers, *, of: int, counts: Callable[[], Report] = dict
) -> Callable[[float], Report]:
    """Take answers for a while whenever asked; each report is that of all turns so far."""
    texts: dict[str, str] = {}
    seconds = worked_s = 0.0
    finished = False

    def turn(turn_s: float) -> Report:
        nonlocal seconds, worked_s, finished
        started, before_s = time.perf_counter(), cpu_s()
        while not finished and time.perf_counter() - started < turn_s:
            answer = next(answers, None)
            finished = answer is None
            texts.update([answer] if answer else [])
        seconds += time.perf_counter() - started
        worked_s += cpu_s() - before_s
        return {
            "rows": len(texts),
            "of": of,
            "seconds": round(seconds, 3),
            "cpu_s": round(worked_s, 1),
            "finished": finished,
            "texts": texts if finished else {},
            **counts(),
        }

    return turn


def _counts(engine: BatchEngine | Fleet) -> Report:
    return engine.stats if isinstance(engine, Fleet) else asdict(engine.stats)


def _engine(name: str, setup: Setup, kept: Path | None) -> BatchEngine | Fleet:
    """Several engines on a card are processes, and begin to load at once."""
    if setup.capacity.engines > 1 and name == ENGINE:
        fleet = Fleet(llama_spec(setup.model, setup.capacity), size=setup.capacity.engines)
        fleet.start()
        return fleet
    capacity = _alone(setup.capacity) if name == "single" else setup.capacity
    policy = policy_for(capacity)
    if name not in WHOLE:
        policy = replace(policy, share_prefixes="prefixes" in name, look_up="lookup" in name)
    files = StateFiles(kept, "the one model of this process") if kept else None
    if files:
        with make_engine(setup.model, capacity, policy=policy, kept=files) as earlier:
            list(earlier.generate(_beginnings(setup.requests)))
    return make_engine(setup.model, capacity, policy=policy, kept=files)


def _beginnings(requests: Sequence[Request]) -> list[Request]:
    """A request for each kind of prompt: enough for its fixed part to be evaluated and kept."""
    kinds = {tuple(one for one in row.messages if one.recurs): row for row in requests}
    return [replace(row, key=str(n), answer=(Span(1),)) for n, row in enumerate(kinds.values())]


def _alone(capacity: Capacity) -> Capacity:
    """Room for a single row of the same length."""
    each = capacity.context_tokens // capacity.sequences
    return replace(capacity, sequences=1, context_tokens=each)


def _answers(engine: BatchEngine | Fleet, rows: list[Request]) -> Answers:
    for completion in engine.generate(rows):
        yield completion.key, completion.text


def plain_loop(model: Path, *, context_tokens: int, threads: int, gpu_layers: int = 0) -> PlainChat:
    """`llama_cpp.Llama` as its readme shows it, one row after the other: what others would use."""
    llama = load_bindings().Llama(
        str(model),
        n_ctx=context_tokens,
        n_threads=threads,
        n_threads_batch=threads,
        n_gpu_layers=gpu_layers,
        verbose=False,
    )

    def chat(messages: Sequence[Message], max_tokens: int, stop: Sequence[str]) -> str:
        answer: Any = llama.create_chat_completion(
            [{"role": message.role, "content": message.content} for message in messages],
            max_tokens=max_tokens,
            temperature=0.0,
            stop=list(stop),
        )
        return str(answer["choices"][0]["message"]["content"] or "")

    return chat


def _baseline(setup: Setup, rows: list[Request]) -> Answers:
    alone = _alone(setup.capacity)
    chat = plain_loop(
        setup.model,
        context_tokens=alone.context_tokens,
        threads=alone.threads,
        gpu_layers=alone.gpu_layers,
    )
    return (
        (request.key, chat(request.messages, bound_tokens(request), whole_stops(request)))
        for request in rows
    )


def whole_stops(request: Request) -> tuple[str, ...]:
    """The stop strings, where they hold for the whole answer."""
    only = request.answer[0] if len(request.answer) == 1 else None
    return only.stop if isinstance(only, Span) else ()


def is_one_span(request: Request) -> bool:
    """Whether the model writes the whole answer, by no rule but stop strings."""
    only = request.answer[0] if len(request.answer) == 1 else None
    return isinstance(only, Span) and not only.grammar and not only.max_sentences


def _ceiling_turn(setup: Setup) -> Callable[[float], Report]:
    """Both prefill rates over all rounds: measured between the others' turns, as busy as those."""
    backend = LlamaBackend(setup.model, _alone(setup.capacity))
    tokens = setup.capacity.micro_batch_tokens
    prefill_s(backend, tokens, outputs=tokens)
    plain_s: list[float] = []
    logits_s: list[float] = []

    def turn(_turn_s: float) -> Report:
        plain_s.append(prefill_s(backend, tokens, outputs=0))
        logits_s.append(prefill_s(backend, tokens, outputs=tokens))
        return {
            "rows": 0,
            "seconds": round(sum(plain_s) + sum(logits_s), 3),
            "prefill_per_s": round(tokens * len(plain_s) / sum(plain_s), 2),
            "prefill_logits_per_s": round(tokens * len(logits_s) / sum(logits_s), 2),
        }

    return turn


def cpu_s() -> float:
    """Seconds that processors have worked for this process and those that it started."""
    total = 0.0
    me = psutil.Process()
    for process in (me, *me.children()):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:2])
    return total


def _peak_rss_mb() -> int:
    """The most memory that this process has had; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak // (1 << 20 if sys.platform == "darwin" else 1 << 10))
