"""How much the engine may hold at once: context, sequences and batches, chosen for a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from realign_local.base.errors import EngineError
from realign_local.base.weights.gguf import GgufInfo

SEQUENCES = 16
"""Enough to fill the batch; more win little."""
FEW_SEQUENCES = 4
"""Rather than running fewer rows at once, refuse the longest ones."""
TYPICAL_TOKENS = 2048
"""Two worked examples, a row and its answer."""
LEAST_TOKENS = 1024
HELD_FOR_EACH, HELD_LEAST, HELD_MOST = 4, 2, 32
"""Running rows for each slot that holds a shared beginning, and the bounds on such slots."""
CPU_BATCH_TOKENS = 512
CELL_STEP = 256
"""llama.cpp pads a sequence's cells to a multiple of this."""
MEMORY_SHARE = 0.8
"""Part of the free memory that may be planned for; the rest is for Python and what comes."""
ALL_LAYERS = 999
GIB = 1 << 30
KvType = Literal["f16", "q8_0"]


@dataclass(frozen=True, slots=True)
class Capacity:
    """The sizes that a llama.cpp context is made with; `reason` says in one line why these.

    `context_tokens` counts the KV cells of all running sequences; each has an equal share. With
    several `engines` each has all of that, and `split` says in which proportions cards share it.
    """

    context_tokens: int
    sequences: int
    batch_tokens: int
    micro_batch_tokens: int
    threads: int
    gpu_layers: int = 0
    kv_type: KvType = "f16"
    engines: int = 1
    split: tuple[float, ...] = ()
    extra_buffers: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A graphics card as llama.cpp sees it, under the name that it has there (`CUDA0`)."""

    name: str
    description: str
    free_bytes: int
    total_bytes: int


def choose_capacity(
    info: GgufInfo,
    *,
    free_bytes: int,
    threads: int,
    longest_request_tokens: int = TYPICAL_TOKENS,
    parallel: int | Literal["auto"] = "auto",
) -> Capacity:
    """The largest engine on the CPU that fits the memory, up to 16 rows at once.

    `longest_request_tokens` counts prompt and answer of the longest request. Where not even four
    rows of that length fit, longer ones than do fit are refused by the engine. Raises EngineError
    when one row of a thousand tokens would not fit.
    """
    room = _room_bytes(info, free_bytes=free_bytes, batch_tokens=CPU_BATCH_TOKENS)
    cells = max(0, room) // max(1, info.kv_bytes_per_token)
    need = padded(min(longest_request_tokens, info.context_tokens or longest_request_tokens))
    choices = range(SEQUENCES, 0, -1) if parallel == "auto" else (parallel,)
    sequences = _most_that_fit(choices, cells=cells, need=need)
    if not sequences:
        raise _too_little_memory(
            info, rows=choices[-1], need=need, free_bytes=free_bytes, room=room
        )
    each = _tokens_for_each(info, cells=cells, need=need, sequences=sequences)
    return Capacity(
        context_tokens=sequences * each,
        sequences=sequences,
        batch_tokens=CPU_BATCH_TOKENS,
        micro_batch_tokens=CPU_BATCH_TOKENS,
        threads=threads,
        reason=_reason(info, sequences=sequences, each=each, need=need, free_bytes=free_bytes),
    )


def held_slots(sequences: int) -> int:
    """Slots beside the running rows' that hold beginnings which many rows share."""
    return min(HELD_MOST, max(HELD_LEAST, sequences // HELD_FOR_EACH))


def compute_bytes(info: GgufInfo, batch_tokens: int) -> int:
    """Scratch memory of one micro-batch: f32 logits for every token, and about 8 hidden states."""
    return 4 * batch_tokens * (2 * info.vocabulary + 8 * info.embedding)


def slots_for(sequences: int) -> int:
    """Slots for so many rows and for the beginnings that are held beside them."""
    return sequences + held_slots(sequences)


def _most_that_fit(choices: Sequence[int], *, cells: int, need: int) -> int:
    """The first choice with room for rows of `need` tokens, or few enough to make do with less."""
    for sequences in choices:
        each = cells // slots_for(sequences)
        makes_do = sequences <= FEW_SEQUENCES or len(choices) == 1
        if each >= need or (makes_do and each >= min(need, LEAST_TOKENS)):
            return sequences
    return 0


def _tokens_for_each(info: GgufInfo, *, cells: int, need: int, sequences: int) -> int:
    """What rows need and no more: llama.cpp touches all cells at once, used or not."""
    fit = cells // slots_for(sequences) // CELL_STEP * CELL_STEP
    most = padded(info.context_tokens) if info.context_tokens else fit
    return max(CELL_STEP, min(fit, most, max(need, LEAST_TOKENS)))


def _room_bytes(info: GgufInfo, *, free_bytes: int, batch_tokens: int) -> int:
    """What is left for keys and values.

    The weights are mapped from the file, so they may exceed the memory: slow, but it works.
    """
    usable = int(free_bytes * MEMORY_SHARE) - compute_bytes(info, batch_tokens)
    return usable - min(info.file_bytes, usable // 2)


def _reason(info: GgufInfo, *, sequences: int, each: int, need: int, free_bytes: int) -> str:
    rows = "1 row" if sequences == 1 else f"{sequences} rows"
    keys = slots_for(sequences) * each * info.kv_bytes_per_token
    text = (
        f"{rows} of up to {each} tokens at once: {keys / GIB:.1f} GiB of keys and values and "
        f"{info.file_bytes / GIB:.1f} GiB of weights, {free_bytes / GIB:.1f} GiB of memory free"
    )
    if each < need:
        text += f"; longer rows, of up to {need} tokens, are refused"
    if info.file_bytes > free_bytes * MEMORY_SHARE:
        text += "; the weights do not fit in memory, expect it to be very slow"
    return text


def _too_little_memory(
    info: GgufInfo, *, rows: int, need: int, free_bytes: int, room: int
) -> EngineError:
    keys = slots_for(rows) * min(need, LEAST_TOKENS) * info.kv_bytes_per_token
    needed = (keys + free_bytes - room) / GIB
    return EngineError(
        f"{info.path.name} needs about {needed:.1f} GiB of memory, {free_bytes / GIB:.1f} are free",
        hint="Use a smaller model or quantization, a lower --parallel, or close other programs.",
    )


def padded(tokens: int) -> int:
    """So many tokens as llama.cpp makes cells for."""
    return -(-tokens // CELL_STEP) * CELL_STEP
