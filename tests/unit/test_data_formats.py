"""Every dataset format: what is read out of a row, and where a rewrite goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.reasons import Reason
from realign_local.base.records import Turn
from realign_local.data.formats import open_dataset
from tests.chat_rows import ASK, SAY, only

HUMAN, GPT = {"from": "human", "value": "ask"}, {"from": "gpt", "value": "say"}


FORMATS: list[tuple[str, dict[str, Any], tuple[str | int, ...]]] = [
    ("realign", {"items": [HUMAN, GPT], "id": 7}, ("items", 1, "value")),
    ("messages", {"messages": [ASK, SAY]}, ("messages", 1, "content")),
    ("sharegpt", {"conversations": [HUMAN, GPT]}, ("conversations", 1, "value")),
    ("sharegpt", {"conversations": [ASK, SAY]}, ("conversations", 1, "content")),
    (
        "thread",
        {
            "thread": [
                {"text": "ask", "role": "prompter"},
                {"text": "say", "role": "assistant"},
            ]
        },
        ("thread", 1, "text"),
    ),
    ("messages", {"messages": [ASK, {"role": "ai", "content": "say"}]}, ("messages", 1, "content")),
    (
        "sharegpt",
        {
            "conversations": [
                {"from": "user", "value": "ask"},
                {"from": "assistant", "value": "say"},
            ]
        },
        ("conversations", 1, "value"),
    ),
    ("alpaca", {"instruction": "ask", "input": "", "output": "say"}, ("output",)),
    ("alpaca", {"instruction": "ask", "response": "say"}, ("response",)),
    (
        "dolly",
        {"instruction": "ask", "context": "", "response": "say", "category": "open_qa"},
        ("response",),
    ),
    (
        "no_robots",
        {"prompt": "ask", "prompt_id": "p", "messages": [ASK, SAY], "category": "Generation"},
        ("messages", 1, "content"),
    ),
    ("prompt-completion", {"prompt": "ask", "completion": "say"}, ("completion",)),
    (
        "prompt-completion",
        {"prompt": [ASK], "completion": [SAY]},
        ("completion", 0, "content"),
    ),
    ("question-answer", {"question": "ask", "answer": "say"}, ("answer",)),
    ("question-answer", {"query": "ask", "response": "say"}, ("response",)),
    ("question-answer", {"system_prompt": "", "question": "ask", "response": "say"}, ("response",)),
]


@pytest.mark.parametrize(("name", "row", "path"), FORMATS)
def test_each_format_is_detected_read_and_written(
    dataset: Any, name: str, row: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    opened = dataset(row)
    assert opened.format == name
    read, sample = only(opened)
    assert (sample.instruction, sample.original, sample.reason) == ("ask", "say", None)
    assert sample.category == row.get("category", "")
    assert read.render({}) == json.dumps(row)
    place: Any = json.loads(read.render({sample.turn: "new"}))
    for part in path:
        place = place[part]
    assert place == "new"
    assert read.render({sample.turn: "new"}) == json.dumps(row).replace('"say"', '"new"')


@pytest.mark.parametrize(("name", "row", "path"), FORMATS)
def test_a_format_may_be_named(
    dataset: Any, name: str, row: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    assert path
    assert dataset(row, format=name).format == name


def test_realign_brings_category_and_evidence(dataset: Any) -> None:
    first = {**HUMAN, "category": "open_qa", "evidence": ["one", "", "two"]}
    _, sample = only(dataset({"id": 0, "items": [first, GPT], "tag": "rewrite"}))
    assert (sample.category, sample.given_evidence, sample.id) == ("open_qa", ("one", "two"), "0")


def test_alpaca_joins_input_and_history(dataset: Any) -> None:
    row = {
        "instruction": "ask",
        "input": "this",
        "output": "say",
        "system": "be",
        "history": [["q", "a"]],
    }
    _, sample = only(dataset(row))
    assert sample.instruction == "ask\n\nthis"
    assert sample.history == (Turn("system", "be"), Turn("user", "q"), Turn("assistant", "a"))
    both = next(dataset(row).rows(turns="all"))
    assert [(s.turn, s.original) for s in both.samples] == [(1, "a"), (0, "say")]
    assert [s.id for s in both.samples] == ["row-000000/1", "row-000000/0"]
    assert json.loads(both.render({1: "A", 0: "S"})) == {
        **row,
        "output": "S",
        "history": [["q", "A"]],
    }


def test_the_last_response_or_all_of_them(dataset: Any) -> None:
    row = {
        "messages": [{"role": "system", "content": "be"}, ASK, SAY, ASK, {**SAY, "content": "2nd"}]
    }
    _, last = only(dataset(row))
    assert (last.turn, last.original, len(last.history)) == (4, "2nd", 3)
    both = next(dataset(row).rows(turns="all"))
    assert [s.turn for s in both.samples] == [2, 4]
    assert json.loads(both.render({2: "x", 4: "y"}))["messages"][4]["content"] == "y"


def test_the_last_response_is_found_before_a_trailing_request(dataset: Any) -> None:
    _, sample = only(dataset({"messages": [ASK, SAY, ASK]}))
    assert (sample.turn, sample.history) == (1, ())


def test_tool_calls_are_history_and_never_rewritten(dataset: Any) -> None:
    call = {"role": "assistant", "content": "let me", "tool_calls": [{"function": {"name": "f"}}]}
    tool = {"role": "tool", "content": "42"}
    row = {"messages": [ASK, call, tool, SAY], "tools": []}
    (read,) = dataset(row).rows(turns="all")
    (sample,) = read.samples
    assert (sample.turn, sample.instruction) == (3, "ask")
    assert [turn.text for turn in sample.history] == ["let me", "42"]


def test_sharegpt_function_calls(dataset: Any) -> None:
    turns = [
        HUMAN,
        {"from": "function_call", "value": "{}"},
        {"from": "observation", "value": "1"},
        GPT,
    ]
    (read,) = dataset({"conversations": turns}).rows(turns="all")
    assert [s.turn for s in read.samples] == [3]


@pytest.mark.parametrize("key", ["text", "value"])
def test_content_in_parts(dataset: Any, key: str) -> None:
    parts = [{"type": "image", "url": "u"}, {"type": "text", key: "say"}]
    read, sample = only(dataset({"messages": [ASK, {"role": "assistant", "content": parts}]}))
    assert sample.original == "say"
    assert json.loads(read.render({1: "new"}))["messages"][1]["content"] == [
        parts[0],
        {"type": "text", key: "new"},
    ]


@pytest.mark.parametrize(
    "thought",
    [
        "<think>\nhm </think> so\n</think>\n\n",
        "<think></think>",
        " <thinking>x</thinking>\n",
        "hm\n</think>\n",
    ],
)
def test_a_chain_of_thought_stays(dataset: Any, thought: str) -> None:
    read, sample = only(dataset({"instruction": "ask", "output": thought + "say"}))
    assert sample.original == "say"
    assert json.loads(read.render({0: "new"}))["output"] == thought + "new"


def test_a_tag_in_the_middle_is_no_thought(dataset: Any) -> None:
    text = "Write <think> and </think> around it."
    assert only(dataset({"instruction": "ask", "output": text}))[1].original == text


MALFORMED = [
    ('{"instruction": "ask", "output": ', "d.jsonl:2: not valid JSON: Expecting value (column 34)"),
    ("[1, 2]", "d.jsonl:2: not a JSON object"),
    ('{"q": 1}', "d.jsonl:2: no instruction (fields: q)"),
    ('{"instruction": "ask"}', "d.jsonl:2: no output or response (fields: instruction)"),
    ('{"instruction": "ask", "output": null}', "d.jsonl:2: the response is empty or not text"),
    ('{"instruction": "ask", "output": {}}', "d.jsonl:2: the response is empty or not text"),
    ('{"instruction": "ask", "output": " "}', "d.jsonl:2: the response is empty or not text"),
    ('{"instruction": "", "output": "say"}', "d.jsonl:2: no user turn before the response"),
    (
        '{"instruction": "a", "output": "<think>x"}',
        "d.jsonl:2: the response is only a chain of thought",
    ),
    (
        '{"instruction": "a", "output": "s", "history": [1]}',
        "d.jsonl:2: history is not a list of pairs",
    ),
    ("[" * 100_000, "d.jsonl:2: not valid JSON: nested too deeply"),
]


@pytest.mark.parametrize(("text", "detail"), MALFORMED)
def test_a_malformed_row_is_kept_with_its_place(dataset: Any, text: str, detail: str) -> None:
    good = {"instruction": "ask", "output": "say"}
    rows = list(dataset(good, text, good).rows())
    assert [row.index for row in rows] == [0, 1, 2]
    (sample,) = rows[1].samples
    assert (sample.reason, sample.detail) == (Reason.MALFORMED_ROW, detail)
    assert rows[1].render({}) == text
    assert rows[2].samples[0].reason is None


@pytest.mark.parametrize(
    ("turns", "detail"),
    [
        ([], "no assistant turn"),
        ([{"role": "system", "content": "be"}], "no assistant turn"),
        ([SAY], "no user turn before the response"),
        ([ASK, "say"], "turn 2 is not an object"),
        ([ASK, {"role": "judge", "content": "x"}], "turn 2 has the unknown role 'judge'"),
        ([ASK, {"role": "assistant"}], "turn 2 has no content or value"),
        ([ASK, {"role": "assistant", "content": None}], "the response is empty or not text"),
    ],
)
def test_malformed_conversations(dataset: Any, turns: list[Any], detail: str) -> None:
    good = {"messages": [ASK, SAY]}
    _, row = dataset(good, {"messages": turns}).rows()
    assert row.samples[0].detail == f"d.jsonl:2: {detail}"


CALL = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        ([ASK], "no assistant turn: it ends with the user"),
        ([ASK, CALL], "no assistant turn but a call of a tool"),
        ([ASK, CALL, {"role": "tool", "content": "1"}], "no assistant turn: it ends with the tool"),
    ],
)
def test_a_row_without_a_response_is_whole(dataset: Any, turns: list[Any], why: str) -> None:
    row = {"id": "mine", "messages": turns, "category": "open_qa"}
    read, sample = only(dataset(row))
    assert (sample.reason, sample.detail) == (Reason.NOTHING_TO_REWRITE, why)
    assert (sample.id, sample.instruction, sample.original) == ("mine", "ask", "")
    assert (sample.category, sample.turn) == ("open_qa", len(turns) - 1)
    assert read.conversation is not None
    assert read.render({}) == json.dumps(row)


def test_preference_data_is_named_and_nothing_of_it_rewritten(dataset: Any) -> None:
    row = {"conversations": [HUMAN, GPT, HUMAN], "chosen": GPT, "rejected": GPT}
    opened = dataset(row)
    assert opened.described.endswith("; preference data, in which nothing is rewritten")
    assert only(opened)[1].reason is Reason.NOTHING_TO_REWRITE
    named = dataset({"chosen": [ASK, SAY], "rejected": [ASK, SAY]}, fields={"messages": "chosen"})
    assert only(named)[1].original == "say"


def test_rows_of_a_second_format_say_so(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    chat = [{"role": "user", "content": "How?"}, {"role": "assistant", "content": "So."}]
    rows = [{"instruction": "Why?", "output": "Because."}, {"messages": chat}, {"title": "Tides"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    dataset = open_dataset(path, format="alpaca")
    good, other, none = (row.samples[0] for row in dataset.rows())
    assert good.original == "Because."
    assert "two.jsonl:2: a row of the format messages in a file that is read as alpaca" in (
        other.detail
    )
    assert none.detail == "two.jsonl:3: no instruction (fields: title)"
