"""Sources: what kind a file is, what a dump holds, and what is said of a damaged one."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from realign_local.base.errors import DataError
from realign_local.evidence.building.dump import open_source

DUMP = """<mediawiki xml:lang="de">
<siteinfo><namespaces><namespace key="0" /><namespace key="4">Wikipedia</namespace>
<namespace key="14">Kategorie</namespace></namespaces></siteinfo>
<page><title>Haus</title><ns>0</ns><id>7</id>
<revision><id>70</id><contributor><id>1</id></contributor>
<text>Ein &lt;b&gt;Haus&lt;/b&gt; &amp; mehr</text></revision></page>
<page><title>Häuser</title><ns>0</ns><id>8</id><redirect title="Haus" />
<revision><id>80</id><text>#WEITERLEITUNG [[Haus]]</text></revision></page>
<page><title>Wikipedia:Regeln</title><id>9</id>
<revision><id>90</id><text>alt, ohne ns</text></revision></page>
<page><title>Alt</title><id>10</id>
<revision><id>91</id><text>#REDIRECT [[Haus#Bau]]</text></revision></page>
</mediawiki>"""


@pytest.mark.parametrize(
    "pack",
    [
        str.encode,
        lambda text: gzip.compress(text.encode()),
        lambda text: bz2.compress(text[:300].encode()) + bz2.compress(text[300:].encode()),
        lambda text: text.encode("utf-16"),
        lambda text: bz2.compress(text.encode("utf-16")),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
    ],
)
def test_a_dump_in_any_wrapping(tmp_path: Path, pack: Callable[[str], bytes]) -> None:
    path = tmp_path / "dump"
    path.write_bytes(pack(DUMP))
    source = open_source(path)
    assert (source.kind, source.language) == ("mediawiki", "de")
    assert source.namespaces["kategorie"] == 14
    found = [(d.title, d.text, d.redirect, d.page_id, d.revision) for d in source]
    assert found == [
        ("Haus", "Ein <b>Haus</b> & mehr", "", "7", "70"),
        ("Häuser", "", "Haus", "8", "80"),
        ("Alt", "", "Haus", "10", "91"),
    ]
    assert source.counts == {"pages_read": 4, "other_namespaces": 1, "redirects": 2}
    assert source.damage == ""


def test_damage_is_named_with_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(DUMP.replace("<page><title>Häuser", "<page><title>Häuser</page>"))
    source = open_source(path)
    assert [d.title for d in source] == ["Haus"]
    assert "broken XML at byte 373 of the text" in source.damage


def test_jsonl_keeps_ids_and_leaves_out_what_is_no_row(tmp_path: Path) -> None:
    rows = [
        '{"id": 3, "title": "A_b", "text": "one\u2028two"}',
        "no json",
        '{"title": "x"}',
        '{"text": "t"}',
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    source = open_source(path)
    assert [(d.name, d.title, d.text) for d in source] == [
        ("3", "A b", "one\u2028two"),
        ("", "", "t"),
    ]
    assert source.counts["malformed_rows"] == 2
    assert source.damage.startswith("line 2 ")


def test_cirrus_rows_bring_their_redirects(tmp_path: Path) -> None:
    row = {"title": "Haus", "namespace": 0, "text": "Ein Haus.", "page_id": 7, "language": "de",
           "redirect": [{"namespace": 0, "title": "Häuser"}]}  # fmt: skip
    path = tmp_path / "cirrus.json.gz"
    lines = [{"index": {"_id": "7"}}, row, {"index": {"_id": "8"}}, {**row, "namespace": 4}]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    source = open_source(path)
    assert [(d.title, d.text, d.aliases) for d in source] == [("Haus", "Ein Haus.", ("Häuser",))]
    assert (source.kind, source.language) == ("cirrus", "de")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 ...", "neither"),
        (b"<html></html>", "neither"),
        (b"[1]", "neither"),
    ],
)
def test_what_is_no_source_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "odd.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"odd.bin.*{said}"):
        open_source(path)


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        open_source(tmp_path)
    with pytest.raises(DataError, match="no source at"):
        open_source(tmp_path / "missing.xml")


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><mediawiki>&a;</mediawiki>')
    with pytest.raises(DataError, match="document type"):
        list(open_source(path))
