"""A reason for a change stands only if it names a kind of change that this one can be."""

from __future__ import annotations

import pytest

from realign_local.layouts.changes import Change
from realign_local.layouts.kinds import named
from realign_local.layouts.motives import Motive

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
        ("dont likes", "doesn't like", ""),
    ],
)
def test_what_two_texts_tell_by_themselves(old: str, new: str, plain: str) -> None:
    assert named(Change(old, new)) == plain


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("have their", "has his or her", " the verb must agree with its subject."),
        ("stuff", "commitments", " a more formal word."),
        ("due to the fact that", "because", " it is shorter."),
        ("nice", "excellent", ' "excellent" is more precise than "nice".'),
    ],
)
def test_a_reason_of_style_that_fits_its_change_stands(old: str, new: str, reason: str) -> None:
    assert Motive(Change(old, new)).explained_by(reason)
    assert not Motive(Change(old, new)).explained_by(NONSENSE)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("me is", "I are", ' "me" is a proper noun.'),
        ("have their", "has his or her", " the verb is the same as the noun."),
        ("am", "have been", ' "have" is the past tense of "am".'),
        ("doorman", "porter", " a spelling mistake."),
        ("because", "due to the fact that", " more concise."),
        ("in", "on", ""),
        ("kind", "nice", ' "nice" is a more formal way of saying "nice".'),
        ("In the event that", "If", ' "If" is simple and is used to indicate a case.'),
    ],
)
def test_a_reason_that_explains_nothing_falls(old: str, new: str, reason: str) -> None:
    assert not Motive(Change(old, new)).explained_by(reason)
