"""Rows of chats, and datasets made of a few rows."""

from __future__ import annotations

from typing import Any

from realign_local.base.records import Sample
from realign_local.data.formats import Dataset, Row

ASK, SAY = {"role": "user", "content": "ask"}, {"role": "assistant", "content": "say"}


def only(dataset: Dataset, **options: Any) -> tuple[Row, Sample]:
    (row,) = dataset.rows(**options)
    return row, row.samples[-1]
