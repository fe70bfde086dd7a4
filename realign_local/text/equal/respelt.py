"""Numbers, days, dates and hours of the original, written as the rewrite writes them.

`dienstags` may become *Dienstag*, `17 октября` *17.10*, `half past ten` *10:30*, `quattro persone`
*4 persone*. What means the same is written the same before any gate compares; what the rewrite has
as it was stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from realign_local.text.equal.amounts import ranges, same_shares, without_shown_counts
from realign_local.text.equal.durations import durations_and_measures
from realign_local.text.equal.hours import hours
from realign_local.text.equal.paths import same_paths
from realign_local.text.equal.set_formulas import formulas_as_there
from realign_local.text.equal.written import (
    MAX_SIGNS,
    Written,
    dates,
    days_and_short,
    first_one,
    implies_one,
    numbers,
    ordinals,
    with_their_year,
)

_NO_PROSE = re.compile(
    r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|^[ \t]*(?:\*\*)?\d{1,3}[.)](?=\s)", re.MULTILINE | re.DOTALL
)
"""Code, and the numbers of items."""
MOST = 300
"""Places of a text that are written otherwise; one with more is not worth the time."""
FINDERS: Mapping[str, Callable[[str, str], Iterator[Written]]] = {
    "dates": dates,
    "days": days_and_short,
    "ranges": ranges,
    "measures": durations_and_measures,
    "clock": hours,
    "ordinals": ordinals,
    "numbers": numbers,
}
"""In the order in which they are looked for: a day of a month is no number alone."""


def respelt(original: str, rewritten: str, language: str) -> tuple[str, str]:
    """The original with the rewrite's ways to write what it says, and the rewrite.

    In that a date that comes once more is written as the original has it.
    """
    if original == rewritten or max(len(original), len(rewritten)) > MAX_SIGNS:
        return original, rewritten
    original, rewritten = same_paths(original, rewritten)
    original, rewritten = same_shares(original, rewritten, language)
    original = without_shown_counts(original, rewritten, language)
    original = formulas_as_there(original, rewritten)
    shown = _covered(rewritten)
    for kind, find in FINDERS.items():
        theirs = [*find(shown, language)]
        if not theirs:
            continue
        mine = [*find(original, language)]
        if kind == "dates":
            mine = [*with_their_year(mine, original), *mine]
        original = _as_there(original, shown, mine, theirs, to_digits=kind == "numbers")
        if kind == "measures":
            mine = [*find(original, language)]
            original, rewritten = _other_durations(original, rewritten, mine, theirs)
            shown = _covered(rewritten)
        if kind in ("dates", "days"):
            again = _as_said_before(shown, theirs, original, [*find(original, language)])
            for start, end, spelling in again:
                rewritten = rewritten[:start] + spelling + rewritten[end:]
            shown = _covered(rewritten) if again else shown
        if kind == "numbers" and language != "en":
            mine, theirs = [*find(original, language)], [*find(shown, language)]
            covered = _covered(original)
            rewritten = _as_there(rewritten, covered, theirs, mine, to_digits=True)
            shown = _covered(rewritten)
    if implies_one(language):
        original = _with_ones(original, shown, language)
    return original, rewritten


def _covered(text: str) -> str:
    return _NO_PROSE.sub(lambda m: " " * len(m[0]), text)


def _other_durations(
    original: str, rewritten: str, mine: Sequence[Written], theirs: Sequence[Written]
) -> tuple[str, str]:
    """Both texts with the one duration that differs in minutes: `half an hour` is no numeral."""
    found = (
        [w for w in _outermost(_left_over(*sides)) if min(w.means).endswith(" min")]
        for sides in ((original, mine, rewritten, theirs), (rewritten, theirs, original, mine))
    )
    lost, come = found
    spans = [{(w.start, w.end) for w in side} for side in (lost, come)]
    if any(len(side) != 1 for side in spans) or lost[0].means == come[0].means:
        return original, rewritten
    return _in_minutes(original, lost[0]), _in_minutes(rewritten, come[0])


def _outermost(found: Sequence[Written]) -> list[Written]:
    """Without those within another one: `half hours` of `two and a half hours`."""
    spans = {(w.start, w.end) for w in found}
    return [
        w
        for w in found
        if not any(a <= w.start and w.end <= b and (a, b) != (w.start, w.end) for a, b in spans)
    ]


def _in_minutes(text: str, written: Written) -> str:
    said = text[written.start : written.end]
    minutes = min(written.means).replace(" min", " minutes")
    return text if said[:1].isdigit() else text[: written.start] + minutes + text[written.end :]


def _as_said_before(
    text: str, mine: Sequence[Written], other: str, theirs: Sequence[Written]
) -> list[tuple[int, int, str]]:
    """What the rewrite says twice in two ways: how the original writes it, the last one first."""
    known = {meant: other[w.start : w.end] for w in theirs for meant in w.means}
    found: list[tuple[int, int, str]] = []
    for written in _left_over(text, mine, other, theirs)[:MOST]:
        spelling = next((known[meant] for meant in written.means if meant in known), "")
        apart = all(written.end <= start or end <= written.start for start, end, _ in found)
        if spelling and apart:
            found.append((written.start, written.end, spelling))
    return sorted(found, reverse=True)


def _as_there(
    text: str, other: str, mine: Sequence[Written], theirs: Sequence[Written], *, to_digits: bool
) -> str:
    """Numbers are only put in digits: which may become English words, their gate knows."""
    lacking = _left_over(text, mine, other, theirs)[:MOST]
    surplus = _left_over(other, theirs, text, mine)[:MOST]
    if to_digits:
        lacking, surplus = [w for w in lacking if w.is_told], [w for w in surplus if not w.is_told]
    changes: list[tuple[int, int, str]] = []
    spelt: dict[tuple[str, frozenset[str]], str] = {}
    for written in sorted(lacking, key=lambda w: (not w.is_told, w.start - w.end, w.start)):
        if any(written.start < end and start < written.end for start, end, _ in changes):
            continue
        alike = [w for w in surplus if _says_the_same(w, written)]
        same = next((w for w in alike if w.likely == written.likely), alike[0] if alike else None)
        if same:
            changes.append((written.start, written.end, other[same.start : same.end]))
            surplus = [w for w in surplus if w.end <= same.start or same.end <= w.start]
            spelt[_spelling(text, written)] = other[same.start : same.end]
        elif spelling := spelt.get(_spelling(text, written)):
            changes.append((written.start, written.end, spelling))
    for start, end, spelling in sorted(changes, reverse=True):
        text = text[:start] + spelling + text[end:]
    return text


def _left_over(
    text: str, mine: Sequence[Written], other: str, theirs: Sequence[Written]
) -> list[Written]:
    """Those that the other text does not have as they are written, as often."""
    there = Counter(_spelling(other, w) for w in _apart(theirs))
    found = []
    for written in mine:
        spelling = _spelling(text, written)
        if there[spelling] > 0:
            there[spelling] -= 1
        else:
            found.append(written)
    return found


def _spelling(text: str, written: Written) -> tuple[str, frozenset[str]]:
    """With what it counts, where that is part of its meaning."""
    told = written.means if written.is_told else frozenset[str]()
    return text[written.start : written.end].casefold().rstrip("."), told


def _apart(found: Sequence[Written]) -> list[Written]:
    return [*{(w.start, w.end): w for w in found}.values()]


def _says_the_same(there: Written, here: Written) -> bool:
    """One of them at least in words or signs of its own; a duration (`9 h`) is no time of day."""
    if there.means.isdisjoint(here.means):
        return False
    if here.is_told and there.is_told:
        return True
    return there.is_sure if there.is_told else here.is_told and (here.is_sure or there.is_first)


def _with_ones(text: str, other: str, language: str) -> str:
    """`стакан гречки` is `1 стакан гречки`, where the rewrite says so."""
    mine, theirs = [*numbers(text, language)], [*numbers(other, language)]
    for written in _left_over(other, theirs, text, mine)[:MOST]:
        counted = next((m[2:] for m in written.means if m.startswith("1 ") and m[2:]), "")
        at = first_one(text, counted) if counted and not written.is_told else None
        if at is not None:
            text = f"{text[:at]}1 {text[at:]}"
    return text
