"""The loop on the scripted backend: shared beginnings, cancelling, refusing, refilling, healing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from realign_local.base.errors import EngineError
from realign_local.engine.backend import Logits, Run
from realign_local.engine.backends.scripted import ScriptedBackend, ScriptedEngine
from realign_local.engine.engine import BatchEngine, Policy
from realign_local.engine.request import (
    Finish,
    Given,
    Message,
    OnPiece,
    Part,
    Request,
    Sampling,
    Span,
)
from realign_local.engine.scheduler import plan
from realign_local.engine.sequence import Sequence as EngineSequence
from realign_local.engine.text_ids import Codec

LONG_START = "the cat is a cat. " * 12


def request(key: str, *answer: Part, start: str = LONG_START, text: str = "") -> Request:
    return Request(key, (Message("system", start), Message("user", text or key)), answer)


def run(engine: BatchEngine, requests: Sequence[Request]) -> dict[str, str]:
    return {one.key: one.text for one in engine.generate(requests)}


def test_a_shared_beginning_is_evaluated_once() -> None:
    requests = [request(f"row {number}", Span(3)) for number in range(12)]
    backend = ScriptedBackend(slots=6)
    engine = BatchEngine(backend, Policy(running=4))
    texts = run(engine, requests)
    unshared = BatchEngine(ScriptedBackend(slots=6), Policy(running=4, share_prefixes=False))
    assert texts == run(unshared, requests)
    assert unshared.stats.prompt_tokens_evaluated == engine.stats.prompt_tokens
    start = len(engine._codec.encode(LONG_START))
    saved = engine.stats.prompt_tokens - engine.stats.prompt_tokens_evaluated
    assert saved >= 11 * start


def test_choices_are_judged_over_one_prompt_without_evaluating_their_last_token() -> None:
    choices = ["a", " the", "é", "END"]
    requests = [
        Request(one, (Message("user", LONG_START),), (Given(one, scored=True),)) for one in choices
    ]
    engine = BatchEngine(ScriptedBackend(slots=6), Policy(running=4))
    done = {one.key: one for one in engine.generate(requests)}
    assert engine.stats.prompt_tokens_evaluated == engine.stats.prompt_tokens // 4 + 3
    assert engine.stats.completion_tokens == 0
    chances = [np.exp(done[one].log_probability) for one in choices]
    assert min(chances) > 0
    assert sum(chances) < 1
    assert [done[one].text for one in choices] == choices


def test_choices_in_the_place_of_each_other_are_judged_alike_and_by_one_request() -> None:
    choices = ["a", " the", "é", "END"]
    messages = (Message("user", LONG_START),)
    apart = [Request(one, messages, (Given(one, scored=True),)) for one in choices]
    at_once = Request("all", messages, (Given("a", scored=True, instead=tuple(choices[1:])),))
    engine = BatchEngine(ScriptedBackend(slots=6), Policy(running=4))
    done = {one.key: one for one in engine.generate([*apart, at_once])}
    found = [done["all"].log_probability, *done["all"].instead]
    assert found == pytest.approx([done[one].log_probability for one in choices])
    with pytest.raises(ValueError, match="only the last part"):
        Request("x", messages, (Given("a", instead=("b",)), Given("c", scored=True)))


def test_scored_tokens_are_told_one_by_one_and_add_up_to_the_text() -> None:
    text = "the cat is naïve. 12é"
    given = Given(text, scored=True, each=True)
    (done,) = BatchEngine(ScriptedBackend(slots=3), Policy(running=2)).generate(
        [Request("row", (Message("user", LONG_START),), (Given("So: "), given))]
    )
    assert "".join(piece for piece, _ in done.tokens) == text
    assert len(done.tokens) == done.scored_tokens
    assert sum(log for _, log in done.tokens) == pytest.approx(done.log_probability)


def test_a_span_is_written_again_from_where_it_began() -> None:
    heard: list[tuple[int, str]] = []

    def judge(_key: str, part: int, text: str) -> bool | Sampling:
        heard.append((part, text))
        return Sampling(1.0, seed=len(heard)) if part == 3 and len(heard) < 4 else True

    row = request("row", Given("# "), Span(4), Given("\n1. "), Span(6), Given("\n"), Span(3))
    engine = BatchEngine(ScriptedBackend(slots=4), Policy(running=2))
    (done,) = engine.generate([row], on_piece=judge)
    engine.check_integrity()
    assert [part for part, _ in heard] == [1, 3, 3, 3, 5]
    assert len({text for part, text in heard if part == 3}) == 3
    assert done.pieces == ("# ", heard[0][1], "\n1. ", heard[3][1], "\n", heard[4][1])
    assert done.completion_tokens > 13 >= len(engine._codec.encode(done.text)) - 5
    (plain,) = BatchEngine(ScriptedBackend(slots=4), Policy(running=2)).generate([row])
    assert plain.pieces[:2] == done.pieces[:2]
    assert plain.pieces[3] == heard[1][1]


@pytest.mark.parametrize(
    "answer", [(Given("a", scored=True), Span(3)), (Given("a", scored=True), Given("b"))]
)
def test_scored_text_ends_an_answer_without_spans(answer: tuple[Part, ...]) -> None:
    with pytest.raises(ValueError, match="at the end"):
        request("row", *answer)


def test_candidates_share_all_but_the_last_token_of_the_prompt() -> None:
    messages = (Message("user", LONG_START),)
    requests = [
        Request(f"c{seed}", messages, (Span(4),), Sampling(1.0, seed=seed)) for seed in range(4)
    ]
    engine = BatchEngine(ScriptedBackend(slots=6), Policy(running=4))
    run(engine, requests)
    prompt = engine.stats.prompt_tokens // 4
    assert engine.stats.prompt_tokens_evaluated == prompt + 3


def test_a_beginning_outlives_its_rows_while_waiting_rows_need_it() -> None:
    other = "Step 1. the 12 " * 12
    requests = [
        request(f"r{number}", Span(2), start=LONG_START if number % 2 else other)
        for number in range(8)
    ]
    engine = BatchEngine(ScriptedBackend(slots=3), Policy(running=1, look_ahead=8))
    run(engine, requests)
    starts = sum(len(engine._codec.encode(text)) for text in (LONG_START, other))
    assert engine.stats.prompt_tokens_evaluated < starts + 8 * 60


def test_a_request_that_cannot_fit_is_refused_and_nothing_is_evaluated() -> None:
    backend = ScriptedBackend(slots=2, cells=64)
    engine = BatchEngine(backend, Policy(running=1))
    long, short = request("long", Span(4)), request("short", Span(2), start="a", text="b")
    done = {one.key: one for one in engine.generate([long, short])}
    assert done["long"].finish is Finish.PROMPT_TOO_LONG
    assert done["long"].pieces == ()
    assert done["short"].finish in (Finish.STOP, Finish.LENGTH)
    assert backend.evaluated < 64


def test_an_answer_without_spans_needs_no_model() -> None:
    backend = ScriptedBackend()
    (done,) = BatchEngine(backend).generate([request("r", Given("a"), Given("b"))])
    assert (done.text, done.finish, backend.evaluated) == ("ab", Finish.STOP, 0)


def test_pieces_are_reported_and_false_cancels() -> None:
    seen: list[tuple[str, int, str]] = []

    def on_piece(key: str, part: int, text: str) -> bool:
        seen.append((key, part, text))
        return key != "r1" or part != 1

    parts = (Given("a"), Span(2), Given("b"), Span(2))
    engine = BatchEngine(ScriptedBackend(slots=4), Policy(running=2))
    requests = [request(f"r{number}", *parts) for number in range(3)]
    done = {one.key: one for one in engine.generate(requests, on_piece=on_piece)}
    assert done["r1"].finish is Finish.CANCELLED
    assert sorted((key, part) for key, part, _ in seen) == [
        ("r0", 1), ("r0", 3), ("r1", 1), ("r2", 1), ("r2", 3),
    ]  # fmt: skip
    assert all(done[key].pieces[part] == text for key, part, text in seen)


def test_cancel_reaches_running_and_waiting_rows() -> None:
    engine = BatchEngine(ScriptedBackend(slots=3), Policy(running=1, look_ahead=4))
    answers = engine.generate([request(f"r{number}", Span(3)) for number in range(4)])
    first = next(answers)
    engine.cancel("r2")
    engine.cancel("unknown")
    rest = {one.key: one.finish for one in answers}
    assert first.key == "r0"
    assert rest["r2"] is Finish.CANCELLED
    assert set(rest) == {"r1", "r2", "r3"}


def test_a_freed_slot_is_refilled_in_the_same_step() -> None:
    widths: list[int] = []
    slots: list[list[int]] = []

    class Watched(ScriptedBackend):
        def decode(self, runs: Sequence[Run]) -> None:
            if all(len(run.tokens) == 1 for run in runs):
                widths.append(len(runs))
                slots.append([run.slot for run in runs])
            super().decode(runs)

    engine = BatchEngine(Watched(slots=6), Policy(running=4, share_prefixes=False))
    run(engine, [request(f"r{number}", Span(1 + number % 5)) for number in range(20)])
    # Until fewer rows are left than slots, every step over single tokens is full.
    assert widths == sorted(widths, reverse=True)
    assert widths.count(4) >= len(widths) - 5
    # And then the rows move together: streams side by side are evaluated in one go.
    assert all(taken == list(range(len(taken))) for taken in slots)


def test_a_row_cancelled_by_its_piece_makes_room_for_the_next_step() -> None:
    steps: list[tuple[int, int]] = []

    class Watched(BatchEngine):
        def _step(self, on_piece: OnPiece | None) -> None:
            steps.append((len(self._running), len(self._waiting)))
            super()._step(on_piece)

    engine = Watched(ScriptedBackend(slots=4), Policy(running=2, share_prefixes=False))
    rows = [request(f"r{number}", Span(2), Given("\n"), Span(9)) for number in range(8)]
    refused: list[tuple[str, int]] = []

    def judge(key: str, part: int, _text: str) -> bool:
        if key in ("r0", "r5"):
            return True
        refused.append((key, part))
        return False

    done = {one.key: one for one in engine.generate(rows, on_piece=judge)}
    assert [part for _, part in refused] == [0] * 6
    for key, one in done.items():
        assert (one.finish is Finish.CANCELLED) == (key in dict(refused))
        assert len(one.pieces) == (2 if key in dict(refused) else 3)
    assert all(running == 2 or not waiting for running, waiting in steps)


def test_a_long_text_goes_alone_and_first() -> None:
    def sequence(number: int, tokens: int) -> EngineSequence:
        row = Request(f"r{number}", (Message("user", ""),), (Span(4),))
        made = EngineSequence(row, Codec(ScriptedBackend(slots=1).vocabulary), arrival=number)
        made.tokens, made.computed = [1] * tokens, 0
        return made

    def shares(*lacking: int, budget: int = 200) -> list[tuple[int, int]]:
        line = [sequence(number, tokens) for number, tokens in enumerate(lacking)]
        return [(one.sequence.arrival, one.count) for one in plan(line, budget_tokens=budget)]

    assert shares(1, 50, 3, 46, 90) == [(1, 50)]
    assert shares(300, 400) == [(0, 200)]
    assert shares(1, 8, 3) == [(0, 1), (1, 1), (2, 1)]


def test_abandoning_the_answers_frees_everything() -> None:
    backend = ScriptedBackend(slots=4)
    engine = BatchEngine(backend, Policy(running=3))
    answers = engine.generate([request(f"r{number}", Span(5)) for number in range(9)])
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert [backend.length(slot) for slot in range(4)] == [0, 0, 0, 0]
    assert len(run(engine, [request("again", Span(2))])) == 1


def test_a_span_after_a_space_begins_with_a_token_that_has_one() -> None:
    def no_spaces(_context: Sequence[int]) -> Logits:
        logits = np.zeros(backend.vocabulary.size, np.float32)
        logits[ord("x")] = 9
        logits[backend.vocabulary.tokenize(" cat", special=False)[0]] = 5
        return logits

    backend = ScriptedBackend(next_logits=no_spaces)
    (done,) = BatchEngine(backend).generate([request("r", Given("A "), Span(2))])
    assert done.pieces == ("A ", "catx")


def test_grammars_bind_a_span() -> None:
    span = Span(40, grammar='root ::= "the cat is 12."')
    (done,) = BatchEngine(ScriptedBackend()).generate([request("r", Given("> "), span)])
    assert done.pieces == ("> ", "the cat is 12.")
    assert done.finish is Finish.STOP


def test_lookup_drafts_and_saves_steps() -> None:
    def copies(context: Sequence[int]) -> Logits:
        logits = np.zeros(backend.vocabulary.size, np.float32)
        logits[context[-9]] = 9
        return logits

    backend = ScriptedBackend(next_logits=copies)
    engine = BatchEngine(backend, Policy(running=1, overhead_tokens=20))
    (done,) = engine.generate([request("r", Given("123456789" * 3), Span(40))])
    assert done.text.startswith("123456789" * 4)
    assert done.accepted == done.drafted - (done.drafted - done.accepted) > 20
    assert engine.stats.steps < 20


def test_a_backend_that_fails_ends_the_run() -> None:
    class Broken(ScriptedBackend):
        def decode(self, runs: Sequence[Run]) -> None:
            raise EngineError("llama_decode failed with code -3")

    with pytest.raises(EngineError, match="code -3"):
        list(BatchEngine(Broken()).generate([request("r", Span(2))]))


def test_the_scripted_engine_tells_the_script() -> None:
    parts = (Given("# "), Span(5, name="title"), Given("\n"), Span(5))
    with ScriptedEngine() as engine:
        (done,) = engine.generate([request("r", *parts)])
        assert done.text == "# [title]\n[text]"
        (cut,) = engine.generate([request("r", *parts)], on_piece=lambda *_: False)
    assert (cut.finish, cut.pieces) == (Finish.CANCELLED, ("# ", "[title]"))
    (told,) = ScriptedEngine(lambda one: [one.key, "x"]).generate([request("r", *parts)])
    assert told.text == "# r\nx"


def test_a_retry_starts_from_what_its_first_try_computed() -> None:
    engine = BatchEngine(ScriptedBackend(slots=3), Policy(running=1, look_ahead=1))
    (first,) = engine.generate([request("seed", Span(4), Given(" END "), Span(4))])

    def source() -> Iterator[Request]:
        yield request("r", Span(4), Given(" END "), Span(4), text="seed")
        yield request("retry", Given(first.pieces[0]), Given(" END "), Span(4), text="seed")

    before = engine.stats.prompt_tokens_evaluated
    again, retry = engine.generate(source())
    assert again.pieces == first.pieces
    assert retry.pieces[:2] == first.pieces[:2]
    assert engine.stats.prompt_tokens_evaluated - before <= again.prompt_tokens + 1
