"""Numbers, days, dates and hours of the original, written as the rewrite writes them.

`dienstags` may become *Dienstag*, `17 октября` *17.10*, `half past ten` *10:30*, `quattro persone`
*4 persone*. What means the same is written the same before any gate compares; what the rewrite has
as it was stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from realign_local.text.beside.written import (
    FINDERS,
    MAX_SIGNS,
    Written,
    first_one,
    implies_one,
    numbers,
)

_NO_PROSE = re.compile(
    r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|^[ \t]*(?:\*\*)?\d{1,3}[.)](?=\s)", re.MULTILINE | re.DOTALL
)
"""Code, and the numbers of items."""


def respelt(original: str, rewritten: str, language: str) -> str:
    """The original with the rewrite's ways to write what it says."""
    if original == rewritten or max(len(original), len(rewritten)) > MAX_SIGNS:
        return original
    shown = _NO_PROSE.sub(lambda m: " " * len(m[0]), rewritten)
    for kind, find in FINDERS.items():
        theirs = [*find(shown, language)]
        if theirs:
            both = [*find(original, language)], theirs
            original = _as_there(original, shown, *both, to_digits=kind == "numbers")
    return _with_ones(original, shown, language) if implies_one(language) else original


def _as_there(
    text: str, other: str, mine: Sequence[Written], theirs: Sequence[Written], *, to_digits: bool
) -> str:
    """What may become a word, the numbers gate knows: such numbers are only put in digits."""
    lacking = _left_over(text, mine, other, theirs)
    surplus = _left_over(other, theirs, text, mine)
    if to_digits:
        lacking, surplus = [w for w in lacking if w.is_told], [w for w in surplus if not w.is_told]
    changes: list[tuple[int, int, str]] = []
    for written in sorted(lacking, key=lambda w: (not w.is_told, w.start - w.end, w.start)):
        if any(written.start < end and start < written.end for start, end, _ in changes):
            continue
        same = next((w for w in surplus if _says_the_same(w, written)), None)
        if same:
            changes.append((written.start, written.end, other[same.start : same.end]))
            surplus = [w for w in surplus if w.end <= same.start or same.end <= w.start]
    for start, end, spelling in sorted(changes, reverse=True):
        text = text[:start] + spelling + text[end:]
    return text


def _left_over(
    text: str, mine: Sequence[Written], other: str, theirs: Sequence[Written]
) -> list[Written]:
    """Those that the other text does not have as they are written, as often."""
    there = Counter(other[w.start : w.end].casefold() for w in _apart(theirs))
    found = []
    for written in mine:
        spelling = text[written.start : written.end].casefold()
        if there[spelling] > 0:
            there[spelling] -= 1
        else:
            found.append(written)
    return found


def _apart(found: Sequence[Written]) -> list[Written]:
    return [*{(w.start, w.end): w for w in found}.values()]


def _says_the_same(one: Written, other: Written) -> bool:
    return (one.is_told or other.is_told) and not one.means.isdisjoint(other.means)


def _with_ones(text: str, other: str, language: str) -> str:
    """`стакан гречки` is `1 стакан гречки`, where the rewrite says so."""
    mine, theirs = [*numbers(text, language)], [*numbers(other, language)]
    for written in _left_over(other, theirs, text, mine):
        counted = next((m[2:] for m in written.means if m.startswith("1 ") and m[2:]), "")
        at = first_one(text, counted) if counted and not written.is_told else None
        if at is not None:
            text = f"{text[:at]}1 {text[at:]}"
    return text
