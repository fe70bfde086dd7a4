"""The worker over the real llama.cpp and the demo model: the same answers, also after a kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from realign_local.base.assets import find_model
from realign_local.base.errors import AssetError, EngineError
from realign_local.base.weights.gguf import read_gguf
from realign_local.engine.capacity import Capacity
from realign_local.engine.process.sizing import fit_to_machine
from realign_local.engine.process.spec import llama_spec
from realign_local.engine.process.worker import Worker
from realign_local.engine.request import Finish, Given, Message, Request, Span

SMALL = Capacity(4096, 4, 256, 256, threads=2)


def rows(count: int) -> Iterator[Request]:
    for n in range(count):
        question = Message("user", f"Name a thing of which there are {n}.")
        yield Request(str(n), (question,), (Given(f"There are {n}"), Span(8)))


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_a_kill_costs_no_row() -> None:
    with Worker(llama_spec(find_model(None), SMALL)) as worker:
        answers = worker.generate(rows(12))
        first = next(answers)
        assert worker.process_id
        os.kill(worker.process_id, signal.SIGKILL)
        everything = [first, *answers]
        assert worker.starts == 2
    assert sorted(int(answer.key) for answer in everything) == list(range(12))
    assert {answer.finish for answer in everything} <= {Finish.STOP, Finish.LENGTH}
    for answer in everything:
        assert answer.text.startswith(f"There are {answer.key}")
        assert answer.completion_tokens


def test_a_model_that_llama_cannot_load_is_refused() -> None:
    with (
        Worker(llama_spec(find_model(None).with_name("absent.gguf"), SMALL)) as worker,
        pytest.raises((AssetError, EngineError), match="absent"),
    ):
        list(worker.generate(rows(1)))


def test_sizes_fit_this_machine() -> None:
    capacity = fit_to_machine(read_gguf(find_model(None)), parallel=2, longest_request_tokens=1000)
    assert capacity.sequences == 2
    assert capacity.context_tokens >= 2 * 1000
    assert capacity.reason.startswith("2 rows of up to")
