"""Entries of lists: what their lines begin with, and which of them stand together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

Lines = list[str]
Entries = list[tuple[int, "ListMark"]]
"""With the number of each one's line."""

BULLET, NUMBER = "[-*•‣◦▪●·–—+]", r"\d{1,3}"
_MARK = re.compile(
    rf"( {{0,12}})(?:({BULLET})|(\(?)({NUMBER})([.)]| \))|([a-z])([.)]))([ \t]*)(\S.*)"
)
_WORD = re.compile(r"[A-Z][^\W\d_]*[a-z'’]|[A-Z] \w|\*\*\w|[^\W\d_a-zA-Z]")
"""What may stand right behind a bullet: no option of a command, no number, no emphasis."""
FOREIGN = "•‣◦▪●·"
"""Bullets that Markdown does not know."""


@dataclass(frozen=True, slots=True)
class ListMark:
    """What begins an entry; `number` counts letters, too, and is 0 for bullets."""

    indent: int
    sign: str
    number: int
    gap: str
    body: str

    @property
    def kind(self) -> str:
        return "bullet" if not self.number else "letter" if self.sign.isalpha() else "number"

    @property
    def is_plain(self) -> bool:
        """As Markdown and everyone writes it."""
        return self.gap != "" and (self.sign == "." if self.number else self.sign in "-*")

    def shown(self, marker: str) -> str:
        return " " * self.indent + marker + self.body


@lru_cache(maxsize=1024)
def mark_of(line: str) -> ListMark | None:
    """The mark with which a line begins as an entry of a list; rules and emphasis are none."""
    found = _MARK.fullmatch(line)
    if not found:
        return None
    indent, bullet, opened, number, closed, letter, _, gap, body = found.groups()
    if bullet:
        tight = not gap and bullet not in FOREIGN
        if tight and (not _WORD.match(body) or bullet == "+" or (bullet == "*" and "*" in body)):
            return None
        if not body.strip("-*_ ") or body.startswith(bullet):
            return None
        return ListMark(len(indent), bullet, 0, gap, body)
    if (opened and closed.strip() != ")") or (not gap and (letter or not body[0].isalpha())):
        return None
    if number and not int(number):
        return None
    if number and len(closed) > 1 and not (gap and body[0].isalpha()):
        return None
    if letter:
        return ListMark(len(indent), letter, ord(letter) - ord("a") + 1, gap, body)
    return ListMark(len(indent), opened + closed, int(number), gap, body)


def entries(lines: Lines) -> Entries:
    return [(place, mark) for place, line in enumerate(lines) if (mark := mark_of(line))]


def runs(lines: Lines) -> Iterator[Entries]:
    """Entries of one margin and one kind with nothing but blank lines between them."""
    run: Entries = []
    for place, line in enumerate(lines):
        mark = mark_of(line)
        if run and line.strip() and not _goes_on(run[-1][1], mark):
            yield run
            run = []
        if mark:
            run.append((place, mark))
    if run:
        yield run


def _goes_on(last: ListMark, mark: ListMark | None) -> bool:
    return mark is not None and (last.indent, last.kind) == (mark.indent, mark.kind)


def level(lines: Lines, margin: int, kinds: tuple[str, ...]) -> Iterator[Entries]:
    """Entries of one margin with nothing but blank lines and lines further in between them."""
    run: Entries = []
    for place, line in enumerate(lines):
        mark = mark_of(line)
        if mark and mark.indent == margin and mark.kind in kinds:
            run.append((place, mark))
        elif line.strip() and not line.startswith(" " * (margin + 1)):
            yield run
            run = []
    yield run
