"""Requests that bring the text they ask about: what they need to know is in it, not in an index."""

from __future__ import annotations

import re

LEAST_CHARS = 60
"""A shorter text is a claim to check or a thing to sort; a fact about it stands elsewhere."""

LEAST_SHARED = 0.2
"""Of the words of what is asked that are in the text, too. Of 996 shipped queries that need
evidence one is taken for such a request, of 146 questions about a given text 34."""

STEM_CHARS = 5
_WORD = re.compile(r"[^\W_]{4,}|\d+")


def brings_its_text(instruction: str) -> bool:
    """Whether a text comes with the request that is longer than it and speaks of the same things.

    False for texts without blanks between words: there a lookup too many is all that happens.
    """
    wish, text = _parted(instruction)
    if len(text) < max(LEAST_CHARS, len(wish)):
        return False
    words = _stems(wish)
    return len(words & _stems(text)) >= max(1, LEAST_SHARED * len(words))


def _parted(instruction: str) -> tuple[str, str]:
    """What is asked, in the first or the last line, and the rest; nothing but a wish in one line.

    In one line a quoted claim that is to be checked, or a second wish, looks like a text as well.
    """
    lines = [line.strip() for line in instruction.split("\n") if line.strip()]
    if len(lines) < 2:
        return instruction, ""
    is_first = len(lines[0]) <= len(lines[-1]) or (len(lines) > 2 and lines[0].endswith("?"))
    wish = lines.pop(0 if is_first else -1)
    return wish, " ".join(lines)


def _stems(text: str) -> set[str]:
    return {word[:STEM_CHARS] for word in _WORD.findall(text.lower())}
