"""Choosing the next token: greedy, or temperature with top-p and min-p and numbers of its own.

Each choice is a function of the logits, the request's seed and how many tokens it has sampled. So a
row's text depends on nothing that runs beside it, and a drafted token is simply right or wrong: the
choice is made as if there had been no draft, which is exact at every temperature (for a draft that
is a certain guess, rejection sampling accepts with the same probability and leaves the same rest).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realign_local.engine.backend import Grammar, Logits
from realign_local.engine.request import Sampling

Ids = NDArray[np.intp]
Weights = NDArray[np.float64]


def choose(logits: Logits, sampling: Sampling, *, draw: int, grammar: Grammar | None = None) -> int:
    """The next token for logits `(vocabulary,)`; `draw` counts the request's choices so far."""
    numbers = _numbers(sampling, draw)
    token = _pick(logits, sampling, float(numbers[0]))
    if grammar is None:
        return token
    if not grammar.allows(token):
        # A fresh number keeps the distribution: p(x) + p(refused) * p(x) / p(allowed).
        token = _pick(grammar.mask(logits), sampling, float(numbers[1]))
    grammar.accept(token)
    return token


def _numbers(sampling: Sampling, draw: int) -> NDArray[np.float64]:
    """Two numbers in [0, 1) that belong to this draw of this seed alone."""
    if sampling.temperature <= 0:
        return np.zeros(2)
    source = np.random.Philox(key=sampling.seed % 2**64, counter=[0, draw, 0, 0])
    return np.random.Generator(source).random(2)


def _pick(logits: Logits, sampling: Sampling, number: float) -> int:
    if sampling.temperature <= 0:
        return int(logits.argmax())
    ids, weights = _candidates(logits, sampling)
    cumulative = np.cumsum(weights)
    place = int(np.searchsorted(cumulative, number * cumulative[-1], side="right"))
    return int(ids[min(place, len(ids) - 1)])


def _candidates(logits: Logits, sampling: Sampling) -> tuple[Ids, Weights]:
    """The tokens that may be drawn, with weights that need not add up to one."""
    scaled = (logits - logits.max()) / np.float32(sampling.temperature)
    weights = np.exp(scaled)
    if sampling.min_p > 0:
        ids = np.flatnonzero(weights >= sampling.min_p)
        return _nucleus(ids, weights[ids].astype(np.float64), sampling.top_p)
    return _nucleus(np.arange(len(weights)), weights.astype(np.float64), sampling.top_p)


def _nucleus(ids: Ids, weights: Weights, top_p: float) -> tuple[Ids, Weights]:
    """The likeliest tokens that together reach `top_p`; sorts no more of them than it must."""
    if top_p >= 1:
        return ids, weights
    target = top_p * weights.sum()
    for floor in (1e-3, 1e-6, 0.0):
        likely = np.flatnonzero(weights >= floor)
        if weights[likely].sum() >= target:
            break
    order = likely[np.argsort(-weights[likely], kind="stable")]
    count = int(np.searchsorted(np.cumsum(weights[order]), target)) + 1
    kept = order[:count]
    return ids[kept], weights[kept]
