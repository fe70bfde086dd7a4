"""Files of an index that their hashes vouch for and that cannot be read; builds that go on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import zstandard

from realign_local.base.errors import AssetError, DataError, PlaceError
from realign_local.evidence import dense, manifest
from realign_local.evidence.building.built import FOLDER
from realign_local.evidence.building.built import NAME as LEDGER
from realign_local.evidence.building.dump import open_source
from realign_local.evidence.building.pipeline import BuildPlan, build_index
from realign_local.evidence.search import open_index
from tests.dumped import DIM, WORDS, static_encoder

PART = "vectors/part-00000.npy"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return static_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    base = tmp_path_factory.mktemp("built")
    rows = [{"id": w, "title": w, "text": f"the {w} is old"} for w in WORDS[1:6]]
    (base / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    build_index(BuildPlan((base / "rows.jsonl",), base / "index", encoder))
    return base / "index"


def vouched_again(folder: Path) -> None:
    """The manifest of somebody who wrote down what lies there, and looked no closer."""
    path = folder / manifest.NAME
    told = json.loads(path.read_text())
    entries = manifest.describe_files(folder, told["files"])
    told["files"] = {name: entry.model_dump() for name, entry in entries.items()}
    del told[manifest.SELF]
    path.write_text(json.dumps(told))


def statement(text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "passages.sqlite")) as db, db:
            db.execute(text)

    return change


def vectors(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        np.save(folder / PART, change(np.load(folder / PART)))

    return put


def bytes_of(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        path = next(folder.glob(name))
        path.write_bytes(change(path.read_bytes()))

    return put


def without_a_field(folder: Path) -> None:
    path = folder / "lexical/meta.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "schema": told["schema"][1:]}))


@pytest.mark.parametrize(
    "harm",
    [
        statement("drop table pages"),
        statement("update pages set title = x'fffe'"),
        statement("update passages set page = 99"),
        bytes_of("passages.sqlite", lambda data: b"no database" + data),
        bytes_of("passages.sqlite", lambda data: data[: len(data) // 2]),
        vectors(lambda part: part[:-1]),
        vectors(lambda part: part[:, :-1]),
        bytes_of(PART, lambda data: data[:10] + b"{" * 118 + data[128:]),
        bytes_of("dense/index.faiss", lambda data: data[:20]),
        bytes_of("lexical/*.idx", lambda data: b"\xef\xbb\xbf" + data),
        bytes_of("lexical/*.idx", lambda data: data[:-9]),
        bytes_of("lexical/*.fast", lambda _: b""),
        without_a_field,
    ],
    ids=[
        "no table", "bytes for text", "no such page", "no database", "half a database",
        "a vector less", "shorter vectors", "no head", "cut FAISS", "moved words", "cut words",
        "no column", "no field",
    ],
)  # fmt: skip
def test_what_is_damaged_inside_is_named(
    built: Path, encoder: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built, folder)
    harm(folder)
    vouched_again(folder)
    with pytest.raises(AssetError, match=f"^{folder}") as told:
        open_index(folder, encoder=encoder).search(["the old tower", "a deep lake"], 3)
    assert "\n" not in str(told.value)


class Stopped(Exception):
    """In the place of a kill."""


@pytest.fixture(scope="module")
def stopped(built: Path, tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    """A build of the same rows that was stopped when all vectors were there."""

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    base = tmp_path_factory.mktemp("stopped")
    shutil.copy(built.parent / "rows.jsonl", base)
    plan = BuildPlan((base / "rows.jsonl",), base / "index", encoder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "build", stop)
        with pytest.raises(Stopped):
            build_index(plan)
    return base


def ledger(text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / FOLDER / LEDGER)) as db, db:
            db.execute(text)

    return change


def flipped(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


@pytest.mark.parametrize(
    "harm",
    [
        statement("drop table pages"),
        statement("update passages set text = 'the lake is new'"),
        bytes_of("passages.sqlite", lambda data: data[: len(data) // 2]),
        bytes_of(PART, flipped),
        bytes_of(PART, lambda data: data[:-DIM]),
        bytes_of(f"{FOLDER}/units/*", flipped),
        bytes_of(f"{FOLDER}/units/*", lambda _: b""),
        ledger("update notes set value = replace(value, '5', '7') where name = 'assembled'"),
        ledger("update notes set value = x'ff' where name like 'source%'"),
        ledger("delete from units"),
        ledger("drop table units"),
        ledger("create view more as select * from units"),
        bytes_of(f"{FOLDER}/{LEDGER}", lambda _: b"no database" * 99),
        bytes_of(f"{FOLDER}/{LEDGER}", lambda data: data[:5000]),
        lambda folder: (folder / FOLDER / LEDGER).unlink(),
    ],
    ids=[
        "no table", "another text", "half a database", "a bit of a vector", "cut vectors",
        "a bit of a unit", "an empty unit", "another sum", "bytes for a note", "a lost unit",
        "no units", "a view", "no ledger's bytes", "a cut ledger", "no ledger",
    ],
)  # fmt: skip
def test_a_build_goes_on_only_with_what_is_as_it_was(
    built: Path, stopped: Path, encoder: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    for path in stopped.iterdir():
        (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)
    harm(tmp_path / "index")
    build_index(BuildPlan((tmp_path / "rows.jsonl",), tmp_path / "index", encoder))
    for name in ("passages.sqlite", PART):
        assert (tmp_path / "index" / name).read_bytes() == (built / name).read_bytes()


def test_a_ledger_with_a_pipe_beside_it_is_no_fault_of_the_program(
    stopped: Path, encoder: Path, tmp_path: Path
) -> None:
    for path in stopped.iterdir():
        (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)
    (tmp_path / "index" / FOLDER / f"{LEDGER}-wal").symlink_to("/dev/zero")
    with pytest.raises(PlaceError, match="a pipe or a device"):
        build_index(BuildPlan((tmp_path / "rows.jsonl",), tmp_path / "index", encoder))


@pytest.mark.parametrize("end", [b"", bytes(4)], ids=["cut short", "another checksum"])
def test_a_damaged_zstd_source_is_told(encoder: Path, tmp_path: Path, end: bytes) -> None:
    """The second of two frames is damaged."""
    frames = [frame(f"the {word} is old") for word in ("bridge", "tower")]
    torn = frames[1][:-4] + end
    (tmp_path / "rows.jsonl.zst").write_bytes(frames[0] + torn)
    made = build_index(BuildPlan((tmp_path / "rows.jsonl.zst",), tmp_path / "index", encoder))
    assert made.passages
    assert made.source[0].damage


def test_a_source_damaged_from_its_beginning_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.zst").write_bytes(frame("the tower is old")[:-4] + bytes(4))
    with pytest.raises(DataError, match="damaged at byte 0"):
        open_source(tmp_path / "rows.jsonl.zst")


def test_a_title_of_any_length_costs_no_more_than_one(encoder: Path, tmp_path: Path) -> None:
    rows = [{"title": "the lake " * 100_000, "text": "it is deep"}, {"title": "a", "text": "fish"}]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    made = build_index(BuildPlan((tmp_path / "rows.jsonl",), tmp_path / "index", encoder))
    assert (made.passages, made.counts["titles_cut"]) == (2, 1)
    assert made.files["passages.sqlite"].bytes < 50_000


def frame(text: str) -> bytes:
    row = json.dumps({"title": "T", "text": text}) + "\n"
    return zstandard.ZstdCompressor(write_checksum=True).compress(row.encode())


def test_an_index_that_is_vouched_for_again_is_found_sound(
    built: Path, encoder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built, folder)
    vouched_again(folder)
    index = open_index(folder, encoder=encoder)
    assert index.search(["tower"], 1)[0][0].passage_id == "tower"
    index.close()
