"""llama.cpp behind the Backend protocol: the only file that touches its bindings."""

from __future__ import annotations

import ctypes
import importlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realign_local.base.errors import EngineError
from realign_local.base.machine import wait_briefly
from realign_local.engine.backend import Logits, Run, Tokens
from realign_local.engine.backends.cuda_libraries import with_cuda_libraries
from realign_local.engine.backends.ggml import Ggml
from realign_local.engine.capacity import ALL_LAYERS, Capacity

ARGMAX_ROWS = 16
"""Rows of logits that one thread searches: half a millisecond each ten, and starting costs too."""
ROOT_RULE = b"root"
OVERHEAD_TOKENS = 512
CARD_THREADS = 2
"""With all layers on a card the CPU only looks up the tokens' vectors."""
KV_TYPES = {"f16": 1, "q8_0": 8}
"""Of `enum ggml_type`."""
NO_FLASH_ATTENTION = 0
AUTO_FLASH_ATTENTION = -1


class LlamaVocabulary:
    """The vocabulary of a loaded GGUF model."""

    def __init__(self, lib: Any, model: Any) -> None:
        self._lib = lib
        self._vocab = lib.llama_model_get_vocab(model)
        self.size: int = lib.llama_vocab_n_tokens(self._vocab)
        self.bos = self._text(lib.llama_vocab_bos(self._vocab))
        self.eos = self._text(lib.llama_vocab_eos(self._vocab))
        self.chat_template = (lib.llama_model_chat_template(model, None) or b"").decode(
            "utf-8", "replace"
        )
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}
        self._masks: dict[bytes, NDArray[np.bool_]] = {}

    def _text(self, token: int) -> str:
        text = self._lib.llama_vocab_get_text(self._vocab, token) if token >= 0 else b""
        return (text or b"").decode("utf-8", "replace")

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """The ids of a text in the middle of others; control tokens only where `special`."""
        if self._adds_space and not special:
            mark = self._ids("\n", special=False)
            return self._ids("\n" + text, special=False)[len(mark) :]
        return self._ids(text, special=special)

    def _ids(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        ids = (ctypes.c_int32 * room)()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), ids, room, False, special)
        return ids[: max(0, count)]

    @cached_property
    def _adds_space(self) -> bool:
        """SentencePiece puts a space in front of every text; inside an answer it must not."""
        return b"".join(self.piece(token) for token in self._ids("x", special=False)) == b" x"

    def opening(self) -> list[int]:
        """The BOS token, for models that want one."""
        wants = self._lib.llama_vocab_get_add_bos(self._vocab)
        return [self._lib.llama_vocab_bos(self._vocab)] if wants else []

    def piece(self, token: int) -> bytes:
        """The bytes of a token; control tokens have none."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._read_piece(token)
        return known

    def _read_piece(self, token: int) -> bytes:
        room = 256
        buffer = ctypes.create_string_buffer(room)
        size = self._lib.llama_token_to_piece(self._vocab, token, buffer, room, 0, False)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = self._lib.llama_token_to_piece(self._vocab, token, buffer, -size, 0, False)
        return buffer.raw[: max(0, size)]

    def is_end(self, token: int) -> bool:
        """Whether the token ends the turn (EOS, EOT and their like)."""
        known = self._ends.get(token)
        if known is None:
            known = self._ends[token] = bool(self._lib.llama_vocab_is_eog(self._vocab, token))
        return known

    def starting_with(self, prefix: bytes) -> NDArray[np.bool_]:
        """Which tokens begin with these bytes or end the turn; read once for each prefix."""
        if prefix not in self._masks:
            self._masks[prefix] = np.fromiter(
                (
                    self._read_piece(t).startswith(prefix) or self.is_end(t)
                    for t in range(self.size)
                ),
                dtype=np.bool_,
                count=self.size,
            )
        return self._masks[prefix]


class LlamaGrammar:
    """llama.cpp's grammar sampler for one span."""

    def __init__(self, lib: Any, vocab: Any, gbnf: str) -> None:
        self._lib = lib
        self._sampler = lib.llama_sampler_init_grammar(vocab, gbnf.encode(), ROOT_RULE)
        if not self._sampler:
            raise EngineError(
                "a grammar could not be read", hint="Check the GBNF of the criterion."
            )

    def _apply(self, ids: NDArray[np.int32], logits: Logits) -> Logits:
        """The logits of these ids with forbidden ones at minus infinity."""
        table = np.zeros(len(ids), dtype=[("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])
        table["id"], table["logit"] = ids, logits
        array = self._lib.llama_token_data_array(
            data=table.ctypes.data_as(self._lib.llama_token_data_p),
            size=len(ids),
            selected=-1,
            sorted=False,
        )
        self._lib.llama_sampler_apply(self._sampler, ctypes.byref(array))
        result: Logits = table["logit"].copy()
        return result

    def allows(self, token: int) -> bool:
        """Whether this token may come next; looks at this one alone."""
        one = self._apply(np.array([token], np.int32), np.zeros(1, np.float32))
        return bool(np.isfinite(one[0]))

    def mask(self, logits: Logits) -> Logits:
        """All logits, forbidden ones at minus infinity; slow, for when the first choice fails."""
        return self._apply(np.arange(len(logits), dtype=np.int32), logits)

    def accept(self, token: int) -> None:
        """Move on by a chosen token."""
        self._lib.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free the native state; safe to call twice."""
        if self._sampler:
            self._lib.llama_sampler_free(self._sampler)
            self._sampler = None


class LlamaBackend:
    """A GGUF model with one context: `capacity.sequences` slots to run in and `held` to hold in.

    Raises EngineError where the file is no model or there is not enough memory.
    """

    def __init__(self, model: Path, capacity: Capacity, *, held: int = 0) -> None:
        wait_briefly()
        # The import loads native libraries and takes a moment: only who runs a model pays.
        lib = load_bindings().llama_cpp
        self._lib = lib
        _silence(lib)
        self._threads = capacity.threads
        self._pool = ThreadPoolExecutor(self._threads)
        self._model: Any = None
        self._context: Any = None
        self._model = self._load(model, capacity)
        self.slots = capacity.sequences + held
        self._context = self._make_context(model, capacity)
        self._memory = lib.llama_get_memory(self._context)
        self.vocabulary = LlamaVocabulary(lib, self._model)
        self.cells: int = lib.llama_n_ctx_seq(self._context)
        self.can_rewind = not (
            lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model)
        )
        # Of a window that slides a state has the last part only: it cannot be cut afterwards.
        self.has_states = self.can_rewind and not lib.llama_model_n_swa(self._model)
        self._batch = _Batch(lib, capacity.batch_tokens)
        self._outputs: list[int] = []

    def _load(self, model: Path, capacity: Capacity) -> Any:
        self._lib.llama_backend_init()
        params = self._lib.llama_model_default_params()
        params.n_gpu_layers = capacity.gpu_layers
        if capacity.split:
            most = self._lib.llama_max_devices()
            shares = (ctypes.c_float * most)(*capacity.split[:most])
            params.tensor_split = shares
        params.use_extra_bufts = capacity.extra_buffers
        loaded = self._lib.llama_model_load_from_file(os.fsencode(model), params)
        if not loaded:
            raise EngineError(f"llama.cpp cannot load {model}")
        return loaded

    def _make_context(self, model: Path, capacity: Capacity) -> Any:
        params = self._lib.llama_context_default_params()
        params.n_seq_max = self.slots
        params.n_ctx = capacity.context_tokens // capacity.sequences * self.slots
        params.n_batch = capacity.batch_tokens
        params.n_ubatch = capacity.micro_batch_tokens
        on_card = capacity.gpu_layers >= ALL_LAYERS
        params.n_threads = min(capacity.threads, CARD_THREADS) if on_card else capacity.threads
        params.n_threads_batch = params.n_threads
        params.type_k = params.type_v = KV_TYPES[capacity.kv_type]
        params.kv_unified = False
        # On a CPU the flash attention of llama.cpp is slower for few queries (benchmarks/LOG.md).
        params.flash_attn_type = AUTO_FLASH_ATTENTION if capacity.gpu_layers else NO_FLASH_ATTENTION
        params.no_perf = True
        context = self._lib.llama_init_from_model(self._model, params)
        if not context:
            self.close()
            raise EngineError(
                f"not enough memory for {params.n_ctx} tokens of {model.name}",
                hint="Lower --parallel or the context size.",
            )
        return context

    def decode(self, runs: Sequence[Run]) -> None:
        """Begin to evaluate; raises EngineError with llama.cpp's own code where that fails."""
        self._outputs = self._batch.fill(runs)
        code = self._lib.llama_decode(self._context, self._batch.native)
        if code != 0:
            raise EngineError(f"llama_decode failed with code {code} on {len(runs)} rows")

    def wait(self) -> None:
        """A card works on behind the back of `llama_decode`."""
        self._lib.llama_synchronize(self._context)

    def logits(self, output: int) -> Logits:
        """A view on the logits of one output, valid until the next batch."""
        pointer = self._lib.llama_get_logits_ith(self._context, self._outputs[output])
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,))

    def likeliest(self) -> Tokens:
        """The likeliest token of each output; many outputs are shared out among threads."""
        outputs = len(self._outputs)
        pointer = self._lib.llama_get_logits(self._context)
        logits = np.ctypeslib.as_array(pointer, shape=(outputs, self.vocabulary.size))
        if outputs <= ARGMAX_ROWS:
            return _argmax(logits)
        parts = min(self._threads, -(-outputs // ARGMAX_ROWS))
        return np.concatenate([*self._pool.map(_argmax, np.array_split(logits, parts))])

    def copy(self, source: int, target: int, length: int) -> None:
        """Copy a whole stream (llama.cpp copies no less between streams) and cut it."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        self.truncate(target, length)

    def truncate(self, slot: int, length: int) -> None:
        """Remove positions from `length` on."""
        if not self._lib.llama_memory_seq_rm(self._memory, slot, length or -1, -1):
            raise EngineError(f"this model cannot rewind to token {length}")

    def state(self, slot: int) -> bytes:
        """Keys and values of the slot's stream, in llama.cpp's own form."""
        size = self._lib.llama_state_seq_get_size(self._context, slot)
        state = np.empty(size, np.uint8)
        written = self._lib.llama_state_seq_get_data(self._context, _bytes_at(state), size, slot)
        return state.tobytes() if size and written == size else b""

    def restore(self, slot: int, state: bytes) -> bool:
        """Let llama.cpp read a state; what does not fit this context it refuses."""
        given = np.frombuffer(state, np.uint8)
        size = len(given)
        read = self._lib.llama_state_seq_set_data(self._context, _bytes_at(given), size, slot)
        return bool(read and read == size)

    def length(self, slot: int) -> int:
        """The slot's last position plus one."""
        return int(self._lib.llama_memory_seq_pos_max(self._memory, slot)) + 1

    def grammar(self, gbnf: str) -> LlamaGrammar:
        """Compile a grammar."""
        vocab = self._lib.llama_model_get_vocab(self._model)
        return LlamaGrammar(self._lib, vocab, gbnf)

    def close(self) -> None:
        """Free context and model."""
        self._pool.shutdown(wait=False)
        if self._context:
            self._lib.llama_free(self._context)
            self._context = None
        if self._model:
            self._lib.llama_model_free(self._model)
            self._model = None


def _argmax(logits: Logits) -> Tokens:
    places: Tokens = logits.argmax(axis=1).astype(np.int32)
    return places


def _bytes_at(array: NDArray[np.uint8]) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


class _Batch:
    """A llama_batch over numpy arrays: filled by slices, one token belongs to one sequence."""

    def __init__(self, lib: Any, most_tokens: int) -> None:
        self._tokens = np.zeros(most_tokens, np.int32)
        self._positions = np.zeros(most_tokens, np.int32)
        self._counts = np.ones(most_tokens, np.int32)
        self._slots = np.zeros(most_tokens, np.int32)
        addresses = self._slots.ctypes.data + np.arange(most_tokens, dtype=np.uintp) * 4
        self._slot_pointers = addresses.astype(np.uintp)
        self._wanted = np.zeros(most_tokens, np.int8)
        int_p, byte_p = ctypes.POINTER(ctypes.c_int32), ctypes.POINTER(ctypes.c_int8)
        self.native = lib.llama_batch(
            token=self._tokens.ctypes.data_as(int_p),
            pos=self._positions.ctypes.data_as(int_p),
            n_seq_id=self._counts.ctypes.data_as(int_p),
            seq_id=self._slot_pointers.ctypes.data_as(ctypes.POINTER(int_p)),
            logits=self._wanted.ctypes.data_as(byte_p),
        )

    def fill(self, runs: Sequence[Run]) -> list[int]:
        """Lay the runs one after the other, all at once; returns the places of the outputs."""
        slots, starts, tokens, outputs = zip(*runs, strict=True)
        counts = np.array([*map(len, tokens)])
        ends = counts.cumsum()
        total = int(ends[-1])
        places = np.arange(total)
        self._tokens[:total] = [*chain.from_iterable(tokens)]
        self._positions[:total] = places + np.repeat(starts + counts - ends, counts)
        self._slots[:total] = np.repeat(slots, counts)
        self._wanted[:total] = places >= np.repeat(ends - outputs, counts)
        self.native.n_tokens = total
        wanted: list[int] = self._wanted[:total].nonzero()[0].tolist()
        return wanted


@cache
def _silence(lib: Any) -> Any:
    """Let llama.cpp log nothing: what matters comes back as codes.

    Cached for good, because llama.cpp goes on calling the last function that it was given.
    """

    @lib.llama_log_callback  # type: ignore[untyped-decorator]
    def ignore(_level: int, _text: bytes, _data: Any) -> None: ...

    lib.llama_log_set(ignore, None)
    return ignore


def prefill_s(backend: LlamaBackend, tokens: int, *, outputs: int) -> float:
    """Seconds for one batch of arbitrary text, with logits at the last `outputs` tokens."""
    numbers = np.random.default_rng(0)
    ids = numbers.integers(backend.vocabulary.size // 100, backend.vocabulary.size // 4, tokens)
    backend.truncate(0, 0)
    started = time.perf_counter()
    backend.decode([Run(0, 0, ids.tolist(), outputs)])
    backend.wait()
    return time.perf_counter() - started


def step_overhead(backend: LlamaBackend) -> float:
    """How many tokens' evaluation a step costs before its first token, measured in a few steps."""
    few, many = 1, min(OVERHEAD_TOKENS, backend.cells)
    for tokens in (few, many):  # the first of each size builds its graph
        prefill_s(backend, tokens, outputs=1)
    few_s = min(prefill_s(backend, few, outputs=1) for _ in range(3))
    many_s = min(prefill_s(backend, many, outputs=1) for _ in range(3))
    backend.truncate(0, 0)
    token_s = max(many_s - few_s, many_s / 100) / (many - few)
    return few_s / token_s


def load_bindings() -> Any:
    """The module `llama_cpp`, with the libraries of CUDA from wherever they lie."""
    return with_cuda_libraries(lambda: importlib.import_module("llama_cpp"))


def load_ggml() -> Ggml:
    """The library below llama.cpp, with its cards."""
    lib = load_bindings().llama_cpp
    from llama_cpp import _ctypes_extensions, _ggml

    base = _ctypes_extensions.load_shared_library("ggml-base", _ggml.libggml_base_path)
    # Asked first, llama.cpp finds the functions in what it was linked to, wherever that lies.
    return Ggml(lib._lib, _ggml.libggml, base)
