"""The encoder on a graphics card, with a stand-in for it: torch says that CUDA is there.

What is said to be the card is the CPU, so that everything but the card's own arithmetic is tried.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realign_local.base.assets import find_encoder
from realign_local.base.config import Settings
from realign_local.base.errors import AssetError
from realign_local.evidence.encoders import on_card
from realign_local.evidence.encoders.batching import (
    CARD_BATCH_TOKENS,
    ahead,
    batch_size,
    batches_of,
)
from realign_local.evidence.encoders.encoder import Encoder
from realign_local.run.tools import ClassifierTools

TEXTS = [
    "The heron stands in the reeds and waits.",
    "Bread.",
    "A canal of 48 kilometres joins the two lakes; it was dug between 1811 and 1819 by 900 men.",
    "Never mind. " * 40,
]


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return find_encoder(None)
    except AssetError:
        pytest.skip("the demo encoder is not installed")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Any:
    """torch.cuda as it is on a machine with a card of NVIDIA's Hopper kind."""
    import torch

    monkeypatch.delenv("REALIGN_GPU_LAYERS", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    monkeypatch.setattr(on_card, "DEVICE", "cpu")
    return torch.cuda


@pytest.mark.usefixtures("cuda")
def test_the_vectors_are_those_of_the_cpu(folder: Path) -> None:
    here = Encoder(folder, threads=2, use_card=False)
    there = Encoder(folder, threads=2)
    assert there._on_card
    assert not here._on_card
    assert np.allclose(there.encode(TEXTS * 3), here.encode(TEXTS * 3), atol=1e-4)
    assert np.allclose(there.encode(TEXTS, batch_tokens=16), here.encode(TEXTS), atol=1e-4)
    layers = {"threads": 2, "layers": (0.5, 1.0)}
    some = [Encoder(folder, **layers, use_card=wanted).encode(TEXTS) for wanted in (True, False)]
    assert np.allclose(some[0], some[1], atol=1e-4)


def test_bfloat16_is_taken_where_the_card_has_it(
    folder: Path, cuda: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder(folder, threads=2)
    assert encoder.fastest(TEXTS) == "bfloat16"
    near = np.sum(encoder.encode(TEXTS, precision="bfloat16") * encoder.encode(TEXTS), axis=1)
    assert near.min() > 0.99
    monkeypatch.setattr(cuda, "get_device_capability", lambda: (7, 5))
    assert encoder.fastest(TEXTS) == "float32"


@pytest.mark.usefixtures("cuda")
def test_int8_is_computed_on_the_cpu_also_where_there_is_a_card(folder: Path) -> None:
    encoder = Encoder(folder, threads=2)
    if not encoder.calibrate(TEXTS):
        pytest.skip("this PyTorch or CPU has no int8 products")
    assert not encoder._on_card
    here = Encoder(folder, threads=2, use_card=False)
    here.calibrate(TEXTS)
    assert np.array_equal(*[e.encode(TEXTS, precision="int8") for e in (encoder, here)])


@pytest.mark.usefixtures("cuda")
def test_a_card_that_torch_cannot_use_is_said_and_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(_forward: Any, _features: Any) -> Any:
        raise RuntimeError("CUDA error: no kernel image is available\nmore of it")

    plain, tries = Encoder._run, iter([refuses])
    monkeypatch.setattr(
        Encoder, "_run", lambda self, *given: next(tries, partial_of(plain, self))(*given)
    )
    with caplog.at_level(logging.WARNING):
        encoder = Encoder(folder, threads=2)
    assert "stays on the CPU: CUDA error: no kernel image is available" in caplog.text
    assert not encoder._on_card
    assert encoder.device == "cpu"
    assert encoder.encode(TEXTS).shape == (4, encoder.dim)


def partial_of(method: Any, self: Any) -> Any:
    return lambda *given: method(self, *given)


@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize("refused", [True, False])
def test_the_card_is_left_alone_where_that_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    monkeypatch.setenv("REALIGN_GPU_LAYERS", "0" if refused else "12")
    assert Encoder(folder, threads=2)._on_card is not refused


@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize("layers", [0, "auto"])
def test_a_run_without_the_card_keeps_its_encoder_off_it(
    folder: Path, layers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Encoder] = []
    plain = Encoder._first
    monkeypatch.setattr(Encoder, "_first", lambda self: made.append(self) or plain(self))
    tools = ClassifierTools(Settings(encoder=str(folder), gpu_layers=layers))
    with tools.classifier():
        assert [encoder._on_card for encoder in made] == [layers != 0]


def test_a_batch_is_halved_until_the_card_has_room_for_it(cuda: Any) -> None:
    import torch

    asked: list[int] = []
    features = {"input_ids": torch.arange(14).reshape(7, 2), "kind": "text", "count": 7}

    def run(given: dict[str, Any], most: int = 2) -> Any:
        asked.append(len(given["input_ids"]))
        assert (given.pop("kind"), given["count"]) == ("text", 7)
        if len(given["input_ids"]) > most:
            raise cuda.OutOfMemoryError("CUDA out of memory")
        return given["input_ids"].numpy()

    found = on_card.in_parts(torch, run, features)
    assert np.array_equal(found, features["input_ids"].numpy())
    assert asked == [7, 3, 1, 2, 4, 2, 2]
    with pytest.raises(AssetError, match="no memory left for the encoder"):
        on_card.in_parts(torch, lambda given: run(given, most=0), features)


def test_the_next_batch_is_made_ahead_and_what_fails_is_raised() -> None:
    made: list[int] = []

    def items() -> Any:
        for n in range(4):
            made.append(n)
            yield n
        raise ValueError("no more")

    coming = ahead(items())
    assert next(coming) == 0
    assert [next(coming) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="no more"):
        next(coming)
    assert made == [0, 1, 2, 3]
    assert list(ahead(iter([]))) == []


def test_a_card_takes_more_at_once() -> None:
    tokens, texts = batch_size(static=False, on_card=True)
    assert tokens == CARD_BATCH_TOKENS > batch_size(static=False, on_card=False)[0]
    assert [len(batch) for batch in batches_of([30] * 2500, tokens, 256, texts)] == [
        1024,
        1024,
        452,
    ]
