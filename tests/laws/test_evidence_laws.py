"""Laws: windows lose no word and keep their bound; damage never costs what stands before it."""

from __future__ import annotations

import bz2
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.evidence import dump
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


@settings(deadline=None, max_examples=40)
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
