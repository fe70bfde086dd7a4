"""Where a classifier may be written: not over something else, and not into a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from realign_local.base.errors import DataError, UsageError
from realign_local.base.progress import Silent
from realign_local.classifier.model import MANIFEST
from realign_local.commands.train import train_classifier


class Tools:
    """As far as a training comes that ends at its labels."""

    criteria: ClassVar[dict[str, Any]] = {}


def train(folder: Path) -> None:
    tools = cast(Any, Tools())
    train_classifier(tools, folder.parent / "none.jsonl", folder, progress=Silent())


@pytest.mark.parametrize("manifest", ['{"kind": "index"}', '{"passages": 3}', "[1]", "{", "\x00"])
def test_the_manifest_of_something_else_is_left_alone(tmp_path: Path, manifest: str) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else"):
        train(folder)
    assert (folder / MANIFEST).read_text(encoding="utf-8") == manifest


def test_a_run_is_no_place_for_a_classifier(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "journal.sqlite").touch()
    for place, told in ((folder, "holds something else"), (folder / "new", "lies in the folder")):
        with pytest.raises(UsageError, match=told):
            train(place)
    assert [path.name for path in folder.iterdir()] == ["journal.sqlite"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else"):
        train(tmp_path / "notes")


@pytest.mark.parametrize("held", [None, {}, {MANIFEST: {"kind": "realign classifier"}}])
def test_a_new_an_empty_and_a_classifiers_folder_will_do(
    tmp_path: Path, held: dict[str, Any] | None
) -> None:
    folder = tmp_path / "made"
    if held is not None:
        folder.mkdir()
        for name, value in held.items():
            (folder / name).write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(DataError, match=r"none\.jsonl"):
        train(folder)
