"""Whatever servers do: every row is answered once, and none is asked again once it is answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import pytest

from realign_local.base.errors import EngineError
from realign_local.engine.remote import dispatch, server_state
from realign_local.engine.remote.backlog import Backlog, OpenRow
from realign_local.engine.remote.remote_engine import RemoteEngine
from realign_local.engine.remote.window import Window
from realign_local.engine.request import Completion, Finish, Message, Request, Span
from tests.stand_in_server import StandIn
from tests.unit.test_remote_engine import survey

ROWS = 120


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of milliseconds, so that a test of many failures takes no minutes."""
    monkeypatch.setattr(server_state, "FIRST_PAUSE_S", 0.005)
    monkeypatch.setattr(server_state, "LONGEST_PAUSE_S", 0.1)


def rows(count: int = ROWS) -> list[Request]:
    return [
        Request(f"row {n}", (Message("user", f"Number {n} of many."),), (Span(40),))
        for n in range(count)
    ]


def text_of(request: Request) -> str:
    return f"It is so: {request.messages[0].content}."


def check_all(done: Sequence[Completion], asked: Sequence[Request]) -> None:
    """Each row once, with its own words."""
    assert Counter(one.key for one in done) == Counter(one.key for one in asked)
    texts = {one.key: (one.finish, one.text) for one in done}
    assert texts == {one.key: (Finish.STOP, text_of(one)) for one in asked}


