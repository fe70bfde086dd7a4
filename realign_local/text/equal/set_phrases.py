"""Set phrases that bound or soften a number, in the rewrite's words: `at least`, `a minimum of`."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from realign_local.text.rules import rules
from realign_local.text.wordings import heads_of, may_hold

_SPACELESS = ("zh", "ja")
MAX_SIGNS = 20_000


@cache
def _groups(language: str) -> list[tuple[frozenset[str], re.Pattern[str]]]:
    """How the phrases of each group begin, and what finds them, the longest first."""
    groups = [entry.split("|") for entry in rules("set_phrases")["same"].get(language, [])]
    return [(heads_of(phrases), _either(phrases, language)) for phrases in groups]


def _either(phrases: list[str], language: str) -> re.Pattern[str]:
    either = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True))).replace("'", "['’]")
    if language in _SPACELESS:
        return re.compile(either)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


_YEARS = r"\d{1,3}(?: ?(?:to|and|-|–) ?\d{1,3})?"
_AGE = re.compile(
    rf"\b(at least )?(?:aged ({_YEARS})|({_YEARS}) years (?:old|of age))"
    r"( (?:or|and) (?:over|older|above|up)\b)?"
)
_AGED = re.compile(r"\baged \d")
_YEARS_OLD = re.compile(r"\d years (?:old|of age)\b")


def same_ages(original: str, rewritten: str) -> tuple[str, str]:
    """Both texts with ages in one way, where there are both `aged 18` and `18 years old`."""
    both = original + rewritten
    if not (_YEARS_OLD.search(both) and _AGED.search(both)):
        return original, rewritten
    return _AGE.sub(_aged, original), _AGE.sub(_aged, rewritten)


def _aged(m: re.Match[str]) -> str:
    return f"aged {m[2] or m[3]}{' or over' if m[1] or m[4] else ''}"


def same_phrases(original: str, rewritten: str, language: str) -> str:
    """The original with a phrase as the rewrite says it, where that has another of its group."""
    if max(len(original), len(rewritten)) > MAX_SIGNS:
        return original
    for heads, pattern in _groups(language):
        if not may_hold(original, heads):
            continue
        before, after = (
            Counter(found.lower().replace("’", "'") for found in pattern.findall(text))
            for text in (original, rewritten)
        )
        lost, come = before - after, after - before
        if len(come) == 1 and lost and come.total() <= lost.total():
            said = next(iter(come))
            written = next(w for w in pattern.findall(rewritten) if w.lower() == said)
            times, said = come[said], written if written[1:] != said[1:] else said
            original = _exchanged(original, pattern, set(lost), said, times)
    return original


def _exchanged(text: str, pattern: re.Pattern[str], lost: set[str], said: str, times: int) -> str:
    """The first of the lost phrases are said so, as often as the rewrite has it."""
    left = times

    def change(m: re.Match[str]) -> str:
        nonlocal left
        if m[0].lower().replace("’", "'") not in lost or not left:
            return m[0]
        left -= 1
        return said[0].upper() + said[1:] if m[0][0].isupper() else said

    return pattern.sub(change, text)
