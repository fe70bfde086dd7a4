"""A damaged GGUF file is refused or understood, never a crash, a hang or another exception."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.errors import AssetError
from realign_local.base.weights.gguf import read_gguf
from tests.unit.test_gguf import METADATA, write_gguf


@given(st.lists(st.tuples(st.integers(4, 600), st.integers(0, 255)), min_size=1, max_size=8))
def test_flipped_bytes_never_escape(changes: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.gguf"
        data = bytearray(write_gguf(path, METADATA))
        for place, value in changes:
            data[place % len(data)] = value
        path.write_bytes(data)
        with contextlib.suppress(AssetError):
            info = read_gguf(path)
            assert info.layers
            assert info.kv_bytes_per_token >= 0
