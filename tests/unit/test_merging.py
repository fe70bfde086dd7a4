"""Shards merged: the same run as without shards, or a clear line why not."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import DataError, UsageError
from realign_local.commands.merge import merge_runs
from realign_local.run.files.decisions import Decision, DecisionLog, read_review
from realign_local.run.files.journal import Journal
from realign_local.run.files.publish import vouch_again
from tests.scripted import ScriptedTools, run
from tests.unit.test_run_files import cut_off_while_moving

PARTS = 3


def _source(path: Path, rows: int) -> Path:
    texts = [
        {"instruction": f"Where is lake {n}?", "input": "", "output": f"Lake {n} lies north."}
        for n in range(rows)
    ]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["instruction", "input", "output"])
            table.writeheader()
            table.writerows(texts)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in texts), encoding="utf-8")
    return path


def _shards(source: Path, folder: Path, **options: Any) -> list[Path]:
    for part in range(1, PARTS + 1):
        run(source, folder / f"part{part}", ScriptedTools(), shard=(part, PARTS), **options)
    return [folder / f"part{part}" for part in range(1, PARTS + 1)]


def _refuse(text: str) -> None:
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("name", "rows"), [("a.jsonl", 7), ("a.csv", 6), ("a.jsonl", 2), ("a.jsonl", 9)]
)
def test_merged_shards_equal_the_whole_run(tmp_path: Path, name: str, rows: int) -> None:
    source = _source(tmp_path / name, rows)
    whole = run(source, tmp_path / "whole", ScriptedTools())
    shards = _shards(source, tmp_path)
    for path in tmp_path.glob("part?/output.csv"):
        path.unlink()  # it is made anew
    into = tmp_path / "merged".ljust(255, "-")
    stats = merge_runs(shards[::-1], into, warn=_refuse)
    for key in ("rows", "responses", "status", "reasons", "tasks", "acceptance", "generated"):
        assert stats[key] == whole[key], key
    for path in (tmp_path / "whole").iterdir():
        if path.suffix in (".jsonl", ".csv"):
            assert (into / path.name).read_bytes() == path.read_bytes()


def test_a_merged_run_can_be_gone_on_with(tmp_path: Path) -> None:
    source = _source(tmp_path / "a.jsonl", 7)
    merge_runs(_shards(source, tmp_path), tmp_path / "merged", warn=_refuse)
    again = ScriptedTools()
    run(source, tmp_path / "merged", again)
    assert not again.generated


def test_gaps_overlaps_and_other_divisions_are_refused(tmp_path: Path) -> None:
    source = _source(tmp_path / "a.jsonl", 7)
    shards = _shards(source, tmp_path)
    run(source, tmp_path / "half", ScriptedTools(), shard=(1, 2))
    for runs, told in (
        (shards[:2], "shard 3/3 is missing"),
        ([*shards, shards[0]], "both hold shard 1/3"),
        ([*shards, tmp_path / "half"], "one of"),
    ):
        with pytest.raises(UsageError, match=told):
            merge_runs(runs, tmp_path / "merged", warn=_refuse)
    assert not (tmp_path / "merged").exists()


def test_other_settings_or_another_input_are_refused(tmp_path: Path) -> None:
    source = _source(tmp_path / "a.jsonl", 7)
    shards = _shards(source, tmp_path)
    run(source, shards[1], ScriptedTools(), shard=(2, PARTS), settings={"seed": 3})
    with pytest.raises(UsageError, match="differ in seed: None and 3"):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)
    run(_source(tmp_path / "b.jsonl", 8), shards[1], ScriptedTools(), shard=(2, PARTS))
    with pytest.raises(UsageError, match=r"differ in input\.sha256"):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)


def test_an_unfinished_shard_is_refused(tmp_path: Path) -> None:
    source = _source(tmp_path / "a.jsonl", 7)
    shards = _shards(source, tmp_path)
    stats = shards[2] / "stats.json"
    stats.write_text(stats.read_text().replace('"unfinished": 0', '"unfinished": 1'))
    with Journal(shards[2] / "journal.sqlite") as journal:
        vouch_again(shards[2], journal)
    with pytest.raises(DataError, match="part3 is not finished: 1 responses"):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("run.toml", "[input]", "[input", "run.toml is not the file that the run wrote"),
        ("run.toml", 'shard = "2/3"', 'shard = "1/3"', "run.toml is not the file that the run"),
        ("provenance.jsonl", '"turn"', '"trn"', "provenance.jsonl is not the file that the run"),
        ("provenance.jsonl", "}\n", "", "provenance.jsonl is not the file that the run wrote"),
        ("stats.json", '"rows"', '"rws"', "stats.json is not the file that the run wrote"),
    ],
)
def test_a_damaged_shard_is_named_and_nothing_is_left(
    tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    file = shards[1] / name
    sound = file.read_text(encoding="utf-8")
    file.write_text(sound.replace(old, new), encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DataError, match=told):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)
    assert sorted(tmp_path.iterdir()) == before
    file.write_text(sound, encoding="utf-8")
    merge_runs(shards, tmp_path / "merged", warn=_refuse)


CUTS = {
    "its last row": lambda data: data[: data.rindex(b"\n", 0, -1) + 1],
    "ten bytes": lambda data: data[:-10],
    "one half": lambda data: data[: len(data) // 2],
    "one line end": lambda data: data.replace(b"}\n{", b"}{", 1),
    "all": lambda data: data[:0],
    "nothing, but a row twice": lambda data: data + data[data.rindex(b"\n", 0, -1) + 1 :],
}


@pytest.mark.parametrize("name", ["output.jsonl", "provenance.jsonl"])
@pytest.mark.parametrize("lost", CUTS)
def test_a_shard_that_lost_rows_is_refused(tmp_path: Path, lost: str, name: str) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    file = shards[1] / name
    file.write_bytes(CUTS[lost](file.read_bytes()))
    with pytest.raises(DataError, match=f"part2/{name}"):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)
    assert not (tmp_path / "merged").exists()


def test_a_review_that_is_no_file_is_not_left_out(tmp_path: Path) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    (shards[1] / "review.jsonl").symlink_to(tmp_path / "unplugged" / "review.jsonl")
    with pytest.raises(DataError, match=r"part2/review\.jsonl is not a file"):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)
    assert not (tmp_path / "merged").exists()


def test_only_an_empty_folder_takes_a_merged_run(tmp_path: Path) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no run directory: it holds notes\.txt"):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)
    assert [path.name for path in (tmp_path / "merged").iterdir()] == ["notes.txt"]
    (tmp_path / "merged" / "notes.txt").unlink()
    merge_runs(shards, tmp_path / "merged", warn=_refuse)
    files = {path.name for path in (tmp_path / "merged").iterdir()}
    assert files == {path.name for path in shards[0].iterdir()}
    with pytest.raises(UsageError, match="already holds a run") as caught:
        merge_runs(shards, tmp_path / "merged", warn=_refuse)
    assert "--resume" not in caught.value.hint
    with pytest.raises(UsageError, match="lies in the folder of the run"):
        merge_runs(shards, shards[0] / "whole", warn=_refuse)


def test_a_shard_that_somebody_works_on_is_refused(tmp_path: Path) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    with (
        Journal(shards[2] / "journal.sqlite"),
        pytest.raises(UsageError, match="in use by another"),
    ):
        merge_runs(shards, tmp_path / "merged", warn=_refuse)


def test_a_shard_whose_files_were_not_yet_moved_is_merged_as_it_will_be(tmp_path: Path) -> None:
    source = _source(tmp_path / "a.jsonl", 7)
    shards = _shards(source, tmp_path)
    for name in ("provenance.jsonl", "stats.json"):
        cut_off_while_moving(shards[1], name)
    stats = merge_runs(shards, tmp_path / "merged", warn=_refuse)
    whole = run(source, tmp_path / "whole", ScriptedTools())
    assert stats["status"] == whole["status"]


def test_what_was_decided_on_shards_holds_for_the_whole(tmp_path: Path) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    for number, shard in enumerate(shards[:2]):
        log = DecisionLog(shard)
        log.add(Decision(f"key{number}", "reject"))
        log.close()
    with (shards[0] / "review.jsonl").open("ab") as file:
        file.write(b'{"torn')
    told: list[str] = []
    merge_runs(shards, tmp_path / "merged", warn=told.append)
    assert told == [f"{shards[0]}: review.jsonl: 1 line could not be read and decide nothing"]
    assert set(read_review(tmp_path / "merged").decisions) == {"key0", "key1"}


def test_a_damaged_result_stays_behind_and_is_done_again(tmp_path: Path) -> None:
    source = _source(tmp_path / "a.jsonl", 7)
    shards = _shards(source, tmp_path)
    damage = "update results set payload=cast(x'ff7b' as text) where stage='rewrite'"
    with closing(sqlite3.connect(shards[1] / "journal.sqlite")) as db, db:
        db.execute(damage)
    merge_runs(shards, tmp_path / "merged", warn=_refuse)
    with closing(sqlite3.connect(tmp_path / "merged" / "journal.sqlite")) as db:
        (kept,) = db.execute("select count(*) from results where stage='rewrite'").fetchone()
    assert kept == 7 - 2
    assert run(source, tmp_path / "merged", ScriptedTools())["generated_twice"] == 0


def test_shards_on_a_read_only_medium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards = _shards(_source(tmp_path / "a.jsonl", 7), tmp_path)
    before = [{p.name: p.read_bytes() for p in shard.iterdir()} for shard in shards]
    monkeypatch.setattr(os, "access", lambda path, _mode: path not in shards)
    assert merge_runs(shards, tmp_path / "merged", warn=_refuse)["rows"] == 7
    assert [{p.name: p.read_bytes() for p in shard.iterdir()} for shard in shards] == before


def test_shards_from_several_servers_name_every_host(tmp_path: Path) -> None:
    source, shards = _source(tmp_path / "a.jsonl", 6), []
    for part, hosts in enumerate(([], ["gpu1"], ["gpu2", "gpu1"]), start=1):
        tools = ScriptedTools()
        said = {**tools.describe(), "server_can": "chats", "sent_to": hosts}
        tools.describe = lambda said=said: said  # type: ignore[method-assign, misc]
        run(source, tmp_path / f"part{part}", tools, shard=(part, PARTS))
        shards.append(tmp_path / f"part{part}")
    stats = merge_runs(shards, tmp_path / "merged", warn=_refuse)
    assert stats["sent_to"] == ["gpu1", "gpu2"]
    assert "they were sent to gpu1, gpu2." in (tmp_path / "merged/README.md").read_text("utf-8")
