"""Cut a stream into batches (itertools.batched needs a newer Python than ours)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(stream: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Tuples of `size` elements; the last one may be shorter."""
    pending = iter(stream)
    while batch := tuple(islice(pending, size)):
        yield batch
