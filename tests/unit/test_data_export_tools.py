"""Export of rows that call tools: calls go where a format has a place for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realign_local.commands.export import export_run
from tests.unit.test_data_export import chat, make_run, records


def test_sharegpt_carries_tools(tmp_path: Path) -> None:
    turns = [("human", "a"), ("function_call", "{}"), ("observation", "1"), ("gpt", "b")]
    rows = [
        {"conversations": [{"from": f, "value": v} for f, v in turns], "tools": "[]"},
        {"conversations": [{"from": f, "value": v} for f, v in (turns[0], turns[3])]},
    ]
    run = make_run(tmp_path / "run", rows, rewritten=set())
    done = export_run(run, run / "o.jsonl", target="sharegpt")
    assert records(done.path) == [rows[0], {**rows[1], "tools": ""}]
    assert done.notes == ()
    assert export_run(run, run / "o.jsonl", target="messages").left_out == {"has_tool_calls": 1}


CALLS = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"n": 1}'}}]
OPENAI = [
    {"role": "user", "content": "ask"},
    {"role": "assistant", "content": "", "tool_calls": CALLS},
]
TOOLS = [{"name": "f", "parameters": {"type": "object"}}]


@pytest.mark.parametrize("ends", [True, False])
def test_calls_of_tools_go_where_there_is_a_place_for_them(tmp_path: Path, ends: bool) -> None:
    more = [
        {"role": "tool", "content": "1", "tool_call_id": "c"},
        *chat("x", "say")["messages"][1:],
    ]
    turns = OPENAI if ends else [*OPENAI, *more]
    row = {"messages": turns, "tools": TOOLS}
    run = make_run(tmp_path / "run", [row, chat("ask", "say")], rewritten=set())
    found = records(export_run(run, run / "o.jsonl", target="messages").path)
    assert found == [row, {**chat("ask", "say"), "tools": []}]
    pairs = records(export_run(run, run / "o.jsonl", target="prompt-completion").path)
    assert pairs[0] == {"prompt": turns[:-1], "completion": turns[-1:], "tools": TOOLS}
    done = export_run(run, run / "o.jsonl", target="sharegpt")
    first = records(done.path)[0]
    assert [turn["from"] for turn in first["conversations"]] == (
        ["human", "function_call", "observation", "gpt"][: len(turns)]
    )
    assert json.loads(first["conversations"][1]["value"]) == {"name": "f", "arguments": {"n": 1}}
    assert json.loads(first["tools"]) == TOOLS
    assert export_run(run, run / "o.jsonl", target="alpaca").left_out == {"has_tool_calls": 1}


def test_calls_in_a_text_become_calls_and_other_texts_are_none(tmp_path: Path) -> None:
    texts = ['{"name": "f", "arguments": {"n": 1}}', "<call>f(1)</call>", "[" * 900 + "]" * 900]
    rows = [
        {
            "conversations": [
                {"from": "human", "value": "ask"},
                {"from": "function_call", "value": t},
            ]
        }
        for t in texts
    ]
    run = make_run(tmp_path / "run", rows, rewritten=set())
    done = export_run(run, run / "o.jsonl", target="messages")
    (record,) = records(done.path)
    assert record["messages"][1]["tool_calls"] == [
        {"type": "function", "function": {"name": "f", "arguments": '{"n": 1}'}}
    ]
    assert done.left_out == {"has_tool_calls": 2}
    assert records(export_run(run, run / "o.jsonl", target="sharegpt").path) == rows


def test_tools_that_are_not_text_become_text(tmp_path: Path) -> None:
    tools = [{"name": "f", "max": 1.5, "on": True}]
    run = make_run(tmp_path / "run", [{**chat("ask", "say"), "tools": tools}], rewritten=set())
    (record,) = records(export_run(run, run / "o.jsonl", target="sharegpt").path)
    assert json.loads(record["tools"]) == tools
