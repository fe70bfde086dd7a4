"""How fast the engine is here: measured against the plain llama.cpp loop and against the ceiling.

Each baseline lives in a process of its own and works in short turns, one after the other, so that
whatever else the machine does meanwhile hits all of them alike, and peak memory is each one's own.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from realign_local.base.errors import EngineError, UsageError
from realign_local.engine.bench.baselines import (
    BASELINE,
    ENGINE,
    FILE_ORDER,
    PEERS,
    SECOND_RUN,
    Setup,
    is_one_span,
    task_of,
    work,
)
from realign_local.engine.bench.peers import absent, asked_of_peers, busy, left_out
from realign_local.engine.bench.server import requests_per_second
from realign_local.engine.capacity import Capacity
from realign_local.engine.request import Request

TURN_S = 20.0
"""Long enough that a turn is mostly work, short enough that a busy minute hits every baseline."""
CARD_TURN_S = 3600.0
"""On a card each works to its end: engines in processes of their own do not stop between turns."""
CEILING = "ceiling"
VARIANTS = ("single", "batched", "prefixes", FILE_ORDER, SECOND_RUN, ENGINE)

Report = dict[str, Any]


@dataclass(slots=True)
class _Baseline:
    """A child process, and what it has reported last."""

    name: str
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    report: Report

    @property
    def finished(self) -> bool:
        return bool(self.report.get("finished"))

    @property
    def left_s(self) -> float:
        """How long it will take to the end, as far as its rows tell."""
        rows = self.report.get("rows", 0)
        return (self.report["of"] - rows) * self.report["seconds"] / rows if rows else 0.0

    def take_turn(self, turn_s: float) -> None:
        """Let it work for a while and wait for its report."""
        try:
            self.pipe.send(turn_s)
            self.report = self.pipe.recv()
        except (EOFError, BrokenPipeError) as error:
            if self.name in PEERS:
                self.report = absent("its process died")
                return
            raise EngineError(f"the benchmark's process for {self.name} died") from error

    def stop(self) -> None:
        self.pipe.close()
        self.process.join(timeout=10)
        self.process.kill()


def bench_engine(
    model: Path,
    requests: Sequence[Request],
    *,
    capacity: Capacity,
    against: str | None = None,
    server: Path | None = None,
    openvino_model: Path | None = None,
    load: int = 0,
    variants: Sequence[str] = VARIANTS,
    progress: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Measure all of it on these requests; the result is the object of `bench engine --json`.

    `requests` are in the order of the file, in which the plain loop and the peers take them. All
    are sent the same messages, with room for as many tokens as the parts may take.
    `of_ceiling` compares the engine's time with prompt and forced tokens evaluated at the prefill
    rate plus sampled tokens at the prefill rate with logits at every position. `server` is a
    llama-server's program, to be started on the loopback address; `openvino_model` what OpenVINO
    reads instead of `model`; `load` so many busy processes work beside all the while.
    Raises EngineError where a baseline dies, UsageError where there is nothing to answer.
    """
    if not requests:
        raise UsageError("the workload has no rows", hint="Give rows of instruction and response.")
    missing = left_out(server)
    peers = [name for name in PEERS if name not in missing]
    asked = asked_of_peers(model, requests) if peers else ()
    setup = Setup(model, capacity, tuple(requests), asked, server, openvino_model)
    with busy(load):
        names = dict.fromkeys([BASELINE, CEILING, *peers, *variants, ENGINE])
        reports = _measure(list(names), setup, progress)
    failed = {name: reports.pop(name)["absent"] for name in peers if "absent" in reports[name]}
    _count_unlike_plain(reports, {row.key for row in requests if is_one_span(row)})
    found = {name: reports.pop(name) for name in peers if name in reports}
    result = _compare(len(requests), reports)
    result["load"] = load
    result["tasks"] = len({task_of(request) for request in requests})
    result["peers"] = {name: _with_rate(report) for name, report in found.items()}
    result["left_out"] = missing | failed
    result["against"] = against and {
        "url": against,
        "rows_per_s": requests_per_second(
            against, requests, at_once=capacity.sequences * capacity.engines
        ),
    }
    return result


