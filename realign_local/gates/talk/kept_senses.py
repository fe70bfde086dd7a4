"""Small words of a sentence that is kept: none stands for another, and some neither come nor go."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, product

from realign_local.text.align import UnitPair, without_copies
from realign_local.text.beside.senses import (
    SmallPhrase,
    may_be_converse,
    neighbours,
    small_phrases,
    told_words,
)
from realign_local.text.beside.synonyms import are_forms
from realign_local.text.segments import FUNCTION_WORDS, IDEOGRAPH, WORD, unlabelled, words
from realign_local.text.small_words import likely_language

KEPT = 0.6
"""The share of the other words that a sentence keeps in which one small word stands for another."""
WHOLE = 0.8
SAME = 0.9
"""The same where only the order differs."""
LEAST_LETTERS = 3
MAX_WORDS = 120
"""Longer than any sentence; comparing takes time in proportion to the square."""
MAX_CHANGED = 40
"""Small words that differ; where there are more, the sentences were put in other words."""
_SPACELESS = "\u2e80"
_NEXT = re.compile(r"[\u3400-\u9fff]{1,2}|[^\W\d_]+")
"""The same where one is left out or put in."""


def changed(whole: UnitPair, language: str) -> str:
    """What happened to a small word of the pair, or ""."""
    pair = without_copies(whole)
    before, after = _texts(pair)
    code = language_of(before, language)
    old, new = small_phrases(before, code), small_phrases(after, code)
    gone, come = _unmatched(old, new)
    share = _share(_others(before, old), _others(after, new))
    if share < KEPT or max(len(gone), len(come)) > MAX_CHANGED:
        return ""
    if len(pair.before) == len(pair.after) == 1 and voice_of(before, after, code) == "turned":
        return "who does it and to whom it is done have changed places"
    for one, other in product(gone, come):
        in_place = share >= WHOLE or neighbours(before, one, after, other)
        if in_place and one.excludes(other):
            texts = _texts(whole)
            turned = opposite_and_turned(texts[0], one.text, texts[1], other.text)
            if not (turned and may_be_converse(one, other, code)):
                return f"{one.text} has become {other.text}"
    if share < WHOLE:
        return ""
    lost = next((p.text for p in gone if p.stays), "")
    added = next((p.text for p in come if p.stays), "")
    if lost or added:
        return f"{lost} is lost" if lost else f"{added} is added"
    return "" if gone or come or share < SAME else _traded(whole, code)


def _texts(pair: UnitPair) -> tuple[str, str]:
    """Both sides, the rewrite's without labels of its own."""
    before = " ; ".join(pair.before)
    return before, " ; ".join(unlabelled(unit, before) for unit in pair.after)


def language_of(text: str, language: str) -> str:
    """The language of the table to look in; a short English text is told by nothing."""
    return language or likely_language(text) or ("en" if text.isascii() else "")


def opposite_and_turned(before: str, one: str, after: str, other: str) -> bool:
    """Whether an opposite says the same, as what stands beside it has changed sides.

    `Tin melts earlier than zinc`, `zinc melts later than tin`.
    """
    places = [_place(text, word) for text, word in ((before, one), (after, other))]
    if not all(places):
        return False
    (a, b), (c, d) = places
    return _cross(_sides(before, a, b), _sides(after, c, d))


def _place(text: str, word: str) -> tuple[int, int]:
    pattern = re.escape(word) if word > _SPACELESS else rf"(?<!\w){re.escape(word)}(?!\w)"
    at = re.search(pattern, text.lower())
    return (at.start(), at.end()) if at else (0, 0)


def _traded(pair: UnitPair, language: str) -> str:
    """The word whose two sides have changed places: `than`, `from`; or two words before others."""
    before, after = _texts(pair)
    mine, theirs = (_followed(text, language) for text in (before, after))
    for one, other in combinations(sorted(mine.keys() & theirs.keys()), 2):
        if mine[one] == theirs[other] != theirs[one] == mine[other]:
            return f"{one} and {other} have changed places"
    first = {text.lower().split()[0] for text in (*pair.before, *pair.after)}
    parting = told_words(language, "sides")
    for word in parting if len(pair.before) == len(pair.after) == 1 else parting & first:
        (a, b), (c, d) = _place(before, word), _place(after, word)
        if b and d and _cross(_sides(before, a, b), _sides(after, c, d)):
            return f"the two sides of {word} have changed places"
    return ""


