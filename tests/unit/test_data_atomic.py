"""A name stands for a whole file or for none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from realign_local.base.atomic import replacing, write_lines
from realign_local.base.errors import DiskError, UsageError


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


def test_a_pipe_and_a_device_are_refused_and_stay(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, Path("/dev/null")):
        with pytest.raises(UsageError, match="a pipe or a device"):
            write_lines(place, ["new"])
        assert place.exists()
        assert not place.is_file()
