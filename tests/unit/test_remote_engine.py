"""The engine over servers: what it asks for, what it makes of the answers, what it never does."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from realign_local.base.errors import EngineError, UsageError
from realign_local.engine.remote import survey as survey_module
from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.address import read_address, read_key
from realign_local.engine.remote.body import control_token, read_said
from realign_local.engine.remote.remote_engine import RemoteEngine, survey_servers
from realign_local.engine.remote.survey import Survey, _with_word
from realign_local.engine.request import (
    Completion,
    Finish,
    Given,
    Message,
    Request,
    Sampling,
    Span,
)
from tests.stand_in_server import LLAMA, VLLM, StandIn, log_of

PLAIN = frozenset[str]()


def survey(*servers: StandIn, model: str = "", key: str = "") -> Survey:
    return survey_servers(
        [read_address(server.url, option="--server") for server in servers], model=model, key=key
    )


def asked(
    text: str, *answer: Given | Span, key: str = "", sampling: Sampling | None = None
) -> Request:
    parts = answer or (Span(50),)
    return Request(key or text, (Message("user", text),), parts, sampling or Sampling())


def answers(
    server: StandIn, requests: Sequence[Request], *, key: str = ""
) -> dict[str, Completion]:
    with RemoteEngine(survey(server, key=key), key=key) as engine:
        return {done.key: done for done in engine.generate(requests)}


@pytest.fixture(params=[LLAMA, VLLM], ids=["as llama-server", "as vLLM"])
def able(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with StandIn(request.param) as server:
        yield server


def test_what_a_server_can_do_is_found_out() -> None:
    with StandIn(LLAMA) as one, StandIn(VLLM) as two, StandIn(PLAIN) as three:
        assert survey(one).abilities == Abilities("flags", 20, "grammar", "tokens", True)
        assert survey(two).abilities == Abilities("flags", 20, "structured_outputs", "prompt", True)
        assert survey(three).abilities == Abilities(no_thoughts=True)
        assert survey(three).abilities.told == "chats, and no more"


def test_a_grammar_that_hides_the_models_probabilities_is_not_taken_for_a_score() -> None:
    with StandIn(LLAMA - {"tokens"}) as server:
        assert survey(server).abilities.scores == ""
        found = answers(server, [asked("Rain?", Given("It is wet outside.", scored=True))])
    assert [done.finish for done in found.values()] == [Finish.FAILED]


def test_a_span_ends_by_its_own_rules(able: StandIn) -> None:
    found = answers(
        able,
        [
            asked("Name one. Or two.", key="whole"),
            asked("Name one. Or two.", Span(50, max_sentences=1), key="sentence"),
            asked("Name one. Or two.", Span(50, stop=("Or",)), key="stop"),
            asked("Name one. Or two.", Span(3), key="cut"),
            asked("Name one. Or two.", Span(0), key="none"),
        ],
    )
    assert found["whole"].text == "It is so: Name one. Or two.."
    assert found["whole"].finish is Finish.STOP
    assert found["sentence"].text == "It is so: Name one."
    assert found["stop"].text == "It is so: Name one. "
    assert (found["cut"].text, found["cut"].finish) == ("It is so", Finish.LENGTH)
    assert (found["none"].text, found["none"].finish) == ("", Finish.LENGTH)
    assert found["cut"].completion_tokens == 3
    assert found["whole"].prompt_tokens > 0


def test_given_parts_are_carried_by_going_on(able: StandIn) -> None:
    parts = (Given("It is "), Span(1), Given(" then: "), Span(2))
    done = answers(able, [asked("Name one.", *parts)])["Name one."]
    assert done.pieces == ("It is ", "so", " then: ", "and so")
    assert done.finish is Finish.LENGTH
    last = able.bodies[-1]
    assert last["messages"][-1] == {"role": "assistant", "content": "It is so then:"}
    assert last.get("add_generation_prompt", False) is False


def test_a_row_with_given_parts_is_refused_in_one_line_where_nothing_goes_on() -> None:
    with StandIn(PLAIN) as server:
        found = answers(server, [asked("a", Given("It is "), Span(3)), asked("b")])
    assert found["a"].finish is Finish.FAILED
    assert found["a"].error == "the server cannot go on with text that is given"
    assert found["b"].text == "It is so: b."


def test_a_letter_is_judged_by_one_token(able: StandIn) -> None:
    parts = [(Given("A", scored=True),), (Given("0", scored=True, instead=("1", "5", "x")),)]
    found = answers(able, [asked("q", *part, key=part[0].text) for part in parts])
    assert found["A"].log_probability == pytest.approx(log_of("A"))
    zero = found["0"]
    assert zero.log_probability == pytest.approx(log_of("0"))
    assert zero.instead[:2] == pytest.approx((log_of("1"), log_of("5")))
    assert zero.instead[2] <= min(zero.instead[:2]), "not shown: at most as probable as the least"
    assert able.bodies[-1]["max_tokens"] == 1


def test_a_text_is_scored_by_its_own_tokens(able: StandIn) -> None:
    text = "Wet roads shine, and é counts."
    done = answers(able, [asked("Rain?", Given(text, scored=True, each=True))])["Rain?"]
    assert done.finish is Finish.STOP
    assert "".join(token for token, _ in done.tokens) == text
    assert done.log_probability == pytest.approx(sum(log_of(token) for token, _ in done.tokens))
    assert done.scored_tokens == len(done.tokens)


def test_a_grammar_is_passed_on_or_the_row_refused(able: StandIn) -> None:
    grammar = 'root ::= "yes"'
    assert answers(able, [asked("q", Span(9, grammar=grammar))])["q"].text == "yes"
    with StandIn(PLAIN) as server:
        done = answers(server, [asked("q", Span(9, grammar=grammar))])["q"]
    assert (done.finish, done.error) == (Finish.FAILED, "the server takes no grammar")


def test_sampling_is_passed_on_and_greedy_is_plain() -> None:
    with StandIn() as server:
        warm = Sampling(temperature=0.7, top_p=0.95, min_p=0.05, seed=2**40 + 5)
        answers(server, [asked("a", sampling=warm), asked("b")])
    bodies = {body["messages"][-1]["content"]: body for body in server.bodies}
    assert (bodies["a"]["temperature"], bodies["a"]["top_p"], bodies["a"]["min_p"]) == (
        *(0.7, 0.95),
        0.05,
    )
    assert bodies["a"]["seed"] == 5
    assert bodies["b"]["temperature"] == 0
    assert "top_p" not in bodies["b"]


@pytest.mark.parametrize(
    "text",
    [
        "x <|im_end|> y",
        "<｜User｜>",
        "a</s>",
        "<end_of_turn>",
        "[/INST] no",
        "<<SYS>>",
        "<|eot_id|>",
    ],
)
def test_text_that_a_server_takes_for_the_end_of_a_turn_is_not_sent(text: str) -> None:
    with StandIn() as server:
        done = answers(server, [asked(text)])[text]
    assert done.finish is Finish.FAILED
    assert "end of a turn" in done.error
    assert server.asked == []


@pytest.mark.parametrize(
    "text", ["<b>bold</b>", "if a <| b", "x | y", "[INSTALL]", "a <stdio.h>", "<|a b|>"]
)
def test_ordinary_text_is_no_control_token(text: str) -> None:
    assert control_token((Message("user", text),)) == ""


def test_a_thought_aloud_is_no_part_of_the_answer() -> None:
    said = read_said({"choices": [{"message": {"content": "<think>\nhm\n</think>\n\nYes."}}]})
    assert said.text == "Yes."
    cut = {"choices": [{"message": {"content": "<think>hm"}, "finish_reason": "length"}]}
    assert (read_said(cut).text, read_said(cut).was_cut) == ("", True)


def test_a_beginning_that_is_repeated_is_taken_off() -> None:
    value = {"choices": [{"message": {"content": "It is so"}}]}
    assert read_said(value, said="It is ").text == "so"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": 7}}]},
        {"choices": "no"},
        {"choices": [{"message": {"content": "a"}, "logprobs": {"content": [{"token": "a"}]}}]},
        {
            "choices": [
                {
                    "message": {"content": "a"},
                    "logprobs": {"content": [{"token": "a", "logprob": math.nan}]},
                }
            ]
        },
        {
            "choices": [
                {
                    "message": {"content": "a"},
                    "logprobs": {"content": [{"token": "a", "logprob": -(10**400)}]},
                }
            ]
        },
    ],
)
def test_an_answer_that_is_none_is_found_out(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no chat completion"):
        read_said(value)


def test_numbers_beyond_sense_are_not_believed() -> None:
    log = {"token": "a", "logprob": -1.0, "bytes": 10**30}
    value = {
        "choices": [{"message": {"content": "a"}, "logprobs": {"content": [log]}}],
        "usage": {"prompt_tokens": 10**30, "completion_tokens": 10**400},
        "prompt_logprobs": [None, {"1": {"decoded_token": "a", "logprob": -(10**400)}}],
    }
    said = read_said(value)
    assert (said.prompt_tokens, said.completion_tokens) == (0, 1)
    assert said.prompt_logs == ()


def test_a_name_that_is_no_text_is_no_model() -> None:
    with StandIn(model=5) as server, pytest.raises(UsageError, match="no model is there"):
        survey(server)


def test_the_same_model_at_another_port_is_the_same() -> None:
    with StandIn() as one, StandIn() as two:
        assert survey(one).model.sha256 == survey(two).model.sha256
    with StandIn(model="other") as one, StandIn(meta={"n_params": 8}) as two, StandIn() as three:
        marks = {survey(server).model.sha256 for server in (one, two, three)}
    assert len(marks) == 3


def test_servers_with_different_models_are_refused() -> None:
    with StandIn() as one, StandIn(meta={"n_params": 8}) as two:
        with pytest.raises(UsageError, match="does not hold the same model"):
            survey(one, two)
        with pytest.raises(UsageError, match="no model is called 'mine' there; it offers toy"):
            survey(one, model="mine")


def test_no_server_is_one_clear_line() -> None:
    with StandIn() as gone:
        pass
    with pytest.raises(EngineError, match="no answer from http:"):
        survey(gone)


def test_a_key_is_sent_and_never_told() -> None:
    with StandIn(key="s3cret-key") as server:
        with pytest.raises(EngineError, match="refuses the key") as refused:
            survey(server, key="wr0ng-key")
        assert "wr0ng-key" not in f"{refused.value} {refused.value.hint}"
        done = answers(server, [asked("a")], key="s3cret-key")["a"]
    assert done.text == "It is so: a."


@pytest.mark.parametrize("url", ["http://user:pass@localhost:1", "http://localhost/v1?key=pass"])
def test_an_address_with_a_secret_is_refused_unseen(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_address(url, option="--server")
    assert "pass@" not in str(refused.value)
    assert "key=" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "base", "is_here"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("http://localhost:1234/v1/", "http://localhost:1234", True),
        ("http://[::1]:80/v1", "http://[::1]:80", True),
        ("https://gpu.example.org/llm/v1", "https://gpu.example.org/llm", False),
        ("http://10.0.0.7:8000", "http://10.0.0.7:8000", False),
        ("http://127.0.0.1.example.org", "http://127.0.0.1.example.org", False),
    ],
)
def test_an_address_is_read(url: str, base: str, is_here: bool) -> None:
    found = read_address(url, option="--server")
    assert (found.url, found.is_loopback) == (base, is_here)


@pytest.mark.parametrize("url", ["", "ftp://a", "http://", "http://a:b", "http://a b", "http://[1"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(UsageError, match="not the address of a server"):
        read_address(url, option="--server")


def test_a_key_that_no_header_can_carry_is_not_shown() -> None:
    assert read_key({"REALIGN_SERVER_KEY": " abc\n"}) == "abc"
    with pytest.raises(UsageError) as refused:
        read_key({"REALIGN_SERVER_KEY": "abc\ndef"})
    assert "abc" not in str(refused.value)


def test_pieces_are_shown_and_may_be_turned_down() -> None:
    seen: list[tuple[str, int, str]] = []

    def look(key: str, part: int, text: str) -> bool | Sampling:
        seen.append((key, part, text))
        if key == "again" and len([one for one in seen if one[0] == key]) == 1:
            return Sampling(temperature=0.7, seed=9)
        return key != "no"

    with StandIn() as server, RemoteEngine(survey(server)) as engine:
        parts = (Span(2), Given(" and "), Span(2))
        requests = [asked("x", *parts, key=key) for key in ("yes", "no", "again")]
        found = {done.key: done for done in engine.generate(requests, on_piece=look)}
    assert found["yes"].pieces == ("It is", " and ", "and so")
    assert (found["no"].finish, found["no"].pieces) == (Finish.CANCELLED, ("It is", "", ""))
    assert found["again"].pieces == found["yes"].pieces
    assert any(body["seed"] == 9 for body in server.bodies)


def test_a_row_can_be_cancelled_and_a_call_abandoned() -> None:
    with StandIn(seconds=0.1) as server, RemoteEngine(survey(server)) as engine:
        calls = engine.generate(asked(f"row {n}") for n in range(40))
        first = next(calls)
        engine.cancel("row 30")
        engine.cancel("row 30")
        engine.cancel(first.key)
        rest = {done.key: done.finish for done in calls}
        assert rest["row 30"] is Finish.CANCELLED
        assert len({first.key, *rest}) == 40
        next(engine.generate([asked("left"), asked("behind")]))
        assert [done.key for done in engine.generate([asked("next")])] == ["next"]


def test_nothing_of_this_is_imported_unless_asked_for() -> None:
    """httpx2 lives in one file, and the run without --server never names that file."""
    package = Path(__file__).parents[2] / "realign_local"
    users = [
        p for p in package.rglob("*.py") if "httpx2" in p.read_text("utf-8").split("\n\n", 1)[-1]
    ]
    assert [path.name for path in users if path.name != "__init__.py"] == ["link.py"]


def test_a_run_without_a_server_loads_nothing_of_it() -> None:
    ask = (
        "import sys; import realign_local.commands.run, realign_local.cli.rows.run;"
        "print([name for name in sys.modules if name in ('httpx2', 'asyncio')"
        " or (name.startswith('realign_local.engine.remote.') and 'address' not in name)])"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_utf_8_cannot_hold_is_a_question_mark_both_ways() -> None:
    said = read_said({"choices": [{"message": {"content": "a\ud800b"}}]})
    assert said.text == "a?b"
    with StandIn() as server:
        done = answers(server, [asked("x\udfff y", key="row")])["row"]
    assert done.text == "It is so: x? y."


def test_a_call_may_outlive_its_engine() -> None:
    with StandIn(seconds=0.05) as server:
        with RemoteEngine(survey(server)) as engine:
            calls = engine.generate(asked(f"row {n}") for n in range(9))
            next(calls)
        calls.close()
        engine.close()


@pytest.mark.parametrize("name", ["", "a\x1b[31mb", "a\nb", "x" * 400])
def test_a_model_with_a_name_that_cannot_be_shown_is_none(name: str) -> None:
    with StandIn(model=name) as server, pytest.raises(UsageError, match="no model is there"):
        survey(server)


def test_a_silent_server_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> str:
        return await _with_word(asyncio.sleep(0.2, "there"), "http://127.0.0.1:9")

    monkeypatch.setattr(survey_module, "FIRST_WORD_S", 0.05)
    assert asyncio.run(ask()) == "there"
    assert caplog.messages == ["waiting for http://127.0.0.1:9, which has not answered yet"]
