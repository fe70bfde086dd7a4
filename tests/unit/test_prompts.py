"""What the model reads: of each passage the sentences that speak of the row."""

from __future__ import annotations

from realign_local.data.records import Passage, Sample
from realign_local.prompts import row_text

LONG = (
    "The tower stands on a hill. It was built by Ada Crane in 1902. Its clock is loud. "
    "Ada Crane had built three bridges before. Sheep graze below it."
)


def _shown(text: str) -> str:
    passage = Passage("1", "Hill_Tower", "", text)
    sample = Sample(0, 0, "r", "who built the hill tower", "Ada Crane", evidence=(passage,))
    return row_text(sample).partition("Evidence:\n")[2]


def test_a_long_passage_is_cut_down_to_what_speaks_of_the_row() -> None:
    shown = _shown(LONG)
    assert "It was built by Ada Crane in 1902." in shown
    assert shown.startswith("[1] Hill Tower: ")
    assert "Sheep" not in shown
    assert "clock" not in shown


def test_a_short_passage_is_shown_whole() -> None:
    short = "Ada Crane built it. Sheep graze below."
    assert _shown(short) == f"[1] Hill Tower: {short}"
