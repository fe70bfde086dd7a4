"""What gpu.sh measures on a graphics card; each command prints a table and appends it to a file.

requests   a dataset becomes the engine's requests (beforehand, on any machine)
policies   one engine in this process by its policies, and where the time of its steps goes
matrix     rows a second by engines and rows at once, and what of a step is Python's
choosing   a step of 224 rows: the likeliest tokens found by so many threads, or by the card itself
bench      beside the plain loop, the card's ceiling and llama-server
texts      the same rows on the card and on the CPU: how many texts differ
kill       a worker is killed in mid-run: its memory comes back, and no row is lost
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from realign_local.base.machine import physical_cores
from realign_local.base.weights.gguf import read_gguf
from realign_local.engine.backend import Run
from realign_local.engine.backends import llama
from realign_local.engine.backends.llama import LlamaBackend, step_overhead
from realign_local.engine.bench.baselines import longest_tokens
from realign_local.engine.bench.server import requests_per_second
from realign_local.engine.bench.speed import bench_engine
from realign_local.engine.capacity import Capacity, held_slots
from realign_local.engine.engine import BatchEngine, policy_for
from realign_local.engine.process.devices import gpu_devices
from realign_local.engine.process.fleet import Fleet, open_engine
from realign_local.engine.process.sizing import CardChoice, fit_to_machine
from realign_local.engine.process.spec import llama_spec
from realign_local.engine.process.wire import request_from_json, request_to_json
from realign_local.engine.request import Engine, Finish, Request

SERVER_START_S = 120
CPU_ROWS = 48
STEPS = 25


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["requests", *MEASURES])
    parser.add_argument("rows", type=Path, help="a dataset, or what `requests` made of it")
    parser.add_argument("-m", "--model", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("-n", "--limit", type=int, default=None)
    parser.add_argument("--server", type=Path, help="llama-server of the same build")
    parser.add_argument("--engines", type=int, default=None, help="instead of what is chosen")
    parser.add_argument("--rows-at-once", type=int, default=224, help="for `choosing`")
    told = parser.parse_args()
    if told.command == "requests":
        write_requests(told.rows, told.model, told.output)
        return
    requests = read_requests(told.rows, told.limit)
    for line in MEASURES[told.command](requests, told):
        print(json.dumps(line), flush=True)
        with told.output.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def write_requests(rows: Path, model: Path, output: Path) -> None:
    """What the engine would be asked for these rows: needs the encoder, which the card does not."""
    from realign_local.base.config import load_settings
    from realign_local.commands.bench import requests_of
    from realign_local.data.formats import open_dataset
    from realign_local.run.tools import LocalTools

    tools = LocalTools(load_settings(flags={"model": str(model)}))
    samples = (sample for row in open_dataset(rows).rows() for sample in row.samples)
    with tools.classifier() as label:
        found = requests_of(samples, label, tools.criteria)
    with gzip.open(output, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(request_to_json(one)) + "\n" for one in found)


def read_requests(path: Path, limit: int | None) -> list[Request]:
    """The requests, evenly thinned to `limit`."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found = [request_from_json(json.loads(line)) for line in file]
    return found[:: max(1, len(found) // limit)][:limit] if limit else found


def capacity_of(requests: Sequence[Request], model: Path, *, layers: Any = "auto") -> Capacity:
    """What the program itself would choose."""
    return fit_to_machine(
        read_gguf(model),
        threads=physical_cores(),
        longest_request_tokens=longest_tokens(requests),
        cards=CardChoice(layers),
    )


def grouped(requests: Iterable[Request]) -> list[Request]:
    """As a run takes them: task by task."""
    return sorted(requests, key=lambda one: one.messages[0].content)


def with_rows(capacity: Capacity, *, engines: int, rows: int) -> Capacity:
    """The same with other numbers; what a row may take stays."""
    each = capacity.context_tokens // capacity.sequences
    return replace(capacity, engines=engines, sequences=rows, context_tokens=each * rows)


class Watched(LlamaBackend):
    """The backend with a stopwatch: seconds and calls by what was asked of it."""

    def __init__(self, model: Path, capacity: Capacity, *, held: int) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._kind = ""
        super().__init__(model, capacity, held=held)

    def _timed(self, kind: str, call: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = call()
        self.spent[kind] += time.perf_counter() - started
        self.calls[kind] += 1
        return result

    def decode(self, runs: Sequence[Run]) -> None:
        """By prompts, drafts and rows at once."""
        tokens = sum(len(run.tokens) for run in runs)
        kind = f"{-(-len(runs) // 64) * 64} rows" if tokens == len(runs) else "drafts"
        kind = kind if max(len(run.tokens) for run in runs) < 17 else f"{min(3, len(runs))} prompts"
        self.calls[f"tokens of {kind}"] += tokens
        self._kind = kind
        self._timed(kind, lambda: super(Watched, self).decode(runs))

    def wait(self) -> None:
        """Belongs to the batch that is waited for; what Python did beside it is in neither."""
        started = time.perf_counter()
        super().wait()
        self.spent[self._kind] += time.perf_counter() - started

    def likeliest(self) -> Any:
        """As it is."""
        return self._timed("likeliest", super().likeliest)

    def copy(self, source: int, target: int, length: int) -> None:
        """As it is; the copying itself is done by the next decode."""
        self._timed("copy", lambda: super(Watched, self).copy(source, target, length))


def policies(requests: list[Request], told: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One line for each policy."""
    chosen = with_rows(capacity_of(requests, told.model), engines=1, rows=224)
    for rows, change in (
        (224, {}),
        (224, {"look_up_rows": 224}),
        (64, {}),
    ):
        capacity = with_rows(chosen, engines=1, rows=rows)
        backend = Watched(told.model, capacity, held=held_slots(rows))
        overhead = step_overhead(backend)
        backend.spent.clear()
        backend.calls.clear()
        policy = replace(policy_for(capacity), overhead_tokens=overhead, **change)
        with BatchEngine(backend, policy) as engine:
            seconds, answers = timed(engine, grouped(requests))
            stats = engine.stats
        yield {
            "rows_at_once": rows,
            "policy": change,
            "overhead_tokens": round(overhead, 1),
            "rows_per_s": round(len(answers) / seconds, 2),
            "seconds": round(seconds, 2),
            "python_s": round(stats.python_s, 2),
            "beside_s": round(stats.beside_s, 2),
            "backend_s": round(stats.backend_s, 2),
            "completion_tokens": stats.completion_tokens,
            "prompt_tokens_evaluated": stats.prompt_tokens_evaluated,
            "accepted": stats.accepted,
            "spent_s": {kind: round(spent, 3) for kind, spent in backend.spent.items()},
            "calls": dict(backend.calls),
        }


def matrix(requests: list[Request], told: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One line for each number of engines and of rows at once."""
    chosen = capacity_of(requests, told.model)
    yield {"chosen": chosen.reason}
    for engines, rows in ((1, 224), (2, 224), (3, 160), (4, 128)):
        capacity = with_rows(chosen, engines=engines, rows=rows)
        with Fleet(llama_spec(told.model, capacity), size=engines) as fleet:
            fleet.start()
            seconds, answers = timed(fleet, grouped(requests))
            stats = fleet.stats
        steps_s = stats["python_s"] + stats["beside_s"] + stats["backend_s"]
        yield {
            "engines": engines,
            "rows_at_once": rows,
            "rows": len(answers),
            "rows_per_s": round(len(answers) / seconds, 2),
            "python_share_of_steps": round(stats["python_s"] / steps_s, 3),
            "beside_share_of_steps": round(stats["beside_s"] / steps_s, 3),
            "steps": stats["steps"],
            "step_ms": round(1e3 * stats["backend_s"] / stats["steps"], 2),
            "engine_busy": round(steps_s / seconds / engines, 3),
            "prompt_tokens_evaluated": stats["prompt_tokens_evaluated"],
            "completion_tokens": stats["completion_tokens"],
            "drafted": stats["drafted"],
            "accepted": stats["accepted"],
        }


def choosing(requests: list[Request], told: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One line for each number of threads, and one for llama.cpp's samplers (experimental)."""
    capacity = with_rows(capacity_of(requests, told.model), engines=1, rows=told.rows_at_once)
    backend = LlamaBackend(told.model, capacity)
    found: list[int] = []
    for threads in (1, 2, 4, 8, 16):
        backend._threads, backend._pool = threads, ThreadPoolExecutor(threads)
        step, search = steps_of(backend, lambda: backend.likeliest().tolist(), found)
        yield {"threads": threads, "step_ms": step, "likeliest_ms": search}
    backend.close()
    chosen = found[-told.rows_at_once :]
    lib = llama.load_bindings().llama_cpp
    make = lib.llama_init_from_model
    with patch.object(lib, make.__name__, lambda model, params: make(model, greedy(params))):
        backend = LlamaBackend(told.model, capacity)
    ask = lib.llama_get_sampled_token_ith
    step, search = steps_of(
        backend, lambda: [ask(backend._context, place) for place in backend._outputs], found
    )
    differ = sum(one != other for one, other in zip(chosen, found[-len(chosen) :], strict=True))
    yield {"samplers": len(chosen), "step_ms": step, "likeliest_ms": search, "differ": differ}
    backend.close()


def steps_of(
    backend: LlamaBackend, choose: Callable[[], list[int]], found: list[int]
) -> tuple[float, float]:
    """Milliseconds of a step over all slots and of the choice after it; adds the last choice."""
    spent: tuple[list[float], list[float]] = [], []
    for slot in range(backend.slots):
        backend.truncate(slot, 0)
    for place in range(STEPS):
        started = time.perf_counter()
        backend.decode([Run(slot, place, [1000 + slot], 1) for slot in range(backend.slots)])
        backend.wait()
        evaluated = time.perf_counter()
        chosen = choose()
        spent[0].append(evaluated - started)
        spent[1].append(time.perf_counter() - evaluated)
    found += chosen
    return round(1e3 * median(spent[0]), 2), round(1e3 * median(spent[1]), 2)


def greedy(params: Any) -> Any:
    """The parameters of a context with a sampler for each slot that takes the likeliest token."""
    lib = llama.load_bindings().llama_cpp
    configs = (lib.llama_sampler_seq_config * params.n_seq_max)()
    for slot, config in enumerate(configs):
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
        config.seq_id, config.sampler = slot, ctypes.cast(chain, ctypes.c_void_p)
    params.samplers, params.n_samplers = configs, len(configs)
    return params


def timed(engine: Engine, requests: list[Request]) -> tuple[float, dict[str, str]]:
    """Seconds, and the texts by key."""
    started = time.perf_counter()
    answers = {one.key: one.text for one in engine.generate(requests)}
    return time.perf_counter() - started, answers


def bench(requests: list[Request], told: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What `realign bench engine` tells, and llama-server with as many slots."""
    capacity = capacity_of(requests, told.model)
    if told.engines:
        capacity = with_rows(capacity, engines=told.engines, rows=capacity.sequences)
    report = bench_engine(told.model, requests, capacity=capacity, variants=())
    yield {"capacity": capacity.reason, **report}
    if told.server:
        each = capacity.context_tokens // capacity.sequences
        with server(told.server, told.model, slots=capacity.sequences, each=each) as url:
            few = requests[:: max(1, len(requests) // 600)]
            rate = requests_per_second(url, few, at_once=capacity.sequences)
        ours = report["engine"]["rows_per_s"]
        yield {"llama_server_rows_per_s": rate, "slots": capacity.sequences, "ratio": ours / rate}


@contextmanager
def server(binary: Path, model: Path, *, slots: int, each: int) -> Iterator[str]:
    """llama-server on the card, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(binary), "-m", str(model), "-ngl", "99", "-np", str(slots), "-c",
               str(slots * each), "-b", "2048", "-ub", "2048", "-fa", "on", "--host", "127.0.0.1",
               "--port", str(port)]  # fmt: skip
    log = Path(os.environ.get("OUT", "/tmp")) / "llama-server.log"
    with log.open("w") as words, subprocess.Popen(command, stdout=words, stderr=words) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{url}/health")
            yield url
        finally:
            process.kill()


def wait_for(url: str) -> None:
    """Until the address answers."""
    end = time.monotonic() + SERVER_START_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(url)


def texts(requests: list[Request], told: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Greedy texts of the card and of the CPU; those of the card also one row at a time."""
    few = requests[:: max(1, len(requests) // CPU_ROWS)][:CPU_ROWS]
    on_card = capacity_of(few, told.model)
    found = {}
    for name, capacity in (
        ("card", on_card),
        ("card, one row at once", with_rows(on_card, engines=1, rows=1)),
        ("cpu", capacity_of(few, told.model, layers=0)),
    ):
        with open_engine(told.model, capacity) as engine:
            seconds, found[name] = timed(engine, few)
        yield {"where": name, "rows": len(few), "seconds_with_loading": round(seconds, 1)}
    for name in ("card, one row at once", "cpu"):
        differ = [key for key in found[name] if found[name][key] != found["card"][key]]
        yield {"differ_from": name, "rows": len(differ), "of": len(few)}
        for key in differ[:3]:
            yield {"card": found["card"][key], name: found[name][key]}


def kill(requests: list[Request], told: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """SIGKILL one worker, then the other, while rows run."""
    capacity = replace(capacity_of(requests, told.model), engines=2)
    free = {"before": free_bytes()}
    seen: dict[str, str] = {}
    with Fleet(llama_spec(told.model, capacity), size=2) as fleet:
        fleet.start()
        free["loaded"] = free_bytes()
        kills = [len(requests) // 4, len(requests) // 2]
        finishes = []
        for answer in fleet.generate(grouped(requests)):
            assert answer.key not in seen, answer.key
            seen[answer.key] = answer.text
            finishes.append(answer.finish)
            if kills and len(seen) >= kills[0]:
                kills.pop(0)
                victim = fleet.workers[len(kills)].process_id
                if victim:
                    os.kill(victim, signal.SIGKILL)
        starts = [worker.starts for worker in fleet.workers]
        free["at the end"] = free_bytes()
    free["closed"] = free_bytes()
    lost = len({one.key for one in requests} - seen.keys())
    failed = sum(finish is Finish.FAILED for finish in finishes)
    yield {"rows": len(seen), "lost": lost, "failed": failed, "starts": starts}
    yield {"free_gib": {name: round(size / (1 << 30), 2) for name, size in free.items()}}


def free_bytes() -> int:
    """Free memory of all cards."""
    return sum(device.free_bytes for device in gpu_devices())


MEASURES = {
    "policies": policies,
    "matrix": matrix,
    "choosing": choosing,
    "bench": bench,
    "texts": texts,
    "kill": kill,
}

if __name__ == "__main__":
    main()
