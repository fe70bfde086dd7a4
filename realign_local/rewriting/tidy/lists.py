"""The marks of lists that are there: of one kind, a blank behind them, each entry in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from realign_local.gates.language import latin_language
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.whole.bullets import bullets, one_numbering, one_sign
from realign_local.rewriting.tidy.whole.list_entries import (
    BULLET,
    NUMBER,
    Lines,
    ListMark,
    entries,
    mark_of,
    runs,
)
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.english import is_word
from realign_local.text.prose import in_prose

_SCREEN = re.compile(rf"(?m)^ {{0,12}}(?:{BULLET}|\(?{NUMBER}(?:[.)]| \))|[a-z][.)])|^(?i:step) \d")
_SET = re.compile(r"\\begin\{|\\\[|\$\$|(?m:^[ \t]*[-+*/×÷=][ \t]*\$?\d[\d.,]*[ \t]*$)")
"""LaTeX and sums in a column: a line's mark is content."""
_PLUS, _OTHER_BULLET = re.compile(r"(?m)^\+ "), re.compile(r"(?m)^ *[*•] ")
"""So it is where one has pluses, for what speaks for something, and at most hyphens beside them."""
_SET_APART = re.compile(rf":[ \t]*\n[ \t]*\n(?:{BULLET}|{NUMBER}[.)]) ")
_REFERENCE = re.compile(r"\(\d{1,2}\)|\b\d{1,2}\)")
_CHOICE = re.compile(
    r"(?i)\b(?:option|choice|choose|multiple|quiz|question|answers?|part)s?\b|\b[a-d][.)]|\([a-d]\)"
)
_STEP = re.compile(r"(?i)step (\d{1,2})(?:[.:)]| [-–]) +(\S.*)")
_NAME = re.compile(r"((?:[-*] |\d+\. )[^\s:][^:]{0,40}?) : (?=\S)")
_RATIO = re.compile(r"\d : \d| :: | : [^\n]* : ")
_ENDED = re.compile(r"[.!?:](?:[\"”')*]|\s*[^\w\s\x00-\u2000])*$")
"""A picture may follow the stop."""
LEAST_WORDS_A_SENTENCE = 4
MOST_WORDS_A_TITLE = 6
LEAST_STEPS = LEAST_LETTERS = 3


def unify_marks(response: str, request: str) -> str:
    """One kind of mark in a list, a blank behind it, and the list apart from the text around it."""
    changes = (one_sign, one_numbering, bullets, _numbers, _letters, _steps, _names, _gaps, _apart)
    return _applied(response, request, changes)


def nest(response: str, request: str) -> str:
    """Bullets at the margin below numbers that announce them move in by the number's width."""
    return _applied(response, request, (_nested,))


def _applied(response: str, request: str, changes: Sequence[Callable[[Lines, str], Lines]]) -> str:
    def change(text: str) -> str:
        lines = split_lines(text)
        for step in changes:
            lines = step(lines, request)
        return "\n".join(lines)

    if not _SCREEN.search(response) or _SET.search(response):
        return response
    if _PLUS.search(response) and not _OTHER_BULLET.search(response):
        return response
    if "```" not in response and change(response) == "\n".join(split_lines(response)):
        return response
    return in_prose(response, change)


def _numbers(lines: Lines, request: str) -> Lines:
    """`1) 2) 3)` and `1.Eat` as `1. 2. 3.`, where they count and nothing refers to them."""
    marks = [(place, mark) for place, mark in entries(lines) if mark.kind == "number"]
    if all(mark.is_plain for _, mark in marks) or any(_REFERENCE.search(m.body) for _, m in marks):
        return lines
    listed = {place for place, _ in marks}
    rest = "\n".join(line for place, line in enumerate(lines) if place not in listed)
    if _REFERENCE.search(rest) or re.search(r"(?m)(?:^|\s)\(?1\)", request):
        return lines
    new = list(lines)
    for indent in {mark.indent for _, mark in marks}:
        level = [(place, mark) for place, mark in marks if mark.indent == indent]
        if _count_up([mark for _, mark in level]) and not _is_told_apart(level):
            for place, mark in level:
                new[place] = mark.shown(f"{mark.number}. ")
    return new


