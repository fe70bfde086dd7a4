"""The bench of what a step costs beside llama_decode: it plays known texts and tells each part."""

from __future__ import annotations

from argparse import Namespace

import pytest

from benchmarks.host import pipe, play
from realign_local.base.assets import find_model
from realign_local.base.errors import AssetError
from realign_local.engine.request import Message, Request, Span


def test_known_texts_are_played_back_and_every_part_is_told() -> None:
    try:
        model = find_model(None)
    except AssetError as error:
        pytest.skip(str(error))
    text = "A cactus is watered once a week, and never in winter. It likes the sun."
    requests = [
        Request(
            f"r{number}",
            (Message("system", "Copy."), Message("user", f"Row {number}.\n\nAnswer:\n{text}")),
            (Span(60),),
        )
        for number in range(5)
    ]
    told = Namespace(model=model, rows=3, threads=1, profile=False)
    found = play(requests, told)
    assert found["rows"] == 5
    assert found["same"]["completion_tokens"] > 5 * 10
    assert found["ms"].keys() >= {"taking tokens", "batch arrays", "likeliest tokens", "rows end"}
    assert play(requests, told)["same"] == found["same"]
    assert all(spent >= 0 for spent in pipe(requests).values())
