"""Laws of reading: a row is the same row in every container, whatever the chunks it came in."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realign_local.base.atomic import line_bytes, write_lines
from realign_local.data.conversation import split_thought
from realign_local.data.formats import open_dataset
from realign_local.data.reading import containers
from realign_local.data.write_like import write_like

TEXT = st.text(min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and split_thought(text) == ("", text)
)
ROWS = st.lists(
    st.fixed_dictionaries({"instruction": TEXT, "input": st.text(max_size=5), "output": TEXT}),
    min_size=1,
    max_size=6,
)
ANY_ROWS = st.lists(
    st.dictionaries(
        st.text(max_size=4),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=6),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
        ),
        max_size=4,
    ),
    max_size=6,
)


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def _array(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


WRITERS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "data.jsonl": _lines,
    "data.json": _array,
    "misnamed.jsonl": _array,
    "misnamed.json": _lines,
    "bom.jsonl": lambda rows: b"\xef\xbb\xbf" + _lines(rows),
    "crlf.jsonl": lambda rows: _lines(rows).replace(b"\n", b"\r\n"),
    "utf16.jsonl": lambda rows: _lines(rows).decode().encode("utf-16"),
    "torn.jsonl": lambda rows: _lines(rows).removesuffix(b"\n"),
    "data.jsonl.gz": lambda rows: gzip.compress(_lines(rows)),
    "data.json.zst": lambda rows: zstandard.compress(_array(rows)),
    "data.parquet": _parquet,
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_rows_in_are_rows_out(name: str, rows: list[dict[str, str]], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(WRITERS[name](rows))
    read = list(open_dataset(path).rows())
    assert [json.loads(row.render({})) for row in read] == rows
    assert [row.index for row in read] == list(range(len(rows)))
    assert [row.samples[0].original for row in read] == [row["output"] for row in rows]
    out = tmp_path / "out.jsonl"
    write_lines(out, (row.render({0: f"{row.index}"}) for row in read))
    again = [json.loads(row.text) for row in open_dataset(out).rows()]
    assert again == [{**row, "output": f"{n}"} for n, row in enumerate(rows)]


@pytest.mark.parametrize("name", ["data.json", "data.parquet"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_the_same_container_comes_back(
    name: str, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(WRITERS[name](rows))
    dataset = open_dataset(path)
    written = write_like(dataset, tmp_path / "out", (r.render({0: "new"}) for r in dataset.rows()))
    assert written is not None
    again = [json.loads(row.text) for row in open_dataset(written).rows()]
    assert again == [{**row, "output": "new"} for row in rows]


@given(ANY_ROWS, st.integers(1, 40), st.sampled_from([None, 0, 2]))
def test_array_elements_do_not_depend_on_the_chunks(
    rows: list[dict[str, Any]], size: int, indent: int | None
) -> None:
    text = json.dumps(rows, ensure_ascii=False, indent=indent)
    usual, containers.CHUNK_CHARS = containers.CHUNK_CHARS, size
    try:
        read = list(containers.json_array(io.StringIO(text, newline=""), name="x"))
    finally:
        containers.CHUNK_CHARS = usual
    assert [json.loads(row.text) for row in read] == rows
    assert all("\n" not in row.text for row in read)
    assert all(text.split("\n")[row.line - 1].strip()[:1] in ("{", "[") for row in read)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")), max_size=5))
def test_every_byte_of_a_malformed_row_survives(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "bytes.jsonl"
    good = b'{"question": "q", "answer": "a"}'
    path.write_bytes(b"\n".join([good, *lines]))
    read = [line_bytes(row.render({})) for row in open_dataset(path).rows()]
    kept = [line.removesuffix(b"\r") for line in lines]
    assert read == [good, *(k for k in kept if k.decode("utf-8", "surrogateescape").strip())]


def test_bzip2_is_not_taken_for_text(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(bz2.compress(b"{}"))
    with pytest.raises(Exception, match="no row is a JSON object"):
        open_dataset(path)


@given(
    lines=st.lists(
        st.sampled_from(["", " ", "\r", "\t\r", '{"a": 1}', " x\r", "\r\r", "\u2028", "a\x1c"])
    ),
    end=st.sampled_from(["", "\n"]),
    piece=st.integers(1, 9),
)
def test_json_lines_are_the_lines_that_are_not_blank(
    lines: list[str], end: str, piece: int
) -> None:
    text = "\n".join(lines) + end
    told = [
        containers.RawRow(number, line.removesuffix("\r"))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containers, "CHUNK_CHARS", piece)
        found = list(containers.json_lines(io.StringIO(text, newline="\n"), name="f"))
    assert found == told


def test_millions_of_blank_lines_take_no_time() -> None:
    file = io.StringIO("\n" * 20_000_000 + "{}\n", newline="\n")
    begun = time.process_time()
    assert list(containers.json_lines(file, name="f")) == [containers.RawRow(20_000_001, "{}")]
    assert time.process_time() - begun < 2
