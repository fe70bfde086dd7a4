"""The leak gate: each pattern of leaks.toml, in every place, and what only looks like one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case
from realign_local.gates.talk import leak
from realign_local.text.rules import rules

TABLE = rules("leaks")
ENTRIES = [(kind, n) for kind, entries in TABLE.items() for n in range(len(entries))]
ASKED = "How do I make tea?"
TEA = "Heat the water in a kettle. Pour it over the leaves. Wait for four minutes."
MARKS = (
    "<|im_end|>", "<|start_header_id|>assistant<|end_header_id|>", "<end_of_turn>", "</s>", "<eos>",
    "[/INST]", "<<SYS>>", "<｜Assistant｜>", "<|END_OF_TURN_TOKEN|>", "<think>", "</tool_call>",
    "[Format start]", "[End of response]", "[Rewritten response]", "### Response:", "#### Input:",
    "<response>", "{{ .Prompt }}", "{response}", "=== Response ===", "Revised response:",
    "**Reformatted answer:**", "Updated version:", "Here is the revised response:", "Instruction:",
    "The answer has been restructured.", "Überarbeitete Antwort:", "改写后的回答：",
)  # fmt: skip


def entry(kind: str, n: int) -> dict[str, Any]:
    found: dict[str, Any] = TABLE[kind][n]
    return found


@pytest.mark.parametrize(("kind", "n"), ENTRIES)
def test_each_pattern_has_an_example_and_a_counter_example(kind: str, n: int) -> None:
    one, example = leak.leaks(kind)[n], entry(kind, n)["example"]
    assert list(one.found(example.lower()))
    assert not list(one.found(entry(kind, n)["counter"].lower()))
    verdict = leak.check(Case(ASKED, TEA, f"{example}\n\n{TEA}"))
    assert verdict.reason == Reason.PROMPT_LEAK


@pytest.mark.parametrize(("kind", "n"), ENTRIES)
def test_what_the_original_has_is_no_leak(kind: str, n: int) -> None:
    text = f"{entry(kind, n)['example']}\n\n{TEA}"
    assert leak.check(Case(ASKED, text, text)).reason == ""


def places(mark: str) -> Iterator[str]:
    first, second, third = TEA.replace(". ", ".|").split("|")
    yield f"{mark}\n\n{TEA}"
    yield f"{mark} {TEA}"
    yield f"{TEA}\n{mark}"
    yield f"{TEA} {mark}"
    yield f"1. {first}\n2. {second}\n{mark}\n3. {third}"
    yield f"1. {first}\n2. {second} {mark}\n3. {third}"
    yield f"{first}\n\n{mark}\n\n{second} {third}"


@pytest.mark.parametrize("mark", MARKS)
def test_marks_in_any_place(mark: str) -> None:
    for text in places(mark):
        assert leak.check(Case(ASKED, TEA, text)).reason == Reason.PROMPT_LEAK, text


def test_a_second_mark_beside_one_of_the_original() -> None:
    original = f"{TEA} The token <|im_end|> ends a turn."
    assert leak.check(Case(ASKED, original, f"{original}\n<|im_start|>")).reason
    assert leak.check(Case(ASKED, original, f"{original}\n<|im_end|>")).reason


@pytest.mark.parametrize(
    ("instruction", "original", "rewritten"),
    [
        ("", "Input: 5\nOutput: 25", "### Input\n\n5\n\n### Output\n\n25"),
        ("", "The user clicks, the system answers.", "- The user clicks, the system answers."),
        ("Improve it: Tea good.", "Tea is good.", "**Improved sentence:** Tea is good."),
        ("Correct: he go.", "He goes.", "Corrected version: He goes."),
        ("", "Use the <em> tag and x[i].", "- Use the <em> tag and x[i]."),
        ("", "Final answer: 42", "**Final answer:** 42"),
        ("", "Sales rose in May.", "Sales rose in May. #response"),
    ],
)
def test_what_only_looks_like_a_mark(instruction: str, original: str, rewritten: str) -> None:
    assert leak.check(Case(instruction, original, rewritten)).reason == ""
