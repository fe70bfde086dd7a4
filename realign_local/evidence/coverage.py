"""Which few rows stand for all: clusters of their vectors, and how near the rest is to the chosen.

After the selection of training data by a mixture model and its entropy (arXiv 2411.10545): rows of
a large dataset are clustered, and clusters that the mixture is unsure about get more of the budget.
In each cluster rows are taken one by one, always the one that brings all others nearest to a chosen
one; no other choice is better by more than a factor of 1 - 1/e (Nemhauser, Wolsey, Fisher 1978).
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from realign_local.evidence.clusters import ROWS_AT_ONCE, Vectors, centres_of, nearest

Numbers = NDArray[np.int64]
GROUP_ROWS = 4096
"""Rows of one cluster, about: likenesses of all its rows to each other are held, 64 MB."""
SHARPNESS = 20.0
"""Of the mixture: a row's share in a cluster is a softmax over cosines times this. With sentence
encoders, cosines within a topic differ by some tenths."""
SAME = 0.95
"""Cosine from which on two rows say the same; with MiniLM, near copies are above, paraphrases of a
request with other answers below."""


def covering(vectors: Vectors, count: int) -> Numbers:
    """Numbers of `count` rows that lie near all others, in ascending order.

    `vectors` are unit vectors (rows, dim); 0 <= count <= rows. Deterministic.
    """
    rows = len(vectors)
    if count in (0, rows):
        return np.arange(count, dtype=np.int64)
    groups = max(1, round(rows / GROUP_ROWS))
    if groups == 1:
        return np.sort(_greedy(vectors, count))
    centres = centres_of(vectors, groups)
    held = nearest(vectors, centres)
    sizes = np.bincount(held, minlength=groups).astype(np.int64)
    unsure = np.bincount(held, weights=entropies(vectors, centres), minlength=groups)
    shares = allotted(sizes, sizes.astype(np.float64) + unsure, count)
    members = [np.flatnonzero(held == group) for group in range(groups)]
    found = [own[_greedy(vectors[own], int(n))] for own, n in zip(members, shares, strict=True)]
    return np.sort(np.concatenate(found))


def entropies(vectors: Vectors, centres: Vectors) -> NDArray[np.float64]:
    """How unsure the mixture is about each row, from 0 (one cluster) to 1 (all alike), (rows,)."""
    found = []
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        scores = SHARPNESS * (vectors[start : start + ROWS_AT_ONCE] @ centres.T).astype(np.float64)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        found.append(-(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1))
    most = max(float(np.log(len(centres))), 1e-12)
    return np.asarray(np.concatenate(found) / most, dtype=np.float64)


def allotted(sizes: Numbers, weights: NDArray[np.float64], count: int) -> Numbers:
    """`count` shared out by weight, by largest remainders, to no group more than its size."""
    shares = np.zeros(len(sizes), dtype=np.int64)
    while (left := count - int(shares.sum())) > 0:
        open_to = np.where(shares < sizes, weights, 0.0)
        exact = left * open_to / open_to.sum()
        whole = np.minimum(np.floor(exact).astype(np.int64), sizes - shares)
        if not whole.any():
            order = np.argsort(-(exact - np.floor(exact)), kind="stable")
            whole[[group for group in order if shares[group] < sizes[group]][:left]] = 1
        shares += whole
    return shares


def _greedy(vectors: Vectors, count: int) -> Numbers:
    """Numbers of `count` rows in the order in which they are taken.

    Lazily: what a row would gain never grows, so the best of the old gains is looked at again first
    (Minoux 1978).
    """
    likeness = vectors @ vectors.T
    best = np.full(len(vectors), -1.0, dtype=np.float32)
    queue = [(-float(gain), row) for row, gain in enumerate((likeness - best).sum(axis=1))]
    heapq.heapify(queue)
    taken: list[int] = []
    while len(taken) < count:
        _, row = heapq.heappop(queue)
        gain = float(np.maximum(likeness[row] - best, 0.0).sum())
        if queue and -gain > queue[0][0]:
            heapq.heappush(queue, (-gain, row))
            continue
        taken.append(row)
        np.maximum(best, likeness[row], out=best)
    return np.array(taken, dtype=np.int64)


def distance(vectors: Vectors, chosen: Numbers) -> float:
    """Mean cosine distance of the rows that are not chosen to the nearest that is; 0 for none."""
    rest = np.setdiff1d(np.arange(len(vectors)), chosen)
    if not len(rest) or not len(chosen):
        return 0.0
    near = [
        (vectors[rest[start : start + ROWS_AT_ONCE]] @ vectors[chosen].T).max(axis=1)
        for start in range(0, len(rest), ROWS_AT_ONCE)
    ]
    return float(1.0 - np.concatenate(near).mean())


def distinct(vectors: Vectors, *, same: float = SAME) -> Numbers:
    """Numbers of the rows that are no near copy of a row before them that is kept."""
    kept: list[int] = []
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        block = vectors[start : start + ROWS_AT_ONCE]
        old = (block @ vectors[kept].T).max(axis=1) >= same if kept else np.zeros(len(block), bool)
        among = block @ block.T >= same
        new: list[int] = []
        for row in np.flatnonzero(~old).tolist():
            if not among[row, new].any():
                new.append(row)
        kept.extend(start + row for row in new)
    return np.array(kept, dtype=np.int64)
