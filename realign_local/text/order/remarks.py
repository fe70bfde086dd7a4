"""Remarks: sentences among directions that tell no step, so that they may stand anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from realign_local.text.order.ordering import pattern, says
from realign_local.text.outline import Piece


def is_remark(sentence: str) -> bool:
    """Whether a sentence only says how things are: `The glaze is thin.`"""
    return bool(pattern("remark").match(sentence)) and not says("acts", sentence)


def only_remark_moved(run: Sequence[Piece], now: Sequence[Piece], spots: Sequence[int]) -> bool:
    """Whether all is in order but for one sentence, which is a remark and no numbered step."""
    for at, sentence in enumerate(run):
        rest = [spot for n, spot in enumerate(spots) if n != at]
        if rest == sorted(rest) and not now[at].number and is_remark(sentence.text):
            return True
    return False
