"""Words that put sentences in an order, and other phrases that the comparing of order needs.

All of them are data (`rules/order.toml`), each kind with an example.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from realign_local.text.rules import rules


@cache
def phrases() -> dict[str, list[dict[str, Any]]]:
    """The entries of the data file, by their kind."""
    return rules("order")


@cache
def pattern(kind: str) -> re.Pattern[str]:
    """What finds a phrase of this kind in a text in small letters."""
    return re.compile("|".join(f"(?:{entry['phrase']})" for entry in phrases()[kind]))


def says(kind: str, text: str) -> bool:
    """Whether the text, in any letters, has a phrase of this kind."""
    return bool(pattern(kind).search(text.lower()))


@lru_cache(maxsize=2048)
def unordered(lowered: str) -> str:
    """A sentence in small letters without the words that only say when its turn is."""
    opener = pattern("opener").match(lowered)
    bare = lowered[opener.end() :] if opener else lowered
    return " ".join(pattern("orders").sub(" ", bare).split()) or lowered


@lru_cache(maxsize=2048)
def orders(sentence: str) -> bool:
    """Whether a sentence has a word that says when its turn is; one that only ends a list has not.

    `Finally` is said of the last point of any list.
    """
    lowered = sentence.lower()
    found = pattern("opener").match(lowered) or pattern("orders").search(lowered)
    return bool(found) and not pattern("closes").match(lowered)
