"""Blank lines: passed over at the speed of memory, and no row or line number changes by them."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.errors import DataError
from realign_local.data.formats import open_dataset
from realign_local.data.reading import containers
from realign_local.data.reading.columnar import csv_rows
from realign_local.data.reading.containers import TextLines, json_lines

ROW = json.dumps({"instruction": "Name a bird.", "output": "A wren."})
MANY = 20_000_000
MOST_S = 1.0
"""Of a processor, for several passes over twenty million lines: one by one each takes two."""


@pytest.mark.parametrize("end", ["\n", "\r\n", " \t\n"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_blank_lines_cost_no_more_than_their_bytes(tmp_path: Path, name: str, end: str) -> None:
    if name == "a.csv" and end.strip("\r\n"):
        pytest.skip("in CSV a blank is a field")
    lines = MANY // len(end)
    first, last = {
        "a.jsonl": (f"{ROW}\n", ROW),
        "a.csv": ("instruction,output\nName a bird.,A wren.\n", "Name a fish.,A carp."),
        "a.json": (f"[{ROW},\n", f"{ROW}]"),
    }[name]
    path = tmp_path / name
    path.write_text(first + lines * end + last, encoding="utf-8", newline="")
    begun = time.process_time()
    found = [row.line for row in open_dataset(path).rows()]
    assert time.process_time() - begun < MOST_S
    assert found == [first.count("\n"), first.count("\n") + lines + 1]


TEXTS = st.text(st.sampled_from("ab \t\r\n\x0b\x1c\x85\u2028\ud800{"), max_size=60)


@given(TEXTS, st.integers(1, 9))
def test_lines_of_json_are_those_that_are_not_blank(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containers, "LINES_CHARS", size)
        found = [(row.line, row.text) for row in json_lines(io.StringIO(text), name="x")]
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    assert found == [(n, line) for n, line in enumerate(lines, start=1) if line.strip()]


CELLS = st.lists(st.sampled_from(["", "a", " ", '"q"', '"two\n\nlines"', '"\r\n"']), max_size=3)


@given(st.lists(CELLS, max_size=8), st.sampled_from(["\n", "\r\n"]), st.integers(1, 9))
def test_records_of_csv_are_those_of_its_reader(rows: list[list[str]], end: str, size: int) -> None:
    text = "h,i" + end + "".join(",".join(row) + end for row in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containers, "LINES_CHARS", size)
        found = list(csv_rows(io.StringIO(text, newline=""), name="x", delimiter=","))
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader)
    wanted, line = [], reader.line_num + 1
    for record in reader:
        if record:
            wanted.append((line, record))
        line = reader.line_num + 1
    values = [json.loads(raw.text) for raw in found]
    cells = [list(v.values()) if isinstance(v, dict) else v for v in values]
    assert [(raw.line, row) for raw, row in zip(found, cells, strict=True)] == wanted


def test_a_line_without_an_end_is_refused_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_ROW_CHARS", 50)
    monkeypatch.setattr(containers, "LINES_CHARS", 8)
    for long in ("x" * 60, " " * 200 + "x", "x" * 5000):
        with pytest.raises(DataError, match="x:3: this line has no end within 50"):
            list(json_lines(io.StringIO(f"a\n\n{long}"), name="x"))
    assert list(TextLines(io.StringIO("x" * 50), name="x")) == ["x" * 50]
