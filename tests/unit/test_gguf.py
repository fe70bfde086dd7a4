"""The GGUF reader: sound headers are understood, damaged files are refused with one line."""

from __future__ import annotations

import struct
import time
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import AssetError
from realign_local.base.weights.gguf import read_gguf

F32, STRING, ARRAY, U32 = 0, 8, 9, 4
METADATA: dict[str, Any] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.license": "mit",
    "llama.context_length": 128,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": ["a", "b", "c"],
}


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", STRING) + _text(value)
    if isinstance(value, list):
        kind = STRING if isinstance(value[0], str) else U32
        items = b"".join(_text(v) if kind == STRING else struct.pack("<I", v) for v in value)
        return struct.pack("<IIQ", ARRAY, kind, len(value)) + items
    return struct.pack("<II", U32, value)


def write_gguf(path: Path, metadata: Mapping[str, Any], *, values: int = 16) -> bytes:
    """A GGUF file with one f32 tensor of `values` numbers; returns its bytes."""
    pairs = b"".join(_text(key) + _value(value) for key, value in metadata.items())
    tensor = _text("weight") + struct.pack("<IQIQ", 1, values, F32, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(metadata)) + pairs + tensor
    data = header + b"\0" * (-len(header) % 32) + b"\0" * 4 * values
    path.write_bytes(data)
    return data


def test_reads_what_the_engine_needs(tmp_path: Path) -> None:
    write_gguf(tmp_path / "tiny.gguf", METADATA)
    info = read_gguf(tmp_path / "tiny.gguf")
    assert (info.architecture, info.name, info.licence) == ("llama", "Tiny", "mit")
    assert (info.context_tokens, info.layers, info.heads, info.vocabulary) == (128, 2, 4, 3)
    assert info.chat_template == "{{ messages }}"
    assert info.kv_bytes_per_token == 2 * (16 + 16) * 2 * 2  # f16, keys and values, heads, layers


def test_kv_heads_may_differ_by_layer(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", {**METADATA, "llama.attention.head_count_kv": [1, 3]})
    assert read_gguf(tmp_path / "m.gguf").kv_bytes_per_token == 2 * (16 + 16) * 4


def test_a_number_that_makes_no_sense_costs_no_memory(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", {**METADATA, "llama.block_count": 2**31 - 1})
    tracemalloc.start()
    info = read_gguf(tmp_path / "m.gguf")
    assert info.kv_bytes_per_token == 2 * (16 + 16) * 2 * (2**31 - 1)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    write_gguf(tmp_path / "m-00001-of-00002.gguf", {**METADATA, "split.count": 2**31 - 1})
    with pytest.raises(AssetError, match="parts"):
        read_gguf(tmp_path / "m-00001-of-00002.gguf")


@pytest.mark.parametrize(
    "pair",
    [
        _text("k") + struct.pack("<IQ", STRING, 1 << 27),
        struct.pack("<Q", 1 << 27),
        _text("k") + struct.pack("<IIQ", ARRAY, STRING, 1 << 24),
        _text("k") + (struct.pack("<IIQ", ARRAY, ARRAY, 4096) + struct.pack("<IQ", 0, 4096)),
    ],
    ids=["long text", "long key", "many texts", "arrays of arrays"],
)
def test_what_a_header_announces_is_bounded(tmp_path: Path, pair: bytes) -> None:
    """In a file of nothing but zeros there is room for all of it, and nothing breaks off."""
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + pair)
    with path.open("r+b") as file:
        file.truncate(1 << 28)
    tracemalloc.start()
    with pytest.raises(AssetError, match=r"does not make sense|not describe"):
        read_gguf(path)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("counts", [(1 << 23, 0), (0, 1 << 23)], ids=["tensors", "pairs"])
def test_more_entries_than_any_model_has_are_not_read(
    tmp_path: Path, counts: tuple[int, int]
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, *counts))
    with path.open("r+b") as file:
        file.truncate(1 << 28)
    begun = time.process_time()
    with pytest.raises(AssetError, match="does not make sense"):
        read_gguf(path)
    assert time.process_time() - begun < 1


def test_a_vocabulary_is_counted_not_kept(tmp_path: Path) -> None:
    tokens = [f"token {n}" for n in range(5000)]
    write_gguf(tmp_path / "m.gguf", {**METADATA, "tokenizer.ggml.tokens": tokens})
    info = read_gguf(tmp_path / "m.gguf")
    assert info.vocabulary == 5000
    assert not isinstance(info.metadata["tokenizer.ggml.tokens"], list)


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    data = write_gguf(path, METADATA)
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(AssetError, match=r"m\.gguf"):
            read_gguf(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a zip file", "must be b'GGUF'"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60), "does not make sense"),
    ],
)
def test_what_is_no_model_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "m.gguf").write_bytes(data)
    with pytest.raises(AssetError, match=words):
        read_gguf(tmp_path / "m.gguf")


def test_a_header_without_a_language_model_is_refused(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", {"general.architecture": "clip"})
    with pytest.raises(AssetError, match="does not describe a language model"):
        read_gguf(tmp_path / "m.gguf")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="cannot read"):
        read_gguf(tmp_path / "absent.gguf")
    with pytest.raises(AssetError, match="cannot read"):
        read_gguf(tmp_path)


def test_all_parts_of_a_split_model_must_be_there(tmp_path: Path) -> None:
    first = tmp_path / "big-00001-of-00002.gguf"
    write_gguf(first, {**METADATA, "split.count": 2})
    with pytest.raises(AssetError, match=r"big-00002-of-00002\.gguf is missing"):
        read_gguf(first)
    write_gguf(tmp_path / "big-00002-of-00002.gguf", METADATA)
    assert len(read_gguf(first).files) == 2
