"""Real child processes that crash, hang, are killed and are left behind; the run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from realign_local.base.errors import AssetError, EngineError
from realign_local.engine.process.handle import Patience
from realign_local.engine.process.spec import fault_spec
from realign_local.engine.process.worker import Worker
from realign_local.engine.request import Completion, Finish, Given, Message, Request, Sampling, Span

IMPATIENT = Patience(first_step_s=1.0, least_s=1.0)
posix_only = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")


def rows(count: int, cues: Mapping[int, str] | None = None) -> Iterator[Request]:
    for n in range(count):
        content = f"row {n} {(cues or {}).get(n, '')}"
        yield Request(str(n), (Message("user", content),), (Given("It is "), Span(8), Span(8)))


def test_answers_come_back_whole_and_once() -> None:
    with Worker(fault_spec(sequences=4)) as worker:
        answers = {answer.key: answer for answer in worker.generate(rows(50))}
        assert len(answers) == 50
        assert answers["7"].pieces == ("It is ", "ROW 7 ", "ROW 7 ")
        assert [a.key for a in worker.generate(rows(1))] == ["0"], "a second call"
        assert worker.starts == 1
        assert worker.stats["steps"] > 0


def test_a_child_that_was_begun_is_the_one_that_answers() -> None:
    with Worker(fault_spec(sequences=4)) as worker:
        begun = worker.begin()
        assert len(list(worker.generate(rows(5)))) == 5
        assert (worker.starts, worker.process_id) == (1, begun.child.pid)


@posix_only
def test_a_child_that_dies_while_it_was_waited_for_is_started_again() -> None:
    with Worker(fault_spec(sequences=4)) as worker:
        worker.begin().child.kill()
        assert len(list(worker.generate(rows(5)))) == 5
        assert worker.starts == 2
    with Worker(fault_spec(on_start="[refuse]")) as worker:
        worker.begin()
        with pytest.raises(AssetError):
            worker.start()
        assert worker.process_id is None


def test_requests_are_pulled_as_room_appears() -> None:
    pulled = 0

    def endless() -> Iterator[Request]:
        nonlocal pulled
        for request in rows(10**9):
            pulled += 1
            yield request

    with Worker(fault_spec(sequences=2)) as worker:
        answers = worker.generate(endless())
        for _ in range(10):
            next(answers)
        assert pulled < 100
        answers.close()
        assert worker.process_id is None, "an abandoned call ends the child"


def test_equal_keys_are_two_rows() -> None:
    with Worker(fault_spec()) as worker:
        twice = [*rows(1), *rows(1)]
        assert [answer.key for answer in worker.generate(twice)] == ["0", "0"]


@posix_only
@pytest.mark.parametrize("cue", ["[crash]", "[abort]", "[raise]"])
def test_what_an_earlier_process_left_is_not_read_again_after_a_crash(cue: str) -> None:
    with Worker({**fault_spec(sequences=4), "kept": cue}) as worker:
        answers = list(worker.generate(rows(12)))
        assert worker.starts == 2
    assert {answer.finish for answer in answers} == {Finish.STOP}
    assert len(answers) == 12


@posix_only
@pytest.mark.parametrize("cue", ["[crash]", "[abort]", "[kill]", "[raise]"])
def test_only_the_row_at_fault_fails(cue: str) -> None:
    with Worker(fault_spec(sequences=8)) as worker:
        answers = list(worker.generate(rows(40, {11: cue})))
    assert sorted(int(answer.key) for answer in answers) == list(range(40))
    failed = [answer for answer in answers if answer.finish is Finish.FAILED]
    assert [answer.key for answer in failed] == ["11"]
    assert failed[0].error


def test_a_hang_is_noticed() -> None:
    with Worker(fault_spec(sequences=1), patience=IMPATIENT) as worker:
        answers = list(worker.generate(rows(2, {0: "[hang]"})))
    assert [answer.finish for answer in answers] == [Finish.FAILED, Finish.STOP]
    assert "did not react" in answers[0].error


@posix_only
def test_twenty_kills_lose_no_row_and_double_none() -> None:
    answers: list[Completion] = []
    done, kills = threading.Event(), 0
    with Worker(fault_spec(sequences=16, step_s=0.02)) as worker:

        def kill() -> None:
            nonlocal kills
            seen = 0
            while kills < 20 and not done.wait(0.1):
                # A row that is killed ten times alone is given up, so each life gets somewhere.
                if worker.process_id and len(answers) > seen:
                    seen = len(answers)
                    os.kill(worker.process_id, signal.SIGKILL)
                    kills += 1

        killer = threading.Thread(target=kill)
        killer.start()
        answers.extend(worker.generate(rows(600)))
        done.set()
        killer.join()
    assert kills > 5
    assert sorted(int(answer.key) for answer in answers) == list(range(600))
    assert {answer.finish for answer in answers} == {Finish.STOP}


def test_a_piece_can_cancel_its_row() -> None:
    seen: list[tuple[str, int, str]] = []

    def stop_row_3(key: str, part: int, text: str) -> bool:
        seen.append((key, part, text))
        return key != "3"

    with Worker(fault_spec(sequences=2, step_s=0.01)) as worker:
        answers = {a.key: a for a in worker.generate(rows(8), on_piece=stop_row_3)}
    assert answers["3"].finish is Finish.CANCELLED
    assert answers["3"].pieces == ("It is ", "ROW 3 ", "")
    assert {a.finish for key, a in answers.items() if key != "3"} == {Finish.STOP}
    assert ("4", 2, "ROW 4 ") in seen
    assert ("3", 2, "ROW 3 ") not in seen


def test_a_piece_is_written_again_with_the_sampling_of_the_reply() -> None:
    heard: list[str] = []

    def second_time(key: str, _part: int, text: str) -> bool | Sampling:
        if key != "3":
            return True
        heard.append(text)
        return True if text.endswith(" 7") else Sampling(0.5, seed=7)

    with Worker(fault_spec(sequences=2)) as worker:
        answers = {a.key: a for a in worker.generate(rows(8), on_piece=second_time)}
        unwatched = {a.key: a for a in worker.generate(rows(8))}
    assert heard == ["ROW 3 ", "ROW 3  7", "ROW 3  7"]
    assert answers["3"].pieces == ("It is ", "ROW 3  7", "ROW 3  7")
    assert [answers[key] for key in "124"] == [unwatched[key] for key in "124"]


def test_the_run_may_take_its_time_over_a_piece() -> None:
    def slowly(_key: str, part: int, _text: str) -> bool:
        time.sleep(2.5 if part == 1 else 0)
        return True

    patience = Patience(first_step_s=1.7, least_s=1.7)
    with Worker(fault_spec(sequences=1), patience=patience) as worker:
        answers = list(worker.generate(rows(1), on_piece=slowly))
        assert worker.starts == 1
    assert {answer.finish for answer in answers} == {Finish.STOP}


def test_a_row_can_be_cancelled_from_outside() -> None:
    with Worker(fault_spec(sequences=1, step_s=0.02)) as worker:
        answers = worker.generate(rows(6))
        first = next(answers)
        worker.cancel("5")
        worker.cancel("no such row")
        rest = {answer.key: answer.finish for answer in answers}
    assert first.finish is Finish.STOP
    assert rest.pop("5") is Finish.CANCELLED
    assert set(rest.values()) == {Finish.STOP}


def test_what_the_engine_refuses_reaches_the_caller_at_once() -> None:
    with (
        Worker(fault_spec(on_start="[refuse]")) as worker,
        pytest.raises(AssetError, match="not to its liking") as caught,
    ):
        list(worker.generate(rows(1)))
    assert caught.value.hint == "Take another one."
    assert worker.starts == 1


@posix_only
def test_an_engine_that_cannot_start_is_given_up() -> None:
    with (
        Worker(fault_spec(on_start="[crash]")) as worker,
        pytest.raises(EngineError, match="died 3 times while loading"),
    ):
        list(worker.generate(rows(1)))


@posix_only
def test_a_run_in_which_every_row_kills_is_given_up() -> None:
    cues = dict.fromkeys(range(100), "[crash]")
    with (
        Worker(fault_spec(sequences=1)) as worker,
        pytest.raises(EngineError, match="rows in a row killed the worker"),
    ):
        list(worker.generate(rows(100, cues)))


def test_an_error_in_the_source_ends_the_child() -> None:
    def broken() -> Iterator[Request]:
        yield from rows(1)
        raise ZeroDivisionError

    with Worker(fault_spec()) as worker:
        with pytest.raises(ZeroDivisionError):
            list(worker.generate(broken()))
        assert worker.process_id is None
        assert len(list(worker.generate(rows(3)))) == 3


RUN = """
    import signal
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` has it ignored
    from realign_local.engine.process.spec import fault_spec
    from realign_local.engine.process.worker import Worker
    from tests.integration.test_worker import rows
    with Worker(fault_spec(step_s=0.05)) as worker:
        for answer in worker.generate(rows(10**6)):
            print(worker.process_id, flush=True)
"""


@posix_only
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_child_outlives_its_run(how: signal.Signals) -> None:
    root = Path(__file__).parents[2]
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=root,
    )
    with run:
        assert run.stdout
        child = int(run.stdout.readline())
        run.send_signal(how)
        run.wait()
    assert _ends(child)


def _ends(process_id: int) -> bool:
    for _ in range(100):
        if not _is_alive(process_id):
            return True
        time.sleep(0.1)
    return False


def _is_alive(process_id: int) -> bool:
    """A zombie that nobody waits for counts as gone."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return state.split()[0] != "Z"
    except FileNotFoundError:
        if sys.platform.startswith("linux"):
            return False
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
