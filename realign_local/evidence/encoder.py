"""Texts to unit vectors, by any local sentence-transformers folder or model2vec static model."""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from realign_local.config import go_offline
from realign_local.errors import AssetError
from realign_local.evidence.manifest import sha256_of_folder

Vectors = NDArray[np.float32]
Role = Literal["query", "document"]
BATCH_TOKENS = 2048  # measured: a little faster than 4,096, larger batches fall out of the cache
MOST_PER_BATCH = 128
FEW_TOKENS = 64  # a short query: sharing it among threads takes longer than doing it
STATIC_MAX_TOKENS = (
    512  # a static model has no limit of its own; a mean over more words says little
)
HASHED_SUFFIXES = (".safetensors", ".bin", ".json", ".txt", ".model")
GAIN_ROUNDS = 3  # turn by turn, and the best of each: other programs run here too
LEAST_GAIN = 1.1  # bfloat16 costs a little accuracy, so it must pay
_WORD = re.compile(r"\S+")


def encoder_sha256(folder: Path) -> str:
    """Hash over the weights, configuration and tokenizer of an encoder's folder."""
    return sha256_of_folder(folder, HASHED_SUFFIXES)


def max_tokens_of(folder: Path) -> int:
    """The longest input that the encoder reads, in its own tokens, without loading it."""
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "seq_length"),
    ):
        found = _read_json(folder / name).get(key)
        if isinstance(found, int) and 0 < found < 1 << 20:
            return found
    longest = _read_json(folder / "config.json").get("max_position_embeddings")
    return min(longest, 512) if isinstance(longest, int) else STATIC_MAX_TOKENS


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class TokenCounter:
    """Counts an encoder's tokens without loading its weights; remembers what each word costs.

    Words are counted one by one and added up: exact for WordPiece, at most a little too high for
    others, which keeps a passage inside the bound.
    """

    def __init__(self, folder: Path) -> None:
        files = [folder / "tokenizer.json", *sorted(folder.rglob("tokenizer.json"))]
        path = next((p for p in files if p.is_file()), None)
        if path is None:
            raise AssetError(
                f"{folder} has no tokenizer.json", hint="Save the encoder with its fast tokenizer."
            )
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._known: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        words: list[str] = _WORD.findall(text)
        known = self._known
        if new := [word for word in words if word not in known]:
            self._learn(new)
        return sum(map(known.__getitem__, words))

    def _learn(self, words: Iterable[str]) -> None:
        if len(self._known) > 500_000:
            self._known = {}
            words = set(words)
        found = self._tokenizer.encode_batch(list(words), add_special_tokens=False)
        self._known.update((w, len(e.ids)) for w, e in zip(words, found, strict=True))


