"""The benchmark's arithmetic and its client for OpenAI-compatible servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import UsageError
from realign_local.classifier.guess import Guess
from realign_local.commands.bench import requests_of
from realign_local.data.formats import open_dataset
from realign_local.engine.bench.baselines import (
    BASELINE,
    FILE_ORDER,
    SECOND_RUN,
    Setup,
    _beginnings,
    bound_tokens,
    longest_tokens,
)
from realign_local.engine.bench.peers import busy
from realign_local.engine.bench.server import ask, body_of, requests_per_second
from realign_local.engine.bench.speed import ENGINE, _compare, bench_engine
from realign_local.engine.capacity import Capacity
from realign_local.engine.request import Given, Message, Request, Span
from realign_local.rewriting.prompts import read_prompt

WORKLOAD = Path(__file__).parents[2] / "benchmarks" / "workload.jsonl"
REQUEST = Request("k", (Message("user", "hi"),), (Given("four" * 10), Span(30), Span(5)))


def test_the_workload_has_64_rows_of_instruction_and_output() -> None:
    rows = [json.loads(line) for line in WORKLOAD.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 64
    assert all(row["instruction"] and row["output"] for row in rows)
    assert len({(row["instruction"], row["input"]) for row in rows}) == 64


def test_every_row_of_the_workload_gets_a_request_of_the_pipelines_own() -> None:
    criteria = read_criteria(shared_path("criteria"))
    samples = [sample for row in open_dataset(WORKLOAD).rows() for sample in row.samples]
    requests = requests_of(samples, lambda texts: [Guess("open_qa", 0.9)] * len(texts), criteria)
    assert [request.key.rpartition("/")[0] for request in requests] == [f"{n}/0" for n in range(64)]
    beginnings = {request.messages[:-1] for request in requests}
    prompts = {read_prompt(name).beginning for name in ("sentence", "proofread", "editor")}
    assert beginnings <= prompts
    assert read_prompt("editor").beginning in beginnings
    assert len(beginnings) > 1


def test_the_ceiling_counts_evaluated_forced_and_sampled_tokens() -> None:
    engine = {
        "rows": 10,
        "seconds": 5.0,
        "prompt_tokens_evaluated": 150,
        "forced_tokens": 50,
        "completion_tokens": 200,
        "texts": {"a": "x", "b": "y"},
    }
    reports: dict[str, dict[str, Any]] = {
        "baseline": {"rows": 10, "seconds": 20.0, "texts": {"a": "-"}},
        "ceiling": {"rows": 0, "seconds": 1, "prefill_per_s": 200, "prefill_logits_per_s": 100},
        "single": {"rows": 10, "seconds": 10.0, "texts": {"a": "x", "b": "z"}},
        ENGINE: engine,
    }
    result = _compare(10, reports)
    assert result["ratio"] == 4.0
    assert result["ceiling_rows_per_s"] == pytest.approx(10 / (200 / 200 + 200 / 100), abs=1e-4)
    assert result["of_ceiling"] == pytest.approx(0.6)
    assert result["engine"]["rows_differ_from_single"] == 1
    assert result["variants"]["single"]["rows_per_s"] == 1.0
    json.dumps(result)


def test_the_bound_of_an_answer_counts_given_text_too() -> None:
    assert bound_tokens(REQUEST) == 10 + 30 + 5
    assert body_of(REQUEST)["max_tokens"] == 45
    long = Request("k", (Message("user", "x" * 300),), REQUEST.answer)
    assert longest_tokens([REQUEST, long]) == 100 + 45


def test_a_workload_without_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="no rows"):
        bench_engine(Path("m"), [], capacity=Capacity(1, 1, 1, 1, 1))


def test_the_plain_loop_takes_the_file_as_it_stands_and_the_engine_groups_tasks() -> None:
    tasks = [Message("system", f"task {number % 3}") for number in range(64)]
    rows = tuple(Request(str(number), (task,), REQUEST.answer) for number, task in enumerate(tasks))
    setup = Setup(Path("m"), Capacity(1, 1, 1, 1, 1), rows)
    assert setup.rows_for(BASELINE) == list(rows)
    grouped = setup.rows_for(ENGINE)
    assert sorted(row.messages[0].content for row in rows) == [
        row.messages[0].content for row in grouped
    ]
    assert {row.key for row in grouped} == {row.key for row in rows}
    assert setup.rows_for("single") == setup.rows_for("batched") == grouped[::4]
    assert setup.rows_for(FILE_ORDER) == list(rows)
    assert setup.rows_for(SECOND_RUN) == grouped
    few = Setup(Path("m"), setup.capacity, rows[:20])
    assert len(few.rows_for("single")) == 20


MIXED = [
    {"instruction": "Write a poem about rust.", "output": "Rust, rust,\nyou must."},
    {"instruction": "Which metal rusts?", "output": "Iron"},
    {"instruction": "Play a blacksmith.", "output": "Hand me that hammer, will you."},
    {"instruction": "Shorten: the big red dog sat there.", "output": "The dog sat."},
]


def test_rows_of_tasks_that_are_not_rewritten_are_measured_too(dataset: Any) -> None:
    criteria = read_criteria(shared_path("criteria"))
    tasks = [task for task, one in criteria.items() if not one.rewrite] + ["closed_qa"]
    given = {str(row["instruction"]): task for row, task in zip(MIXED, tasks[-4:], strict=True)}
    samples = [sample for row in dataset(*MIXED).rows() for sample in row.samples]
    requests = requests_of(
        samples, lambda texts: [Guess(given[text], 0.9) for text in texts], criteria
    )
    assert [request.key.split("/")[0] for request in requests] == ["0", "1", "2", "3"]
    setup = Setup(Path("m"), Capacity(1, 1, 1, 1, 1), tuple(requests))
    tasks_in_order = [request.key.split("/")[2] for request in setup.rows_for(ENGINE)]
    assert tasks_in_order == sorted(tasks_in_order)


def test_each_kind_of_prompt_is_prepared_once() -> None:
    fixed = [Message("system", f"rules {n}", recurs=True) for n in range(3)]
    rows = [
        Request(str(n), (fixed[n % 3], Message("user", str(n))), REQUEST.answer) for n in range(9)
    ]
    prepared = _beginnings(rows)
    assert [row.messages[0] for row in prepared] == fixed
    assert all(bound_tokens(row) == 1 for row in prepared)


def test_busy_processes_end_with_the_measurement() -> None:
    me = psutil.Process()
    before = set(me.children())
    with busy(2):
        assert len(set(me.children()) - before) == 2
    assert set(me.children()) <= before


class Server(BaseHTTPRequestHandler):
    """Answers a chat completion, or 503 below /busy."""

    seen: list[dict[str, object]] = []  # noqa: RUF012 - the handler is made anew for each request

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append(body)
        self.send_response(503 if self.path.startswith("/busy") else 200)
        self.end_headers()
        self.wfile.write(b'{"choices": []}')

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_server_is_asked_for_every_row(address: str) -> None:
    Server.seen.clear()
    assert requests_per_second(f"{address}/v1", [REQUEST] * 20, at_once=4) > 0
    assert len(Server.seen) == 20
    assert Server.seen[0] == body_of(REQUEST)


def test_servers_that_fail_are_named(address: str) -> None:
    with pytest.raises(UsageError, match="503"):
        requests_per_second(f"{address}/busy", [REQUEST], at_once=1)
    with pytest.raises(UsageError, match="no answer from"):
        requests_per_second("http://127.0.0.1:9", [REQUEST], at_once=1)


def test_an_answer_without_text_is_empty(address: str) -> None:
    assert ask(address, REQUEST) == ""
