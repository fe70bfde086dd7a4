"""The engine over a real model: batched against alone, sharing, templates, grammar, memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from realign_local.base.assets import find_model
from realign_local.base.errors import AssetError, EngineError
from realign_local.engine.backend import Run
from realign_local.engine.backends.llama import LlamaBackend
from realign_local.engine.bench.peers import asked_of_peers
from realign_local.engine.capacity import Capacity
from realign_local.engine.engine import BatchEngine, Policy
from realign_local.engine.kept.state_files import StateFiles
from realign_local.engine.request import Finish, Given, Message, Request, Sampling, Span
from realign_local.engine.text_ids import Codec

CAPACITY = Capacity(6 * 512, 6, 256, 256, 2)
SYSTEM = Message("system", "You answer in one short sentence, politely and without any jokes. " * 4)


@pytest.fixture(scope="module")
def backend() -> Iterator[LlamaBackend]:
    try:
        model = find_model(None)
    except AssetError as error:
        pytest.skip(str(error))
    backend = LlamaBackend(model, CAPACITY, held=2)
    yield backend
    backend.close()


def request(number: int, *, sampling: Sampling | None = None) -> Request:
    question = Message("user", f"How many legs do {number + 2} cats have? <|im_end|>")
    parts = (Given("Cats: "), Span(10, stop=("\n",), max_sentences=1), Given("\n\n1. "), Span(8))
    return Request(f"r{number}", (SYSTEM, question), parts, sampling or Sampling())


def test_tokens_and_text(backend: LlamaBackend) -> None:
    vocabulary = backend.vocabulary
    for text in ("Hello, world!", " naïve 水 🙂\n\n  x", "<|im_end|>", ""):
        ids = vocabulary.tokenize(text, special=False)
        assert b"".join(map(vocabulary.piece, ids)).decode() == text
    (end,) = vocabulary.tokenize("<|im_end|>", special=True)
    assert vocabulary.is_end(end)
    assert vocabulary.piece(end) == b""
    assert vocabulary.starting_with(b" ")[vocabulary.tokenize(" the", special=False)[0]]


def test_peers_of_the_benchmark_read_the_prompt_that_the_engine_reads(
    backend: LlamaBackend,
) -> None:
    row = Request("k", (SYSTEM, Message("user", "How many legs has a cat?")), (Span(8),))
    (asked,) = asked_of_peers(find_model(None), [row])
    vocabulary = backend.vocabulary
    read = [*vocabulary.opening(), *vocabulary.tokenize(asked.prompt, special=True)]
    assert read == Codec(vocabulary).prompt(row.messages)


def test_a_copied_beginning_gives_the_logits_of_an_evaluated_one(backend: LlamaBackend) -> None:
    ids = backend.vocabulary.tokenize(
        "The quick brown fox jumps over the lazy dog. " * 3, special=False
    )
    backend.decode([Run(0, 0, ids, 1)])
    expected = backend.logits(0).copy()
    backend.copy(0, 3, len(ids) - 1)
    assert backend.length(3) == len(ids) - 1
    backend.decode([Run(3, len(ids) - 1, ids[-1:], 1)])
    assert int(backend.logits(0).argmax()) == int(expected.argmax())
    assert float(np.abs(backend.logits(0) - expected).max()) < 0.5
    backend.truncate(3, 5)
    assert backend.length(3) == 5
    for slot in (0, 3):
        backend.truncate(slot, 0)


def test_a_state_gives_the_very_logits_and_what_is_none_is_refused(backend: LlamaBackend) -> None:
    ids = backend.vocabulary.tokenize("The quick brown fox jumps over a dog. " * 8, special=False)
    backend.decode([Run(0, 0, ids[:-1], 1)])
    state = backend.state(0)
    backend.decode([Run(0, len(ids) - 1, ids[-1:], 1)])
    expected = backend.logits(0).copy()
    assert backend.restore(5, state)
    assert backend.length(5) == len(ids) - 1
    backend.decode([Run(5, len(ids) - 1, ids[-1:], 1)])
    assert np.array_equal(backend.logits(0), expected)
    backend.truncate(5, 20)
    assert backend.length(5) == 20, "a state can be cut as what was evaluated can"
    for slot in (0, 5):
        backend.truncate(slot, 0)
    for damaged in (b"", state[:-1], state[: len(state) // 2], bytes(64) + state[64:]):
        assert not backend.restore(5, damaged)
        backend.truncate(5, 0)
        assert backend.length(5) == 0


def test_a_second_engine_reads_the_beginning_from_a_file(
    backend: LlamaBackend, tmp_path: Path
) -> None:
    fixed = replace(SYSTEM, content=SYSTEM.content * 2, recurs=True)
    requests = [
        replace(request(number), messages=(fixed, *request(number).messages[1:]))
        for number in range(6)
    ]
    files = StateFiles(tmp_path, "this model and build")
    texts, evaluated = [], []
    for kept in (None, files, files):
        engine = BatchEngine(backend, Policy(running=6), kept=kept)
        texts.append({one.key: one.text for one in engine.generate(requests)})
        evaluated.append(engine.stats.prompt_tokens_evaluated)
    assert texts[0] == texts[1] == texts[2]
    assert len(list(tmp_path.iterdir())) == 1
    assert evaluated[2] < evaluated[1] - 50


def test_logits_of_a_draft_are_those_of_single_steps(backend: LlamaBackend) -> None:
    ids = backend.vocabulary.tokenize("One, two, three, four, five, six", special=False)
    backend.decode([Run(0, 0, ids[:4], 1), Run(1, 0, ids, len(ids) - 3)])
    together = [int(backend.logits(1 + n).argmax()) for n in range(len(ids) - 3)]
    singly = [int(backend.logits(0).argmax())]
    for place in range(4, len(ids)):
        backend.decode([Run(0, place, ids[place : place + 1], 1)])
        singly.append(int(backend.logits(0).argmax()))
    assert together == singly
    for slot in (0, 1):
        backend.truncate(slot, 0)


def test_batched_answers_are_those_of_one_by_one(backend: LlamaBackend) -> None:
    requests = [request(number) for number in range(9)]
    together, alone = (
        BatchEngine(backend, Policy(running=6)),
        BatchEngine(backend, Policy(running=1, share_prefixes=False, look_up=False)),
    )
    batched = {one.key: one for one in together.generate(requests)}
    together.check_integrity()
    single = {one.key: one for one in alone.generate(requests)}
    assert batched.keys() == single.keys()
    same = sum(batched[key].text == single[key].text for key in single)
    # Rounding differs with the shape of a batch, so a near tie may fall the other way.
    assert same >= len(requests) - 3
    for completion in batched.values():
        assert completion.finish in (Finish.STOP, Finish.LENGTH)
        assert re.match(r"Cats: \S.*\n\n1\. \S", completion.text, re.DOTALL)
    saved = together.stats.prompt_tokens - together.stats.prompt_tokens_evaluated
    assert saved > 0.5 * together.stats.prompt_tokens


def test_a_seed_gives_the_same_text_again(backend: LlamaBackend) -> None:
    warm = Sampling(temperature=0.8, top_p=0.9, min_p=0.05, seed=11)
    engine = BatchEngine(backend, Policy(running=1))
    first, again = (list(engine.generate([request(1, sampling=warm)])) for _ in range(2))
    (other,) = engine.generate([request(1, sampling=replace(warm, seed=12))])
    assert first[0].pieces == again[0].pieces
    assert other.pieces != first[0].pieces


def test_a_grammar_holds_on_a_real_vocabulary(backend: LlamaBackend) -> None:
    span = Span(12, grammar='root ::= "<" [0-9]+ ">"')
    (done,) = BatchEngine(backend, Policy(running=2)).generate(
        [Request("r", (Message("user", "Say a number."),), (Given("It is "), span))]
    )
    assert re.fullmatch(r"It is <[0-9]+>?", done.text)
    with pytest.raises(EngineError, match="grammar"):
        backend.grammar("root ::= (")


def test_the_truth_is_judged_more_probable_than_nonsense(backend: LlamaBackend) -> None:
    asked = (SYSTEM, Message("user", "What is the capital of France?"))
    choices = ["Paris", "Lemonade", "7 legs and a hat"]
    requests = [Request(one, asked, (Given(one, scored=True),)) for one in choices]
    together, alone = (
        {one.key: one for one in BatchEngine(backend, policy).generate(requests)}
        for policy in (Policy(running=6), Policy(running=1, share_prefixes=False))
    )
    ranked = sorted(choices, key=lambda one: -together[one].log_probability)
    assert ranked == choices
    for one in choices:
        assert together[one].log_probability == pytest.approx(alone[one].log_probability, abs=0.3)
        assert together[one].scored_tokens == len(backend.vocabulary.tokenize(one, special=False))


def test_what_is_no_model_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("models") / "broken.gguf"
    file.write_bytes(b"GGUF nonsense")
    with pytest.raises(EngineError, match="cannot load"):
        LlamaBackend(file, CAPACITY)
