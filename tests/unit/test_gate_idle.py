"""The gate against added sentences that say nothing: the request again, or their neighbour."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates.gate import Case
from realign_local.gates.talk.idle import check

REQUEST = "How do I repot a cactus without hurting my hands?"
ORIGINAL = "Wrap the plant in folded newspaper. Tip the pot and slide it out. Water it in a week."


def _check(rewritten: str, original: str = ORIGINAL, request: str = REQUEST) -> str:
    return check(Case(request, original, rewritten)).outcome


@pytest.mark.parametrize(
    "added",
    [
        "How to repot a cactus without hurting your hands:",
        "This is how you repot a cactus without hurting your hands.",
        "You can repot the cactus.",
        "## Repot a cactus without hurting",
        "**How do I repot a cactus?**",
    ],
)
def test_the_request_said_again_fails(added: str) -> None:
    verdict = check(Case(REQUEST, ORIGINAL, f"{added}\n\n{ORIGINAL}"))
    assert (verdict.outcome, verdict.reason) == ("fail", Reason.NOT_BETTER)
    assert "request" in verdict.detail
    assert verdict.span


@pytest.mark.parametrize(
    "added",
    ["So the plant is in newspaper.", "Slide out the pot.", "In the end, it will have water."],
)
def test_what_is_said_beside_it_already_fails(added: str) -> None:
    verdict = check(Case(REQUEST, ORIGINAL, f"{ORIGINAL}\n\n{added}"))
    assert (verdict.outcome, verdict.reason) == ("fail", Reason.NOT_BETTER)


@pytest.mark.parametrize(
    "added",
    [
        "Cactus soil from a garden shop is best.",
        "Thick gloves protect your hands.",
        "Steps:",
        "Repotting:",
        "Cactus hands:",
        "In short",
    ],
)
def test_news_labels_and_headings_do_not(added: str) -> None:
    assert _check(f"{added}\n\n{ORIGINAL}") == "pass"


@pytest.mark.parametrize(
    "rewritten",
    [
        ORIGINAL,
        ORIGINAL.replace(". ", ".\n\n"),
        "1. Wrap the plant in folded newspaper.\n2. Tip the pot and slide it out.\n"
        "3. Water it in a week.",
        "- **Wrap the plant in folded newspaper.**\n- Tip the pot and slide it out.\n"
        "- Water it in a week.",
        "Wrap the plant in folded newspaper. Tip the pot and slide it out.",
        "",
    ],
)
def test_where_nothing_is_added_there_is_nothing_to_judge(rewritten: str) -> None:
    assert _check(rewritten) == "n/a"


def test_what_the_original_says_itself_may_stay() -> None:
    original = f"You can repot a cactus without hurting your hands! {ORIGINAL}"
    assert _check(original.replace("hands! ", "hands:\n\n"), original) != "fail"
    original = f"To re-pot a cac-tus, do this. {ORIGINAL}"
    assert _check(f"## To repot a cactus\n\nDo this.\n\n{ORIGINAL}", original) == "pass"


def test_a_bare_answer_in_the_words_of_the_question_is_no_addition() -> None:
    assert _check(
        "Rembrandt painted The Night Watch.", "Rembrandt", "Who painted The Night Watch?"
    ) != ("fail")


def test_sentences_of_small_words_alone_are_no_repetition_of_others() -> None:
    assert _check(f"And so it is. {ORIGINAL}") == "pass"
    assert check(Case("", "", "")).outcome == "n/a"
