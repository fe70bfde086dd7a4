"""A static encoder from a transformer, without data: a vector for every piece of its vocabulary.

The way of model2vec (Tulkens and van Dongen, 2024): each piece is encoded alone, the vectors are
cut to their principal components and weighted by how rare the piece is, after Zipf's law on its
place in the vocabulary. A text is then the mean of its pieces.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from realign_local.base.atomic import beside
from realign_local.base.errors import AssetError, UsageError
from realign_local.evidence.encoders.batching import Vectors
from realign_local.evidence.encoders.encoder import Encoder

DIM = 256
RARITY = 1e-3
"""The constant of smooth inverse frequency (Arora et al. 2017, section 3)."""
MARKS = ("##", "▁", "Ġ")


def distill_static(encoder: Path, target: Path) -> tuple[int, int]:
    """Write a model2vec folder and return the number of pieces and the length of their vectors.

    Raises UsageError where the target is taken, AssetError for an encoder without a fast tokenizer.
    """
    if target.exists():
        raise UsageError(f"{target} exists already; -o must name a new folder")
    tokenizer = encoder / "tokenizer.json"
    if not tokenizer.is_file():
        raise AssetError(f"{encoder} has no tokenizer.json")
    pieces = _pieces(tokenizer)
    vectors = Encoder(encoder).encode(pieces)
    weights = _components(vectors) * _rarity(len(pieces))[:, None]
    _save(weights.astype(np.float32), tokenizer, target)
    return weights.shape[0], weights.shape[1]


def _pieces(tokenizer: Path) -> list[str]:
    """The vocabulary in the order of its numbers, without the marks of word parts."""
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(tokenizer))
    pieces = [found.id_to_token(i) or "" for i in range(found.get_vocab_size())]
    for mark in MARKS:
        pieces = [piece.removeprefix(mark) for piece in pieces]
    return pieces


def _components(vectors: Vectors) -> Vectors:
    """The principal components, most variance first."""
    centred = vectors - vectors.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    found: Vectors = centred @ axes[:, ::-1][:, :DIM]
    return found


def _rarity(pieces: int) -> Vectors:
    share = 1 / np.arange(1, pieces + 1)
    found: Vectors = (RARITY / (RARITY + share / share.sum())).astype(np.float32)
    return found


def _save(weights: Vectors, tokenizer: Path, target: Path) -> None:
    from safetensors.numpy import save_file

    temporary = target.with_name(f".{beside(target.name)}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file({"embeddings": np.ascontiguousarray(weights)}, str(temporary / "model.safetensors"))
    shutil.copyfile(tokenizer, temporary / "tokenizer.json")
    settings = {"model_type": "model2vec", "normalize": True, "hidden_dim": weights.shape[1]}
    (temporary / "config.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")
    temporary.replace(target)
