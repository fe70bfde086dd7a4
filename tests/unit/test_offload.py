"""What goes onto graphics cards: whole models, parts of them, rows by the card's own memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.errors import EngineError
from realign_local.base.weights.gguf import GgufInfo, HeaderCount
from realign_local.engine.capacity import (
    ALL_LAYERS,
    GIB,
    Capacity,
    Device,
    choose_capacity,
    compute_bytes,
    slots_for,
)
from realign_local.engine.process.offload import (
    CONTEXT_BYTES,
    ENOUGH_ROWS,
    Cards,
    offload,
)
from tests.unit.test_capacity import SMALL

LARGE = GgufInfo(
    path=Path("large.gguf"),
    file_bytes=5 * GIB,
    metadata={
        "general.architecture": "llama",
        "llama.context_length": 8192,
        "llama.block_count": 32,
        "llama.embedding_length": 4096,
        "llama.attention.head_count": 32,
        "llama.attention.head_count_kv": 8,
        "tokenizer.ggml.tokens": HeaderCount(128_256),
    },
    tensors=291,
)


def card(free_bytes: int) -> Device:
    return Device("CUDA0", "A card", free_bytes, free_bytes + GIB)


def cards(free_bytes: int, info: GgufInfo = SMALL, *, need: int = 2048) -> Cards:
    return Cards((card(free_bytes),), info, need)


ON_CPU = choose_capacity(SMALL, free_bytes=32 * GIB, threads=16)


def taken_bytes(capacity: Capacity, found: Cards) -> int:
    each = capacity.context_tokens // capacity.sequences
    keys = each * slots_for(capacity.sequences) * found.kv_bytes
    scratch = compute_bytes(found.info, capacity.micro_batch_tokens)
    return capacity.engines * (found.info.file_bytes + keys + scratch + CONTEXT_BYTES)


def test_a_large_card_takes_hundreds_of_rows_in_two_engines() -> None:
    capacity = offload(cards(78 * GIB), ON_CPU)
    assert (capacity.engines, capacity.sequences, capacity.gpu_layers) == (2, 224, ALL_LAYERS)
    assert capacity.threads == 8
    assert "2 x 224 rows" in capacity.reason


def test_with_few_cores_one_engine_is_enough() -> None:
    assert offload(cards(78 * GIB), replace(ON_CPU, threads=2)).engines == 1


def test_a_laptops_card_takes_one_engine_with_fewer_rows() -> None:
    capacity = offload(cards(4 * GIB), ON_CPU)
    assert capacity.engines == 1
    assert 4 <= capacity.sequences < 224
    assert capacity.gpu_layers == ALL_LAYERS


def test_smaller_keys_give_more_rows() -> None:
    tight = cards(7 * GIB, LARGE)
    whole = offload(tight, ON_CPU)
    smaller = offload(replace(tight, kv_type="q8_0"), ON_CPU)
    assert smaller.kv_type == "q8_0"
    assert smaller.sequences > whole.sequences


def test_what_does_not_fit_goes_there_in_part() -> None:
    capacity = offload(cards(3 * GIB, LARGE), ON_CPU)
    assert 0 < capacity.gpu_layers < 32
    assert capacity.sequences == ON_CPU.sequences
    assert "layers on A card" in capacity.reason


def test_a_card_too_small_for_a_layer_is_an_error_with_a_way_out() -> None:
    with pytest.raises(EngineError, match="no layer of large") as error:
        offload(cards(GIB, LARGE), ON_CPU)
    assert "--gpu-layers 0" in error.value.hint


def test_what_was_asked_for_is_kept() -> None:
    assert offload(cards(78 * GIB), ON_CPU, layers=7).gpu_layers == 7
    assert offload(cards(78 * GIB), ON_CPU, parallel=20).sequences == 20
    many = offload(cards(78 * GIB), ON_CPU, parallel=300)
    assert (many.engines, many.sequences) == (2, 150)


@given(st.integers(GIB, 90 * GIB), st.integers(0, 20 * GIB), st.sampled_from([300, 2048, 9000]))
def test_never_more_than_the_card_has_and_enough_stays_enough_with_more(
    free: int, more: int, need: int
) -> None:
    found = cards(free, need=need)
    try:
        capacity = offload(found, ON_CPU)
    except EngineError:
        return
    if capacity.gpu_layers == ALL_LAYERS:
        assert taken_bytes(capacity, found) <= free
    larger = offload(cards(free + more, need=need), ON_CPU)
    rows, more_rows = (one.engines * one.sequences for one in (capacity, larger))
    is_short = capacity.context_tokens // capacity.sequences < need
    # More memory may go into longer rows, larger steps or a second engine, but not below enough.
    assert more_rows >= min(rows, ENOUGH_ROWS) or is_short or capacity.gpu_layers < ALL_LAYERS
