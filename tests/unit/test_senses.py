"""The tables of small words: their examples, and the ways in which a sentence is turned round."""

from __future__ import annotations

from typing import Any

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.text.align import UnitPair, align, without_copies
from realign_local.text.beside.senses import LANGUAGES, same_senses, small_phrases
from realign_local.text.rules import rules

ASKED = {entry["code"]: entry["example"] for entry in rules("small_words")["language"]}
EXAMPLES = [
    (language, example)
    for language in sorted(LANGUAGES)
    for example in rules(f"senses/{language}")["examples"]
]


@pytest.mark.parametrize(("language", "example"), EXAMPLES)
def test_examples(language: str, example: dict[str, Any]) -> None:
    text, other, same = (example[name] for name in ("text", "other", "same"))
    asked = ASKED.get(language, "")
    for one, two in ((text, other), (other, text)):
        assert first_failure(judge(Case(asked, one, two))), two
    for one, two in ((text, same), (same, text)):
        assert first_failure(judge(Case(asked, one, two))) is None, two


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You don't have to wait at least 5 days.", ["you", "don't have to", "at least"]),
        ("The rope is about 9 m long, and about to tear.", ["is", "about", "and"]),
        ("Even if it rains, if not before noon.", ["even if", "if not", "before"]),
    ],
)
def test_the_longest_phrase_is_found(text: str, found: list[str]) -> None:
    assert [p.text for p in small_phrases(text, "en") if p.text != "to"] == found


def test_a_phrase_is_said_as_in_the_rewrite_where_it_stands_but_not_in_code() -> None:
    original = "Usually the gate is shut. The dog usually barks. `usually = 1`"
    rewritten = "Usually the gate is shut. The dog normally barks. `usually = 1`"
    assert same_senses(original, rewritten, "en") == rewritten
    code = "```\nif usually:\n    pass\n```"
    assert same_senses(code, code.replace("usually", "normally"), "en") == code


@pytest.mark.parametrize(
    ("original", "rewritten", "holds"),
    [
        ("Zinc melts later than tin.", "Tin melts earlier than zinc.", True),
        ("Zinc melts later than tin.", "Tin melts later than zinc.", False),
        ("Zinc melts later than tin.", "Zinc melts earlier than tin.", False),
        ("As the lake froze, the ferry stopped.", "The lake froze, so the ferry stopped.", True),
        ("The ferry stopped because the lake froze.",
         "The lake froze because the ferry stopped.", False),
        ("Add more salt and less sugar to the brine.",
         "Add less salt and more sugar to the brine.", False),
        ("The owl saw the mouse in the barn.", "The mouse was seen by the owl in the barn.", True),
        ("The owl saw the mouse in the barn.", "The owl was seen by the mouse in the barn.", False),
    ],
)  # fmt: skip
def test_a_sentence_turned_round(original: str, rewritten: str, *, holds: bool) -> None:
    more = "Nobody minds the rain in that valley."
    failure = first_failure(judge(Case("Tell me.", f"{original} {more}", f"{rewritten} {more}")))
    assert (failure is None) == holds


def test_joined_sentences_are_compared_without_what_was_copied() -> None:
    original = "The mill is old. It was built by monks from the abbey."
    (pair,) = align(original, "The mill is old; it was built by nuns from the abbey.").pairs
    assert without_copies(pair) == UnitPair(
        ("It was built by monks from the abbey.",), ("it was built by nuns from the abbey",)
    )


@pytest.mark.parametrize(
    ("original", "rewritten", "holds"),
    [
        ("No, it has 3 corners.", "No, it is not a square, as it has 3 corners.", True),
        ("No, it has 3 corners.", "No, it is a square, as it has 3 corners.", False),
    ],
)
def test_an_answer_said_as_a_sentence(original: str, rewritten: str, *, holds: bool) -> None:
    failure = first_failure(judge(Case("Is this shape a square?", original, rewritten)))
    assert (failure is None) == holds
