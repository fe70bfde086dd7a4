"""The bar that the gates must hold: corrupted rewrites are caught, faithful ones are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from realign_local.gates import Case
from tests.mutation import real_rewrites
from tests.mutation.corruptions import CORRUPTIONS, NUMERIC
from tests.mutation.faithful import EDITED, faithful
from tests.mutation.measure import measure


def test_there_are_enough_rewrites_and_kinds_of_damage() -> None:
    assert len(faithful()) >= 40
    assert len(CORRUPTIONS) >= 15


def test_hand_written_rewrites() -> None:
    rates = measure(faithful())
    assert [(case.original, name, verdict) for case, name, verdict in rates.alarms] == []
    assert rates.catch_rate() >= 0.97
    assert rates.catch_rate(NUMERIC) >= 0.985
    assert all(rates.tried[kind] for kind in CORRUPTIONS)


def test_rewrites_of_a_free_hand() -> None:
    rates = measure(faithful(file=EDITED))
    assert [(case.original, name, verdict) for case, name, verdict in rates.alarms] == []
    assert rates.catch_rate() >= 0.96
    assert rates.catch_rate(NUMERIC) >= 0.96


@pytest.mark.parametrize(
    ("source", "rows"),
    [(real_rewrites.gsm8k, 60), (real_rewrites.prose, 120), (real_rewrites.passages, 60)],
)
def test_rewrites_of_real_data(source: Callable[[], Iterator[Case]], rows: int) -> None:
    if not real_rewrites.DATA.is_dir():
        pytest.skip("the development data is not beside the checkout")
    rates = measure(islice(source(), rows))
    assert rates.alarm_rate <= 0.02, rates.alarms
    assert rates.catch_rate(NUMERIC) >= 0.99
    assert rates.catch_rate() >= 0.97
