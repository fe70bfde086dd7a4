"""A run directory belongs to one dataset and one shard of it; what else comes is refused."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.config import Settings, load_settings
from realign_local.base.errors import DataError, UsageError
from realign_local.base.progress import Silent
from realign_local.data.formats import open_dataset
from realign_local.data.reading import passes
from realign_local.engine.request import Request
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.files import rundir
from realign_local.run.files.changes import told_changes
from realign_local.run.files.input_id import SKETCH_ROWS, Sketch
from realign_local.run.versions import versions
from tests.scripted import FREE, GUIDED, ScriptedTools, rewrite_preferred, run


class Listening(Silent):
    """Remembers the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


def _write(path: Path, numbers: Iterable[int]) -> Path:
    rows = ({"instruction": f"Who built mill {n}?", "output": "Ada Crane"} for n in numbers)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_another_dataset_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    first, second = (
        _write(tmp_path / "a.jsonl", range(5)),
        _write(tmp_path / "b.jsonl", range(9, 12)),
    )
    run(first, tmp_path / "run", ScriptedTools())
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").glob("*.*")}
    with pytest.raises(UsageError, match=r"a\.jsonl.*b\.jsonl"):
        run(second, tmp_path / "run", ScriptedTools())
    for name in (rundir.OUTPUT, rundir.PROVENANCE, rundir.SETTINGS, rundir.STATS):
        assert (tmp_path / "run" / name).read_bytes() == before[name]
    assert run(second, tmp_path / "run", ScriptedTools(), resume="force")["rows"] == 3


def test_an_edited_dataset_goes_on_and_says_so(tmp_path: Path) -> None:
    first, second = _write(tmp_path / "a.jsonl", range(5)), _write(tmp_path / "b.jsonl", range(6))
    run(first, tmp_path / "run", ScriptedTools())
    heard, tools = Listening(), ScriptedTools()
    run(second, tmp_path / "run", tools, progress=heard)
    assert len(tools.generated) == 1
    (warning,) = heard.warnings
    assert "a.jsonl" in warning
    assert "b.jsonl" in warning


def test_a_renamed_dataset_is_the_same_one(tmp_path: Path) -> None:
    run(_write(tmp_path / "a.jsonl", range(5)), tmp_path / "run", ScriptedTools())
    heard = Listening()
    run(_write(tmp_path / "b.jsonl", range(5)), tmp_path / "run", ScriptedTools(), progress=heard)
    assert not heard.warnings


def test_another_shard_is_refused(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(5))
    run(source, tmp_path / "run", ScriptedTools(), shard=(1, 2))
    with pytest.raises(UsageError, match=r"holds shard 1/2 of .*, not shard 2/2"):
        run(source, tmp_path / "run", ScriptedTools(), shard=(2, 2))


def test_a_shard_without_rows_is_said_to_be_one(tmp_path: Path) -> None:
    source, heard = _write(tmp_path / "a.jsonl", range(5)), Listening()
    stats = run(source, tmp_path / "run", ScriptedTools(), shard=(9, 9), progress=heard)
    assert stats["rows"] == 0
    assert heard.warnings[:1] == [f"shard 9/9 of {source} has no rows; its output is empty"]


def test_first_some_rows_and_then_all_of_them(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(80))
    run(source, tmp_path / "run", ScriptedTools(), limit=3)
    assert run(source, tmp_path / "run", ScriptedTools())["rows"] == 80


def test_a_part_does_not_replace_the_whole(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(80))
    run(source, tmp_path / "run", ScriptedTools())
    before = (tmp_path / "run" / rundir.OUTPUT).read_bytes()
    with pytest.raises(UsageError, match="holds a run of 80 rows, and this is 3 of them"):
        run(source, tmp_path / "run", ScriptedTools(), limit=3)
    assert (tmp_path / "run" / rundir.OUTPUT).read_bytes() == before
    assert run(source, tmp_path / "run", ScriptedTools(), limit=3, resume="force")["rows"] == 3


def test_rows_that_were_taken_out_are_said_to_be_fewer(tmp_path: Path) -> None:
    run(_write(tmp_path / "a.jsonl", range(9)), tmp_path / "run", ScriptedTools())
    heard = Listening()
    run(_write(tmp_path / "a.jsonl", range(7)), tmp_path / "run", ScriptedTools(), progress=heard)
    (warning,) = heard.warnings
    assert "now; 2 rows fewer than the files there have" in warning


