"""Requests in other languages are read in English words, English ones are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.classifier.features import asked, wording
from realign_local.classifier.gloss import gloss, plain_signs, table


@pytest.mark.parametrize("language", sorted(table()))
def test_every_language_reads_its_example(language: str) -> None:
    entry = table()[language]
    assert gloss(entry["example"]) == entry["reads"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("resume esta carta por favor", "summarize"),  # without accents, in small letters
        ("Kannst du diese Tabelle sortieren?", "sort"),
        ("Quelle est la différence entre list et tuple en Python ?", "python"),
        ("このコードを説明してください。", "code"),
        ("وترجم هذه الجملة إلى الإنجليزية", "translate"),  # with what is written before a word
    ],
)
def test_a_wish_is_found_in_its_forms(request_: str, said: str) -> None:
    assert said in gloss(request_)


@pytest.mark.parametrize(
    "request_",
    [
        "Write a message about a script error.",
        "plan a test for the film class",
        "recipe for goulash, no onions",
        "What is the capital of Chad?",
        "Sulje ikkuna ennen myrskyä.",  # Finnish is not in the table
        "",
    ],
)
def test_english_and_unknown_languages_have_no_gloss(request_: str) -> None:
    assert gloss(request_) == ""


def test_signs_of_other_scripts_part_a_request_from_its_text() -> None:
    wish = "请把下面这段写给我同事的话翻译成正式的英文"
    text = f"{wish}：我们明天早上在车站门口见面，不要忘记带上你的新护照和两张照片。" + "谢谢！" * 5
    assert asked(plain_signs(text)) == f"{wish}:"


def test_chinese_has_words_though_it_has_no_blanks() -> None:
    one, other = wording("请写一首诗", salt="a"), wording("写一首短诗吧", salt="a")
    assert np.dot(one, other) > 0.3


@given(st.text())
def test_any_text_has_a_gloss(text: str) -> None:
    assert gloss(text) == gloss(text.upper().lower()) or not text.isascii()
    assert plain_signs(plain_signs(text)) == plain_signs(text)
