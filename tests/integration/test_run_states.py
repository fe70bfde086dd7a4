"""Commands that read a run, on runs in all states: whole rows come out, or a refusal by name."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from realign_local.cli.rows import score as score_command
from realign_local.report.loopback import ReviewServer
from realign_local.run import tools
from realign_local.run.files import publish, rundir
from realign_local.run.files.decisions import Decision, DecisionLog
from realign_local.run.files.journal import Journal
from tests.command import realign

TREES = ("Oak", "Ash", "Elm", "Yew", "Fir", "Bay", "Box", "Gum", "Fig", "Sal")
ROWS = [
    {
        "instruction": f"Name {n + 3} trees.",
        "output": "\n".join(f"{k + 1}){tree}." for k, tree in enumerate(TREES[: n + 3])),
    }
    for n in range(8)
]
OWN = {rundir.OUTPUT, rundir.PROVENANCE, rundir.SETTINGS, rundir.STATS}
READERS: dict[str, Sequence[str]] = {
    "verify": ("verify", "{run}", "--json"),
    "verify as": ("verify", "{source}", "{run}", "--json"),
    "report": ("report", "{run}", "-o", "{out}/report.html"),
    "export": ("export", "{run}", "--to", "dpo", "-o", "{out}/pairs.jsonl"),
    "export scores": ("export", "{run}", "--to", "messages", "--scores", "-o", "{out}/rows.jsonl"),
    "review": ("review", "{run}"),
    "select": ("select", "{run}", "--budget", "2", "--by", "score", "--no-measure",
               "-o", "{out}/few.jsonl"),
    "score": ("score", "{run}", "-o", "{out}/scored.jsonl"),
    "evaluate": ("evaluate", "{run}", "--answers", "{answers}", "--json"),
    "merge": ("merge", "{run}", "{other}", "-o", "{out}/whole", "--json"),
}  # fmt: skip
RUN = ("run", "{source}", "-o", "{run}", "--mode", "tidy", "-q", "--shard", "1/2")
Answered = tuple[int, str, dict[str, bytes]]


class Scorer:
    """Likes long answers."""

    asked = 0

    def scores(self, wanted: Iterable[Any], done: Callable[[int], None]) -> list[dict[str, float]]:
        return [{"helpfulness": len(one.answer) / 20, "accuracy": 4.0} for one in wanted]


class Model:
    """No model; the scorer needs none."""

    model_name, agreement = "none", None

    def __init__(self, settings: object) -> None:
        self.settings = settings


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards with scores and a review, and a run of other rows."""
    folder = tmp_path_factory.mktemp("made")
    for name, rows in (("in", ROWS), ("others", [{**row, "id": "x"} for row in ROWS])):
        lines = (json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    answers = ({"question": row["instruction"], "answers": ["Elm"]} for row in ROWS)
    text = "".join(json.dumps(one) + "\n" for one in answers)
    (folder / "answers.jsonl").write_text(text, encoding="utf-8")
    for name, source, shard in (("run", "in", 1), ("other", "in", 2), ("alien", "others", 1)):
        said = realign("run", folder / f"{source}.jsonl", "-o", folder / name, "--mode", "tidy",
                       "-q", "--shard", f"{shard}/2")  # fmt: skip
        assert said.returncode == 0, said.stderr
        assert asked(("score", str(folder / name)), folder)[0] == 0
        with closing(DecisionLog(folder / name)) as log:
            log.add(Decision(f"key of {name}", "edit", "Oak, Ash and Elm."))
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    for path in made.iterdir():
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, tmp_path / path.name)
    return tmp_path


def asked(command: Sequence[str], place: Path) -> Answered:
    """The exit code, what was said, and the files that were written."""
    out = place / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    names = {"source": "in.jsonl", "answers": "answers.jsonl", "run": "run", "other": "other"}
    paths = {name: place / file for name, file in names.items()} | {"out": out}
    with (
        patch.object(ReviewServer, "serve_forever", lambda *_, **__: None),
        patch.object(tools, "ModelTools", Model),
        patch.object(score_command, "scorer_of", lambda *_: Scorer()),
    ):
        done = realign(*(word.format(**paths) for word in command))
    files = {path.name: path.read_bytes() for path in out.rglob("*.jsonl")}
    return done.returncode, f"{done.stdout}{done.stderr}", files


@pytest.fixture(scope="module")
def whole(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answered]:
    """What each command says of the run when nothing is wrong with it."""
    folder = tmp_path_factory.mktemp("whole") / "copy"
    shutil.copytree(made, folder)
    found = {name: asked(command, folder) for name, command in READERS.items()}
    assert {name: code for name, (code, *_) in found.items()} == dict.fromkeys(READERS, 0)
    assert found["export"][2]["pairs.jsonl"]
    return found