class Encoder:
    """A loaded encoder; `dim` is the length of its vectors, `sha256` the hash over its folder.

    Nothing is fetched: the folder holds all, and no code of a model's own is run.
    """

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        if not folder.is_dir():
            raise AssetError(
                f"no encoder at {folder}", hint="Give the folder of a sentence-transformers model."
            )
        go_offline()
        self.folder = folder
        self.sha256 = encoder_sha256(folder)
        self.max_tokens = max_tokens_of(folder)
        self.threads = threads or os.cpu_count() or 1
        self._torch: Any = _quiet_torch(self.threads)
        self._model = _load(folder)
        self._half: Any = None
        self._counter = TokenCounter(folder)
        self.dim = int(self.encode(["x"]).shape[1])

    def __repr__(self) -> str:
        return f"Encoder({self.folder.name!r}, dim={self.dim}, max_tokens={self.max_tokens})"

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, without the special ones."""
        return self._counter(text)

    def encode(
        self,
        texts: Sequence[str],
        *,
        role: Role | None = None,
        bfloat16: bool = False,
        batch_tokens: int = BATCH_TOKENS,
        report: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Unit vectors of the texts, shape (len(texts), dim), float32.

        Batches are made of texts of like length, so that little is spent on padding; the result is
        in the order of the texts. `report` hears how many texts are done. `role` adds the prompt
        that the encoder's own settings have for queries or documents. A text beyond `max_tokens`
        is read up to there.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        prompt = str((getattr(self._model, "prompts", None) or {}).get(role) or "")
        lengths = [self._counter(text) for text in texts]
        model = self._as_bfloat16() if bfloat16 else self._model
        few = sum(min(n, self.max_tokens) for n in lengths) <= FEW_TOKENS
        self._torch.set_num_threads(1 if few else self.threads)
        rows: list[Any] = [None] * len(texts)
        done = 0
        for batch in _batches(lengths, batch_tokens, self.max_tokens):
            vectors = self._forward(model, [prompt + texts[i] for i in batch])
            for i, vector in zip(batch, vectors, strict=True):
                rows[i] = vector
            done += len(batch)
            if report:
                report(done)
        return _unit(np.stack(rows))

    def _forward(self, model: Any, texts: list[str]) -> Vectors:
        preprocess = getattr(model, "preprocess", None) or model.tokenize
        with self._torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            features = preprocess(texts)
            features = {
                k: v.to(model.device) if hasattr(v, "to") else v for k, v in features.items()
            }
            out: Vectors = model(features)["sentence_embedding"].float().cpu().numpy()
        return out

    def _as_bfloat16(self) -> Any:
        """A second copy of the model in bfloat16; a static model stays as it is."""
        if self._half is None:
            import copy

            static = not any(True for m in self._model.modules() if "Attention" in type(m).__name__)
            self._half = (
                self._model if static else copy.deepcopy(self._model).to(self._torch.bfloat16)
            )
        return self._half

    def bfloat16_gain(self, texts: Sequence[str]) -> float:
        """How much faster bfloat16 encodes these texts here: measured, since CPUs differ widely."""
        if self._as_bfloat16() is self._model:
            self._half = None
            return 1.0
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(GAIN_ROUNDS):
            for half, times in seconds.items():
                start = time.perf_counter()
                self.encode(texts, bfloat16=half)
                times.append(time.perf_counter() - start)
        return min(seconds[False]) / min(seconds[True])


def _batches(lengths: list[int], batch_tokens: int, longest: int) -> list[list[int]]:
    """Positions of the texts in batches, longest first, each within the tokens after padding."""
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    batches: list[list[int]] = []
    width = 0
    for i in order:
        if (
            not batches
            or (len(batches[-1]) + 1) * width > batch_tokens
            or len(batches[-1]) >= MOST_PER_BATCH
        ):
            batches.append([])
            width = min(lengths[i], longest) + 2
        batches[-1].append(i)
    return batches


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    out: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return out


def _quiet_torch(threads: int) -> Any:
    # Threads that spin while they wait slow everything down where other programs run too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from transformers.utils import logging

    quiet: Any = logging  # has no types
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    torch.set_num_threads(threads)
    return torch


def _load(folder: Path) -> Any:
    """The model in evaluation mode, on the GPU where there is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (_load_static(folder) or _load_transformer(folder)).eval()
    except AssetError:
        raise
    except Exception as error:  # every library underneath has its own; one line is what helps
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise AssetError(f"cannot load the encoder {folder}: {first}") from error


def _load_transformer(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), local_files_only=True, trust_remote_code=False)


def _load_static(folder: Path) -> Any:
    """A model2vec folder (one matrix and a tokenizer); None if this is something else."""
    if (folder / "modules.json").is_file() or not (folder / "model.safetensors").is_file():
        return None
    from safetensors import safe_open

    with safe_open(str(folder / "model.safetensors"), framework="numpy") as file:
        names = list(file.keys())
        if "embeddings" not in names:
            return None
        weights = np.asarray(file.get_tensor("embeddings"), dtype=np.float32)
    return _static_model(folder, weights)


def _static_model(folder: Path, weights: Vectors) -> Any:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu"
    )
