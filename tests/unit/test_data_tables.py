"""CSV and Parquet: rows as JSON, and back into the file's own types."""

from __future__ import annotations

import datetime
import decimal
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from realign_local.base.errors import DataError
from realign_local.data.formats import annotate, open_dataset
from realign_local.data.write_like import write_like

CSV = (
    b'\xef\xbb\xbfid;instruction;output\r\n1;"do ""it"", now";"one\r\ntwo"\r\n'
    b"2;too;many;cells\r\n\r\n3;caf\xe9;x\r\n4;plain;text, with commas\r\n"
)


def test_csv_rows_and_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(CSV)
    rows = list(open_dataset(path).rows())
    assert [row.line for row in rows] == [2, 4, 6, 7]
    assert [bool(row.samples[0].reason) for row in rows] == [False, True, True, False]
    assert json.loads(rows[0].text) == {
        "id": "1",
        "instruction": 'do "it", now',
        "output": "one\r\ntwo",
    }
    assert rows[1].samples[0].detail == "d.csv:4: 4 fields, the header has 3"
    assert rows[2].samples[0].detail.startswith("d.csv:6: not valid UTF-8; --encoding names")
    assert json.loads(rows[2].text.encode("utf-8")) == {  # whoever reads UTF-8 can read it
        "id": "3",
        "instruction": "caf\udce9",
        "output": "x",
    }


@pytest.mark.parametrize("last", ['5,"deep', '5,6,"deep', '"5'])
def test_a_quote_that_is_not_closed_is_told_and_what_it_swallowed_is_no_answer(
    tmp_path: Path, last: str
) -> None:
    path = tmp_path / "lakes.csv"
    path.write_text(f'question,answer\nHow wide?,"3, or\n4"\n{last}\nHow cold?,9\n')
    good, bad = open_dataset(path).rows()
    assert good.samples[0].original == "3, or\n4"
    assert bad.samples[0].detail.startswith("lakes.csv:4: a quote that opens a field is closed")
    lines = [row.text for row in (good, bad)]
    written = write_like(open_dataset(path), tmp_path / "output", lines)
    assert written is not None
    assert "How cold?,9" in written.read_text()


def test_a_csv_without_one_row_of_the_headers_width_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lakes.csv"
    path.write_text("question,answer\nHow wide?,3, or 4\nHow cold?,9,10\n")
    with pytest.raises(DataError, match=r"first: lakes\.csv:2: 3 fields, the header has 2") as told:
        open_dataset(path)
    assert "Quote a field" in told.value.hint


def test_csv_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(CSV)
    dataset = open_dataset(path)
    lines = [row.render({0: 'a "b"; c'} if row.index == 3 else {}) for row in dataset.rows()]
    written = write_like(dataset, tmp_path / "output", lines)
    assert written == tmp_path / "output.csv"
    assert written.read_bytes() == (
        b'id;instruction;output\n1;"do ""it"", now";"one\r\ntwo"\n'
        b'2;too;many;cells\n3;caf\xe9;x\n4;plain;"a ""b""; c"\n'
    )


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_csv_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "stdin"
    rows = [["question", "answer"], ["Is a, b; c|d", "one, two, three"], ["Why?", "1; 2; 3; 4"]]
    path.write_text("\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows))
    dataset = open_dataset(path)
    assert dataset.container == "csv"
    assert [row.samples[0].original for row in dataset.rows()] == [row[1] for row in rows[1:]]


SCHEMA = pyarrow.schema(
    {
        "messages": pyarrow.list_(
            pyarrow.struct(
                {
                    "role": pyarrow.string(),
                    "content": pyarrow.string(),
                    "at": pyarrow.timestamp("us"),
                }
            )
        ),
        "raw": pyarrow.binary(),
        "price": pyarrow.decimal128(10, 2),
        "score": pyarrow.float64(),
        "tags": pyarrow.map_(pyarrow.string(), pyarrow.int64()),
        "kind": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
        "n": pyarrow.int64(),
    },
    metadata={"huggingface": "{}"},
)


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    at = datetime.datetime(2021, 2, 3, 4, 5, 6)
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"ask {n}", "at": at},
                {"role": "assistant", "content": f"say {n}", "at": None},
            ],
            "raw": bytes([255, n % 256]),
            "price": decimal.Decimal("1.10"),
            "score": float("inf"),
            "tags": [("a", n)],
            "kind": "k",
            "n": n,
        }
        for n in range(300)
    ]
    path = tmp_path / "d.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=SCHEMA), path)
    return path


def test_parquet_keeps_its_schema_and_all_other_values(parquet: Path) -> None:
    dataset = open_dataset(parquet)
    lines = [
        annotate(row.render({1: "new"} if row.index % 2 else {}), {"realign_confidence": 0.5})
        for row in dataset.rows()
    ]
    written = write_like(dataset, parquet.with_name("output"), lines)
    assert written is not None
    before, after = pyarrow.parquet.read_table(parquet), pyarrow.parquet.read_table(written)
    assert after.schema.remove(len(SCHEMA)).equals(before.schema, check_metadata=True)
    for name in SCHEMA.names[1:]:
        assert after[name].equals(before[name])
    said = [row[1]["content"] for row in after["messages"].to_pylist()]
    assert said == ["new" if n % 2 else f"say {n}" for n in range(300)]
    assert after["realign_confidence"].to_pylist() == [0.5] * 300


def test_parquet_of_some_rows(parquet: Path) -> None:
    dataset = open_dataset(parquet)
    rows = [row for row in dataset.rows() if row.index % 100 == 7]
    lines = [row.render({1: "new"}) for row in rows]
    written = write_like(dataset, parquet.with_name("o"), lines, numbers=[r.index for r in rows])
    assert written is not None
    assert pyarrow.parquet.read_table(written)["n"].to_pylist() == [7, 107, 207]


def test_a_text_for_a_column_of_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"question": ["ask"], "answer": [42]}), path)
    dataset = open_dataset(path)
    (row,) = dataset.rows()
    assert row.samples[0].original == "42"
    with pytest.raises(DataError, match="does not fit the columns"):
        write_like(dataset, tmp_path / "output", [row.render({0: "The answer is 42."})])
    assert not list(tmp_path.glob("*output*"))


@pytest.mark.parametrize("head", ["", "instruction,output\nWhy?,So.\n\n"])
def test_a_bare_carriage_return_is_named_with_its_line(tmp_path: Path, head: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(f"{head}instruction,output\nWhat?,It is a\rcar. Good.\n".encode())
    line = 2 + head.count("\n")
    with pytest.raises(DataError, match=rf"d.csv:{line}: not a record of CSV"):
        list(open_dataset(path).rows())