def at_first(*kinds: str, share: float) -> Any:
    """A cue that has a share of the rows go wrong when this server is asked for the first time."""
    seen: set[str] = set()

    def cue(_number: int, body: dict[str, Any]) -> str:
        text = body["messages"][0]["content"]
        chance = crc32(text.encode())
        if "Number" not in text or text in seen or chance % 100 >= 100 * share:
            return ""
        seen.add(text)
        return kinds[chance // 100 % len(kinds)]

    return cue


@pytest.mark.parametrize(
    "kinds",
    [
        ("429",),
        ("503",),
        ("500",),
        ("die",),
        ("cut",),
        ("garbage",),
        ("no_choices",),
        ("429", "503", "500", "die", "cut", "garbage", "no_choices"),
    ],
    ids="+".join,
)
def test_no_row_is_lost_and_none_is_asked_twice(kinds: tuple[str, ...]) -> None:
    asked = rows()
    with StandIn() as one, StandIn() as two:
        found = survey(one, two)
        one.cue, two.cue = at_first(*kinds, share=0.2), at_first(*kinds, share=0.2)
        with RemoteEngine(found) as engine:
            done = list(engine.generate(asked))
        check_all(done, asked)
        answered = Counter(one.answered) + Counter(two.answered)
        assert {answered[request.messages[0].content] for request in asked} == {1}
        assert engine.stats["retried"] > 0


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    with StandIn() as server:
        found = survey(server)
        server.cue = at_first("huge", share=0.1)
        with RemoteEngine(found) as engine:
            check_all(list(engine.generate(rows(30))), rows(30))


def test_an_answer_beyond_what_was_asked_for_is_not_read_to_its_end() -> None:
    """At most 40 tokens are wanted: two megabytes of plain sentences are no answer to that."""
    *asked, long = rows(7)
    with StandIn() as server:
        found = survey(server)
        server.cue = lambda _, body: "long" if "Number 6 of" in str(body["messages"]) else ""
        with RemoteEngine(found) as engine:
            done = {one.key: one for one in engine.generate([*asked, long])}
    last = done.pop(long.key)
    check_all([*done.values()], asked)
    assert last.finish is Finish.FAILED
    assert "longer than" in last.error


def test_a_server_that_is_killed_gets_work_again_when_it_is_back() -> None:
    asked = rows(400)
    with StandIn(seconds=0.02) as one, StandIn(seconds=0.02) as two:
        with RemoteEngine(survey(one, two)) as engine:
            done: list[Completion] = []
            before = 0
            for completion in engine.generate(asked):
                done.append(completion)
                if len(done) == 60:
                    two.kill()
                if len(done) == 160:
                    before = len(two.answered)
                    two.start()
        check_all(done, asked)
        assert len(two.answered) > before + 5
        assert engine.answered[one.url] + engine.answered[two.url] == len(asked)


def test_a_run_waits_for_its_only_server() -> None:
    asked = rows(80)
    with StandIn(seconds=0.01) as server, RemoteEngine(survey(server)) as engine:
        done: list[Completion] = []
        for completion in engine.generate(asked):
            done.append(completion)
            if len(done) in (20, 50):
                server.kill()
                threading.Timer(0.3, server.start).start()
        check_all(done, asked)


def test_a_server_that_stays_away_ends_the_run() -> None:
    with StandIn(seconds=0.01) as server, RemoteEngine(survey(server), give_up_s=0.3) as engine:
        calls = engine.generate(rows())
        next(calls)
        server.kill()
        with pytest.raises(EngineError, match="is gone: no connection"):
            list(calls)


def test_a_server_that_is_busy_for_good_ends_the_run() -> None:
    with StandIn() as server, RemoteEngine(survey(server), give_up_s=0.3) as engine:
        server.cue = lambda _number, _body: "503"
        with pytest.raises(EngineError, match="is gone: 503 this is a 503"):
            list(engine.generate(rows(9)))


def test_a_server_that_comes_back_with_another_model_is_asked_nothing() -> None:
    asked = rows(200)
    with StandIn(seconds=0.01) as one, StandIn(seconds=0.01) as two:
        with RemoteEngine(survey(one, two)) as engine:
            done = []
            for completion in engine.generate(asked):
                done.append(completion)
                if len(done) == 20:
                    two.kill()
                    before = len(two.answered)
                    two.model = "another"
                    two.start()
        check_all(done, asked)
        assert engine.answered[two.url] <= before


def test_a_server_that_is_late_joins() -> None:
    asked = rows(600)
    with StandIn(seconds=0.02) as one, StandIn(seconds=0.02) as two:
        two.kill()
        with RemoteEngine(survey(one, two)) as engine:
            two.start()
            check_all(list(engine.generate(asked)), asked)
        assert engine.answered[two.url] > 5


@pytest.mark.parametrize(("wrong", "tries"), [("400", 1), ("500", 3), ("garbage", 3)])
def test_a_row_that_fails_everywhere_is_given_up_alone(wrong: str, tries: int) -> None:
    asked = rows(40)

    def cue(_number: int, body: dict[str, Any]) -> str:
        return wrong if "Number 7 " in body["messages"][-1]["content"] else ""

    with StandIn(cue=cue) as one, StandIn(cue=cue) as two:
        with RemoteEngine(survey(one, two)) as engine:
            done = {one.key: one for one in engine.generate(asked)}
        times = [server.asked.count("Number 7 of many.") for server in (one, two)]
    lost = done.pop("row 7")
    assert lost.finish is Finish.FAILED
    assert lost.error
    assert times == [tries, tries]
    check_all(list(done.values()), [one for one in asked if one.key != "row 7"])


def test_a_row_that_kills_servers_is_given_up_alone() -> None:
    asked = rows(60)

    def deadly(server: StandIn) -> Any:
        def cue(_number: int, body: dict[str, Any]) -> str:
            if "Number 9 " not in body["messages"][-1]["content"]:
                return ""
            threading.Thread(target=server.kill).start()
            threading.Timer(0.15, server.start).start()
            return "slow"

        return cue

    with StandIn(seconds=0.01) as one, StandIn(seconds=0.01) as two:
        one.cue, two.cue = deadly(one), deadly(two)
        with RemoteEngine(survey(one, two)) as engine:
            done = {one.key: one for one in engine.generate(asked)}
        time.sleep(0.3)
    assert done.pop("row 9").finish is Finish.FAILED
    check_all(list(done.values()), [one for one in asked if one.key != "row 9"])


def test_one_row_after_another_that_fails_ends_the_run() -> None:
    with StandIn() as server:
        found, done = survey(server), list[Completion]()
        server.cue = lambda _number, _body: "500"
        with (
            RemoteEngine(found) as engine,
            pytest.raises(EngineError, match="rows in a row got no"),
        ):
            done.extend(engine.generate(rows()))
    assert done == [], "they are tried again by the next run"
    assert engine.stats["given_up"] == 0


def test_the_last_rows_may_all_fail() -> None:
    def cue(_number: int, body: dict[str, Any]) -> str:
        return "400" if "Number" in body["messages"][-1]["content"] else ""

    with StandIn(cue=cue) as server, RemoteEngine(survey(server)) as engine:
        done = list(engine.generate(rows(5)))
    assert [one.finish for one in done] == [Finish.FAILED] * 5


def test_a_server_that_loads_its_model_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realign_local.engine.remote.survey.PAUSE_S", 0.01)
    with StandIn(cue=lambda number, _body: "503" if number < 5 else "") as server:
        assert survey(server).abilities.continues


def test_a_prompt_that_is_too_long_says_so() -> None:
    cue = at_first("too_long", share=1.0)
    with StandIn(cue=cue) as server, RemoteEngine(survey(server)) as engine:
        (done,) = engine.generate(rows(1))
    assert done.finish is Finish.PROMPT_TOO_LONG


def test_a_key_that_is_taken_back_ends_the_run() -> None:
    with StandIn() as server, RemoteEngine(survey(server, key="a-key"), key="a-key") as engine:
        server.key = "another"
        with pytest.raises(EngineError, match="401") as ended:
            list(engine.generate(rows(3)))
    assert "a-key" not in f"{ended.value} {ended.value.hint}"
    assert "***" in str(ended.value)


def test_a_server_that_takes_few_is_not_flooded() -> None:
    asked = rows(300)
    with StandIn(seconds=0.005, most_waiting=5) as server, RemoteEngine(survey(server)) as engine:
        check_all(list(engine.generate(asked)), asked)
    assert engine.stats["busy"] < len(asked) / 5
    assert len(server.asked) < 1.2 * len(asked)


def simulated(window: Window, *, slots: int, answers: int) -> Iterator[int]:
    """A server that answers `slots` a second, however many wait there."""
    now = 0.0
    window.begin_round(now)
    for _ in range(answers):
        window.took(window.limit)
        now += 1 / min(slots, window.limit)
        window.answer(now, sent_s=now - window.limit / min(slots, window.limit))
        yield window.limit


@pytest.mark.parametrize("slots", [1, 4, 8, 16, 64, 200])
def test_the_window_finds_what_a_server_can_use(slots: int) -> None:
    last = list(simulated(Window(), slots=slots, answers=6000))[-1000:]
    assert min(last) >= min(slots, 8)
    assert min(last) >= 0.6 * slots
    assert max(last) <= max(40, 2 * slots)


def test_a_burst_of_refusals_halves_the_window_once() -> None:
    window = Window(limit=32)
    for _ in range(10):
        window.refused(5.0, sent_s=4.0)
    assert window.limit == 16
    window.refused(6.0, sent_s=5.5)
    assert window.limit == 8


def test_a_suspect_waits_for_a_server_of_its_own() -> None:
    backlog, (first, second, third) = Backlog(), [OpenRow(n, one) for n, one in enumerate(rows(3))]
    backlog.add(first)
    second.deaths = 3
    backlog.again(second)
    third.refused.add(0)
    backlog.add(third)
    assert backlog.take(0, in_flight=1, is_reserved=True) is None
    assert backlog.take(0, in_flight=0, is_reserved=True) is second
    assert backlog.take(0, in_flight=1, is_reserved=False) is first
    assert backlog.take(0, in_flight=1, is_reserved=False) is None
    assert backlog.hopeless([0]) == [third]
    assert len(backlog) == 0


@pytest.mark.parametrize("wrong", ["slow", "drip"])
def test_an_answer_that_takes_too_long_goes_elsewhere(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        server_state, "PATIENCE", server_state.Patience(first_step_s=0.2, least_s=0.2)
    )
    monkeypatch.setattr(dispatch, "LOOK_S", 1.0)
    asked = rows(30)
    with StandIn() as one, StandIn() as two:
        found = survey(one, two)
        one.cue = at_first(wrong, share=0.2)
        with RemoteEngine(found) as engine:
            check_all(list(engine.generate(asked)), asked)
    assert engine.stats["retried"] > 0


def test_what_nobody_foresaw_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Completion:
        raise KeyError("a slip")

    with StandIn() as server, RemoteEngine(survey(server)) as engine:
        monkeypatch.setattr(dispatch, "answer_request", broken)
        with pytest.raises(EngineError, match="unforeseen, with a server: KeyError"):
            list(engine.generate(rows(3)))
