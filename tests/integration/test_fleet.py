"""Several workers as one engine: rows shared out, crashes survived, all ended together."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from realign_local.base.errors import EngineError
from realign_local.engine.process.fleet import Fleet
from realign_local.engine.process.spec import fault_spec
from realign_local.engine.request import Completion, Finish, Message, Request, Sampling, Span
from tests.integration.test_worker import posix_only, rows


def children_alive(fleet: Fleet) -> list[int]:
    return [worker.process_id for worker in fleet.workers if worker.process_id]


def test_every_row_is_answered_once_and_all_workers_have_their_share() -> None:
    with Fleet(fault_spec(sequences=4, step_s=0.01), size=3) as fleet:
        answers = list(fleet.generate(rows(300)))
        assert sorted(int(answer.key) for answer in answers) == list(range(300))
        assert {answer.finish for answer in answers} == {Finish.STOP}
        assert all(worker.stats["steps"] > 5 for worker in fleet.workers)
        assert fleet.stats["steps"] == sum(worker.stats["steps"] for worker in fleet.workers)
        again = list(fleet.generate(rows(5)))
        assert len(again) == 5
        assert [worker.starts for worker in fleet.workers] == [1, 1, 1]
    assert children_alive(fleet) == []


def test_rows_and_pieces_stay_on_the_callers_thread() -> None:
    here, threads = threading.get_ident(), set[int]()

    def source() -> Iterator[Request]:
        for row in rows(40):
            threads.add(threading.get_ident())
            yield row

    def heard(key: str, _part: int, text: str) -> bool | Sampling:
        threads.add(threading.get_ident())
        if key == "4" and text.endswith("4 "):
            return Sampling(0.5, seed=9)
        return key != "3"

    with Fleet(fault_spec(sequences=2), size=2) as fleet:
        answers = {answer.key: answer for answer in fleet.generate(source(), on_piece=heard)}
    assert threads == {here}
    assert answers["3"].finish is Finish.CANCELLED
    assert answers["4"].pieces[1].endswith(" 9")
    assert len(answers) == 40


@posix_only
def test_the_death_of_one_worker_loses_no_row() -> None:
    with Fleet(fault_spec(sequences=4, step_s=0.02), size=2) as fleet:
        answers: list[Completion] = []
        for answer in fleet.generate(rows(200)):
            answers.append(answer)
            if len(answers) in (20, 60, 100):
                victim = fleet.workers[len(answers) // 20 % 2].process_id
                if victim:
                    os.kill(victim, signal.SIGKILL)
        assert sum(worker.starts for worker in fleet.workers) > 2
    assert sorted(int(answer.key) for answer in answers) == list(range(200))


def test_an_abandoned_call_ends_the_children() -> None:
    with Fleet(fault_spec(sequences=2, step_s=0.02), size=2) as fleet:
        answers = fleet.generate(rows(100))
        next(answers)
        answers.close()
        assert children_alive(fleet) == []
        assert len(list(fleet.generate(rows(10)))) == 10, "it can begin anew"


def test_a_source_that_fails_ends_the_call_with_its_error() -> None:
    def broken() -> Iterator[Request]:
        yield from rows(10)
        raise ValueError("line 11 is no row")

    with (
        Fleet(fault_spec(sequences=2, step_s=0.01), size=2) as fleet,
        pytest.raises(ValueError, match="line 11"),
    ):
        list(fleet.generate(broken()))
    assert children_alive(fleet) == []


def test_a_worker_that_cannot_start_ends_all() -> None:
    with (
        Fleet(fault_spec(on_start="[raise]"), size=2) as fleet,
        pytest.raises(EngineError),
    ):
        list(fleet.generate(rows(10)))
    assert children_alive(fleet) == []


def test_one_call_at_a_time() -> None:
    with Fleet(fault_spec(), size=2) as fleet:
        first = fleet.generate(rows(30))
        next(first)
        with pytest.raises(EngineError, match="another call"):
            next(fleet.generate(rows(1)))
        fleet.cancel("29")
        assert len(list(first)) == 29
        request = Request("x", (Message("user", "hello"),), (Span(3),))
        assert [answer.key for answer in fleet.generate([request])] == ["x"]
