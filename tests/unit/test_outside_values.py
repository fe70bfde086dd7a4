"""Values from outside that make no sense: servers, tokenizers, model headers, no home."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import AssetError, UsageError
from realign_local.base.machine import cache_folder
from realign_local.base.weights.gguf import read_gguf, whole
from realign_local.engine.bench.server import check_address, requests_per_second
from realign_local.engine.request import Message, Request, Span
from realign_local.evidence.encoders.tokens import TokenCounter
from tests.unit.test_gguf import METADATA, write_gguf


@pytest.mark.parametrize(
    "url", ["gopher://h", "file:///etc", "http://", "http://h:70000", "http://h:x", "http://[1"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UsageError, match="not the address") as caught:
        check_address(url)
    assert url in str(caught.value)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "http://h/v1", "https://h:1", "http://[::1]:8"])
def test_an_address_that_is_one(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize("length", ["3" * 40, "9" * 15])
def test_a_content_length_beyond_sense(length: str) -> None:
    request = Request("k", (Message("user", "hi"),), (Span(max_tokens=2),))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            link, _ = server.accept()
            with link:
                link.recv(1 << 16)
                link.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{{}}".encode())

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(UsageError, match="127"):
            requests_per_second(url, [request], at_once=1)
        thread.join()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"model": 3}', "\x00"])
def test_a_broken_tokenizer(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(AssetError, match=r"tokenizer\.json is no tokenizer"):
        TokenCounter(tmp_path)


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REALIGN_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", str)
    assert cache_folder().is_relative_to(tempfile.gettempdir())


@pytest.mark.parametrize("alignment", [0, "wide"])
def test_an_alignment_that_is_none(tmp_path: Path, alignment: Any) -> None:
    write_gguf(tmp_path / "m.gguf", {**METADATA, "general.alignment": alignment})
    with pytest.raises(AssetError, match="alignment"):
        read_gguf(tmp_path / "m.gguf")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("llama.context_length", "long"),
        ("llama.attention.head_count_kv", "two"),
        ("llama.attention.head_count", ["x", "y"]),
        ("split.count", "many"),
        ("tokenizer.ggml.tokens", 7),
    ],
)
def test_a_count_that_is_none(tmp_path: Path, key: str, value: Any) -> None:
    write_gguf(tmp_path / "m.gguf", {**METADATA, "llama.vocab_size": 3, key: value})
    info = read_gguf(tmp_path / "m.gguf")
    assert info.vocabulary == 3
    assert info.kv_bytes_per_token >= 0
    assert info.context_tokens in (0, 128)
    assert info.files == (tmp_path / "m.gguf",)


def test_a_context_of_nan(tmp_path: Path) -> None:
    data = write_gguf(tmp_path / "m.gguf", METADATA)
    key = b"llama.context_length"
    at = data.index(key) + len(key)
    odd = data[:at] + struct.pack("<If", 6, float("nan")) + data[at + 8 :]
    (tmp_path / "m.gguf").write_bytes(odd)
    assert read_gguf(tmp_path / "m.gguf").context_tokens == 0


def test_whole() -> None:
    odd: tuple[object, ...] = ("9", None, [], float("inf"), float("nan"), -3)
    assert [whole(value) for value in odd] == [0] * 6
    assert (whole(7), whole(7.9)) == (7, 7)
