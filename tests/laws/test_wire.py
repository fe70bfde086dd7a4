"""read(write(x)) == x for everything that goes between a run and its worker."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from realign_local.engine.process import wire
from realign_local.engine.request import Completion, Finish, Given, Message, Request, Sampling, Span

TEXT = st.text(st.characters(), max_size=30)  # lone surrogates too: datasets have them
COUNT = st.integers(0, 10**9)
SPANS = st.builds(
    Span,
    max_tokens=COUNT,
    stop=st.lists(TEXT, max_size=3).map(tuple),
    max_sentences=COUNT,
    grammar=TEXT,
    name=TEXT,
)
REQUESTS = st.builds(
    Request,
    key=TEXT,
    messages=st.lists(st.builds(Message, TEXT, TEXT, st.booleans()), max_size=3).map(tuple),
    answer=st.one_of(
        st.lists(st.one_of(st.builds(Given, TEXT), SPANS), max_size=4).map(tuple),
        st.tuples(
            st.builds(Given, TEXT),
            st.builds(
                Given, TEXT, st.just(True), st.lists(TEXT, max_size=2).map(tuple), st.booleans()
            ),
        ),
    ),
    sampling=st.builds(
        Sampling, st.floats(0, 2), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**63)
    ),
)
COMPLETIONS = st.builds(
    Completion,
    key=TEXT,
    pieces=st.lists(TEXT, max_size=4).map(tuple),
    finish=st.sampled_from(Finish),
    prompt_tokens=COUNT,
    error=TEXT,
    log_probability=st.floats(-1e6, 0),
    scored_tokens=COUNT,
    instead=st.lists(st.floats(-9, 0), max_size=2).map(tuple),
    tokens=st.lists(st.tuples(TEXT, st.floats(-9, 0)), max_size=2).map(tuple),
)


def _over_the_pipe(line: wire.Line) -> wire.Line:
    pipe = io.BytesIO()
    wire.write_line(pipe, line)
    assert pipe.getvalue().count(b"\n") == 1
    pipe.seek(0)
    read = wire.read_line(pipe)
    assert read is not None
    return read


@given(REQUESTS)
def test_requests_survive(request: Request) -> None:
    assert wire.request_from_json(_over_the_pipe(wire.request_to_json(request))) == request


@given(COMPLETIONS)
def test_completions_survive(completion: Completion) -> None:
    line = _over_the_pipe(wire.completion_to_json(completion))
    assert wire.completion_from_json(line) == completion


def test_a_torn_line_ends_the_stream() -> None:
    assert wire.read_line(io.BytesIO(b'{"event":"rea')) is None
    assert wire.read_line(io.BytesIO(b"")) is None