def _followed(text: str, language: str) -> dict[str, str]:
    """Each small phrase that is there once, with the word behind it, or before a particle."""
    found = small_phrases(text, language)
    often = Counter(p.text for p in found)
    behind = ((p.text, _NEXT.search(text.lower(), p.end)) for p in found if often[p.text] == 1)
    followed = {said: word[0] for said, word in behind if word}
    for particles in told_words(language, "particles"):
        places = re.findall(rf"([\u30a0-\u30ff\u3400-\u9fff\uac00-\ud7af]+?)(?:{particles})", text)
        if len(places) == 1:
            followed[particles] = places[0]
    return followed


def _sides(text: str, start: int, end: int) -> tuple[frozenset[str], frozenset[str]]:
    """What is said before and behind; a clause that begins a sentence is behind its first word."""
    head, behind = text[:start], text[end:]
    if not words(head) and "," in behind:
        behind, head = behind.split(",", 1)
    return words(head), words(behind)


def _cross(one: tuple[frozenset[str], ...], other: tuple[frozenset[str], ...]) -> bool:
    """Whether a word of either side has come to the other side."""
    (before, behind), (new_before, new_behind) = one, other
    went = (before & new_behind) - behind - new_before - FUNCTION_WORDS
    came = (behind & new_before) - before - new_behind - FUNCTION_WORDS
    return bool(went and came)


def voice_of(before: str, after: str, language: str) -> str:
    """`kept` or `turned` for a sentence that was put into the passive: `B was seen by A`; or ""."""
    old, new = (WORD.findall(text.lower()) for text in (before, after))
    if max(len(old), len(new)) > MAX_WORDS:
        return ""
    by = told_words(language, "passive")
    at = next((n for n, word in enumerate(new) if word in by and word not in old), 0)
    known = [word for word in old if word not in FUNCTION_WORDS and old.count(word) == 1]
    done_to = next((word for word in new[:at] if word in known), "")
    done_by = next((word for word in new[at:] if word in known), "")
    if not (done_to and done_by):
        return ""
    first, last = sorted((old.index(done_to), old.index(done_by)))
    if not any(_is_form(one, other) for one in old[first + 1 : last] for other in new):
        return ""
    return "turned" if old.index(done_to) == first else "kept"


def _is_form(verb: str, other: str) -> bool:
    """Forms of one verb, as far as two letters tell: `bit`, `bitten`; `biss`, `gebissen`."""
    if verb in FUNCTION_WORDS or min(len(verb), len(other)) < LEAST_LETTERS:
        return False
    return verb[:2] == other.removeprefix("ge")[:2] or are_forms(verb, other)


def _unmatched(
    old: Sequence[SmallPhrase], new: Sequence[SmallPhrase]
) -> tuple[list[SmallPhrase], list[SmallPhrase]]:
    """The phrases of either side without one of the same sense on the other."""
    texts = Counter(p.text for p in old) & Counter(p.text for p in new)
    gone, come = _without(old, texts), _without(new, texts)
    for phrase in [*gone]:
        if other := next((p for p in come if phrase.says(p)), None):
            gone.remove(phrase)
            come.remove(other)
    return gone, come


def _without(phrases: Iterable[SmallPhrase], texts: Counter[str]) -> list[SmallPhrase]:
    left, kept = Counter(texts), []
    for phrase in phrases:
        if left[phrase.text]:
            left[phrase.text] -= 1
        else:
            kept.append(phrase)
    return kept


def _others(text: str, phrases: Sequence[SmallPhrase]) -> Counter[str]:
    """The words of the text that are none of the phrases."""
    for phrase in reversed(phrases):
        text = f"{text[: phrase.start]} {text[phrase.end :]}"
    lowered = text.lower()
    return Counter(IDEOGRAPH.findall(lowered)) + Counter(WORD.findall(IDEOGRAPH.sub(" ", lowered)))


def _share(one: Counter[str], other: Counter[str]) -> float:
    most = max(one.total(), other.total())
    return (one & other).total() / most if most else 0.0