@pytest.mark.parametrize("rows", [1, SKETCH_ROWS, 1000])
def test_a_sketch_knows_its_dataset_in_any_order_and_no_other(rows: int) -> None:
    first, back = Sketch(), Sketch()
    for number in range(rows):
        first.add(f"row {number}")
        back.add(f"row {rows - 1 - number}")
    assert first.hashes == back.hashes
    assert len(first.hashes) == min(rows, SKETCH_ROWS)
    again, other = Sketch(first.hashes), Sketch(first.hashes)
    for number in range(rows):
        again.add(f"row {number}")
        other.add(f"another {number}")
    assert not again.is_another
    assert other.is_another


def test_a_broken_element_does_not_break_the_array(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    whole = {"instruction": "Where is it?", "output": "It is north."}
    broken = b'{"instruction": "cut off, },'
    text = json.dumps(whole).encode()
    source.write_bytes(b"[\n" + text + b",\n" + broken + b'\n{"a": "\xff"},\n' + text + b"\n]\n")
    stats = run(source, tmp_path / "run", ScriptedTools())
    array = json.loads((tmp_path / "run" / "output.json").read_bytes())
    assert len(array) == stats["rows"] == 4
    assert [type(element) for element in array] == [dict, str, str, dict]
    assert array[1].startswith('{"instruction":"cut off, }')


def test_run_toml_says_what_the_run_was_made_of_and_can_be_used_again(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(2))
    settings = Settings(seed=7, gates={"numbers": False}, model="/models/m.gguf", annotate=True)
    given = {**settings.model_dump(exclude_none=True), "realign_version": "0"}
    run(source, tmp_path / "run", ScriptedTools(), settings=given, annotate=True)
    file = tmp_path / "run" / rundir.SETTINGS
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    assert len(found["input"]["sha256"]) == 64
    assert found["input"]["path"] == str(source)
    assert found["versions"] == versions()
    assert load_settings(file, environment={}) == settings


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (range(7), r"it had 24 rows or more and has 7 now"),
        (range(1, 24), r"row 1, or one before it, is another one now"),
        ([*range(20), 99, *range(21, 24)], r"row 21, or one before it"),
        (range(25), r"it had 24 rows and has more now"),
    ],
)
def test_a_later_pass_meets_the_rows_of_the_first(
    tmp_path: Path, now: range | list[int], message: str
) -> None:
    source = _write(tmp_path / "a.jsonl", range(24))
    dataset = open_dataset(source)
    assert len(list(dataset.rows())) == 24
    assert len(list(dataset.rows())) == 24
    _write(source, now)
    with pytest.raises(DataError, match=message) as caught:
        list(dataset.rows())
    assert caught.value.exit_code == 5


def test_an_input_that_is_cut_while_a_run_goes_on_is_an_error(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(24))

    class Cutting(Silent):
        """Somebody writes to the input between two passes."""

        def phase(self, name: str, total: int | None) -> None:
            if name == "write":
                _write(source, range(10))

    with pytest.raises(DataError, match="changed while it was being read"):
        run(source, tmp_path / "run", ScriptedTools(), progress=Cutting())
    assert not (tmp_path / "run" / rundir.OUTPUT).exists()
    _write(source, range(24))
    tools = ScriptedTools()
    assert run(source, tmp_path / "run", tools)["rows"] == 24
    assert not tools.generated


def test_a_file_that_is_cut_in_its_first_pass_is_an_error_too(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(2000))
    rows = open_dataset(source).rows()
    next(rows)
    _write(source, range(1500))
    with pytest.raises(DataError, match=r"it had [0-9,]+ bytes and has [0-9,]+ now"):
        list(rows)


def test_a_pass_over_a_few_rows_is_checked_and_memory_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "EVERY_ROW", 4)
    monkeypatch.setattr(passes, "STEP", 3)
    source = _write(tmp_path / "a.jsonl", range(20))
    several = passes.Passes(source, open_dataset(source)._raw_rows._rows)  # type: ignore[attr-defined]
    for _ in range(2):
        few = several()
        assert [next(few).line for _ in range(3)] == [1, 2, 3]
        few.close()
        assert len(list(several())) == 20
    assert len(several._marks) == 4 + 5  # rows 1 to 4, then 6, 9, 12, 15 and 18
    _write(source, [0, 77, 2])
    with pytest.raises(DataError, match="row 2"):
        list(several())