def _rows(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _swapped(data: bytes) -> bytes:
    first, second, *others = _rows(data)
    return b"".join([second, first, *others])


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "cut by ten": lambda data: data[:-10],
    "halved": lambda data: data[: len(data) // 2],
    "its last row lost": lambda data: b"".join(_rows(data)[:-1]),
    "a bit turned": lambda data: data.replace(b"s", b"r", 7).replace(b"r", b"s", 6),
    "edited by hand": lambda data: data.replace(b"e", b"a", 1),
    "two rows swapped": _swapped,
    "emptied": lambda data: data[:0],
}
PATHS = ("deleted", "of another run", "a folder", "a link to nowhere", "a link to itself", "a pipe")


def damage(folder: Path, name: str, how: str) -> None:
    file = folder / name
    if how in BYTES:
        file.write_bytes(BYTES[how](file.read_bytes()))
        return
    file.unlink()
    match how:
        case "of another run":
            shutil.copy(folder.parent / "alien" / name, file)
        case "a folder":
            file.mkdir()
        case "a link to nowhere" | "a link to itself":
            file.symlink_to(file if how.endswith("itself") else folder / "gone" / name)
        case "a pipe":
            os.mkfifo(file)


def _not_told(how: str) -> bool:
    return how in ("cut by ten", "its last row lost", "a bit turned", "edited by hand")


REFUSED = [
    *((name, how) for name in sorted(OWN) for how in (*BYTES, *PATHS)),
    *((rundir.JOURNAL, how) for how in (*BYTES, *PATHS[1:]) if not _not_told(how)),
]


@pytest.mark.parametrize(("name", "how"), REFUSED, ids=lambda word: word.replace(" ", "-"))
def test_what_does_not_fit_its_journal_is_refused_by_name(place: Path, name: str, how: str) -> None:
    damage(place / "run", name, how)
    named = name if how != "of another run" or name != rundir.JOURNAL else rundir.STATS
    for command in READERS.values():
        code, said, files = asked(command, place)
        assert code == 5, (command, said)
        assert named in said
        assert "unexpected" not in said
        assert files == {}


@pytest.mark.parametrize("how", [*BYTES, *PATHS[2:]])
def test_scores_that_were_lost_are_told(place: Path, how: str) -> None:
    damage(place / "run", rundir.SCORES, how)
    for reader in ("export scores", "select", "report"):
        code, said, files = asked(READERS[reader], place)
        assert (code, files) == (5, {})
        assert rundir.SCORES in said


@pytest.mark.parametrize("how", ["cut by ten", "halved", "edited by hand", *PATHS[2:]])
def test_decisions_that_were_lost_are_told(place: Path, how: str) -> None:
    damage(place / "run", rundir.REVIEW, how)
    for reader in ("export", "review", "merge"):
        code, said, files = asked(READERS[reader], place)
        if how in PATHS:
            assert (code, files) == (5, {})
            assert rundir.REVIEW in said
        elif reader == "merge":  # it carries on what is there, and an export tells
            assert files[rundir.REVIEW].startswith((place / "run" / rundir.REVIEW).read_bytes())
        else:
            assert "review.jsonl: 1 line could not be read and decide nothing" in said


def leftovers(run: Path) -> Iterator[None]:
    """What kills and copies leave beside whole files; each step on top of the one before."""
    (run / ".output.jsonl.999999999.0123456789abcdef.tmp").write_text("half", encoding="utf-8")
    (run / ".0123456789abcdef.new").mkdir()
    (run / ".0123456789abcdef.new" / rundir.OUTPUT).write_text("half", encoding="utf-8")
    yield
    (run / f"{rundir.JOURNAL}-wal").write_bytes(bytes(range(256)) * 99)
    (run / f"{rundir.JOURNAL}-shm").write_bytes(bytes(range(256)) * 99)
    yield
    for name in OWN:
        (run / name).rename(run.parent / f"moved-{name}")
        (run / name).symlink_to(run.parent / f"moved-{name}")
    yield
    (run / rundir.REPORT).unlink()
    (run / rundir.CARD).write_text("# Trees\n", encoding="utf-8")
    yield


def test_what_is_left_beside_whole_files_changes_nothing(
    place: Path, whole: Mapping[str, Answered]
) -> None:
    for _ in leftovers(place / "run"):
        for name, command in READERS.items():
            code, said, files = asked(command, place)
            assert (code, files) == (0, whole[name][2]), said


def test_a_move_that_was_cut_off_is_finished_by_any_reader(
    place: Path, whole: Mapping[str, Answered]
) -> None:
    for name, command in READERS.items():
        with Journal(place / "run" / rundir.JOURNAL) as journal:
            stage = place / "run" / str((journal.fact(publish.WRITTEN) or {})["stage"])
        stage.mkdir()
        for file in (rundir.PROVENANCE, rundir.STATS):
            (place / "run" / file).rename(stage / file)
        code, said, files = asked(command, place)
        assert (code, files) == (0, whole[name][2]), said


def test_a_run_that_somebody_works_on_is_read_and_not_written_to(
    place: Path, whole: Mapping[str, Answered]
) -> None:
    with Journal(place / "run" / rundir.JOURNAL):
        for name, command in {**READERS, "run": RUN}.items():
            code, said, files = asked(command, place)
            if name in ("merge", "run"):
                assert code == 2
                assert "in use" in said
            else:
                assert (code, files) == (0, whole[name][2])
    damage(place / "run", rundir.OUTPUT, "edited by hand")
    with Journal(place / "run" / rundir.JOURNAL):
        assert asked(READERS["export"], place)[0] == 5


def test_without_its_journal_a_run_is_held_to_its_own_hashes(
    place: Path, whole: Mapping[str, Answered]
) -> None:
    damage(place / "run", rundir.JOURNAL, "deleted")
    for name, command in READERS.items():
        code, _, files = asked(command, place)
        assert (code, files) == ((5, {}) if name == "merge" else (0, whole[name][2]))
    for file in (rundir.STATS, rundir.OUTPUT):
        damage(place / "run", file, "halved")
        code, said, _ = asked(READERS["export"], place)
        assert code == 5
        assert "Copy all files of the run again" in said


def test_a_run_that_was_stopped_is_not_read(place: Path) -> None:
    for file in (place / "run").iterdir():
        if file.name not in (rundir.JOURNAL, rundir.SETTINGS):
            file.unlink()
    for command in READERS.values():
        code, said, _ = asked(command, place)
        assert code == 5
        assert "not a finished run" in said


MENDED = [(name, how) for name in sorted(OWN) for how in (*BYTES, *PATHS) if how != "a folder"]


@pytest.mark.parametrize(("name", "how"), MENDED[::3], ids=lambda word: word.replace(" ", "-"))
def test_the_same_command_writes_the_files_anew(
    made: Path, place: Path, name: str, how: str
) -> None:
    damage(place / "run", name, how)
    code, said, _ = asked(RUN, place)
    assert code == 0, said
    for file in (rundir.OUTPUT, rundir.PROVENANCE):
        assert (place / "run" / file).read_bytes() == (made / "run" / file).read_bytes()


@pytest.mark.parametrize("how", ["halved", "emptied", "two rows swapped", *PATHS])
def test_a_journal_that_is_lost_costs_no_file(made: Path, place: Path, how: str) -> None:
    damage(place / "run", rundir.JOURNAL, how)
    code, said, _ = asked(RUN, place)
    assert code in (2, 5)
    assert "unexpected" not in said
    for file in OWN:
        assert (place / "run" / file).read_bytes() == (made / "run" / file).read_bytes()


def test_a_damaged_journal_is_not_blamed_on_the_input(place: Path) -> None:
    """A look-up need not meet the damage: then a result that was filed is not found again."""
    with closing(sqlite3.connect(place / "run" / rundir.JOURNAL)) as db:
        (page,) = db.execute("select rootpage from sqlite_master where name='results'").fetchone()
        (size,) = db.execute("pragma page_size").fetchone()
    data = bytearray((place / "run" / rundir.JOURNAL).read_bytes())
    start = (page - 1) * size
    data[start + size // 2 : start + size] = bytes(size - size // 2)
    (place / "run" / rundir.JOURNAL).write_bytes(data)
    code, said, _ = asked(RUN, place)
    assert code in (0, 5)
    assert "input changed" not in said


@pytest.mark.parametrize("how", BYTES)
def test_a_forced_start_leaves_the_files_readable(place: Path, how: str) -> None:
    damage(place / "run", rundir.JOURNAL, how)
    with patch("realign_local.commands.run.tidied_lines", side_effect=KeyboardInterrupt):
        assert asked((*RUN, "--resume", "force"), place)[0] == 130
    assert asked(READERS["export"], place)[0] == 0


def test_the_scores_of_a_shard_are_those_of_its_own_rows(place: Path) -> None:
    command = [word.replace("{run}", "{other}") for word in READERS["export scores"]]
    code, said, files = asked(command, place)
    assert code == 0, said
    rows = [json.loads(line) for line in files["rows.jsonl"].splitlines()]
    said_before = [row["output"] for row in ROWS[1::2]]
    assert [row["realign_helpfulness_before"] for row in rows] == [len(t) / 20 for t in said_before]
