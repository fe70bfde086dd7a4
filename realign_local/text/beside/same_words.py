"""Whether two texts have the same words in the same order, whatever stands between them."""

from __future__ import annotations

import string

MARKS = string.punctuation + "–—…·•“”‘’«»"


def have_same_words(text: str, other: str) -> bool:
    """Marks at the ends of what blanks divide are no part of a word; those within it are."""
    return _words(text) == _words(other)


def _words(text: str) -> list[str]:
    return [word for piece in text.split() if (word := piece.strip(MARKS))]
