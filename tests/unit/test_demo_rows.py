"""The demo dataset: it can be read, and it holds the kinds of rows that `make demo` is to show."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples" / "demo.jsonl"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in DEMO.read_bytes().decode("utf-8").split("\n")[:-1]]


def fenced(rows: list[dict[str, str]], language: str) -> list[str]:
    """The code blocks of a language, without their fences."""
    outputs = [row["output"] for row in rows if f"```{language}\n" in row["output"]]
    return [output.split(f"```{language}\n")[1].split("```")[0] for output in outputs]


def test_every_row_is_a_complete_alpaca_row(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 32
    for row in rows:
        assert list(row) == ["instruction", "input", "output"]
        assert row["instruction"].strip()
        assert row["output"].strip() == row["output"] != ""


def test_no_request_occurs_twice(rows: list[dict[str, str]]) -> None:
    assert len({(row["instruction"], row["input"]) for row in rows}) == len(rows)


def test_the_file_ends_with_a_line_end_and_has_no_escaped_text() -> None:
    text = DEMO.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert "\\u" not in text
    assert "\r" not in text


def test_python_in_it_parses(rows: list[dict[str, str]]) -> None:
    blocks = fenced(rows, "python")
    assert len(blocks) == 2
    for block in blocks:
        ast.parse(block)


def test_javascript_is_in_it(rows: list[dict[str, str]]) -> None:
    assert len(fenced(rows, "javascript")) == 1


def test_final_answers_are_marked_in_both_ways(rows: list[dict[str, str]]) -> None:
    outputs = [row["output"] for row in rows]
    assert any("\n#### " in output for output in outputs)
    assert any("\\boxed{" in output for output in outputs)


def test_the_row_that_demands_json_gets_json(rows: list[dict[str, str]]) -> None:
    (row,) = [row for row in rows if "Output only a JSON object" in row["instruction"]]
    assert set(json.loads(row["output"])) == {"name", "date", "amount"}


def test_german_and_chinese_are_in_it(rows: list[dict[str, str]]) -> None:
    assert any("schwimmt Eis" in row["instruction"] for row in rows)
    assert any("\u4e00" <= row["instruction"][0] <= "\u9fff" for row in rows)


def test_lengths_differ_widely(rows: list[dict[str, str]]) -> None:
    lengths = sorted(len(row["output"]) for row in rows)
    assert lengths[0] < 10
    assert lengths[-1] > 400
