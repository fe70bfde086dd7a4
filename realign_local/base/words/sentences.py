"""Sentences of a paragraph, word for word: where one ends and the next begins."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("abbreviations.toml")
LOOKED_BACK = 80
"""Characters before a border that tell whether it is one; the whole text would cost its square."""
_BORDER = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？；।؟])[”’」』）]*\s*")
_OPENING = "\"'“‘«(["


def sentences(text: str) -> tuple[str, ...]:
    """Sentences of a paragraph, verbatim but for the white space between them.

    A full stop after an abbreviation, an initial or a number ends no sentence unless what follows
    begins with a capital and the number is not an ordinal; doubtful borders are not split.
    """
    found: list[str] = []
    start = 0
    for border in _BORDER.finditer(text):
        before = text[max(start, border.start() - LOOKED_BACK) : border.start()]
        after = text[border.end() : border.end() + 1]
        if not after or _joins(before, after, is_closed=not border.group()[:1].isspace()):
            continue
        found.append(text[start : border.end()].strip())
        start = border.end()
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def is_abbreviation(before: str, after: str = "0") -> bool:
    """Whether a full stop between these two texts belongs to an abbreviation or an initial.

    `after` is the first character of what follows; where that is not known yet, say a digit.
    """
    word = before.rsplit(None, 1)[-1].lstrip(_OPENING).lower() if before.strip() else ""
    if len(word) == 1:
        return word.isalpha()
    kind = _abbreviations().get(word) or _abbreviations().get(word.rpartition("-")[2])
    return kind is not None and (kind != "before_numbers" or after.isdigit())


@cache
def _abbreviations() -> dict[str, str]:
    """Each abbreviation with the kind that it is of."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {word: kind for kind, entry in table.items() for word in entry["words"].split()}


def _joins(before: str, after: str, *, is_closed: bool) -> bool:
    """Whether a border is none; `is_closed` says that a quotation or a bracket ends there, too."""
    if after.islower():
        return True
    if not before.endswith("."):
        return False
    if before[-2:-1].isdigit():  # an ordinal, or the number of a list's entry
        return not is_closed and not (after.isupper() and len(before.split()) > 2)
    return is_abbreviation(before[:-1], after)
