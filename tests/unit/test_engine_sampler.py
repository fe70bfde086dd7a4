"""Sampling: greedy, the nucleus against its definition, and numbers of one request alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.engine.request import Sampling
from realign_local.engine.sampler import _candidates, choose

LOGITS = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))


def test_greedy_takes_the_largest_and_ignores_the_seed() -> None:
    assert {choose(LOGITS, Sampling(seed=seed), draw=0) for seed in range(5)} == {0}


@pytest.mark.parametrize(
    ("sampling", "kept"),
    [
        (Sampling(1.0), {0, 1, 2, 3}),
        (Sampling(1.0, top_p=0.8), {0, 1}),
        (Sampling(1.0, top_p=0.81), {0, 1, 2}),
        (Sampling(1.0, min_p=0.2), {0, 1, 2}),
        (Sampling(1.0, top_p=0.4), {0}),
    ],
)
def test_which_tokens_may_be_drawn(sampling: Sampling, kept: set[int]) -> None:
    ids, _ = _candidates(LOGITS, sampling)
    assert set(ids.tolist()) <= kept
    drawn = {choose(LOGITS, sampling, draw=draw) for draw in range(300)}
    assert drawn == kept


def test_frequencies_follow_the_distribution() -> None:
    drawn = [choose(LOGITS, Sampling(1.0, seed=7), draw=draw) for draw in range(4000)]
    shares = np.bincount(drawn, minlength=4) / len(drawn)
    assert np.abs(shares - np.exp(LOGITS)).max() < 0.03


@given(st.integers(0, 2**70), st.integers(0, 1000))
def test_a_draw_depends_on_seed_and_place_alone(seed: int, draw: int) -> None:
    sampling = Sampling(0.9, seed=seed)
    assert choose(LOGITS, sampling, draw=draw) == choose(LOGITS, sampling, draw=draw)


@given(st.lists(st.floats(-8, 8, width=32), min_size=2, max_size=200), st.floats(0.05, 0.99))
def test_the_nucleus_is_the_smallest_set_that_reaches_top_p(
    values: list[float], top_p: float
) -> None:
    logits = np.array(values, np.float32)
    ids, weights = _candidates(logits, Sampling(1.0, top_p=top_p))
    probabilities = np.exp(logits - logits.max()).astype(np.float64)
    total = probabilities.sum()
    assert weights.sum() >= top_p * total * (1 - 1e-6)
    assert weights[:-1].sum() < top_p * total * (1 + 1e-6)
    assert len(set(ids.tolist())) == len(ids)
