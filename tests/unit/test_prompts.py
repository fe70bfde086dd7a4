"""What the model reads: one common beginning a kind of request, and of the row what it needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realign_local.base.criterion import Criterion
from realign_local.base.records import Passage, Sample, Turn
from realign_local.engine.request import Message
from realign_local.rewriting.editor import HISTORY_CHARS, row_text
from realign_local.rewriting.prompts import read_prompt

LONG = (
    "The tower stands on a hill. It was built by Ada Crane in 1902. Its clock is loud. "
    "Ada Crane had built three bridges before. Sheep graze below it."
)
CRITERION = Criterion(
    task="x", group="Mine", description="Any.", rewrite=True, format="One\nparagraph."
)
SAMPLE = Sample(0, 0, "r", "who built the hill tower", "Ada Crane")


def _shown(text: str) -> str:
    passage = Passage("1", "Hill_Tower", "", text)
    sample = replace(SAMPLE, evidence=(passage,))
    return row_text(sample, sample.original, CRITERION.format).partition("Evidence:\n")[2]


def test_a_long_passage_is_cut_down_to_what_speaks_of_the_row() -> None:
    shown = _shown(LONG)
    assert "It was built by Ada Crane in 1902." in shown
    assert shown.startswith("[1] Hill Tower: ")
    assert "Sheep" not in shown
    assert "clock" not in shown


def test_a_short_passage_is_shown_whole() -> None:
    short = "Ada Crane built it. Sheep graze below."
    assert _shown(short) == f"[1] Hill Tower: {short}"


def test_what_the_task_asks_for_comes_first_and_what_the_program_made_is_the_answer() -> None:
    shown = row_text(SAMPLE, "tidied", CRITERION.format)
    assert shown == "How: One paragraph.\n\nRequest:\nwho built the hill tower\n\nAnswer:\ntidied"


def test_of_a_long_conversation_the_nearest_turns_are_shown() -> None:
    turns = tuple(Turn("user", f"turn {n} " + "x" * 300) for n in range(20))
    shown = row_text(replace(SAMPLE, history=turns), "said", CRITERION.format)
    told = shown.partition("Conversation before:\n")[2].partition("\n\nRequest:")[0]
    assert len(told) <= HISTORY_CHARS
    assert "turn 19 " in told
    assert "turn 0 " not in told


@pytest.mark.parametrize("name", ["sentence", "proofread", "editor", "judge"])
def test_all_requests_of_a_kind_begin_alike(name: str) -> None:
    prompt = read_prompt(name)
    assert prompt.beginning[0].role == "system"
    assert [m.role for m in prompt.beginning[1:]] == ["user", "assistant"] * (
        len(prompt.beginning) // 2
    )
    assert all(message.content == message.content.strip() != "" for message in prompt.beginning)
    assert prompt.ask("row") == (*prompt.beginning, Message("user", "row"))
    assert len(prompt.sha256) == 64


def test_prompts_have_hashes_of_their_own() -> None:
    names = ("sentence", "proofread", "editor", "judge")
    assert len({read_prompt(name).sha256 for name in names}) == len(names)
