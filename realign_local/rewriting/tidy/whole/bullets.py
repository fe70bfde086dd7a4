"""One mark for all entries of a list, where different marks are no levels and tell nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from realign_local.rewriting.tidy.characters import about_code
from realign_local.rewriting.tidy.whole.list_entries import (
    FOREIGN,
    Entries,
    Lines,
    ListMark,
    entries,
    level,
    mark_of,
    runs,
)
from realign_local.text.english import is_word
from realign_local.text.rules import rules

_WORDS = rules("tidy/lists")
_SAYS, _TELLS, _EXPLAINS = (
    re.compile(rf"(?i)\b(?:{'|'.join(_WORDS[kind]['words'])})\b")
    for kind in ("saying", "telling", "explaining")
)
_DUTY = re.compile(r"(?i)(?:must|may|should|shall|required|optional)\b")
"""With such a word before each, entries differ in what their marks mean, too."""
_ASIDE = re.compile(rf"(?i)[*_]*(?:{'|'.join(_WORDS['asides']['words'])})[*_]*:")
_DASHES = "–—"
_TIGHT_DASH = re.compile(r"-([A-Za-z]{2,})(?=[ ,;.]|$)")
_OPTIONS = re.compile(r"(?i)\b(?:options?|flags?|switch(?:es)?|arguments?|parameters?|commands?)\b")
_SPOKEN = re.compile(r"[?!…»”\"]\s*$")
_FOOTNOTE = re.compile(r"[\w.,;:!?)\"”]\*(?:\s|$)")
_ENDED_INSIDE = re.compile(r"[.!?;,]$")
_REFERENCE = re.compile(r"\(\d{1,2}\)|\b\d{1,2}\)")
LEAST_DASHED, LEAST_MIXED = 3, 4
LEAST_WORDS_A_PAIR = 3
"""On each side: shorter ones may be a name and what it stands for."""
MOST_BULLETS_FOR_NUMBERS = 1
"""Between two numbers: more of them are a list below the first one."""

# --- one mark for all ----------------------------------------------------------------------------


def one_sign(lines: Lines, request: str) -> Lines:
    """`- * - •` in turns as hyphens; two signs that may be two levels, or that tell, stay."""
    new = list(lines)
    if any(map(_FOOTNOTE.search, lines)) or _tells_by_signs(lines, request):
        return lines
    for margin in {mark.indent for _, mark in entries(lines) if mark.kind == "bullet"}:
        for run in level(lines, margin, ("bullet",)):
            if _are_of_one_level(lines, run):
                for place, mark in run:
                    new[place] = replace(mark, sign="-").shown("- ")
    return new


def _tells_by_signs(lines: Lines, request: str) -> bool:
    """Whether signs are explained, or `+` may be what is for something, or what is new."""
    marks = dict(entries(lines))
    around = [request, *(line for place, line in enumerate(lines) if place not in marks)]
    if any(map(_EXPLAINS.search, around)) or any(_DUTY.match(m.body) for m in marks.values()):
        return True
    has_plus = any(mark.sign == "+" for mark in marks.values())
    return has_plus and _TELLS.search("\n".join((request, *lines))) is not None


def _are_of_one_level(lines: Lines, run: Entries) -> bool:
    """Whether the bullets of one margin are mixed, and in a way in which no levels are.

    Levels have each sign at one depth, and more than one entry below another somewhere; where lines
    stand further in, these are the levels.
    """
    marks = [mark for _, mark in run]
    signs = [sign for sign, _ in groupby(mark.sign for mark in marks)]
    kinds = set(signs)
    if len(kinds) < 2 or {"+", "-"} <= kinds or "—" in kinds or any(map(_holds, marks)):
        return False
    if all(mark.body[0].isdigit() for mark in marks) or any(_ASIDE.match(m.body) for m in marks):
        return False  # `- 2 at dusk` may be a number below zero
    if len(marks) < (LEAST_MIXED if len(kinds) == 2 else len(kinds)):
        return False
    if any(mark.body.rstrip("* ").endswith(":") for mark in marks):
        return False
    if _stand_further_in(lines, run) or not _have_fixed_depths(marks):
        return True
    in_pairs = len(signs) == len(marks) and len(marks) % len(kinds) == 0 and len(kinds) == 2
    lengths = [(sign, len(list(same))) for sign, same in groupby(mark.sign for mark in marks)]
    alone = all(length == 1 for sign, length in lengths if sign != marks[0].sign)
    return alone and _are_alike(marks, in_pairs=in_pairs)


def _stand_further_in(lines: Lines, run: Entries) -> bool:
    inside = (mark_of(line) for line in lines[run[0][0] : run[-1][0]])
    return any(mark is not None and mark.indent > run[0][1].indent for mark in inside)


def _have_fixed_depths(marks: Sequence[ListMark]) -> bool:
    """Whether each sign has one depth, where a new one opens what stands below the one before."""
    above: list[str] = []
    depths: dict[str, int] = {}
    for mark in marks:
        if mark.sign in above:
            del above[above.index(mark.sign) + 1 :]
        else:
            above.append(mark.sign)
        if depths.setdefault(mark.sign, len(above)) != len(above):
            return False
    return True


_LOOKS: tuple[Callable[[str], bool], ...] = (
    lambda body: body[0].isupper(),
    lambda body: body.rstrip().endswith((".", "!")),
    lambda body: body.rstrip().endswith("?"),
    lambda body: body.startswith("**"),
)


def _are_alike(marks: Sequence[ListMark], *, in_pairs: bool) -> bool:
    """Whether entries of the first sign look like the others; a title or a question does not look
    like what stands below it."""
    bodies = [mark.body for mark in marks if mark.sign == marks[0].sign]
    others = [mark.body for mark in marks if mark.sign != marks[0].sign]
    if len(others) == 1:
        return True
    for looks in _LOOKS:
        if {*map(looks, bodies)} ^ {*map(looks, others)} == {True, False}:
            return False
    words = [sum(len(body.split()) for body in part) / len(part) for part in (bodies, others)]
    return not in_pairs or (min(words) >= LEAST_WORDS_A_PAIR and max(words) < 2 * min(words))


def one_numbering(lines: Lines, _request: str) -> Lines:
    """`1. - 3.` as `1. 2. 3.`: bullets in the place of the numbers that are missing."""
    new = list(lines)
    for margin in {mark.indent for _, mark in entries(lines) if mark.kind == "number"}:
        for run in level(lines, margin, ("bullet", "number")):
            marks = [mark for _, mark in run]
            if not (_lacks_numbers(marks) and _are_entries_without_number(marks)):
                continue
            refers = any(_REFERENCE.search(mark.body) for mark in marks)
            if not refers and _may_count_on(lines, run):
                for number, (place, mark) in enumerate(run, start=1):
                    new[place] = mark.shown(f"{number}. ")
    return new


def _are_entries_without_number(marks: Sequence[ListMark]) -> bool:
    """Whether bullets stand alone between numbers, and their entries look like the others."""
    bare = [mark.body for mark in marks if not mark.number]
    if any(map(_ASIDE.match, bare)):
        return False
    longest = max(
        len(list(same)) for numbered, same in groupby(bool(m.number) for m in marks) if not numbered
    )
    capitals = any(mark.body[0].isupper() for mark in marks if mark.number)
    small = any(body[0].islower() for body in bare)
    return longest <= MOST_BULLETS_FOR_NUMBERS and not (capitals and small)


def _may_count_on(lines: Lines, run: Entries) -> bool:
    """Whether the next number behind the run goes on with it, or begins again."""
    behind = (m.number for m in map(mark_of, lines[run[-1][0] + 1 :]) if m and m.kind == "number")
    return next(behind, 1) in (1, len(run) + 1)


def _lacks_numbers(marks: Sequence[ListMark]) -> bool:
    """Whether each number counts the entries before it, bullets and all; of bullets behind the last
    number, only one cannot be a list below it."""
    numbers = [(place, mark.number) for place, mark in enumerate(marks, start=1) if mark.number]
    if len(numbers) < 2 or 2 * len(numbers) < len(marks):
        return False
    last = numbers[-1][0]
    inside = last > len(numbers)
    return inside and last >= len(marks) - 1 and all(place == number for place, number in numbers)


# --- hyphens for bullets -------------------------------------------------------------------------


def bullets(lines: Lines, request: str) -> Lines:
    """Bullets that Markdown does not know, or without their blank, as hyphens."""
    lines = lines if about_code(request) else _with_parted_dashes(lines)
    new = list(lines)
    for run in runs(lines):
        if run[0][1].kind == "bullet" and _may_be_dashes(lines, run):
            for place, mark in run:
                new[place] = "\n".join(replace(mark, body=b).shown("- ") for b in _parted(mark))
    return new


def _with_parted_dashes(lines: Lines) -> Lines:
    """`-goal kicks` with its blank, in lists below a line that announces them; options stay."""
    new, start = list(lines), 0
    for place, line in enumerate((*lines, "")):
        word = _TIGHT_DASH.match(line)
        if word and is_word(word[1].lower()):
            continue
        if place - start >= LEAST_DASHED and _are_announced(lines[max(0, start - 2) : start]):
            new[start:place] = [f"- {line[1:]}" for line in lines[start:place]]
        start = place + 1
    return new


def _are_announced(before: Lines) -> bool:
    """Whether the line above ends with a colon and announces neither speech nor options."""
    line = next((line for line in reversed(before) if line.strip()), "").rstrip()
    return line.endswith(":") and not (_SAYS.search(line) or _OPTIONS.search(line))


def _parted(mark: ListMark) -> list[str]:
    """The entries of one line: `• Rest. • Sleep.` has two."""
    if not _holds(mark):
        return [mark.body]
    return [body.strip() for body in mark.body.split(f" {mark.sign} ")]


def _holds(mark: ListMark) -> bool:
    return mark.sign in FOREIGN and f" {mark.sign} " in mark.body


def _may_be_parted(mark: ListMark) -> bool:
    """Whether marks within an entry begin others, and are not set between a name and its place."""
    *before, last = _parted(mark)
    return bool(last) and all(_ENDED_INSIDE.search(body) for body in before)


def _may_be_dashes(lines: Lines, run: Entries) -> bool:
    """Whether all bullets of a run mean the same, and not all are right already."""
    marks = [mark for _, mark in run]
    if not all(_may_be_parted(mark) for mark in marks if _holds(mark)):
        return False
    sign = marks[0].sign
    if any(mark.sign != sign for mark in marks) or (
        sign in _DASHES and not _are_dashed(lines, run)
    ):
        return False
    gaps = {mark.gap for mark in marks}
    if "" in gaps and sign == "*" and any(map(_FOOTNOTE.search, lines)):
        return False
    if len(marks) < 2 and sign not in "•‣▪●":
        return False
    return sign not in "-*+" or "" in gaps or len(gaps) > 1


def _are_dashed(lines: Lines, run: Entries) -> bool:
    """A dash begins the turn of a speaker in many languages: the long one above all."""
    if any(mark.sign == "—" for _, mark in run):
        return False
    if len(run) < LEAST_DASHED or any(_SPOKEN.search(mark.body) for _, mark in run):
        return False
    return _are_announced(lines[: run[0][0]][-2:])
