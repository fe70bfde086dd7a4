"""Laws: windows lose no word and keep their bound; damage never costs what stands before it."""

from __future__ import annotations

import bz2
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.evidence.building import decompress, dump
from realign_local.evidence.building.decompress import Reading, chunks
from realign_local.evidence.passages import sentences, windows

PAGE = (
    "<page><title>T{0}</title><ns>0</ns><id>{0}</id>"
    "<revision><id>9</id><text>body {0}</text></revision></page>\n"
)


def words(text: str) -> int:
    return len(text.split())


TEXTS = st.text(st.sampled_from("ab. A!?\n1\"'()。é "), max_size=300)


@given(text=TEXTS, most=st.integers(4, 40))
def test_windows_keep_every_word_within_the_bound(text: str, most: int) -> None:
    found = list(windows(text, count=words, most_tokens=most))
    assert all(0 < words(window) <= most for window in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(text=TEXTS)
def test_sentences_keep_every_character_but_spaces(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@settings(max_examples=40)
@given(cut=st.floats(0, 1), streams=st.integers(1, 4), packed=st.booleans())
def test_everything_before_a_tear_is_read(cut: float, streams: int, packed: bool) -> None:
    parts = ["<mediawiki>", *(PAGE.format(i) * 1 for i in range(streams)), "</mediawiki>"]
    packer = bz2.compress if packed else bytes
    pieces = [packer(part.encode()) for part in parts]
    whole = b"".join(pieces)
    torn = whole[: max(len(pieces[0]), int(len(whole) * cut))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.xml"
        path.write_bytes(torn)
        source = dump.open_source(path)
        titles = [document.title for document in source]
    complete = sum(len(torn) >= sum(map(len, pieces[: n + 2])) for n in range(streams))
    assert titles[:complete] == [f"T{i}" for i in range(complete)]
    assert bool(source.damage) == (torn != whole)


def unpacked(path: Path, threads: int) -> tuple[bytes, str]:
    reading = Reading(path)
    data = b"".join(chunks(reading, threads=threads))
    assert reading.damage or reading.read_bytes == path.stat().st_size
    return data, reading.damage


@settings(max_examples=60)
@given(
    parts=st.lists(st.binary(max_size=60_000), min_size=1, max_size=7),
    padded=st.booleans(),
    cut=st.one_of(st.none(), st.floats(0, 1)),
    flipped=st.one_of(st.none(), st.floats(0, 1, exclude_max=True)),
    threads=st.integers(2, 4),
)
def test_streams_side_by_side_are_as_one_by_one(
    parts: list[bytes], padded: bool, cut: float | None, flipped: float | None, threads: int
) -> None:
    whole = bytearray(b"".join(bz2.compress(p) + b"\0" * 3 * padded for p in parts))
    if flipped is not None:
        whole[int(len(whole) * flipped)] ^= 4
    if cut is not None:
        del whole[max(4, int(len(whole) * cut)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.bz2"
        path.write_bytes(whole)
        alone = unpacked(path, 1)
        assert unpacked(path, threads) == alone
    if cut is None and flipped is None:
        assert alone == (b"".join(parts), "")


@pytest.mark.parametrize("limit", ["MOST_PACKED_BYTES", "MOST_UNPACKED_BYTES"])
def test_a_very_long_stream_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(decompress, "SCANNED_BYTES", 500)
    monkeypatch.setattr(decompress, limit, 2000)
    parts = [random.Random(seed).randbytes(size) for seed, size in enumerate((900, 7000, 900))]
    path = tmp_path / "rows.bz2"
    path.write_bytes(b"".join(map(bz2.compress, parts)))
    assert unpacked(path, 3) == (b"".join(parts), "")
