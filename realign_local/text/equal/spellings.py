"""Words of the original in the rewrite's spelling: `colour` and `color`, oeufs and œufs.

What differs in letters that are only another way to write the same sounds is the same word. Accents
make words of their own (`hablo`, `habló`): they are mended where the original itself has the word
with them, or where they were left out on a capital.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import pairwise

from realign_local.text.equal.accents import bare, like
from realign_local.text.rules import rules
from realign_local.text.spelling import is_word

_WORD = re.compile(r"[^\W\d_]+")
_HYPHENED = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:-[^\W\d_]+)+")
_TWICE = re.compile(r"([b-df-hj-np-tv-z])\1")
_CODE = re.compile(r"(^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
"""Of which every letter counts."""
LEAST_LETTERS = 4
MAX_SIGNS = 20_000


def same_spelling(original: str, rewritten: str, language: str) -> str:
    """The original with the words that the rewrite only spells otherwise, as they stand there."""
    if max(len(original), len(rewritten)) > MAX_SIGNS:
        return original
    if "`" not in original:
        return _in_prose(original, rewritten, language)
    parts = _CODE.split(original)
    rewritten = _CODE.sub(" ", rewritten)
    parts[::2] = [_in_prose(part, rewritten, language) for part in parts[::2]]
    return "".join(parts)


def _in_prose(original: str, rewritten: str, language: str) -> str:
    original = _joined_alike(original, rewritten)
    if language in ("", "en"):
        original = _run_together(original, rewritten)
    before, after = (set(_WORD.findall(text)) for text in (original, rewritten))
    lowered = ({word.lower() for word in side} for side in (before, after))
    old, new = lowered
    gone = {word for word in before if word.lower() not in new}
    come = new - old
    meant = dict[str, str]()
    for key in (_sounds, _letters(language)):
        known = dict[str, set[str]]()
        for word in come:
            known.setdefault(key(word), set()).add(word)
        for word in gone:
            found = known.get(key(word.lower()), set())
            if len(found) == 1 and not _are_two_words(word.lower(), *found):
                meant.setdefault(word, like(next(iter(found)), word))
    for word in gone:
        accented = {w for w in old | come if w != word.lower() and bare(w) == word.lower()}
        if len(accented) == 1 and word.isascii() and len(word) >= LEAST_LETTERS:
            other = next(iter(accented))
            if other in (old & new) or (word[0].isupper() and other[1:] == word[1:].lower()):
                meant.setdefault(word, like(other, word))
    return _WORD.sub(lambda m: meant.get(m[0], m[0]), original) if meant else original


def _joined_alike(original: str, rewritten: str) -> str:
    """The original with `Wi-Fi` for `Wifi`, or the other way round, as the rewrite has it."""
    parted, joint = (
        {m.replace("-", "").lower(): m for m in pattern.findall(rewritten)}
        for pattern in (_HYPHENED, _WORD)
    )
    parted = {word: there for word, there in parted.items() if word not in joint}
    if parted:
        original = _WORD.sub(lambda m: parted.get(m[0].lower(), m[0]), original)
    if "-" not in original:
        return original
    written = frozenset(_HYPHENED.findall(rewritten))

    def as_there(m: re.Match[str]) -> str:
        return m[0] if m[0] in written else joint.get(m[0].replace("-", "").lower(), m[0])

    return _HYPHENED.sub(as_there, original)


def _run_together(original: str, rewritten: str) -> str:
    """The original with `a bit` for `abit`, which is no word, where the rewrite has the two."""
    after = _WORD.findall(rewritten)
    here = {word.lower() for word in after}
    apart = {f"{a}{b}".lower(): f"{a} {b}" for a, b in pairwise(after) if f"{a} {b}" in rewritten}

    def as_there(m: re.Match[str]) -> str:
        word = m[0].lower()
        if word in here or word not in apart or is_word(word):
            return m[0]
        return like(apart[word], m[0])

    return _WORD.sub(as_there, original)


def _sounds(word: str) -> str:
    """The word with two letters for one that stands for both: `zurueck`, `zurück`."""
    return unicodedata.normalize("NFC", word).translate(_table())


@cache
def _table() -> dict[int, str]:
    return {ord(sign): letters for sign, letters in rules("spellings")["letters"].items()}


@cache
def _endings() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(one), other) for one, other in rules("spellings")["english"].items()]


def _letters(language: str) -> Callable[[str], str]:
    """A key of English words that British and American spellings share, and slips such as
    `comitted`; of words in other languages the word itself."""
    return _english if language in ("", "en") else _sounds


def _english(word: str) -> str:
    return _TWICE.sub(r"\1", _as_american(word))


def _as_american(word: str) -> str:
    if len(word) < LEAST_LETTERS:
        return word
    for pattern, letters in _endings():
        word = pattern.sub(letters, word)
    return word


def _are_two_words(one: str, other: str) -> bool:
    """`later` and `latter`: both are words, and differ in a doubled letter."""
    if not (is_word(one) and is_word(other)):
        return False
    return _as_american(one) != _as_american(other)
