"""Sentences of a paragraph, word for word: where one ends and the next begins."""

from __future__ import annotations

import re

_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|[a-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|approx|No|Fig|Inc|Ltd|Co"
    r"|U\.S|a\.m|p\.m|bzw|z\.B|usw|ca|Nr)|\d)\.$"
)
_LOOKED_BACK = 80
"""Signs before a border that tell whether it is one; the whole text would cost its square."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？；])[”’」』）]*\s*")


def sentences(text: str) -> tuple[str, ...]:
    """Sentences of a paragraph, verbatim but for the white space between them.

    A full stop after an abbreviation, an initial or a number ends no sentence unless what follows
    begins with a capital and the number is not an ordinal; doubtful borders are not split.
    """
    found: list[str] = []
    start = 0
    for border in _SENTENCE_END.finditer(text):
        before = text[max(start, border.start() - _LOOKED_BACK) : border.start()]
        after = text[border.end() : border.end() + 1]
        if not after or _joins(before, after):
            continue
        found.append(text[start : border.end()].strip())
        start = border.end()
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def _joins(before: str, after: str) -> bool:
    if after[0].islower():
        return True
    shortened = _ABBREVIATION.search(before.rstrip("\"'”’)]"))
    if not shortened:
        return False
    ends_in_number = before[-2:-1].isdigit()
    return not (ends_in_number and after[0].isupper() and len(before.split()) > 2)
