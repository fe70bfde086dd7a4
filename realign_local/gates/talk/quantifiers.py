"""Of how many something is said, and of what only: such words stay where a sentence is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from realign_local.text.rules import rules
from realign_local.text.segments import IDEOGRAPH

_SPACELESS_FROM = "\u2e80"


def turned(before: str, after: str, language: str) -> str:
    """What happened to the sentence where another degree took the place of one, or ""."""
    old, new = (_degrees(text.lower(), _code(text, language)) for text in (before, after))
    gone, come = old - new, new - old
    return f"{min(gone)} has become {min(come)}" if gone and come else ""


def limited(before: str, after: str, language: str) -> str:
    """What happened to the sentence where `only` was left out or put in, or ""."""
    old, new = (_says_only(text.lower(), _code(text, language)) for text in (before, after))
    if old[0] and not new[1]:
        return "this is no longer said of it only"
    return "this is said of it only now" if new[0] and not old[1] else ""


def _code(text: str, language: str) -> str:
    """The language of the table, Chinese by its signs; a short English text is told by nothing."""
    return language or ("zh" if IDEOGRAPH.search(text) else "en")


def _degrees(text: str, language: str) -> Counter[str]:
    """How often each degree is named, by the first word of its line."""
    pattern, first = _degrees_of(language)
    named = (first.get(m[0], "") for m in pattern.finditer(text))
    return Counter(name for name in named if name)


def _says_only(text: str, language: str) -> tuple[bool, bool]:
    """Whether the text says it with a word of its own, and whether with any."""
    entry = _entries().get(language, {})
    own = str(entry.get("only", "")).split()
    said = bool(_any_of(tuple(own)).search(text))
    return said, said or bool(_any_of(tuple(str(entry.get("or", "")).split())).search(text))


@cache
def _entries() -> dict[str, dict[str, str | list[str]]]:
    return {entry["code"]: entry for entry in rules("negations")["quantities"]}


@cache
def _degrees_of(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the words and the idle phrases of a language, and the degree of each word."""
    entry = _entries().get(language, {})
    lines = [line.split() for line in entry.get("degrees", [])]
    first = {word.replace("_", " "): line[0] for line in lines for word in line}
    idle = [phrase.replace("_", " ") for phrase in str(entry.get("idle", "")).split()]
    return _any_of((*first, *idle)), first


@cache
def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """The longest one first; between letters where a script has blanks."""
    if not phrases:
        return re.compile("(?!)")
    either = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    spaceless = phrases[0] > _SPACELESS_FROM
    return re.compile(either if spaceless else rf"(?<!\w)(?:{either})(?!\w)")
