"""A name stands for a whole file or for none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from realign_local.base.atomic import beside, replacing, write_lines
from realign_local.base.errors import DiskError, PlaceError, UsageError


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_lines_are_written_and_replace_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    write_lines(path, ["é\u2028", "caf\udce9", "\ud800"])
    assert path.read_bytes() == "é\u2028\n".encode() + b"caf\xe9\n\\ud800\n"
    assert names(tmp_path) == ["out.jsonl"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def lines() -> Iterator[str]:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lines(path, lines())
    assert path.read_text() == "old"
    assert names(tmp_path) == ["out.jsonl"]


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    with (
        pytest.raises(DiskError, match=r"cannot write .*out: No space left on device"),
        replacing(tmp_path / "out"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(tmp_path) == []


@pytest.mark.parametrize("letter", ["n", "ü", "文"])
def test_the_longest_name_that_a_file_may_have(tmp_path: Path, letter: str) -> None:
    longest = letter * ((255 - len(".jsonl")) // len(letter.encode())) + ".jsonl"
    left, other = (
        tmp_path / f".{beside(name)}.999999999.{TOKEN}.tmp" for name in (longest, letter + longest)
    )
    left.write_text("half")
    other.write_text("half of another file")
    write_lines(tmp_path / longest, ["whole"])
    assert (tmp_path / longest).read_text() == "whole\n"
    assert {*names(tmp_path)} == {longest, other.name}


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for folder in (tmp_path / "out", Path(), Path("/")):
        with pytest.raises(UsageError, match="is a folder"):
            write_lines(folder, ["x"])
    with pytest.raises(DiskError, match="cannot write"):
        write_lines(tmp_path / "missing" / "out", ["x"])
    assert names(tmp_path) == ["out"]


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    target.write_text("old")
    link.symlink_to(target)
    write_lines(link, ["new"])
    assert link.is_symlink()
    assert target.read_text() == "new\n"


def test_a_link_to_itself_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(PlaceError, match=r"cannot write .*a: Too many levels"):
        write_lines(tmp_path / "a", ["new"])
    assert sorted(names(tmp_path)) == ["a", "b"]


def test_a_pipe_and_a_device_are_refused_and_stay(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, Path("/dev/null")):
        with pytest.raises(UsageError, match="a pipe or a device"):
            write_lines(place, ["new"])
        assert place.exists()
        assert not place.is_file()


TOKEN = "0123456789abcdef"
DIES = """
import os, sys
from pathlib import Path
from realign_local.base.atomic import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("open", flush=True)
    sys.stdin.read() if sys.argv[2] == "wait" else os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_what_a_killed_process_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    path, mine = tmp_path / "rows[1].jsonl", tmp_path / ".rows[1].jsonl.notes.tmp"
    mine.write_text("of somebody else")
    other = tmp_path / f".rows[1].jsonl.bak.999999999.{TOKEN}.tmp"
    other.write_text("of another file")
    command = [sys.executable, "-c", DIES, str(path)]
    assert subprocess.run([*command, "die"], capture_output=True).returncode == -9
    left = {p.name for p in tmp_path.iterdir()} - {mine.name, other.name}
    assert len(left) == 1
    with subprocess.Popen(
        [*command, "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as living:
        assert living.stdout is not None
        living.stdout.readline()
        write_lines(path, ["new"])
        (half,) = {*names(tmp_path)} - {path.name, mine.name, other.name}
        assert half.startswith(f".rows[1].jsonl.{living.pid}.")
        living.communicate()
    assert path.read_text() == "half"


@pytest.mark.skipif(os.name == "nt", reason="locks of POSIX")
def test_a_half_whose_process_is_out_of_sight_stays_while_it_is_locked(tmp_path: Path) -> None:
    import fcntl

    half = tmp_path / f".out.999999999.{TOKEN}.tmp"
    with half.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_lines(tmp_path / "out", ["new"])
        assert half.exists()
    write_lines(tmp_path / "out", ["new"])
    assert names(tmp_path) == ["out"]


def test_two_processes_of_one_number_write_two_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 7)
    with replacing(tmp_path / "out") as first, replacing(tmp_path / "out") as second:
        first.write(b"a" * 70_000)
        second.write(b"b" * 90_000)
        first.flush()
        assert len(names(tmp_path)) == 2
    assert (tmp_path / "out").read_bytes() == b"a" * 70_000
    assert names(tmp_path) == ["out"]


def test_only_files_of_the_very_form_are_swept(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    stay = {
        target.name, "out", ".out.999999999.tmp", f".out.0.{TOKEN}.tmp",
        f".out.0999999999.{TOKEN}.tmp", f".out.999999999.{TOKEN}0.tmp",
        f".out.999999999.{TOKEN.upper()}.tmp", f".out.{os.getppid()}.{TOKEN}.tmp",
    }  # fmt: skip
    for name in stay:
        (tmp_path / name).write_text("precious")
    left = [tmp_path / f".out.99999999{n}.{TOKEN}.tmp" for n in range(4)]
    left[0].symlink_to(target)
    left[1].mkdir()
    os.mkfifo(left[2])
    left[3].write_text("half")
    write_lines(tmp_path / "out", ["new"])
    assert {*names(tmp_path)} == {*stay, *(one.name for one in left[:3])}
    assert target.read_text() == "precious"


def test_a_name_that_is_taken_is_not_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: TOKEN)
    taken = tmp_path / f".out.{os.getpid()}.{TOKEN}.tmp"
    taken.symlink_to(tmp_path / "of another")
    with pytest.raises(DiskError, match="out"):
        write_lines(tmp_path / "out", ["new"])
    assert (taken.is_symlink(), taken.exists()) == (True, False)
