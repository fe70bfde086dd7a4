"""A file with rows of two formats: the commoner one is read, and what the others are is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from realign_local.base.reasons import Reason
from realign_local.data.formats import Dataset

Make = Callable[..., Dataset]


def alpaca(number: int, **more: Any) -> dict[str, Any]:
    return {"instruction": f"Name bird {number}.", "output": "A wren.", **more}


def chat(number: int, **more: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": f"Name fish {number}."}]
    return {"messages": [*turns, {"role": "assistant", "content": "A carp."}], **more}


def read(dataset: Dataset) -> int:
    return sum(row.samples[0].reason is not Reason.MALFORMED_ROW for row in dataset.rows())


@pytest.mark.parametrize("first", [alpaca, chat])
@pytest.mark.parametrize("rare", [1, 40, 49])
def test_the_commoner_format_is_read_whichever_comes_first(
    dataset: Make, first: Callable[[int], Any], rare: int
) -> None:
    second = chat if first is alpaca else alpaca
    rows = [*map(first, range(rare)), *map(second, range(100 - rare))]
    found = dataset(*rows)
    assert read(found) == 100 - rare
    other = "alpaca" if first is alpaca else "messages"
    told = f"among 100 rows looked at {rare} of the format {other}: such rows stay as they are"
    assert told in found.described


def test_a_long_beginning_of_the_rarer_one_does_not_decide(dataset: Make) -> None:
    found = dataset(*map(chat, range(150)), *map(alpaca, range(9000)))
    assert (found.format, read(found)) == ("alpaca", 9000)
    assert "of the format messages: such rows stay as they are" in found.described


def test_a_format_with_more_columns_needs_half_of_the_rows(dataset: Make) -> None:
    def rows(dolly: int) -> list[Any]:
        with_context = [{"instruction": "Say why.", "context": "C", "response": "R"}] * dolly
        return [*with_context, *[{"instruction": "Say why.", "response": "R"}] * (100 - dolly)]

    assert dataset(*rows(50)).format == "dolly"
    assert dataset(*rows(49)).format == "alpaca"
    assert "such rows" not in dataset(*rows(49)).described  # it reads all of them


def test_rows_of_no_format_are_not_counted_as_another(dataset: Make) -> None:
    found = dataset(*map(alpaca, range(3)), {"name": "x"}, "torn", json.dumps([1]))
    assert "such rows" not in found.described