def _measure(
    names: Sequence[str], setup: Setup, progress: Callable[[str], None]
) -> dict[str, Report]:
    """Each one's last report."""
    baselines = [_enter(name, setup) for name in names]
    try:
        turn_s = CARD_TURN_S if setup.capacity.gpu_layers else TURN_S
        _take_turns(baselines, turn_s, progress)
    finally:
        for baseline in baselines:
            baseline.stop()
    return {baseline.name: baseline.report for baseline in baselines}


def _count_unlike_plain(reports: dict[str, Report], keys: set[str]) -> None:
    """How many texts are not the plain loop's, of the rows that both wrote without guidance."""
    plain = reports[BASELINE]["texts"]
    for name in (*PEERS, ENGINE):
        texts = reports.get(name, {}).get("texts", {})
        both = keys & plain.keys() & texts.keys()
        if both:
            reports[name]["rows_compared_with_plain"] = len(both)
            reports[name]["rows_differ_from_plain"] = sum(plain[key] != texts[key] for key in both)


def _with_rate(report: Report) -> Report:
    report.pop("texts", None)
    return report | {"rows_per_s": round(report["rows"] / report["seconds"], 4)}


def _enter(name: str, setup: Setup) -> _Baseline:
    # A spawned Python looks for its modules in the current folder first, and would run a socket.py
    # that lies there. It takes no option against that, but the environment.
    os.environ["PYTHONSAFEPATH"] = "1"
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(name, setup, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Baseline(name, process, ours, {})


def _take_turns(
    baselines: Sequence[_Baseline], turn_s: float, progress: Callable[[str], None]
) -> None:
    """Turn by turn until all are done; the ceiling is measured as long as the engine works."""
    engine = next(one for one in baselines if one.name == ENGINE)
    while working := [one for one in baselines if not one.finished]:
        for baseline in working:
            baseline.take_turn(turn_s)
            if baseline.name == CEILING:
                baseline.report["finished"] = engine.finished
        progress(_state(baselines))


def _state(baselines: Sequence[_Baseline]) -> str:
    answering = [one for one in baselines if one.name != CEILING]
    rows = ", ".join(f"{one.name} {one.report['rows']}/{one.report['of']}" for one in answering)
    left_s = sum(one.left_s for one in answering)
    return f"{rows}; about {left_s / 60:.0f} min to go" if left_s else rows


def _compare(rows: int, reports: dict[str, Report]) -> Report:
    rates = {name: report["rows"] / report["seconds"] for name, report in reports.items()}
    engine, ceiling = reports[ENGINE], reports[CEILING]
    forced_and_prompt = engine["prompt_tokens_evaluated"] + engine["forced_tokens"]
    ceiling_s = (
        forced_and_prompt / ceiling["prefill_per_s"]
        + engine["completion_tokens"] / ceiling["prefill_logits_per_s"]
    )
    texts = {name: report.pop("texts", {}) for name, report in reports.items()}
    alone = texts.get("single", {})
    for name, report in reports.items():
        report["rows_per_s"] = round(rates[name], 4)
        if name in VARIANTS and alone:
            both = alone.keys() & texts[name].keys()
            report["rows_compared_with_single"] = len(both)
            report["rows_differ_from_single"] = sum(alone[key] != texts[name][key] for key in both)
    return {
        "rows": rows,
        "baseline": reports.pop(BASELINE),
        "engine": reports.pop(ENGINE),
        "ratio": round(rates[ENGINE] / rates[BASELINE], 3),
        "ceiling_rows_per_s": round(rows / ceiling_s, 4),
        "of_ceiling": round(rates[ENGINE] * ceiling_s / rows, 3),
        "against": None,
        "variants": reports,
    }
