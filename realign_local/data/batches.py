"""Cut a stream into batches (itertools.batched needs a newer Python than ours)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(stream: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Tuples of `size` elements; the last one may be shorter."""
    pending = iter(stream)
    while batch := tuple(islice(pending, size)):
        yield batch


def batched_by_weight(
    stream: Iterable[T], size: int, weigh: Callable[[T], int], *, most: int
) -> Iterator[tuple[T, ...]]:
    """The same, but a batch also ends where its elements weigh `most` together."""
    batch, weight = list[T](), 0
    for element in stream:
        batch.append(element)
        weight += weigh(element)
        if len(batch) >= size or weight >= most:
            yield tuple(batch)
            batch, weight = [], 0
    if batch:
        yield tuple(batch)
