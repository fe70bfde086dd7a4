"""What cannot be read as a dataset: it is named, with the way out, or read all the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError, UsageError
from realign_local.cli.rows.run import command
from realign_local.data.formats import open_dataset
from realign_local.data.reading.encodings import guess, known_encodings, wide_encoding
from realign_local.data.reading.shapes import _table, shape_of
from realign_local.data.reading.spool import spool

TEXTS = {
    "gb18030": "请问怎样把自行车的链条装回去？先把后轮放松，再把链条挂在齿轮上。",
    "big5": "請問怎樣把腳踏車的鏈條裝回去？先把後輪放鬆，再把鏈條掛在齒輪上。",
    "cp932": "自転車のチェーンが外れたときは、どうすればいいですか。まず後ろの歯車にかけます。",
    "euc_jp": "自転車のチェーンが外れたときは、どうすればいいですか。まず後ろの歯車にかけます。",
    "cp949": "자전거 체인이 빠졌을 때는 어떻게 해야 하나요? 먼저 뒤 톱니에 겁니다.",
    "cp1252": "La chaîne a sauté ? Déposez-la derrière, puis tournez la pédale : c’est réglé.",
    "cp1250": "Łańcuch spadł? Załóż go najpierw na tylną zębatkę, a później obróć pedał.",
    "cp1251": "Слетела цепь? Сначала наденьте её на заднюю звёздочку, потом проверните педаль.",
    "koi8-r": "Слетела цепь? Сначала наденьте её на заднюю звёздочку, потом проверните педаль.",
    "cp1253": "Βγήκε η αλυσίδα; Βάλτε την πρώτα στο πίσω γρανάζι και γυρίστε το πεντάλ.",
    "cp874": "โซ่หลุดต้องทำอย่างไร ใส่ที่เฟืองหลังก่อน แล้วหมุนบันได",
}
LINE = '{{"instruction": "Wheel?", "input": "", "output": "{}"}}\n'
GOOD = {"instruction": "ask", "output": "say"}


@pytest.mark.parametrize("codec", TEXTS)
def test_each_encoding_is_told_from_the_others(codec: str) -> None:
    data = LINE.format(TEXTS[codec]).encode(codec)
    found = guess(data)
    assert found is not None
    assert found.codec == codec
    assert {each.codec for each in known_encodings()} >= set(TEXTS)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["plain", TEXTS["gb18030"]])
def test_wide_text_without_a_mark(tmp_path: Path, codec: str, text: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(LINE.format(text).encode(codec))
    assert wide_encoding(path.read_bytes()) == codec
    with pytest.raises(DataError, match=f"looks like {codec.upper()} without a mark") as caught:
        open_dataset(path)
    assert f"--encoding {codec}" in caught.value.hint
    copy = spool(path, tmp_path / "copy", encoding=codec)
    assert copy.read_text(encoding="utf-8") == LINE.format(text)


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_mark_at_the_start_is_enough(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(LINE.format("é").encode(codec))
    (row,) = open_dataset(path).rows()
    assert row.samples[0].original == "é"


@pytest.mark.parametrize("codec", ["gb18030", "cp1252", "cp1251"])
@pytest.mark.parametrize("name", ["d.jsonl", "d.csv"])
def test_a_file_of_another_encoding_is_an_error_that_names_it(
    tmp_path: Path, codec: str, name: str
) -> None:
    path = tmp_path / name
    text = f'instruction,output\nWhy?,"{TEXTS[codec]}"\n' if name == "d.csv" else LINE
    path.write_bytes(text.format(TEXTS[codec]).encode(codec))
    options = ["--fail-under", "0.5", "--mode", "tidy", "-q", "-o", str(tmp_path / "run")]
    failed = CliRunner().invoke(command, [str(path), *options])
    assert isinstance(failed.exception, DataError)
    assert f"--encoding {codec}" in failed.exception.hint
    assert f"iconv -f {codec}" in failed.exception.hint
    done = CliRunner().invoke(command, [str(path), *options[2:], "--encoding", codec])
    assert done.exception is None
    (line,) = (tmp_path / "run" / "output.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["output"] == TEXTS[codec]


def test_another_encoding_than_the_one_given_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(LINE.format("a").encode() + LINE.format("\xff").encode("latin-1"))
    with pytest.raises(DataError, match=r"d\.jsonl:2: not valid gb18030"):
        spool(path, tmp_path / "copy", encoding="GB18030")
    with pytest.raises(UsageError, match="unknown encoding 'runes'"):
        spool(path, tmp_path / "copy", encoding="runes")
    assert not (tmp_path / "copy").exists()


def test_a_single_row_that_is_no_utf8_is_still_a_row(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(LINE.format("caf\xe9").encode("latin-1") + LINE.format("tea").encode())
    first, second = open_dataset(path).rows()
    assert first.samples[0].detail.endswith("or cp1252 (Western)")
    assert second.samples[0].original == "tea"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("Die Brücke über den Fluß", "cp1252", "looks like cp1252"),
        ("Мост через реку", "cp1251", "looks like cp1251"),
        ("河上有一座桥", "gb18030", "looks like gb18030"),
        ("\xd7\xf7", "cp1252", "such as gb18030 (Chinese) or cp1252 (Western)"),
    ],
)
def test_few_rows_in_another_encoding_name_a_likely_one(
    tmp_path: Path, text: str, encoding: str, named: str
) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(LINE.format("tea").encode() + LINE.format(text).encode(encoding))
    *_, last = open_dataset(path).rows()
    assert named in last.samples[0].detail


def test_the_first_row_that_can_be_read_may_come_late(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    empty = json.dumps({"instruction": "ask", "output": ""}) + "\n"
    path.write_text(empty * 300 + json.dumps(GOOD) + "\n")
    assert sum(row.samples[0].reason is None for row in open_dataset(path).rows()) == 1
    path.write_text(empty * 300)
    with pytest.raises(
        DataError, match=r"no row of .* can be read, the first: d.jsonl:1: the resp"
    ):
        open_dataset(path)


ROWS = [{"instruction": f"ask {n}\n", "input": "", "output": f'say "{n}"'} for n in range(3)]
META = {"version": "1", "tags": ["a", {"b": []}], "n": {"of": 3}}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(row, indent=2) for row in ROWS),
        "\r\n".join(json.dumps(row, indent=4).replace("\n", "\r\n") for row in ROWS),
        "".join(map(json.dumps, ROWS)),
        "\r".join(map(json.dumps, ROWS)),
        ",\n".join(map(json.dumps, ROWS)) + ",\n",
        json.dumps({"data": ROWS}),
        json.dumps({**META, "data": ROWS}, indent=2),
        json.dumps({"rows": ROWS, **META}, indent=1),
        '{"examples": [\n' + ",\n".join(map(json.dumps, ROWS)) + "\n]}\n",
    ],
)
@pytest.mark.parametrize("padding", [0, 90_000])
def test_objects_over_several_lines_and_lists_in_an_object(
    tmp_path: Path, text: str, padding: int
) -> None:
    path = tmp_path / "d.json"
    path.write_bytes((" " * padding).join([text, ""]).encode())
    rows = list(open_dataset(path).rows())
    assert [json.loads(row.text) for row in rows] == ROWS


def test_a_list_in_an_object_that_is_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    many = [{"question": f"ask {n}", "answer": "word " * 40} for n in range(2000)]
    path.write_text(json.dumps({**META, "train": many}, indent=2))
    assert sum(1 for _ in open_dataset(path).rows()) == 2000
    path.write_text("\n".join(json.dumps(row, indent=2) for row in many))
    assert sum(1 for _ in open_dataset(path).rows()) == 2000
    path.write_text(json.dumps({"train": many, "test": many[:3]}))
    with pytest.raises(DataError, match="'test' is a second list of rows beside 'train'"):
        list(open_dataset(path).rows())


def test_one_object_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    turns = [{"from": "human", "value": "ask"}, {"from": "gpt", "value": "say"}]
    for indent in (None, 2):
        path.write_text(json.dumps({"conversations": turns}, indent=indent))
        (row,) = open_dataset(path).rows()
        assert row.samples[0].original == "say"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"0": GOOD, "1": GOOD}, r"is one JSON object \(fields: 0, 1\), and no row"),
        ({"instruction": ["a", "b"], "output": ["c", "d"]}, r"columns \(instruction, output\)"),
    ],
)
def test_one_object_of_another_kind_is_named(tmp_path: Path, value: Any, message: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(value, indent=1))
    with pytest.raises(DataError, match=message) as caught:
        open_dataset(path)
    assert "as a list" in caught.value.hint


def test_a_damaged_first_line_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    for first in ('{"instruction": "a", "output": ', '{"instruction": "a', '{"x": 1}}', "{{", "{"):
        path.write_text("\n".join([first, *map(json.dumps, ROWS)]))
        found = [row.samples[0].reason is None for row in open_dataset(path).rows()]
        assert found == [False, True, True, True], first


def _turns(*roles: str) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": f"by {role}"} for role in roles]}


def test_roles_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(
        "\n".join(json.dumps(_turns(asks, "Clerk")) for asks in ("caller", "visitor", "user"))
    )
    roles = ["--role", "assistant=clerk", "--role", "user=caller", "--role", "user=visitor"]
    run = tmp_path / "run"
    done = CliRunner().invoke(command, [str(path), "-o", str(run), "--mode", "tidy", "-q", *roles])
    assert done.exception is None
    proof = (run / "provenance.jsonl").read_text().splitlines()
    assert [json.loads(line)["original"] for line in proof] == ["by Clerk"] * 3
    fields = {"role.assistant": "clerk", "role.user": "caller, visitor"}
    first, *_ = open_dataset(path, fields=fields).rows()
    assert first.samples[0].instruction == "by caller"


def test_unknown_roles_are_an_error_that_says_who_they_are(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps(_turns("caller", "clerk")))
    with pytest.raises(DataError, match="turn 1 has the unknown role 'caller'") as caught:
        open_dataset(path)
    assert "--role user=caller --role assistant=clerk" in caught.value.hint
    with pytest.raises(UsageError, match=r"unknown field 'role\.boss'"):
        open_dataset(path, fields={"role.boss": "clerk"})
    refused = CliRunner().invoke(command, [str(path), "-o", "x", "--role", "boss=clerk"])
    assert refused.exit_code == 2


LONG = "A text of some words, as they come from a crawl of pages."
SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"text": "<|im_start|>user\nask<|im_end|>"}, "markup of a chat"),
    ({"text": "<|start_header_id|>user<|end_header_id|>"}, "markup of a chat"),
    ({"text": "<s>[INST] ask [/INST] say</s>", "id": 3}, "markup of a chat"),
    ({"text": "### Human: ask### Assistant: say"}, "markup of a chat"),
    ({"text": "### Instruction:\nask\n\n### Response:\nsay"}, "markup of a chat"),
    ({"text": "Below.\nUser: ask\nAssistant: say"}, "markup of a chat"),
    ({"text": LONG, "url": "a.example", "lang": "en"}, "one field of text alone"),
    ({"chosen": "a", "rejected": "b"}, "preference data"),
    ({"prompt": "ask", "chosen": [], "rejected": []}, "preference data"),
    ({"message_id": "b", "parent_id": None, "text": "ask", "role": "prompter"}, "of a tree"),
    ({"prompt": {"text": "ask", "replies": []}, "message_tree_id": "t"}, "a tree of messages"),
    ({"text": "ask", "children": [{"text": "say"}]}, "a tree of messages"),
]


@pytest.mark.parametrize(("row", "what"), SHAPES)
def test_what_is_no_dataset_is_named_as_what_it_is(
    tmp_path: Path, row: dict[str, Any], what: str
) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f"{json.dumps(row)}\n{json.dumps(row)}\n")
    with pytest.raises(DataError, match=what) as caught:
        open_dataset(path)
    assert "--format" not in caught.value.hint


@pytest.mark.parametrize(
    "row", [{"a": 1}, {"text": LONG, "label": LONG}, {"title": "x", "body": "y"}]
)
def test_other_fields_are_only_named(row: dict[str, Any]) -> None:
    assert shape_of(row) is None


def test_names_of_fields_move_no_cursor_and_do_not_fill_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"\x1b[2Jx": 1, **{f"c{n}": n for n in range(500)}}))
    with pytest.raises(DataError, match=r"fields: \\x1b\[2Jx, c0, .*, and 481 more\)") as caught:
        open_dataset(path)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("start", [b"PK\x03\x04xl", b"BZh91AY", b"\xfd7zXZ", b"%PDF-1.7"])
def test_files_of_other_programs_are_named(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "d.xlsx"
    path.write_bytes(start + b"\0" * 50)
    with pytest.raises(DataError, match="the file is"):
        open_dataset(path)


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n\0\0\0\rI", b"\xff\xd8\xff\xe0\0\x10J"])
def test_an_image_is_named_and_no_encoding_guessed(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(start + b"\0" * 400)
    with pytest.raises(DataError, match="the file is an image"):
        open_dataset(path)


def test_a_file_full_of_nul_bytes_is_no_wide_text(tmp_path: Path) -> None:
    path = tmp_path / "d.tar"
    path.write_bytes(b"rows.jsonl" + b"\0" * 90 + b"0000644" + b"\0" * 400)
    with pytest.raises(DataError) as caught:
        open_dataset(path)
    assert "UTF" not in str(caught.value)


@pytest.mark.parametrize("entry", _table("start"), ids=lambda entry: entry["begins"])
def test_files_that_say_what_they_are(tmp_path: Path, entry: dict[str, str]) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f"{entry['begins'].upper()}com/spec/v1>\nsize 9\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"the file is {entry['says']}") as caught:
        open_dataset(path)
    assert caught.value.hint == entry["hint"]
