"""Inputs that have no end, come only once or take too much: bounded, and named in one line."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner

from realign_local.base import untrusted
from realign_local.base.errors import DataError
from realign_local.cli.rows.run import command
from realign_local.data.formats import open_dataset
from realign_local.data.reading import columnar, containers, spool

ROW = json.dumps({"instruction": "Who built it?", "output": "Ada Crane built it."}) + "\n"
ONCE = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")


def _run(source: str, run: Path, **more: str) -> BaseException | None:
    args = [source, "-o", str(run), "--mode", "tidy", "-q"]
    return CliRunner().invoke(command, args, **more).exception  # type: ignore[arg-type]


def _written(run: Path) -> str:
    return (run / "output.jsonl").read_text(encoding="utf-8")


@ONCE
@pytest.mark.parametrize("wait_s", [0.0, 0.3])
def test_what_comes_through_a_pipe_is_read_whole(tmp_path: Path, wait_s: float) -> None:
    pipe, rows = tmp_path / "pipe", ROW * 3000
    os.mkfifo(pipe)

    def write() -> None:
        time.sleep(wait_s)
        pipe.write_text(rows)

    writer = threading.Thread(target=write)
    writer.start()
    assert _run(str(pipe), tmp_path / "run") is None
    writer.join()
    assert _written(tmp_path / "run") == (tmp_path / "run" / "input").read_text() == rows


@ONCE
def test_a_pipe_that_nobody_writes_to_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted, "WRITER_WAIT_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    failed = _run(str(tmp_path / "pipe"), tmp_path / "run")
    assert isinstance(failed, DataError)
    assert "nobody writes to it" in str(failed)
    with pytest.raises(DataError, match="is a pipe, which can be read only once"):
        open_dataset(tmp_path / "pipe")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_dataset(tmp_path: Path, device: str) -> None:
    if not Path(device).exists():
        pytest.skip(f"there is no {device}")
    failed = _run(device, tmp_path / "run")
    assert isinstance(failed, DataError)
    assert f"{device} is a device" in str(failed)


def test_standard_input_is_kept_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"\xef\xbb\xbf{}\r\n\xff"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert spool.spool(Path("-"), tmp_path / "input").read_bytes() == data
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\0" * 99)))
    with pytest.raises(DataError, match="nothing but NUL bytes"):
        spool.spool(Path("-"), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_nul_bytes_among_good_rows_are_a_row(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(ROW.encode() + b"\0" * 4096 + b"\n" + ROW.encode())
    found = [row.samples[0].reason is None for row in open_dataset(path).rows()]
    assert found == [True, False, True]
    path.write_bytes(b"\0" * 4096)
    with pytest.raises(DataError, match="is nothing but NUL bytes"):
        open_dataset(path)


def test_a_copy_in_the_run_is_not_copied_onto_itself(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert _run("-", run, input=ROW) is None
    assert _run(str(run / "input"), run) is None
    assert _written(run) == ROW
    args = [str(run / "input"), "-o", str(run), "--mode", "tidy", "-q", "--encoding", "cp1252"]
    assert CliRunner().invoke(command, args).exception is None
    assert (run / "input").read_text() == ROW


BEFORE_THE_END = {
    "d.jsonl": b'{"instruction": "',
    "d.json": b'[{"instruction": "',
    "stream.json": b'{\n"instruction": "',
    "d.csv": b'instruction,output\n"',
}


@pytest.mark.parametrize("name", BEFORE_THE_END)
def test_a_bomb_is_named_and_takes_little_memory(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "MAX_ROW_CHARS", 1 << 20)
    path = tmp_path / f"{name}.zst"
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
        packed.write(BEFORE_THE_END[name])
        for _ in range(40):
            packed.write(b"a" * (1 << 20))
    with pytest.raises(DataError, match=rf"{name}.*: .* has no end within 1,048,576 characters"):
        list(open_dataset(path).rows())


def test_a_piece_of_packed_data_never_grows_to_much(tmp_path: Path) -> None:
    from realign_local.data.reading import source

    path = tmp_path / "d.jsonl.zst"
    path.write_bytes(zstandard.compress(b"a" * (200 << 20)))
    largest, plain = 0, source._Unzstd._more

    def more(self: source._Unzstd) -> bool:
        nonlocal largest
        done = plain(self)
        largest = max(largest, len(self._ready))
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source._Unzstd, "_more", more)
        assert len(source.first_bytes(path, 1 << 10)) == 1 << 10
    assert 0 < largest <= 64 << 20


def test_a_table_of_very_many_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    names = [f"c{n}" for n in range(columnar.MAX_COLUMNS + 1)]
    path.write_text(f"{','.join(names)}\n{','.join('x' for _ in names)}\n")
    with pytest.raises(DataError, match=r"d.csv:1: 10,001 columns, at most 10,000 are read"):
        open_dataset(path)


UNCLOSED: list[Callable[[int], str]] = [
    lambda n: "[" + "{" * n,
    lambda n: "[" + "{" * n + "]" * n,
    lambda n: "[" + '{"a":' * n,
    lambda n: "[" + "[{" * n + "]" * n,
    lambda n: "{" * n,
    lambda n: "{\n" * n,
    lambda n: '{"a":{"b":[' * n,
    lambda n: '[{"a": "' + '\\"' * n,
]


@pytest.mark.parametrize("make", UNCLOSED)
def test_unclosed_brackets_take_no_quadratic_time(
    tmp_path: Path, make: Callable[[int], str]
) -> None:
    """Quadratic, they took minutes."""
    path = tmp_path / "d.json"
    path.write_text(make(50_000))
    started = time.monotonic()
    with pytest.raises(DataError):
        open_dataset(path)
    assert time.monotonic() - started < 20