def _is_told_apart(level: Sequence[tuple[int, ListMark]]) -> bool:
    """Whether one list has `1.` and another one `1)`, so that each can be spoken of."""
    return len({mark.sign for _, mark in level if mark.number == 1}) > 1


def _count_up(marks: Sequence[ListMark]) -> bool:
    """1, 2, 3, perhaps again from 1, but never 1 alone."""
    counts = [mark.number for mark in marks]
    starts = [place for place, number in enumerate(counts) if number == 1]
    if not starts or starts[0] != 0:
        return False
    ends = [*starts[1:], len(counts)]
    return all(
        counts[start:end] == list(range(1, end - start + 1)) and end - start > 1
        for start, end in zip(starts, ends, strict=True)
    )


def _letters(lines: Lines, request: str) -> Lines:
    """`a. b. c.` at the margin as numbers, for Markdown has no letters; answers to choose stay."""
    marks = [(place, mark) for place, mark in entries(lines) if mark.kind == "letter"]
    if len(marks) < LEAST_LETTERS or any(mark.indent for _, mark in marks):
        return lines
    if len({lines[place][1] for place, _ in marks}) > 1:  # `a)` and `c.`
        return lines
    others = [mark for _, mark in entries(lines) if mark.kind == "number"]
    listed = {place for place, _ in marks}
    rest = "\n".join(line for place, line in enumerate(lines) if place not in listed)
    told = "\n".join([request, rest, *(mark.body for _, mark in marks)])
    if others or not _count_up([mark for _, mark in marks]) or _CHOICE.search(told):
        return lines
    if _are_spoken_of(told, "".join(mark.sign for _, mark in marks)) or "?" in rest:
        return lines
    new = list(lines)
    for place, mark in marks:
        new[place] = mark.shown(f"{mark.number}. ")
    return new


def _are_spoken_of(text: str, letters: str) -> bool:
    """Whether a letter of the list stands alone somewhere; `a` does so as an article, too."""
    articles = re.sub(r"\ba (?=[a-z])(?!(?:is|was|and|or|to|times|plus|minus|by|in)\b)", " ", text)
    return re.search(rf"(?<![\w'’.])[{letters}](?![A-Za-zÀ-ɏ\d'’]|\.\w)", articles) is not None


def _steps(lines: Lines, _request: str) -> Lines:
    """`Step 1: Do` as `1. Do` where every entry is so marked and a line long."""
    found = {place: step for place, line in enumerate(lines) if (step := _STEP.fullmatch(line))}
    places = list(found)
    mentions = re.findall(r"(?i)\bsteps? \d", "\n".join(lines))
    if len(places) < LEAST_STEPS or len(mentions) > len(places):
        return lines
    inside = [n for n in range(places[0], places[-1] + 2) if n < len(lines) and lines[n].strip()]
    counts = [int(step[1]) for step in found.values()]
    if inside != places or counts != list(range(1, len(places) + 1)):
        return lines
    return [f"{found[n][1]}. {found[n][2]}" if n in found else line for n, line in enumerate(lines)]


def _names(lines: Lines, request: str) -> Lines:
    """`- Name : value` without the blank before the colon, which French wants and English not."""
    found = [place for place, line in enumerate(lines) if _NAME.match(line)]
    text = "\n".join(lines)
    if len(found) < 2 or latin_language(request + "\n" + text) != "en":
        return lines
    if _RATIO.search(text) or not _are_english_names(lines, found):
        return lines
    return [_NAME.sub(r"\1: ", line, count=1) for line in lines]


def _are_english_names(lines: Lines, places: Sequence[int]) -> bool:
    """Whether the names before the colons are English; another language may want the blank."""
    names = " ".join(lines[place].split(" : ")[0] for place in places)
    words = re.findall(r"[^\W\d_]+", names.lower())
    return sum(map(is_word, words)) * 2 > len(words)


