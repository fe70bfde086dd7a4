"""The languages of short sentences, told by their small words; the words are data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from realign_local.text.rules import rules

_WORD = re.compile(r"[^\W\d_]+")
SHORT_WORDS = 3
LOOKED_AT_SIGNS = 4000
_KIN = (
    ("da", "no", "sv"), ("es", "pt", "it", "ro"), ("de", "nl"), ("pl", "cs"), ("ru", "uk", "bg"),
)  # fmt: skip
"""Languages that share so many words that a few of them say little."""
_FAMILY = {language: family for family in _KIN for language in family}


@cache
def table() -> dict[str, dict[str, Any]]:
    """The entries of the data file, by the language's code."""
    entries = rules("small_words")["language"]
    return {entry["code"]: entry for entry in entries}


@cache
def small_words(language: str) -> frozenset[str]:
    """The words by which a short sentence is told; single letters of ASCII are variables, too."""
    entry = table().get(language)
    return frozenset(_counted(f"{entry['frequent']} {entry['more']}")) if entry else frozenset()


@cache
def labels(language: str) -> frozenset[str]:
    """Words that stand alone before a colon."""
    return frozenset(table().get(language, {}).get("labels", "").split())


@cache
def languages_of(kind: str) -> dict[str, tuple[str, ...]]:
    """Each word of this kind (`frequent`, `short`, `letters`) with the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for language, entry in table().items():
        if kind == "letters":
            words = set(entry.get("letters", "").split())
        elif kind == "frequent":
            words = set(_counted(entry["frequent"]))
        else:
            words = set(small_words(language))
        for word in sorted(words):
            found[word] = (*found.get(word, ()), language)
    return found


def _counted(words: str) -> Iterable[str]:
    return (word for word in words.split() if len(word) > 1 or word > "z")


def are_close(one: str, other: str) -> bool:
    """Whether two languages share so many words that one says little."""
    return one == other or other in _FAMILY.get(one, ())


def tokens(text: str) -> list[str]:
    """The words of a text in small letters."""
    return _WORD.findall(text[:LOOKED_AT_SIGNS].lower().replace("i\u0307", "i"))  # from \u0130


@lru_cache(maxsize=64)
def speaks(text: str, *, share: float = 0.2) -> str:
    """The language of which a text has most small words, two at least; "" without a clear one.

    Of close languages that are level it is one or the other.
    """
    found = tokens(text)
    if len(found) < SHORT_WORDS:
        return ""
    hits = dict[str, list[str]]()
    for word in found:
        for language in languages_of("short").get(word, ()):
            hits.setdefault(language, []).append(word)
    for word in _small_with_letters(text):
        telling = {name for sign in word for name in languages_of("letters").get(sign, ())}
        for language in telling:
            if word not in small_words(language):
                hits.setdefault(language, []).append(word)
    ranked = sorted(((len(h), len(set(h)), name) for name, h in hits.items()), reverse=True)
    (best, kinds, name), *others = ranked or [(0, 0, "")]
    tied = any(h == best and not are_close(name, other) for h, _, other in others)
    return name if kinds > 1 and not tied and best >= share * len(found) else ""


def own_words(text: str, language: str, *, beside: str) -> list[str]:
    """The words of a text that are of one language, and not of the one `beside` it."""
    known = small_words(language) - small_words(beside)
    found = [word for word in tokens(text) if word in known]
    letters = _letters(language) - _letters(beside)
    return found + [
        word
        for word in _small_with_letters(text)
        if word not in known and not letters.isdisjoint(word)
    ]


def _letters(language: str) -> frozenset[str]:
    return frozenset(table().get(language, {}).get("letters", "").split())


def _small_with_letters(text: str) -> list[str]:
    """Words in small letters beyond ASCII: a name may be of any language."""
    if text.isascii():
        return []
    found = _WORD.findall(text[:LOOKED_AT_SIGNS])
    return [word for word in found if not word.isascii() and word == word.lower()]


_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u0621-\u064a]{2}"), "ar"),
    (re.compile("[а-яё]{3}"), "ru"),
    (re.compile("[\u0904-\u0939]"), "hi"),
)


def likely_language(text: str) -> str:
    """The commonest language of the script of a text that is too short to tell its own, or the
    one that has most of its small words; "" where two have as many."""
    by_script = next((language for script, language in _SCRIPTS if script.search(text)), "")
    if by_script:
        return by_script
    known = languages_of("short")
    found = Counter(
        lang for word in set(_WORD.findall(text.lower())) for lang in known.get(word, ())
    )
    (one, often), (_, less) = [*found.most_common(2), ("", 0), ("", 0)][:2]
    return one if often > less else ""
