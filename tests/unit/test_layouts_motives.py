"""A reason for a change stands only if it names a kind of change that this one can be."""

from __future__ import annotations

import pytest

from realign_local.layouts.changes import Change
from realign_local.layouts.motives import Motive, motive_of

NONSENSE = ' "X" is the only word in the sentence.'


@pytest.mark.parametrize(
    ("old", "new", "plain"),
    [
        ("", "a", "article missing"),
        ("the", "", "article not needed"),
        ("a", "an", "article"),
        ("vibes,", "vibes", "comma not needed"),
        ("dont", "don't", "apostrophe missing"),
        ("I've", "I have", "written out"),
        ("paris", "Paris", "capital letter"),
        ("comon", "common", "spelling"),
        ("drink", "drinks", "form of the word"),
        ("goed", "went", "form of the verb"),
        ("him", "he", "pronoun"),
        ("since", "for", "preposition"),
        ("doorman", "porter", ""),
        ("noon.", "noon?", "punctuation"),
        ("very", "", ""),
        ("have went", "went", ""),
    ],
)
def test_what_two_texts_tell_by_themselves(old: str, new: str, plain: str) -> None:
    assert motive_of(Change(old, new)).plain == plain


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("drink", "drinks", " the verb must agree with its subject."),
        ("vibes,", "vibes", " no comma is needed before and."),
        ("him", "he", ' the pronoun "he" is the subject.'),
        ("stuff", "commitments", " a more formal word."),
        ("due to the fact that", "because", " it is shorter."),
        ("comon", "common", " a spelling mistake."),
    ],
)
def test_a_reason_that_fits_its_change_stands(old: str, new: str, reason: str) -> None:
    assert motive_of(Change(old, new)).explained_by(reason)
    assert not motive_of(Change(old, new)).explained_by(NONSENSE)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("drink", "drinks", " a comma was missing."),
        ("vibes,", "vibes", " the plural is needed."),
        ("doorman", "porter", " a spelling mistake."),
        ("his", "their", " the word was capitalized."),
        ("because", "due to the fact that", " more concise."),
        ("in", "on", ""),
        ("adress", "address", " the word is in the past tense."),
        ("drink", "drinks", ' "drinks" is the correct spelling of the verb "to drink".'),
        ("kind", "nice", ' "nice" is a more formal way of saying "nice".'),
        ("In the event that", "If", ' "If" is a conjunction that is used to indicate a case.'),
    ],
)
def test_a_reason_that_contradicts_its_change_falls(old: str, new: str, reason: str) -> None:
    assert not motive_of(Change(old, new)).explained_by(reason)


def test_of_code_any_reason_will_do_that_is_one() -> None:
    assert Motive().explained_by(" the loop ran once too often.")
    assert not Motive().explained_by(" :")
