"""Input that nobody meant: one line with the contract's code, and nothing that is there is lost."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from realign_local.base.errors import DataError, DiskError, PlaceError, UsageError
from realign_local.base.reasons import Reason
from realign_local.classifier.choice import read_choice
from realign_local.cli.terminal.output import LONGEST, clipped
from realign_local.commands.merge import _all_or_nothing, _clear, _place_for
from realign_local.data.formats import open_dataset
from realign_local.data.reading.encodings import codec_name
from realign_local.evidence.recall import read_questions
from realign_local.run.files import rundir
from tests.command import realign

GOOD = {"instruction": "Which bird sings?", "output": "The wren   sings.It is small."}


def _rows(path: Path, *texts: str) -> Path:
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def _refused(done: CompletedProcess[str], code: int, *named: str) -> None:
    lines = done.stderr.splitlines()
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert sum(line.startswith("error: ") for line in lines) == 1
    assert "unexpected" not in done.stderr
    for name in named:
        assert name in done.stderr


@pytest.mark.parametrize("first", [True, False])
def test_a_number_longer_than_python_reads_is_a_row_of_its_own(tmp_path: Path, first: bool) -> None:
    odd = '{"instruction": "q", "output": "r", "n": ' + "7" * 5000 + "}"
    texts = [odd, json.dumps(GOOD)] if first else [json.dumps(GOOD), odd]
    dataset = open_dataset(_rows(tmp_path / "in.jsonl", *texts))
    found = {row.text: row.samples[0] for row in dataset.rows()}
    assert found[odd].reason is Reason.MALFORMED_ROW
    assert "4,300 digits" in found[odd].detail
    assert found[texts[first]].reason is None


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "raw_unicode_escape"])
def test_a_notation_is_no_encoding_of_a_file(name: str) -> None:
    with pytest.raises(UsageError, match="unknown encoding"):
        codec_name(name)


def test_an_encoding_that_wants_a_mark_is_told_by_name(tmp_path: Path) -> None:
    source = _rows(tmp_path / "in.jsonl", json.dumps(GOOD))
    done = realign("run", source, "-o", tmp_path / "r", "--mode", "tidy", "--encoding", "utf-16")
    _refused(done, 5, "not valid utf-16")


@pytest.mark.parametrize("odd", ['"title": ["a"]', '"title": 5', '"question": 5, "title": "a"'])
def test_a_question_of_another_type_is_named(tmp_path: Path, odd: str) -> None:
    path = _rows(tmp_path / "q.jsonl", f'{{"question": "who?", {odd}}}')
    with pytest.raises(DataError, match=r"q\.jsonl:1: question and title"):
        read_questions(path)


def test_a_classifier_without_its_folder_is_a_wrong_option() -> None:
    with pytest.raises(UsageError, match="both: names no folder"):
        read_choice("both:")


def test_a_place_that_cannot_be_written_is_a_wrong_option_and_a_full_disk_is_not() -> None:
    missing = DiskError.about("write", "x", FileNotFoundError(2, "No such file or directory"))
    assert (type(missing), missing.exit_code) == (PlaceError, 2)
    assert DiskError.about("write", "x", OSError(28, "No space left on device")).exit_code == 1


def test_a_message_is_never_longer_than_a_person_reads() -> None:
    text = clipped("a" * 4000 + "z")
    assert len(text) < LONGEST + 10
    assert text.startswith("a")
    assert text.endswith("z")
    _refused(realign("criteria", "show", "t" * 5000), 2, "[...]")


def test_a_run_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    (tmp_path / "file").write_text("")
    _refused(realign("report", tmp_path / "nigth"), 5, "no folder", "night?")
    _refused(realign("merge", tmp_path / "no", "-o", tmp_path / "all"), 5, "no folder")
    _refused(realign("review", tmp_path / "file"), 5, "is a file")
    _refused(realign("export", tmp_path / "night", "--to", "kto", "-o", "x"), 5, "has no run.toml")


def test_verify_knows_the_input_of_a_run_and_its_part(tmp_path: Path) -> None:
    texts = [json.dumps(GOOD | {"instruction": f"Which bird is no {n}?"}) for n in range(7)]
    source = _rows(tmp_path / "in.jsonl", *texts)
    common = ("--mode", "tidy", "-q")
    for name, more in (("all", ()), ("part", ("--shard", "2/3")), ("few", ("-n", "4"))):
        assert realign("run", source, "-o", tmp_path / name, *common, *more).returncode == 0
        for line in ([tmp_path / name], [source, tmp_path / name]):
            done = realign("verify", *line, "--json")
            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)
            assert (told["rows"], told["violations"]) == ({"all": 7, "part": 2, "few": 4}[name], 0)
    _refused(realign("verify", source), 2, "REWRITTEN is missing")
    _rows(source, *texts[1:])
    _refused(realign("verify", tmp_path / "all"), 5, "was changed since")
    source.unlink()
    _refused(realign("verify", tmp_path / "all"), 5, "is not there any more")


def test_another_standard_input_leaves_the_copy_that_a_run_has(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    line = ("run", "-", "-o", folder, "--mode", "tidy", "-q")
    birds, fish = json.dumps(GOOD) + "\n", '{"question": "Is a carp a fish?", "answer": "Yes."}\n'
    assert realign(*line, text=birds).returncode == 0
    for other in (fish, "", "no rows at all\n"):
        assert realign(*line, text=other).returncode in (2, 5)
        assert (folder / rundir.INPUT).read_text() == birds
    (folder / rundir.INPUT).rename(folder / rundir.ASIDE)  # as a kill leaves it
    done = realign("run", folder / rundir.INPUT, "-o", folder, "--mode", "tidy", "-q")
    assert done.returncode == 5  # named before the folder is opened
    assert realign(*line, text=fish).returncode == 2
    assert (folder / rundir.INPUT).read_text() == birds
    assert realign(*line, text=birds + birds).returncode == 0
    assert sorted(path.name for path in folder.glob(".*")) == []


def test_what_a_killed_merge_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    into = tmp_path / "all"
    made = _place_for(into)
    made.mkdir()
    (made / rundir.JOURNAL).write_bytes(b"half of one")
    _clear(made)
    assert not made.exists()
    with _all_or_nothing(into) as folder:
        folder.mkdir()
    assert [path.name for path in tmp_path.iterdir()] == ["all"]


def test_what_follows_the_end_of_a_bundle_is_told(tmp_path: Path) -> None:
    from realign_local.commands.bundle import unpack

    files: dict[str, object] = {}
    manifest = {"format": 1, "files": files}
    machine = {"python": "p", "platform": "l", "libc": "g", "cpu": []}
    known = {"program": "p", "created": "c", "machine": machine, "model": "m", "index": False}
    manifest |= known | {"own_criteria": False, "installed_bytes": 1}
    data = json.dumps(manifest | {"self": unpack.self_sha256(manifest)}).encode()
    (tmp_path / unpack.MANIFEST).write_bytes(data)
    archive = tmp_path / "b.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(tmp_path / unpack.MANIFEST, f"{unpack.TOP}/{unpack.MANIFEST}")
    assert unpack.check_archive(archive)["format"] == 1
    archive.write_bytes(archive.read_bytes() + b"\0" * 512 + b"more")
    with pytest.raises(unpack.Damaged, match="something follows the end"):
        unpack.check_archive(archive)
    with pytest.raises(unpack.Damaged, match="no archive"):
        unpack.unpack(tmp_path / "none.tar", tmp_path / "there")


def test_help_is_ascii_on_every_terminal() -> None:
    import click

    from realign_local.cli import realign as root

    def walk(ctx: click.Context) -> None:
        assert ctx.command.get_help(ctx).isascii(), ctx.command_path
        if isinstance(ctx.command, click.Group):
            for name in ctx.command.list_commands(ctx):
                command = ctx.command.get_command(ctx, name)
                assert command
                walk(click.Context(command, parent=ctx, info_name=name))

    walk(click.Context(root, info_name="realign"))
