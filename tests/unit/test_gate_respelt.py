"""All gates over pairs in which the rewrite says the same otherwise, and their damaged twins."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from realign_local.gates import Case, judge
from realign_local.text.equal.set_phrases import same_phrases
from realign_local.text.equal.spellings import same_spelling
from realign_local.text.rules import rules

PAIRS = tomllib.loads((Path(__file__).parent / "respelt_pairs.toml").read_text(encoding="utf-8"))[
    "pairs"
]


def failed(asked: str, original: str, rewritten: str) -> list[str]:
    verdicts = judge(Case(asked, original, rewritten)).items()
    return [f"{name}: {v.detail}" for name, v in verdicts if v.outcome == "fail"]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['kind']}-{pair['text'][:20]}")
def test_what_means_the_same_passes(pair: dict[str, str]) -> None:
    assert not failed(pair["asked"], pair["text"], pair["same"])


@pytest.mark.parametrize(
    "pair", [p for p in PAIRS if "other" in p], ids=lambda p: f"{p['kind']}-{p['text'][:20]}"
)
def test_what_means_another_thing_fails(pair: dict[str, str]) -> None:
    assert failed(pair["asked"], pair["text"], pair["other"])


@pytest.mark.parametrize("entry", rules("spellings")["examples"], ids=lambda e: str(e["one"]))
def test_spellings_of_one_word(entry: dict[str, Any]) -> None:
    one, other = (f"Es {entry[side]} es" for side in ("one", "other"))
    now = same_spelling(one, other, entry["language"])
    assert now == (one if entry.get("not") else other)


@pytest.mark.parametrize("entry", rules("set_phrases")["examples"], ids=lambda e: str(e["text"]))
def test_set_phrases_are_said_as_the_rewrite_says_them(entry: dict[str, str]) -> None:
    assert same_phrases(entry["text"], entry["other"], entry["language"]) == entry["now"]


def test_texts_without_a_number_or_phrase_stay() -> None:
    assert same_phrases("Nothing here.", "Nothing here either.", "en") == "Nothing here."
    assert same_phrases("Nothing here.", "Nothing here either.", "") == "Nothing here."


def test_long_texts_are_left_alone() -> None:
    text = "colour " * 4000
    assert same_spelling(text, "color", "en") == text
    assert same_phrases(text, "at least", "en") == text


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Hablo de Oslo con ella.", "Habló de Oslo con ella."),
        ("El ano pasado no fue bueno.", "El año pasado no fue bueno."),
    ],
)
def test_one_accent_may_make_another_word(original: str, rewritten: str) -> None:
    assert same_spelling(original, rewritten, "es") == original
