"""The manifest of an index knows itself, and a build keeps out of folders that are not its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realign_local.base.errors import AssetError, UsageError
from realign_local.evidence.building.pipeline import BuildPlan, build_index
from realign_local.evidence.manifest import NAME, Manifest, SourceEntry, read_manifest


def _manifest() -> Manifest:
    source = SourceEntry(name="caf\udce9 \u00e9.xml", bytes=1, sha256="a", kind="xml")
    return Manifest.model_validate(
        {
            **{"key": "k", "created": "c", "program": "p", "language": "en", "source": [source]},
            **{"pages": 1, "passages": 2, "counts": {}, "templates_dropped": {}, "encoder": "e"},
            **{"encoder_sha256": "b", "encoder_dtype": "f", "dim": 3, "factory": "Flat"},
            **{"recall@10": 0.99, "files": {}},
        }
    )


def test_a_changed_entry_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / NAME
    text = _manifest().to_json()
    path.write_text(text, encoding="utf-8")
    assert read_manifest(tmp_path).passages == 2
    path.write_text(text.replace('"passages": 2', '"passages": 3'), encoding="utf-8")
    with pytest.raises(AssetError, match="its own hash differs"):
        read_manifest(tmp_path)


def test_a_manifest_of_an_older_program_has_no_hash_of_itself(tmp_path: Path) -> None:
    told = json.loads(_manifest().to_json())
    del told["self"]
    (tmp_path / NAME).write_text(json.dumps(told), encoding="utf-8")
    assert read_manifest(tmp_path).pages == 1


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    source, folder = tmp_path / "a.jsonl", tmp_path / "index"
    source.write_text('{"title": "a", "text": "b"}\n', encoding="utf-8")
    folder.mkdir()
    (folder / "letters.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"is no index, and holds letters\.txt"):
        build_index(BuildPlan((source,), folder, tmp_path / "no encoder"))
    assert [path.name for path in folder.iterdir()] == ["letters.txt"]


def test_the_way_out_of_a_damaged_index_is_not_the_command_that_found_it(tmp_path: Path) -> None:
    source, folder = tmp_path / "a.jsonl", tmp_path / "index"
    source.write_text('{"title": "a", "text": "b"}\n', encoding="utf-8")
    folder.mkdir()
    (folder / NAME).write_text('{"version": 2, "passa', encoding="utf-8")
    with pytest.raises(AssetError, match="not a readable manifest") as raised:
        build_index(BuildPlan((source,), folder, tmp_path / "no encoder"))
    assert "remove the folder" in raised.value.hint
    with pytest.raises(AssetError, match="no index at") as raised:
        read_manifest(tmp_path / "nowhere")
    assert raised.value.hint.startswith("Build it")