def test_the_part_of_a_run_checks_as_a_whole_does(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.jsonl", range(24))
    dataset = open_dataset(source)
    some = dataset.rows()
    assert [next(some).index for _ in range(10)] == list(range(10))
    _write(source, range(5))
    with pytest.raises(DataError, match="changed while"):
        list(dataset.rows())


@pytest.mark.parametrize(
    ("now", "is_refused"),
    [
        ([0, *range(50, 90)], True),
        ([*range(19), *range(50, 90)], True),
        ([*range(20), *range(50, 70)], False),
        (range(39, -1, -1), False),
        (range(20), False),
    ],
)
def test_a_dataset_that_shares_some_rows_is_another_one(
    tmp_path: Path, now: Iterable[int], is_refused: bool
) -> None:
    source, folder = _write(tmp_path / "a.jsonl", range(40)), tmp_path / "run"
    run(source, folder, ScriptedTools())
    before = (folder / rundir.OUTPUT).read_bytes()
    other = _write(tmp_path / "b.jsonl", now)
    if is_refused:
        with pytest.raises(UsageError, match=r"a\.jsonl.* most of its rows are not in .*b\.jsonl"):
            run(other, folder, ScriptedTools())
    else:
        run(other, folder, ScriptedTools())
    again = ScriptedTools()
    run(source, folder, again)
    assert (folder / rundir.OUTPUT).read_bytes() == before
    assert not again.generated


def test_other_settings_are_named_and_those_of_before_bring_the_files_back(tmp_path: Path) -> None:
    source, folder, heard = _write(tmp_path / "a.jsonl", range(5)), tmp_path / "run", Listening()

    def once(mode: RewriteSettings, **more: Any) -> tuple[bytes, list[Request]]:
        tools = ScriptedTools(margin=rewrite_preferred)
        settings = {"mode": mode.mode, "threads": len(heard.warnings) + 1, **more}
        run(source, folder, tools, rewriting=mode, settings=settings, progress=heard)
        return (folder / rundir.PROVENANCE).read_bytes(), tools.generated

    first, asked = once(GUIDED)
    assert asked
    assert not heard.warnings
    second, asked = once(FREE, seed=3)
    assert asked
    assert second != first
    told = "made with other settings (mode guided -> free, seed default -> 3) and are replaced"
    assert told in heard.warnings[0]
    assert "brings them back" in heard.warnings[0]
    assert once(GUIDED) == (first, [])
    assert len(heard.warnings) == 2


def test_what_is_begun_again_is_not_said_to_come_back(tmp_path: Path) -> None:
    first, second = (_write(tmp_path / f"{n}.jsonl", range(n, n + 4)) for n in (1, 30))
    folder = tmp_path / "run"
    run(first, folder, ScriptedTools(), settings={"seed": 1})
    heard = Listening()
    for source, seed in ((first, 1), (first, 2), (second, 3)):
        settings = {"seed": seed}
        run(source, folder, ScriptedTools(), settings=settings, resume="force", progress=heard)
    assert heard.warnings == [
        f"the files in {folder} were made with other settings (seed 1 -> 2) and are replaced;"
        " what was finished for them is discarded",
        f"the files in {folder} were made from 1.jsonl and are replaced;"
        " what was finished for them is discarded",
    ]


def test_changes_are_told_in_the_words_of_the_options() -> None:
    old = {
        "mode": "guided",
        "model_file": "small.gguf",
        "model_sha256": "1",
        "criteria": "lists/mine",
        "criteria_sha256": "2",
        "judge": "agrees in 70%",
        "gates": {"length": False},
        "turns": "last",
    }
    new = {
        "mode": "guided",
        "model_file": "large.gguf",
        "model_sha256": "3",
        "criteria": "lists/mine",
        "criteria_sha256": "4",
        "judge": "agrees in 80%",
        "turns": "all",
    }
    keys = sorted(key for key in old if old[key] != new.get(key) and key != "model_file")
    assert told_changes(old, new, keys) == (
        "criteria (what is in there), model small.gguf -> large.gguf,"
        " gates length off -> default, turns last -> all"
    )
    tidy = {"mode": "tidy", "criteria_sha256": "2"}
    keys = ["criteria_sha256", "index_sha256", "judge", "mode", "model_sha256"]
    assert told_changes(old, tidy, keys) == "mode guided -> tidy, criteria mine -> default"
