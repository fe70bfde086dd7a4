"""Which texts go through the encoder together, and vectors that come out of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Item = TypeVar("Item")
BATCH_TOKENS = 1024  # what a core keeps near itself (benchmarks/LOG.md)
STATIC_BATCH_TOKENS = 1 << 14
CARD_BATCH_TOKENS = 1 << 15
"""Not measured: about two GiB beside the weights of an encoder of 384 numbers."""
MOST_PER_BATCH, MOST_ON_CARD = 128, 1024
LEAST_COSINE = 0.995  # to float32, on average: below that, hits are lost


def batch_size(*, static: bool, on_card: bool) -> tuple[int, int]:
    """Tokens and texts that go through an encoder together."""
    if on_card:
        return CARD_BATCH_TOKENS, MOST_ON_CARD
    return (STATIC_BATCH_TOKENS if static else BATCH_TOKENS), MOST_PER_BATCH


def batches_of(
    lengths: list[int], batch_tokens: int, longest: int, most_texts: int
) -> list[list[int]]:
    """Positions of the texts in batches, longest first, each within the tokens after padding."""
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    batches: list[list[int]] = []
    width = 0
    for i in order:
        if (
            not batches
            or (len(batches[-1]) + 1) * width > batch_tokens
            or len(batches[-1]) >= most_texts
        ):
            batches.append([])
            width = min(lengths[i], longest) + 2
        batches[-1].append(i)
    return batches


@contextmanager
def lanes(torch: Any, threads: int, most: int) -> Iterator[Callable[..., Iterator[Vectors]]]:
    """A `map` whose calls run side by side, as many as there are threads, but `most`.

    Each batch is left to one thread: sharing out its small products takes longer.
    """
    count = min(threads, most)
    torch.set_num_threads(threads // count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if count == 1:
            yield map
            return
        pool = ThreadPoolExecutor(count)
        try:
            yield pool.map
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl+C does not wait for what is not begun


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items, each made in a thread while the one before it is worked on."""
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield item  # type: ignore[misc]


def unit(vectors: Vectors) -> Vectors:
    """Each vector with the length one."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    out: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return out


def alike(vectors: Vectors, exact: Vectors) -> bool:
    """Whether unit vectors are near enough to those in float32 to find the same."""
    return float(np.mean(np.sum(vectors * exact, axis=1))) >= LEAST_COSINE
