"""What graphics cards take: layers of the model, rows at once, and how many engines share them.

A card evaluates hundreds of rows in the time of a few, and holds far more keys and values than a
CPU's rows need; what bounds it is its own memory:

    free memory = engines * (weights + keys and values of all slots + scratch + driver's own)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from realign_local.base.errors import EngineError
from realign_local.base.weights.gguf import GgufInfo
from realign_local.engine.capacity import (
    ALL_LAYERS,
    CELL_STEP,
    FEW_SEQUENCES,
    GIB,
    LEAST_TOKENS,
    Capacity,
    Device,
    KvType,
    compute_bytes,
    padded,
    slots_for,
)

CARD_SHARE = 0.92
"""Part of a card's free memory that may be planned for; what else uses it may grow."""
CONTEXT_BYTES = GIB // 2
"""What the driver and its libraries take for each process."""
ROWS = (224, 192, 160, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""Rows at once, best first. With the slots that hold beginnings 224 are all the sequences that
llama.cpp can tell apart (256)."""
BATCH_TOKENS = (2048, 1024, 512)
"""Tokens of a step, best first; the scratch memory grows with them."""
ENOUGH_ROWS = 16
"""With so many at once larger steps are worth more than more rows."""
ENGINES = 2
"""Engines on a card with memory for them: one prepares a step while the other's is computed."""
ROWS_OF_AN_ENGINE = 64
"""A second engine pays only where each has so many rows at once."""
CORES_OF_AN_ENGINE = 2
KV_SHARE = {"f16": 1.0, "q8_0": 34 / 64}
"""Size of keys and values against f16: q8_0 has 34 bytes for 32 numbers."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of this machine, together, and what a row needs on them."""

    devices: Sequence[Device]
    info: GgufInfo
    need_tokens: int
    kv_type: KvType = "f16"

    @property
    def room_bytes(self) -> int:
        """Memory that may be planned for."""
        return int(sum(device.free_bytes for device in self.devices) * CARD_SHARE)

    @property
    def kv_bytes(self) -> int:
        """Keys and values of one token over all layers."""
        return max(1, int(self.info.kv_bytes_per_token * KV_SHARE[self.kv_type]))

    def cells(self, *, engines: int, batch_tokens: int) -> int:
        """Tokens whose keys and values one of so many engines can hold, all layers on the card."""
        taken = self.info.file_bytes + compute_bytes(self.info, batch_tokens) + CONTEXT_BYTES
        return max(0, self.room_bytes // engines - taken) // self.kv_bytes

    def rows(self, *, engines: int, batch_tokens: int) -> int:
        """The most rows of the needed length that fit at once into each engine."""
        cells = self.cells(engines=engines, batch_tokens=batch_tokens)
        return next((rows for rows in ROWS if slots_for(rows) * self.need_tokens <= cells), 0)


def offload(
    cards: Cards,
    on_cpu: Capacity,
    *,
    layers: int | Literal["auto"] = "auto",
    parallel: int | Literal["auto"] = "auto",
) -> Capacity:
    """The engine on the cards: whole where it fits, rather with short rows than in parts.

    `on_cpu` is the engine without cards: what it has of rows and threads is kept where only some
    layers fit. Raises EngineError where not even one does.
    """
    if layers != "auto" and layers <= cards.info.layers:
        return replace(_offload_some(cards, on_cpu), gpu_layers=layers)
    whole = _offload_all(cards, threads=on_cpu.threads, parallel=parallel)
    if whole is None and cards.need_tokens > LEAST_TOKENS:
        short = replace(cards, need_tokens=LEAST_TOKENS)
        few = FEW_SEQUENCES if parallel == "auto" else min(parallel, FEW_SEQUENCES)
        whole = _offload_all(short, threads=on_cpu.threads, parallel=few)
    return whole or _offload_some(cards, on_cpu)


def _offload_all(cards: Cards, *, threads: int, parallel: int | Literal["auto"]) -> Capacity | None:
    """The largest engine with all layers on the cards, or None where that does not fit."""
    engines = max(1, min(ENGINES, threads // CORES_OF_AN_ENGINE))
    if engines > 1 and (parallel == "auto" or parallel >= engines * ROWS_OF_AN_ENGINE):
        rows = cards.rows(engines=engines, batch_tokens=BATCH_TOKENS[0])
        rows = rows if parallel == "auto" else min(rows, parallel // engines)
        if rows >= ROWS_OF_AN_ENGINE:
            return _capacity(cards, rows, BATCH_TOKENS[0], threads=threads, engines=engines)
    most = ROWS[0] if parallel == "auto" else parallel
    for batch in BATCH_TOKENS:
        rows = min(cards.rows(engines=1, batch_tokens=batch), most)
        if rows >= min(most, ENOUGH_ROWS) or (rows and batch == BATCH_TOKENS[-1]):
            return _capacity(cards, rows, batch, threads=threads)
    return None


def _offload_some(cards: Cards, on_cpu: Capacity) -> Capacity:
    """The engine of the CPU with as many layers on the cards as fit, keys and values with them.

    Raises EngineError where not even one layer fits; the caller then does without the cards.
    """
    batch = BATCH_TOKENS[-1]
    cells = slots_for(on_cpu.sequences) * on_cpu.context_tokens // on_cpu.sequences
    layers = cards.info.layers + 1
    each = cards.info.file_bytes // layers + cells * cards.kv_bytes // layers
    room = cards.room_bytes - compute_bytes(cards.info, batch) - CONTEXT_BYTES
    fit = max(0, room) // max(1, each)
    if not fit:
        free = sum(device.free_bytes for device in cards.devices) / GIB
        raise EngineError(
            f"no layer of {cards.info.path.name} fits the card: {free:.1f} GiB are free there",
            hint="Use a smaller model or quantization, or --gpu-layers 0 for the CPU alone.",
        )
    fit = min(fit, layers)
    return Capacity(
        context_tokens=on_cpu.context_tokens,
        sequences=on_cpu.sequences,
        batch_tokens=batch,
        micro_batch_tokens=batch,
        threads=on_cpu.threads,
        gpu_layers=fit,
        kv_type=cards.kv_type,
        reason=f"{fit} of {layers} layers on {_names(cards)}; {on_cpu.reason}",
    )


def _capacity(
    cards: Cards, rows: int, batch_tokens: int, *, threads: int, engines: int = 1
) -> Capacity:
    info = cards.info
    fit = cards.cells(engines=engines, batch_tokens=batch_tokens) // slots_for(rows)
    most = padded(info.context_tokens) if info.context_tokens else fit
    each = min(fit // CELL_STEP * CELL_STEP, most, max(cards.need_tokens, LEAST_TOKENS))
    keys = slots_for(rows) * each * cards.kv_bytes
    free = sum(device.free_bytes for device in cards.devices)
    return Capacity(
        context_tokens=rows * each,
        sequences=rows,
        batch_tokens=batch_tokens,
        micro_batch_tokens=batch_tokens,
        threads=max(1, threads // engines),
        gpu_layers=ALL_LAYERS,
        kv_type=cards.kv_type,
        engines=engines,
        reason=(
            f"{engines} x {rows} rows of up to {each} tokens at once on {_names(cards)}:"
            f" for each {keys / GIB:.1f} GiB of keys and values and"
            f" {info.file_bytes / GIB:.1f} GiB of weights, {free / GIB:.1f} GiB free there"
        ),
    )


def _names(cards: Cards) -> str:
    return ", ".join(device.description or device.name for device in cards.devices)