def _gaps(lines: Lines, _request: str) -> Lines:
    """One separation of a list's entries; a lone blank line between bullets may part two groups."""
    new = list(lines)
    for run in reversed(list(runs(lines))):
        places = [place for place, _ in run]
        apart = [b - a > 1 for a, b in pairwise(places)]
        numbered = run[0][1].kind == "number" and _count_up([mark for _, mark in run])
        mostly = 2 * sum(apart) > len(apart)
        if all(apart) or not any(apart) or len(run) < 3 or not (mostly or numbered):
            continue
        texts = [lines[place] for place in places]
        new[places[0] : places[-1] + 1] = ("\n\n" if mostly else "\n").join(texts).split("\n")
    return new


def _apart(lines: Lines, _request: str) -> Lines:
    """A blank line before a list that Markdown would take for text, and one before text behind."""
    before, behind = set[int](), set(_titles_between(lines))
    others = _SET_APART.search("\n".join(lines))
    for run in runs(lines):
        first, last = run[0], run[-1][0]
        if len(run) < 2 or first[1].indent or not first[1].is_plain:
            continue
        lead = lines[first[0] - 1].rstrip() if first[0] else ""
        if (first[1].number > 1 or others) and lead.endswith(":") and not mark_of(lead):
            before.add(first[0])
        if last + 1 < len(lines) and _is_another(lines[last + 1], [mark.body for _, mark in run]):
            behind.add(last + 1)
    spaced = ([""] * (n in before or n in behind) + [line] for n, line in enumerate(lines))
    return [line for pair in spaced for line in pair]


def _titles_between(lines: Lines) -> list[int]:
    """Short lines right between two lists, if the first list has such a line above it, too."""
    above = [place for place in range(len(lines) - 1) if mark_of(lines[place + 1])]
    short = [n for n in above if 0 < len(lines[n].split()) <= MOST_WORDS_A_TITLE]
    titles = [n for n in short if lines[n][0].isupper() and not mark_of(lines[n])]
    return [n for n in titles[1:] if mark_of(lines[n - 1])]


def _is_another(line: str, bodies: Sequence[str]) -> bool:
    """Whether text right behind the last entry does not go on with it."""
    if not line[:1].isupper() or mark_of(line) or not _ENDED.search(line.rstrip()):
        return False
    if _ENDED.search(bodies[-1].rstrip()):
        return True
    is_sentence = line.rstrip().endswith(":") or len(line.split()) >= LEAST_WORDS_A_SENTENCE
    return is_sentence and not any(_ENDED.search(body.rstrip()) for body in bodies)


def _nested(lines: Lines, _request: str) -> Lines:
    """Only where every bullet has its number, and two numbers at least announce some."""
    marks = entries(lines)
    if not marks or marks[0][1].kind != "number" or any(m.kind == "letter" for _, m in marks):
        return lines
    if len(marks) != sum(1 for line in lines[marks[0][0] :] if line.strip()):
        return lines
    parents = [(place, mark) for place, mark in marks if mark.kind == "number"]
    if any(mark.indent for _, mark in parents) or not _count_up([mark for _, mark in parents]):
        return lines
    ends = [place for place, _ in parents[1:]] + [len(lines)]
    groups = [lines[place + 1 : end] for (place, _), end in zip(parents, ends, strict=True)]
    full = [mark for (_, mark), group in zip(parents, groups, strict=True) if any(group)]
    if len(full) < 2 or not all(mark.body.rstrip("* ").endswith(":") for mark in full):
        return lines
    new = lines[: parents[0][0]]
    for (place, mark), group in zip(parents, groups, strict=True):
        new += [lines[place], *_moved_in(group, len(f"{mark.number}. "))]
    return new


def _moved_in(group: Lines, width: int) -> Lines:
    """The lines shifted as one, so far that the first margin is that of the entry's text."""
    margin = min((len(line) - len(line.lstrip()) for line in group if line.strip()), default=width)
    shift = " " * max(0, width - margin)
    return [shift + line if line.strip() else line for line in group]


OPERATIONS: tuple[Operation, ...] = (
    Operation("nested", "Bullets below a numbered entry that announces them move in.", nest),
    Operation("list_marks", "One kind of mark in a list, a blank behind it.", unify_marks),
)
