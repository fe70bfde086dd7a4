"""Rows as people have them, scripts without spaces, and markup that nests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from realign_local.base.errors import DataError
from realign_local.evidence.building.documents import Site
from realign_local.evidence.building.dump import open_source
from realign_local.evidence.lexical import Lexical, build
from realign_local.evidence.passages import joined
from realign_local.evidence.scripts import language_of, spaced
from realign_local.evidence.store import StoredPassage
from realign_local.evidence.wiki import wikitext

ROWS = [
    {"_id": "k1", "title": "Lume", "text": "The Lume is a lake. It is deep."},
    {"_id": "k2", "title": 1850, "text": "A year."},
]


def as_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def as_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist([{k: str(v) for k, v in r.items()} for r in rows]), path)


@pytest.mark.parametrize("write", [as_jsonl, as_parquet])
def test_rows_of_any_file_keep_their_ids(tmp_path: Path, write: Callable[..., None]) -> None:
    write(tmp_path / "rows", ROWS)
    source = open_source(tmp_path / "rows")
    assert [(d.name, d.title, d.text) for d in source] == [
        ("k1", "Lume", "The Lume is a lake. It is deep."),
        ("k2", "1850", "A year."),
    ]
    assert (source.damage, source.script, source.site.language) == ("", "en", "en")


@pytest.mark.parametrize(
    ("row", "title", "text"),
    [
        ({"docid": 7, "contents": "Lume\nA lake."}, "Lume", "A lake."),
        ({"id": 7, "headline": "Lume", "body": "A lake."}, "Lume", "A lake."),
        ({"pid": 7, "content": "A lake."}, "", "A lake."),
    ],
)
def test_usual_names_are_known(tmp_path: Path, row: dict[str, Any], title: str, text: str) -> None:
    as_jsonl(tmp_path / "rows", [row])
    (found,) = open_source(tmp_path / "rows")
    assert (found.name, found.title, found.text) == ("7", title, text)


@pytest.mark.parametrize("write", [as_jsonl, as_parquet])
def test_unknown_names_are_told_and_can_be_given(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write(tmp_path / "rows", [{"url": "u", "lemma": "Lume", "absatz": "A lake."}])
    with pytest.raises(DataError, match=r"fields: url, lemma, absatz") as caught:
        open_source(tmp_path / "rows")
    assert "--field text=" in caught.value.hint
    source = open_source(tmp_path / "rows", fields={"text": "absatz", "title": "lemma"})
    assert [(d.title, d.text) for d in source] == [("Lume", "A lake.")]


def test_a_torn_parquet_file_is_named(tmp_path: Path) -> None:
    as_parquet(tmp_path / "rows", ROWS)
    whole = (tmp_path / "rows").read_bytes()
    (tmp_path / "rows").write_bytes(whole[:-40])
    with pytest.raises(DataError, match="rows: not a readable Parquet file"):
        open_source(tmp_path / "rows")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这座桥建于一八七四年。", "zh"),
        ("この橋は石で作られた。", "ja"),
        ("이 다리는 돌로 지었다.", "ko"),
        ("สะพานนี้สร้างด้วยหิน", "th"),
        ("Этот мост построен из камня.", "ru"),
        ("This bridge is of stone.", "en"),
        ("", "en"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert language_of([text]) == language


def test_runs_of_signs_become_pairs_and_words_stay() -> None:
    assert spaced("a 石橋だ b2").split() == ["a", "石", "橋", "だ", "石橋", "橋だ", "b2"]
    assert spaced("plain words, 5 km") == "plain words, 5 km"


@pytest.mark.parametrize("language", ["en", "zh", "de"])
@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("石桥是谁设计的？", 0),
        ("灯塔有多高？", 1),
        ("茶碗は何で作る？", 2),
        ("등대는 언제 지었나?", 3),
        ("ปลาตัวใหญ่", 4),
        ("lighthouses of stone", 5),
    ],
)
def test_every_script_is_found_whatever_the_language(
    tmp_path: Path, language: str, query: str, right: int
) -> None:
    texts = [
        "这座石桥由一位工程师设计。", "北岸的灯塔高三十一米。", "茶碗は土で作られる。",
        "이 등대는 천구백년에 지었다.", "ในทะเลสาบมีปลาตัวใหญ่มาก", "A lighthouse made of stone.",
    ]  # fmt: skip
    rows = [StoredPassage(n, "", n, "", "", "", text) for n, text in enumerate(texts)]
    build(tmp_path, rows, language=language)
    assert Lexical(tmp_path, language=language).search(query, 3)[0][0] == right


def seen(source: str, site: Site | None = None) -> str:
    return "\n".join(t for _, t in wikitext.render(source, site or Site()).sections)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a 1<ref>x <ref>y</ref> z</ref> b", "a 1 b"),
        ("a<ref>x <ref name=q /> z</ref> b<ref>c</ref>.", "a b."),
        ("a 2<ref>never closed\n\nNext 3.<ref>c</ref> End.", "a 2never closed\nNext 3. End."),
        ("a</ref> b", "a b"),
        ("{|\n|+ Yields\n! Year !! Tons\n|-\n| 1990 || 12\n|}", "Yields\nYear | Tons\n1990 | 12"),
        ("{|\n|+ style='x' | Yields, 5\n|-\n| 1990 || 12\n|}", "Yields, 5\n1990 | 12"),
        ("[[Plik:Dom.jpg|mały|Dom]] Dom. [[:Plik:Dom.jpg|obraz]] [[Kategoria:Dom]]", "Dom. obraz"),
        ("[[Abc:Dom.svg|120px]] Dom.", "Dom."),
    ],
)
def test_what_nests_or_has_foreign_names(source: str, shown: str) -> None:
    assert seen(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("-{T|zh-hans:甲;zh-hant:乙}-在", "在"),
        ("-{H|a=>zh-cn:b;}--{zh-cn:汽车; zh-tw:汽車;}-", "汽车"),
        ("-{A|zh-cn:汽车;zh-tw:汽車}-和-{桥}-", "汽车和桥"),
        ("-{zh-hans:{{lang|en|a; b: c}};zh-hant:乙}-", "a; b: c"),
        ("-{zh-hans:甲-{乙}-;zh-hant:丙}-", "甲乙"),
    ],
)
def test_variants(source: str, shown: str) -> None:
    assert seen(source, Site("zh")) == shown


def test_elsewhere_such_marks_are_text() -> None:
    assert seen("<math>e^-{T|x}-1</math>") == "$e^-{T|x}-1$"


def test_short_sections_join_their_neighbours() -> None:
    lead = "The Lume is a lake in the hills."
    assert joined([("", lead), ("Size > Depth", "It is 9 m deep."), ("Fish", "Three.")]) == [
        ("", f"{lead}\nDepth: It is 9 m deep.\nFish: Three.")
    ]
    assert joined([("", "A lake."), ("B", lead)]) == [("B", f"{lead}\nA lake.")]
    assert joined([("", "9 m.")]) == [("", "9 m.")]
    assert joined([("", "- |")]) == []
    assert joined([("甲", "伊尔河全长七十二公里。"), ("乙", lead)])[0][0] == "甲"


def test_the_first_rows_that_are_none_are_named_with_what_is_wrong(tmp_path: Path) -> None:
    path, good = tmp_path / "rows.jsonl", b'{"title": "Tides", "text": "The sea rises."}\n'
    cut = b'{"title": "Tides", "te\n'
    path.write_bytes(good + '{"title": "Île", "text": "Été."}\n'.encode("latin-1") + cut)
    source = open_source(path)
    assert [document.title for document in source] == ["Tides"]
    assert source.damage == (
        "line 2 is not a row with title and text (not valid UTF-8: iconv -f ENCODING -t utf-8"
        " converts it); nor is 3"
    )
    path.write_bytes(good + cut * 9)
    source = open_source(path)
    assert len(list(source)) == 1
    assert source.damage.endswith("; nor are 3, 4, 5 and others")
