"""Gates over the whole: length, truncation, leakage, repetition; and how verdicts are combined."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import GATES, Case, first_failure, judge, length, repetition, truncation
from realign_local.gates.talk import leak

TEA = (
    "Boil fresh water in a kettle. Pour it over the leaves. "
    "Wait until the colour is dark. Serve it with honey."
)
LISTED = (
    "Tea needs patience.\n\n1. Boil fresh water in a kettle.\n2. Pour it over the leaves.\n"
    "3. Wait until the colour is dark.\n4. Serve it with honey.\n\nThat is all there is to it."
)


def test_length() -> None:
    assert length.check(Case("", TEA, LISTED)).outcome == "pass"
    assert length.check(Case("", TEA, "Boil water and serve.")).reason == Reason.TOO_SHORT
    assert length.check(Case("", TEA, TEA + " word" * 400)).reason == Reason.TOO_LONG
    strict = length.gate(floor=0.9, ceiling=1.0, allowance_words=2)
    assert strict(Case("", TEA, LISTED)).reason == Reason.TOO_LONG


def test_a_left_out_sentence_is_too_short() -> None:
    without = (
        LISTED.replace("3. Wait until the colour is dark.\n", "") + " Enjoy every single warm cup."
    )
    assert length.check(Case("", TEA, without)).reason == Reason.TOO_SHORT


@pytest.mark.parametrize(
    "rewritten",
    [
        LISTED[:-12],
        LISTED[: LISTED.index("colour") + 3],
        LISTED + "\n\n```python\nx = 1",
        LISTED + "\n\nTherefore,",
        "",
    ],
)
def test_truncated(rewritten: str) -> None:
    assert truncation.check(Case("", TEA, rewritten)).reason == Reason.TRUNCATED


def test_not_truncated() -> None:
    assert truncation.check(Case("", TEA, LISTED)).outcome == "pass"
    opened = f"{TEA}\n\n- `if (a) {{` → `if (b) {{`"
    assert truncation.check(Case("", TEA, opened)).outcome == "pass"
    assert (
        truncation.check(Case("", "red, blue", "The colours:\n\n- red\n- blue")).outcome == "pass"
    )
    assert truncation.check(Case("", TEA, LISTED, truncated=True)).reason == Reason.TRUNCATED


@pytest.mark.parametrize(
    "leaked",
    [
        "Here is the rewritten response:\n\n{}",
        "Sure! Here's the reformatted version.\n\n{}",
        "### Response:\n{}",
        "{}\n<|im_end|>",
        "You are a helpful assistant.\n\n{}",
        "{}\n\nI have rewritten the text in the required format.",
        "以下是改写后的内容：\n\n{}",
    ],
)
def test_leaks(leaked: str) -> None:
    assert (
        leak.check(Case("How do I make tea?", TEA, leaked.format(LISTED))).reason
        == Reason.PROMPT_LEAK
    )


def test_talk_about_rewriting_that_was_asked_for() -> None:
    original = "The rewritten sentence: Tea is good."
    assert leak.check(Case("Give the rewritten sentence.", original, original)).outcome == "pass"
    assert leak.check(Case("How do I make tea?", TEA, LISTED)).outcome == "pass"


def test_loops() -> None:
    again = LISTED + "\nServe it with honey now." * 3
    assert repetition.check(Case("", TEA, again)).reason == Reason.TOO_LONG
    assert (
        repetition.check(Case("", TEA, LISTED + " very hot and sweet" * 5)).reason
        == Reason.TOO_LONG
    )
    song = "Row the boat now. " * 6
    assert repetition.check(Case("", song, song)).outcome == "pass"
    assert repetition.check(Case("", TEA, LISTED)).outcome == "pass"


def test_the_most_important_failure_comes_first() -> None:
    verdicts = judge(Case("", "It is 5 km.\n#### 5", "It is 6 km.\n#### 6"))
    assert list(verdicts) == list(GATES)
    failure = first_failure(verdicts)
    assert failure is not None
    assert failure[0] == "answer"
    assert first_failure(judge(Case("", TEA, LISTED))) is None


def test_gates_can_be_left_out() -> None:
    only = {"numbers": GATES["numbers"]}
    assert list(judge(Case("", TEA, ""), only)) == ["numbers"]


SHORT_ENTRIES = "You may need:\n- tent pegs\n- a lamp\n- matches\n- dry socks\n- a knife"


@pytest.mark.parametrize(
    ("rewritten", "outcome"),
    [
        (SHORT_ENTRIES.replace("- dry socks\n", ""), "fail"),
        (SHORT_ENTRIES.replace("- a lamp\n", ""), "fail"),
        (SHORT_ENTRIES.replace("- dry socks", "- socks that are dry"), "pass"),
        ("You may need tent pegs, a lamp, matches, dry socks and a knife.", "pass"),
        (SHORT_ENTRIES.replace("matches", "**Matches**"), "pass"),
    ],
)
def test_a_short_entry_of_a_list_must_stand_somewhere(rewritten: str, outcome: str) -> None:
    verdict = length.check(Case("What do I need for a night outside?", SHORT_ENTRIES, rewritten))
    assert verdict.outcome == outcome
