"""The model begins to load while the encoder does, where that costs nobody anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.config import Settings
from realign_local.engine.capacity import TYPICAL_TOKENS, Capacity
from realign_local.engine.process.worker import Worker
from realign_local.run import tools
from realign_local.run.models import loaded_ahead
from realign_local.run.models.loaded_ahead import LoadedAhead

CAPACITY = Capacity(2048, 4, 512, 512, 1)


class Begun(Worker):
    """A worker that only counts."""

    def __init__(self) -> None:
        super().__init__({})
        self.begun = self.closed = 0

    def begin(self) -> Any:
        self.begun += 1

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Begun]:
    """The engines that were opened; the model is small and was probed."""
    found: list[Begun] = []

    def opens(*_: Any, **__: Any) -> Begun:
        found.append(Begun())
        return found[-1]

    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(loaded_ahead, "open_engine", opens)
    monkeypatch.setattr(loaded_ahead, "is_probed", lambda _: True)
    return found


def _begin(ahead: LoadedAhead, folder: Path, capacity: Capacity = CAPACITY) -> None:
    ahead.begin(folder / "m.gguf", lambda _: capacity, kept=None)


def test_it_is_begun_once_and_taken_once(made: list[Begun], tmp_path: Path) -> None:
    ahead = LoadedAhead()
    _begin(ahead, tmp_path)
    _begin(ahead, tmp_path)
    (worker,) = made
    assert ahead.take(TYPICAL_TOKENS) == (CAPACITY, worker)
    assert ahead.take(1) is None
    assert (worker.begun, worker.closed) == (1, 0)


def test_one_without_room_for_the_longest_row_is_closed(made: list[Begun], tmp_path: Path) -> None:
    ahead = LoadedAhead()
    _begin(ahead, tmp_path)
    assert ahead.take(TYPICAL_TOKENS + 1) is None
    assert made[0].closed == 1


def test_one_that_nobody_takes_is_closed(made: list[Begun], tmp_path: Path) -> None:
    ahead = LoadedAhead()
    _begin(ahead, tmp_path)
    del ahead
    assert made[0].closed == 1


@pytest.mark.parametrize("why", ["on a card", "large", "not probed"])
def test_where_it_would_harm_nothing_is_begun(
    made: list[Begun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "large":
        monkeypatch.setattr(loaded_ahead, "free_memory_bytes", lambda: 1)
    if why == "not probed":
        monkeypatch.setattr(loaded_ahead, "is_probed", lambda _: False)
    capacity = Capacity(2048, 4, 512, 512, 1, gpu_layers=9) if why == "on a card" else CAPACITY
    _begin(LoadedAhead(), tmp_path, capacity)
    assert made == []


@pytest.mark.parametrize(
    ("index", "mode", "is_begun"), [("", "encoder", 1), ("wiki", "encoder", 0), ("", "llm", 0)]
)
def test_only_an_encoder_has_the_model_beside_it(
    monkeypatch: pytest.MonkeyPatch, index: str, mode: str, is_begun: int
) -> None:
    @contextmanager
    def labels(_self: Any) -> Iterator[str]:
        yield "label"

    class Counts:
        begun = 0

        def begin(self, *_: Any, **__: Any) -> None:
            self.begun += 1

    class Choice:
        def __init__(self) -> None:
            self.mode = mode

    local = object.__new__(tools.LocalTools)
    ahead: Any = Counts()
    local.settings, local.index, local.choice = Settings(), Path(index) if index else None, Choice()  # type: ignore[assignment]
    local.model, local.ahead = Path("m"), ahead
    monkeypatch.setattr(tools.ClassifierTools, "classifier", labels)
    with local.classifier() as label:
        assert label == "label"  # type: ignore[comparison-overlap]
    assert ahead.begun == is_begun
