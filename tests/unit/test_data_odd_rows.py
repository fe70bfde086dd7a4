"""Rows that are odd: long, deep, broken, of other columns or no dataset at all."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from realign_local.base.errors import DataError, UsageError
from realign_local.base.reasons import Reason
from realign_local.data.formats import open_dataset
from tests.chat_rows import ASK, SAY, only


def test_a_long_conversation_takes_no_quadratic_time(dataset: Any) -> None:
    row = {"messages": [ASK, SAY] * 2500}
    read, _ = only(dataset(row), turns="all")
    assert len(read.samples) == 2500
    assert [len(s.history) for s in read.samples[:3]] == [0, 2, 4]
    _, malformed = dataset(row, {"messages": [ASK, SAY] * 2501}).rows()
    assert malformed.samples[0].detail == "d.jsonl:2: 5,002 turns, at most 5,000 are read"


@pytest.mark.parametrize("levels", [150, 500, 5000])
def test_a_row_nested_too_deeply_is_malformed(dataset: Any, levels: int) -> None:
    tools = "[" * levels + "]" * levels
    deep = f'{{"messages": {json.dumps([ASK, SAY])}, "tools": {tools}}}'
    _, row = dataset({"messages": [ASK, SAY]}, deep).rows()
    assert row.samples[0].reason is (Reason.MALFORMED_ROW if levels > 200 else None)
    assert row.render({}) == deep


def test_numbers_are_answers_and_survive_unless_rewritten(dataset: Any) -> None:
    text = '{"question": "ask", "answer": 1.10, "score": 1e5, "n": 123456789012345678901234567890}'
    read, sample = only(dataset(text))
    assert sample.original == "1.10"
    assert type(sample.original) is str
    assert read.render({0: "1.10"}) == text
    assert read.render({0: "is 1.10"}) == text.replace("1.10", '"is 1.10"', 1)


def test_odd_json_survives(dataset: Any) -> None:
    text = r'{"output":"old","instruction" : "\u00e9\ud800", "output": "say\/", "x": "  \u2028"}  '
    read, sample = only(dataset(text))
    assert (sample.instruction, sample.original) == ("é\ud800", "say/")
    assert read.render({}) == text
    assert read.render({0: "é\n\u2028\ud800"}) == text.replace(r'"say\/"', '"é\\n\u2028\\ud800"')


def test_lines_end_at_line_feeds_only(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes('{"question":"a\u2028b\x85","answer":"c"}\r\n\r\n \n'.encode())
    (row,) = open_dataset(path).rows()
    assert row.text == '{"question":"a\u2028b\x85","answer":"c"}'


@pytest.mark.parametrize(
    ("array", "originals"),
    [
        ('[{"question": "a", "answer": "1"}, {"question": "b", "ans', ["1", None]),
        ('[{"question": "a", "answer": "1"}, {"b" 2}, {"question": "c", "answer": "3"}]',
         ["1", None, "3"]),
        ('[{"question": "a", "answer": "1},\n{"question": "b", "answer": "2"}]', [None, "2"]),
        ('[{"question": "a", "answer": "1",\n{"question": "b", "answer": "2"}]', [None, "2"]),
        ('[{"question": "a", "answer": "1"}},\n{"question": "b", "answer": "2"}]', [None, "2"]),
        ('[{"question": "a", "answer": ["1"},\n{"question": "b", "answer": "2"}]', [None, "2"]),
        ('[{"question": "a", "answer": "1\n1"},\n{"question": "b", "answer": "2"}]', [None, "2"]),
        ('[{"question": "a", "answer": "2"}, 5, null,]', ["2", None, None]),
        ('[{"question": "a", "answer": "2"}] and more', ["2", None]),
    ],
)  # fmt: skip
def test_a_broken_array_element_hides_no_other(
    tmp_path: Path, array: str, originals: list[str | None]
) -> None:
    path = tmp_path / "d.json"
    path.write_text(array, encoding="utf-8")
    samples = [row.samples[0] for row in open_dataset(path, format="question-answer").rows()]
    assert [None if s.reason else s.original for s in samples] == originals


def test_fields_may_be_named(dataset: Any) -> None:
    row = {"id": "x", "ask_me": "ask", "gold": "say", "kind": "math_puzzles", "output": "no"}
    fields = {"instruction": "ask_me", "output": "gold", "category": "kind"}
    opened = dataset(row, fields=fields)
    assert opened.described == "alpaca rows in JSON lines (id, ask_me, gold, kind, output)"
    _, sample = only(opened)
    assert (sample.instruction, sample.original, sample.category) == ("ask", "say", "math_puzzles")
    turns = dataset({"log": [ASK, SAY]}, fields={"messages": "log"})
    assert only(turns)[1].original == "say"
    odd = [{"who": "user", "said": "ask"}, {"who": "gpt", "said": "say"}]
    named = {"messages": "log", "role": "who", "content": "said"}
    assert only(dataset({"log": odd}, fields=named))[1].original == "say"


def test_the_commonest_format_wins(dataset: Any) -> None:
    qa = {"question": "ask", "answer": "say"}
    opened = dataset("nonsense", {"messages": [ASK, SAY]}, qa, qa, qa)
    assert opened.format == "question-answer"
    assert [row.samples[0].reason is None for row in opened.rows()] == [False] * 2 + [True] * 3
    both = {"messages": [ASK, SAY], **qa}
    assert dataset(both, {**both, "messages": None}).format == "messages"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "d.jsonl", "has no rows"),
        (b"\n \n", "d.jsonl", "has no rows"),
        (b"[]", "d.json", "has no rows"),
        (b"hello\n", "d.txt", "d.txt:1: no row is a JSON object"),
        (b'\n{"a": 1, "b": 2}', "d.jsonl", r"d.jsonl:2: rows of no known format \(fields: a, b\)"),
        (b"\x1f\x8b\x08\x00junk", "d.jsonl.gz", "is damaged"),
        (b"\x28\xb5\x2f\xfdjunk", "d.jsonl.zst", "is damaged"),
        (b"PAR1junk", "d.parquet", "cannot be read as Parquet"),
        (b"a,b,a\n1,2,3\n", "d.csv", "d.csv:1: two columns are named 'a'"),
    ],
)
def test_a_file_that_is_no_dataset(tmp_path: Path, content: bytes, name: str, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        open_dataset(path)
    assert caught.value.exit_code == 5
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        open_dataset(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="is a folder"):
        open_dataset(tmp_path)


def test_unknown_formats_and_fields(dataset: Any) -> None:
    row = {"question": "ask", "answer": "say"}
    with pytest.raises(UsageError, match="unknown format 'qa'"):
        dataset(row, format="qa")
    with pytest.raises(UsageError, match="unknown field 'qestion'"):
        dataset(row, fields={"qestion": "x"})
    with pytest.raises(UsageError, match="has no field"):
        dataset(row, format="messages", fields={"instruction": "x"})
    absent = r"no row has a field 'not_there' \(fields: question, answer\)"
    with pytest.raises(DataError, match=absent) as caught:
        dataset(row, fields={"instruction": "not_there"})
    assert "instruction=not_there" in caught.value.hint
    with pytest.raises(DataError, match="rows of the format question-answer, not messages"):
        dataset(row, format="messages")
    with pytest.raises(DataError, match="no known format"):
        dataset({"a": "ask", "b": "say"}, format="messages")


@pytest.mark.parametrize(
    ("row", "request_", "original"),
    [
        ({"instruction": "Name a lake."}, "Name a lake.", ""),
        ({"instruction": "Name it.", "input": "A lake.", "output": ""}, "Name it.\n\nA lake.", ""),
        ({"instruction": "Name it.", "output": None}, "Name it.", ""),
        ({"prompt": "Name a lake.", "response": "Como."}, "Name a lake.", "Como."),
        ({"messages": [ASK]}, "ask", ""),
        ({"messages": [ASK, {"role": "assistant", "content": ""}]}, "ask", ""),
        ({"prompt": [ASK]}, "ask", ""),
    ],
)
def test_requests_alone_are_enough_for_whoever_asks_for_them(
    tmp_path: Path, row: dict[str, Any], request_: str, original: str
) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (read,) = open_dataset(path, answered=False).rows()
    (sample,) = read.samples
    assert (sample.instruction, sample.original) == (request_, original)
    assert sample.reason is not Reason.MALFORMED_ROW


def test_answered_rows_and_requests_alone_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    rows = [{"instruction": "Name a lake.", "output": "Como."}, {"instruction": "Why?"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    read = [row.samples[0] for row in open_dataset(path, answered=False).rows()]
    assert [s.original for s in read] == ["Como.", ""]
    assert [s.instruction for s in read] == ["Name a lake.", "Why?"]
    assert [row.samples[0].reason for row in open_dataset(path).rows()][1] is Reason.MALFORMED_ROW


def test_a_table_is_told_from_its_columns_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('instruction,output\nName a lake.,"Como, or Garda"\n', encoding="utf-8")
    opened = open_dataset(path)
    assert opened.container == "csv"
    assert [row.samples[0].original for row in opened.rows()] == ["Como, or Garda"]
    path.write_text("Name a lake, please\nComo, or Garda\n", encoding="utf-8")
    with pytest.raises(DataError, match="no row is a JSON object"):
        open_dataset(path)


def test_a_compressed_file_that_was_cut_off(tmp_path: Path) -> None:
    rows = b"".join(
        json.dumps({"question": f"{n}", "answer": f"{n**7}"}).encode() + b"\n" for n in range(9000)
    )
    for name, packed in (
        ("d.jsonl.gz", gzip.compress(rows)),
        ("d.jsonl.zst", zstandard.compress(rows[:90_000]) + zstandard.compress(rows[90_000:])),
    ):
        path = tmp_path / name
        path.write_bytes(packed)
        assert len(list(open_dataset(path).rows())) == 9000
        path.write_bytes(packed[:-100])
        with pytest.raises(DataError, match=rf"{name} is damaged"):
            list(open_dataset(path).rows())
