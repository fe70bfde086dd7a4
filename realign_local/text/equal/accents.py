"""Accents that were left out, put in where the rewrite has mended them.

Who writes without them (`nao se sabe`) does so throughout: a text with none at all, of which the
rewrite has mended several words. One word alone may have become another (`hablo`, `habló`), and is
only mended where it is long and its ending stays.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LEAST_MENDED = 2
LEAST_LETTERS = 6
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile(r"[A-Za-z]+")
_WHOLE_ASCII_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]+(?![^\W\d_])")
_KEYS = {ord(sign): None for sign in "ñÑ¿¡–—’‘“”«»…€°"}
_OTHER_LETTERS = str.maketrans("łŁøØđĐıæÆœŒ", "lLoOdDiaAoO")


def mended(original: str, rewritten: str, *, umlauts: bool) -> str:
    """The original with the accents of the rewrite; German `wurde` is without `umlauts` a word.

    In a text that has accents a word may lack its own, unless that is what tells it from another.
    """
    if rewritten.isascii():
        return original
    accented = dict[str, str]()
    plain = set[str]()
    for word in _WORD.findall(unicodedata.normalize("NFC", rewritten).lower()):
        if word.isascii():
            plain.add(word)
        elif umlauts or not any(sign in "äöü" for sign in word):
            accented.setdefault(bare(word), word)
    found = {word.lower() for word in _ASCII_WORD.findall(original)}
    meant = {word: accented[word] for word in found - plain if word in accented}
    if not is_bare(original) or len(meant) < LEAST_MENDED:
        held = set(_WORD.findall(unicodedata.normalize("NFC", original).lower()))
        meant = {w: to for w, to in meant.items() if to not in held and _is_one_word(w, to)}
    if not meant:
        return original
    return _WHOLE_ASCII_WORD.sub(lambda m: like(meant.get(m[0].lower(), m[0]), m[0]), original)


def _is_one_word(word: str, accented: str) -> bool:
    """A long word whose last letter has no accent: `hablo`, `habló` are two, `tambien` is one."""
    whole = word[-1] == accented[-1] or accented.endswith("ché")
    return len(word) >= LEAST_LETTERS and whole


def is_bare(text: str) -> bool:
    """Whether a text has no accents; keys of their own, such as that of ñ, are no accents."""
    return text.isascii() or text.translate(_KEYS).isascii()


@lru_cache(maxsize=4096)
def bare(word: str) -> str:
    """The word without its accents."""
    decomposed = unicodedata.normalize("NFD", word.translate(_OTHER_LETTERS))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def like(word: str, written: str) -> str:
    """With a capital where it is written with one."""
    return word[0].upper() + word[1:] if written[0].isupper() else word
