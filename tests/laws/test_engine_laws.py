"""Laws of the batching engine on the scripted backend: what runs beside a row never shows in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.engine.backends.scripted import ScriptedBackend
from realign_local.engine.engine import BatchEngine, Policy
from realign_local.engine.kept import beginnings
from realign_local.engine.kept.state_files import StateFiles
from realign_local.engine.request import (
    Completion,
    Finish,
    Given,
    Message,
    OnPiece,
    Request,
    Sampling,
    Span,
)
from realign_local.engine.text_ids import Codec

CELLS = 320
TEXTS = [
    "the cat is a cat. ",
    "Step 1. the 12",
    "é naïve。",
    "ing the",
    "\n\n",
    "a",
    " ",
    "x y z\n",
]
STARTS = ["the cat is a cat. " * 3, "Step 1. the 12 " * 4, "a"]

given_parts = st.builds(Given, st.sampled_from(["", "## ", "1. ", "\n\n", "END", "é", "the cat"]))
spans = st.builds(
    Span,
    max_tokens=st.integers(0, 12),
    stop=st.sampled_from([(), ("\n",), ("cat", "é"), ("12", " ", "END")]),
    max_sentences=st.integers(0, 2),
    grammar=st.sampled_from(["", "", "", 'root ::= "the cat is 12."']),
)
samplings = st.one_of(
    st.just(Sampling()),
    st.builds(
        Sampling,
        temperature=st.sampled_from([0.7, 1.5]),
        top_p=st.sampled_from([1.0, 0.8]),
        min_p=st.sampled_from([0.0, 0.1]),
        seed=st.integers(0, 3),
    ),
)
contents = st.builds(
    lambda start, texts: start + "".join(texts),
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(TEXTS), max_size=4),
)
written = st.lists(st.one_of(given_parts, spans), max_size=5)
scored = st.builds(
    lambda before, texts: [*before, *(Given(text, scored=True) for text in texts)],
    st.lists(given_parts, max_size=2),
    st.lists(st.sampled_from(["END", "é the 12", "", "x y z. the cat is a cat."]), max_size=2),
)
rows = st.tuples(contents, contents, st.one_of(written, written, scored), samplings)
workloads = st.lists(rows, min_size=1, max_size=9).map(
    lambda drawn: [
        Request(
            f"r{number}",
            (Message("system", system), Message("user", user)),
            tuple(parts),
            sampling,
        )
        for number, (system, user, parts, sampling) in enumerate(drawn)
    ]
)
policies = st.builds(
    Policy,
    running=st.integers(1, 5),
    step_tokens=st.sampled_from([7, 32, 512]),
    overhead_tokens=st.sampled_from([0.5, 50.0]),
    look_ahead=st.integers(1, 6),
    share_prefixes=st.booleans(),
    look_up=st.booleans(),
    look_up_rows=st.sampled_from([1, 64]),
)

ALONE = Policy(running=1, look_ahead=1, share_prefixes=False, look_up=False)


class Checked(BatchEngine):
    """The engine, with its invariants checked after every step."""

    def _step(self, on_piece: object) -> None:
        super()._step(on_piece)  # type: ignore[arg-type]
        self.check_integrity()


def run(
    requests: list[Request],
    policy: Policy,
    *,
    held: int = 3,
    can_rewind: bool = True,
    kept: StateFiles | None = None,
) -> dict[str, Completion]:
    backend = ScriptedBackend(slots=policy.running + held, cells=CELLS, can_rewind=can_rewind)
    engine = Checked(backend, policy, kept=kept)
    done = list(engine.generate(requests))
    engine.check_integrity()
    assert len({one.key for one in done}) == len(done) == len(requests)
    assert [backend.length(slot) for slot in range(backend.slots)] == [0] * backend.slots
    return {completion.key: completion for completion in done}


Answer = tuple[tuple[str, ...], Finish, float, int]


def answers(done: dict[str, Completion]) -> dict[str, Answer]:
    return {
        key: (one.pieces, one.finish, one.log_probability, one.scored_tokens)
        for key, one in done.items()
    }


@given(workloads, policies, st.integers(0, 3))
@settings(max_examples=120)
def test_batched_equals_one_by_one(requests: list[Request], policy: Policy, held: int) -> None:
    assert answers(run(requests, policy, held=held)) == answers(run(requests, ALONE))


@given(workloads, policies)
@settings(max_examples=60)
def test_a_score_is_the_sum_over_the_scored_tokens(requests: list[Request], policy: Policy) -> None:
    done = run(requests, policy)
    backend = ScriptedBackend()
    codec = Codec(backend.vocabulary)
    for request in requests:
        texts = [(one.text, one.scored) for one in request.answer if isinstance(one, Given)]
        tokens = codec.encode("".join(text for text, is_scored in texts if is_scored))
        context = codec.prompt(request.messages)
        context += codec.encode("".join(text for text, is_scored in texts if not is_scored))
        expected = 0.0
        for token in tokens:
            chances = np.exp(backend.hashed_logits(context).astype(np.float64))
            expected += float(np.log(chances[token] / chances.sum()))
            context.append(token)
        assert done[request.key].scored_tokens == len(tokens)
        assert done[request.key].log_probability == pytest.approx(expected, abs=1e-4)


@given(workloads, policies)
@settings(max_examples=40)
def test_order_does_not_matter(requests: list[Request], policy: Policy) -> None:
    assert answers(run(requests[::-1], policy)) == answers(run(requests, policy))


@given(workloads, policies)
@settings(max_examples=40)
def test_a_model_that_cannot_rewind_gives_the_same(requests: list[Request], policy: Policy) -> None:
    assert answers(run(requests, policy, can_rewind=False)) == answers(run(requests, ALONE))


def recurring(requests: list[Request]) -> list[Request]:
    """The rows with one of few fixed texts in front, as prompts have."""
    made = []
    for one in requests:
        system, user = (message.content for message in one.messages)
        start = next(start for start in STARTS if system.startswith(start))
        fixed = Message("system", start, recurs=True)
        own = Message("user", system.removeprefix(start) + user)
        made.append(replace(one, messages=(fixed, own)))
    return made


def damage(folder: Path, data: st.DataObject) -> None:
    """Do to each file what disks, other programs and people do."""
    files = sorted(folder.glob("*"))
    for file in files:
        content = file.read_bytes()
        kind = data.draw(st.sampled_from(["none", "flip", "cut", "other", "gone"]))
        place = data.draw(st.integers(0, len(content) - 1))
        if kind == "flip":
            file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        elif kind == "cut":
            file.write_bytes(content[:place])
        elif kind == "other":
            file.write_bytes(data.draw(st.sampled_from(files)).read_bytes())
        elif kind == "gone" and len(files) > 1:
            file.unlink()
            files = [one for one in files if one != file]


@given(workloads.map(recurring), workloads.map(recurring), policies, st.integers(0, 3), st.data())
@settings(max_examples=120)
def test_what_earlier_runs_have_left_never_shows(
    requests: list[Request],
    earlier: list[Request],
    policy: Policy,
    held: int,
    data: st.DataObject,
) -> None:
    expected = answers(run(requests, ALONE))
    with TemporaryDirectory() as folder, patch.object(beginnings, "LEAST_TOKENS", 4):
        files = StateFiles(Path(folder), "scripted", most_bytes=data.draw(st.integers(150, 900)))
        run(earlier, policy, held=held, kept=files)
        damage(Path(folder), data)
        assert answers(run(requests, policy, held=held, kept=files)) == expected
        assert answers(run(requests, policy, held=held, kept=files)) == expected


@given(workloads, policies, st.data())
@settings(max_examples=40)
def test_cancelled_rows_leave_the_others_alone(
    requests: list[Request], policy: Policy, data: st.DataObject
) -> None:
    doomed = data.draw(st.sets(st.sampled_from([request.key for request in requests])))
    backend = ScriptedBackend(slots=policy.running + 2, cells=CELLS)
    engine = Checked(backend, policy)
    done = {
        one.key: one
        for one in engine.generate(requests, on_piece=lambda key, _part, _text: key not in doomed)
    }
    assert done.keys() == {request.key for request in requests}
    for key, expected in run(requests, ALONE).items():
        if key not in doomed:
            assert (done[key].pieces, done[key].finish) == (expected.pieces, expected.finish)
        else:
            assert expected.pieces[: len(done[key].pieces)] == done[key].pieces
    assert sum(map(backend.length, range(backend.slots))) == 0


def twice_at_most(seeds: dict[str, int]) -> OnPiece:
    """Has the pieces of some rows written again, up to two times each."""
    heard: Counter[tuple[str, int]] = Counter()

    def judge(key: str, part: int, _text: str) -> bool | Sampling:
        heard[key, part] += 1
        again = key in seeds and heard[key, part] < 3
        return Sampling(1.2, seed=seeds[key] + heard[key, part]) if again else True

    return judge


@given(workloads, policies, st.data())
@settings(max_examples=60)
def test_what_is_written_again_does_not_depend_on_what_runs_beside_it(
    requests: list[Request], policy: Policy, data: st.DataObject
) -> None:
    keys = [request.key for request in requests]
    seeds = data.draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 9)))
    together, alone = (
        {
            one.key: one
            for one in Checked(
                ScriptedBackend(slots=one_policy.running + 2, cells=CELLS), one_policy
            ).generate(requests, on_piece=twice_at_most(seeds))
        }
        for one_policy in (policy, ALONE)
    )
    assert answers(together) == answers(alone)
    plain = run(requests, ALONE)
    assert all(answers(together)[key] == answers(plain)[key] for key in keys if key not in seeds)


@given(workloads, policies)
@settings(max_examples=40)
def test_every_piece_keeps_the_rules_of_its_part(requests: list[Request], policy: Policy) -> None:
    done = run(requests, policy)
    for request in requests:
        completion = done[request.key]
        assert completion.finish in (Finish.STOP, Finish.LENGTH)
        assert len(completion.pieces) == len(request.answer)
        for part, piece in zip(request.answer, completion.pieces, strict=True):
            if isinstance(part, Given):
                assert piece == part.text
            else:
                assert not any(stop in piece for stop in part.stop)


@given(workloads)
@settings(max_examples=30)
def test_requests_are_pulled_no_further_than_the_window(requests: list[Request]) -> None:
    pulled = 0

    def source() -> Iterator[Request]:
        nonlocal pulled
        for request in requests * 4:
            pulled += 1
            yield request

    policy = Policy(running=2, look_ahead=2)
    engine = BatchEngine(ScriptedBackend(slots=4, cells=CELLS), policy)
    for number, _ in enumerate(engine.generate(source()), 1):
        assert pulled - number <= policy.running + policy.look_ahead
