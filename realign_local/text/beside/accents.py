"""Accents that were left out, put in where the rewrite has mended them.

Who writes without them (`nao se sabe`) does so throughout: a text with none at all, of which the
rewrite has mended several words. One word alone may have become another (`hablo`, `habló`).
"""

from __future__ import annotations

import re
import unicodedata

LEAST_MENDED = 2
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile(r"[A-Za-z]+")
_KEYS = {ord(sign): None for sign in "ñÑ¿¡–—’‘“”«»…€°"}
_OTHER_LETTERS = str.maketrans("łŁøØđĐıæÆœŒ", "lLoOdDiaAoO")


def mended(original: str, rewritten: str, *, umlauts: bool) -> str:
    """The original with the accents of the rewrite; German `wurde` is without `umlauts` a word."""
    if not is_bare(original) or rewritten.isascii():
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
    if len(meant) < LEAST_MENDED:
        return original
    return _ASCII_WORD.sub(lambda m: like(meant.get(m[0].lower(), m[0]), m[0]), original)


def is_bare(text: str) -> bool:
    """Whether a text has no accents; keys of their own, such as that of ñ, are no accents."""
    return text.isascii() or text.translate(_KEYS).isascii()


def bare(word: str) -> str:
    """The word without its accents."""
    decomposed = unicodedata.normalize("NFD", word.translate(_OTHER_LETTERS))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def like(word: str, written: str) -> str:
    """With a capital where it is written with one."""
    return word[0].upper() + word[1:] if written[0].isupper() else word
