"""The choice of sizes: what fits, what is refused, and that more memory never gives less."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.errors import EngineError
from realign_local.base.weights.gguf import GgufInfo, HeaderCount
from realign_local.engine.capacity import GIB, Capacity, choose_capacity, compute_bytes, held_slots

SMALL = GgufInfo(
    path=Path("small.gguf"),
    file_bytes=GIB // 2,
    metadata={
        "general.architecture": "qwen2",
        "qwen2.context_length": 32768,
        "qwen2.block_count": 24,
        "qwen2.embedding_length": 896,
        "qwen2.attention.head_count": 14,
        "qwen2.attention.head_count_kv": 2,
        "tokenizer.ggml.tokens": HeaderCount(151_936),
    },
    tensors=291,
)


def _key_bytes(capacity: Capacity) -> int:
    each = capacity.context_tokens // capacity.sequences
    return each * (capacity.sequences + held_slots(capacity.sequences)) * SMALL.kv_bytes_per_token


def test_sixteen_rows_where_memory_allows() -> None:
    capacity = choose_capacity(SMALL, free_bytes=16 * GIB, threads=4)
    assert (capacity.sequences, capacity.threads) == (16, 4)
    assert capacity.context_tokens == 16 * 2048
    assert "16 rows" in capacity.reason


def test_a_long_request_gets_room_and_the_trained_length_bounds_it() -> None:
    long = choose_capacity(SMALL, free_bytes=64 * GIB, threads=1, longest_request_tokens=6000)
    assert long.context_tokens // long.sequences >= 6000
    most = choose_capacity(SMALL, free_bytes=256 * GIB, threads=1, longest_request_tokens=10**6)
    assert most.context_tokens // most.sequences == 32768


def test_little_memory_gives_fewer_rows_then_shorter_ones() -> None:
    tight = choose_capacity(
        SMALL, free_bytes=int(1.5 * GIB), threads=1, longest_request_tokens=6000
    )
    assert tight.sequences <= 4
    assert "are refused" in tight.reason


def test_too_little_memory_is_an_error_that_names_the_model() -> None:
    with pytest.raises(EngineError, match=r"small\.gguf needs about .* GiB"):
        choose_capacity(SMALL, free_bytes=GIB // 4, threads=1)


def test_what_was_asked_for_is_kept() -> None:
    capacity = choose_capacity(SMALL, free_bytes=16 * GIB, threads=1, parallel=3)
    assert (capacity.sequences, capacity.gpu_layers) == (3, 0)
    with pytest.raises(EngineError):
        choose_capacity(SMALL, free_bytes=2 * GIB, threads=1, parallel=500)


@given(st.integers(1, 64 * GIB), st.integers(1, 40_000), st.integers(0, 8 * GIB))
def test_never_more_than_is_free_and_never_less_for_more(
    free: int, longest: int, more: int
) -> None:
    try:
        capacity = choose_capacity(
            SMALL, free_bytes=free, threads=1, longest_request_tokens=longest
        )
    except EngineError:
        return
    assert _key_bytes(capacity) + compute_bytes(SMALL, capacity.batch_tokens) <= free
    richer = choose_capacity(
        SMALL, free_bytes=free + more, threads=1, longest_request_tokens=longest
    )
    assert richer.sequences >= capacity.sequences
