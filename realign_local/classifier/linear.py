"""The shipped classifier: logistic regression over two embeddings and marks of structure.

Its weights were trained on the labelled queries beside this file (`scripts/train_classifier.py`)
and belong to one encoder, by hash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realign_local.classifier.features import marks, views
from realign_local.errors import AssetError

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
SHARPNESS = 1.3
"""The regression is too modest; at 1.3 its confidence differs from its accuracy by 2.5 points on
average over ten bins (1,395 labels from elsewhere), at 1 by 10.9."""

WEIGHTS = Path(__file__).with_name("weights.npz")


@dataclass(frozen=True, slots=True)
class Weights:
    """`matrix` (tasks, features) and `bias` (tasks,) for the encoder with this hash."""

    tasks: tuple[str, ...]
    matrix: NDArray[np.float32]
    bias: NDArray[np.float32]
    encoder_sha256: str


def read_weights(path: Path = WEIGHTS) -> Weights:
    """Read the weights without pickle; raises AssetError where the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return Weights(
                tuple(str(task) for task in file["tasks"]),
                file["matrix"].astype(np.float32),
                file["bias"].astype(np.float32),
                str(file["encoder_sha256"]),
            )
    except (OSError, ValueError, KeyError) as error:
        raise AssetError(f"{path}: not a readable classifier") from error


def design(instructions: Sequence[str], encode: Encode) -> NDArray[np.float32]:
    """The features of each request, shape (n, 2 * dim + marks)."""
    heads, asks = views(instructions)
    found = np.stack([marks(text) for text in instructions])
    return np.hstack([encode(heads), encode(asks), found])


class LinearClassifier:
    """Instructions in, (task, probability) out."""

    def __init__(self, weights: Weights, encode: Encode) -> None:
        self._weights, self._encode = weights, encode

    def __call__(self, instructions: Sequence[str]) -> list[tuple[str, float]]:
        """The likeliest task of each request with its softmax probability."""
        if not instructions:
            return []
        scores = design(instructions, self._encode) @ self._weights.matrix.T + self._weights.bias
        odds = np.exp(SHARPNESS * (scores - scores.max(axis=1, keepdims=True)))
        shares = odds / odds.sum(axis=1, keepdims=True)
        best = shares.argmax(axis=1)
        return [
            (self._weights.tasks[task], float(row[task]))
            for task, row in zip(best, shares, strict=True)
        ]
