"""What a text says piece by piece, and what each piece hangs on: its headings, labels, row, column.

Sentences, list items, cells and the parts of an enumeration are pieces. The same facts can stand
as `Pros: cheap, light.`, as two bullets under a heading or in a column; each way of writing gives
the same pieces with the same labels, so that two layouts can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from realign_local.text.order.ordering import orders, pattern, unordered
from realign_local.text.segments import key, plain

Kind = Literal["numbered", "bullet", "prose", "cell", "label", "part"]
MAX_SIGNS = 40_000
"""Texts that are longer are not looked at piece by piece."""
MAX_LABEL_WORDS = 8
MAX_PART_WORDS = 6
BOLD_LEVEL = 7
"""A line in bold type alone is a heading below all those that Markdown has."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` in small letters, without marker and edges; `labels` from the outermost inwards.

    Pieces of one `run` stand side by side: the items of a list, the sentences of a stretch of
    prose, the cells of a column, the headings of a level. `number` is the item's own, 0 for none.
    `is_ordered` says that a word such as `then`, which is not part of the text, gave its turn.
    """

    text: str
    labels: tuple[str, ...]
    run: tuple[object, ...]
    kind: Kind
    number: int = 0
    is_ordered: bool = False


_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_BOLD_LINE = re.compile(r"^[ \t]*(\*\*|__)(?!\s)([^*\n]{1,80}?):?\1:?[ \t]*$", re.MULTILINE)
_BOLD_TITLE = "#" * BOLD_LEVEL + " "
_HEADING = re.compile(r"(#{1,7}) +(.+?)[ #]*$")
_STEP = r"(?:step|stage|phase|day|week|rank|place|no\.?|schritt|tag|étape|jour|paso|passo|шаг|krok)"
_NUMBER = re.compile(
    rf"\(?(\d{{1,3}})[.)](?:[ ]+|$)|\(?([a-h])[.)][ ]+|{_STEP}[ ]?\#?(\d{{1,3}})[ ]*[:.)-][ ]*"
    r"|(\d{1,3})\ufe0f?\u20e3[ ]*|([①-⑳])[ ]*|第?([一二三四五六七八九十])(?:、|步[:,、]?)[ ]*"
    r"|\#(\d{1,3})[:.)]?[ ]+|(\d{1,3})(?:st|nd|rd|th)(?:[ ]place)?[ ]*[:-][ ]*",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-*+•◦▪‣·●○→✓✔☐][ ]+")
_ORDINAL = re.compile(
    r"(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)(?:ly)?,? (?!place\b)",
    re.IGNORECASE,
)
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_IDEOGRAPHIC = "一二三四五六七八九十"
_PLACE = re.compile(
    r"(?:(?:rank|place|position|number|no\.?|#) ?)?#?(\d{1,3})(?:st|nd|rd|th)?\.?(?: place)?"
)
_INLINE = re.compile(
    r"([^:|\n]{1,60}?)(?:: +| -> | - | = |:(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))(?=\S)"
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]* +|(?<=[。！？])[\"'」』)]*\s*")
_SEPARATOR = re.compile(r"[\s|:-]*-[\s|:-]*$")
_PARTS = re.compile(r"\s*[,;、]\s+(?:and |or |und |et |y )?| (?:and|or|und|et|y|&) ")
_ARROWS = re.compile(r" (?:->|→|>|⟶|➜) ")


@lru_cache(maxsize=16)
def outline(text: str) -> tuple[Piece, ...]:
    """The pieces of the text in their order, without fenced code."""
    if "```" in text or "~~~" in text:
        text = _FENCED.sub("", text)
    if "**" in text or "__" in text:
        text = _BOLD_LINE.sub(rf"{_BOLD_TITLE}\2", text)
    return tuple(_OutlineReader().read(plain(text[:MAX_SIGNS])))


def said(text: str) -> str:
    """What must be equal for two pieces to be the same: small letters, no word that only orders."""
    return unordered(key(text).casefold())


def label_of(text: str) -> str:
    """A label as it is compared: `1st place`, `Rank 1` and `#1` are the same."""
    found = said(text)
    place = _PLACE.fullmatch(found)
    return place[1].lstrip("0") if place else found.removeprefix("the ")


def _numbered(line: str) -> tuple[int, str] | None:
    """The number of an item and what follows it."""
    m = _NUMBER.match(line)
    if not m:
        return None
    mark = next(group for group in m.groups() if group)
    if mark.isdecimal():
        number = int(mark)
    elif mark in _IDEOGRAPHIC:
        number = _IDEOGRAPHIC.index(mark) + 1
    else:
        number = ord(mark.lower()) - (ord("a") if mark.isascii() else ord("①")) + 1
    return number, line[m.end() :]


class _OutlineReader:
    """Goes through the lines and knows what the next one hangs on."""

    def __init__(self) -> None:
        self.headings: list[tuple[int, str]] = []
        self.label = ""  # of a line `Label:`
        self.label_is_item = False
        self.items: list[tuple[int, str]] = []  # indentation and head of the open items
        self.rows: list[str] = []
        self.blank = False
        self.listed = False  # a list came since the last heading or label
        self.told = False  # a paragraph came since the last label
        self.stretch = 0
        self.last: dict[tuple[object, ...], tuple[int, int]] = {}  # run: part and last number

    def read(self, text: str) -> Iterator[Piece]:
        for line in text.split("\n"):
            bare = line.strip()
            if bare.count("|") > 1 or (bare.startswith("|") and len(bare) > 1):
                self.rows.append(bare)
                continue
            yield from self._table()
            if not bare:
                self.blank = True
                continue
            yield from self._line(bare, len(line) - len(line.lstrip()))
            self.blank = False
        yield from self._table()

    def _line(self, line: str, indent: int) -> Iterator[Piece]:
        if heading := _HEADING.match(line):
            return self._heading(len(heading[1]), heading[2])
        numbered = _numbered(line)
        bullet = None if numbered else _BULLET.match(line)
        if bullet:
            inner = _numbered(line[bullet.end() :])
            return self._item(indent, *(inner or (0, line[bullet.end() :])))
        return self._item(indent, *numbered) if numbered else self._prose(line, indent)

    def _outer(self) -> tuple[str, ...]:
        """What every piece hangs on here; a paragraph after a list belongs to no heading."""
        names = [name for _, name in self.headings]
        return (*names, self.label) if self.label else tuple(names)

    def _heading(self, level: int, text: str) -> Iterator[Piece]:
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self._close()
        self.listed = False
        number, text = _numbered(text) or (0, text)
        labels = self._outer()
        yield Piece(said(text), labels, ("#", level, labels), _kind(number, "label"), number)
        self.headings.append((level, label_of(text)))
        self.stretch += 1

    def _close(self) -> None:
        self.items.clear()
        self.label, self.told = "", False

    def _item(self, indent: int, number: int, text: str) -> Iterator[Piece]:
        while self.items and self.items[-1][0] >= indent:
            self.items.pop()
        if number and self.label_is_item and not self.items:
            self.label = ""
        self.listed = True
        labels = (*self._outer(), *(head for _, head in self.items))
        run = self._run(("*", indent, labels, bool(number)), number)
        pieces = list(self._sentences(text, labels, run, _kind(number, "bullet"), number))
        yield from pieces
        if pieces:
            self.items.append((indent, label_of(pieces[0].text)))
        if text.endswith(":") and number:
            self.label, self.label_is_item = label_of(text), True
            self.items.clear()

    def _run(self, place: tuple[object, ...], number: int) -> tuple[object, ...]:
        """A list goes on behind a paragraph or code as long as its numbers do."""
        part, last = self.last.get(place, (0, 0))
        if number and number <= last:
            part += 1
        self.last[place] = (part, number)
        return (*place, part)

    def _prose(self, line: str, indent: int) -> Iterator[Piece]:
        is_label = line.endswith((":", "：")) and len(line.split()) <= MAX_LABEL_WORDS
        next_label = is_label and bool(self.label) and not indent
        if self.items and (indent or not self.blank) and not next_label:
            while len(self.items) > 1 and indent and self.items[-1][0] >= indent:
                self.items.pop()
            labels = (*self._outer(), *(head for _, head in self.items))
            yield from self._sentences(line, labels, ("+", labels), "prose", 0)
            return
        self.items.clear()
        if is_label:
            yield from self._label_line(line)
            return
        if self.blank and (self.told or self.listed):
            self.label = ""
        self.told = True
        labels = () if self.listed else self._outer()
        yield from self._sentences(line, labels, (".", labels), "prose", 0)

    def _label_line(self, line: str) -> Iterator[Piece]:
        self._close()
        self.listed = False
        labels = self._outer()
        yield Piece(said(line), labels, (":", labels), "label")
        self.label, self.label_is_item = label_of(line), False

    def _sentences(
        self, text: str, labels: tuple[str, ...], run: tuple[object, ...], kind: Kind, number: int
    ) -> Iterator[Piece]:
        """The first sentence is the item, the others hang on it; labels may open any of them."""
        head = ""
        label: tuple[str, ...] = ()
        for place, sentence in enumerate(s for s in _SENTENCE.split(text) if s.strip()):
            if place and kind != "prose" and place == 1:
                labels, run, kind, number = (*labels, head), ("+", labels, head), "prose", 0
            found = _INLINE.match(sentence)
            chain = len(_ARROWS.findall(sentence)) > 1
            if found and not chain and len(found[1].split()) <= MAX_LABEL_WORDS:
                name, value = label_of(found[1]), sentence[found.end() :]
                partner = (said(value),) if len(value.split()) <= MAX_LABEL_WORDS else ()
                yield Piece(said(found[1]), (*labels, *partner), (*run, ":"), kind, number)
                label, sentence, head = (name,), value, head or name
            ordinal = _ORDINAL.match(sentence) if kind == "prose" else None
            if ordinal:
                number = _ORDINALS.index(ordinal[1].lower()) + 1
            ordered = orders(key(sentence))
            yield Piece(said(sentence), (*labels, *label), run, kind, number, ordered)
            yield from self._parts(sentence, (*labels, *label))
            head = head or label_of(sentence)

    def _parts(self, text: str, labels: tuple[str, ...]) -> Iterator[Piece]:
        """What an enumeration names; arrows between the parts say that they are in order."""
        opener = pattern("opener").match(text.lower())
        text = text[opener.end() :] if opener else text
        arrows = _ARROWS.search(text)
        parts = (_ARROWS if arrows else _PARTS).split(text)
        if len(parts) < 2 or any(len(part.split()) > MAX_PART_WORDS for part in parts[1:]):
            return
        self.stretch += 1
        for part in parts:
            yield Piece(said(part), labels, (",", self.stretch), "numbered" if arrows else "part")

    def _table(self) -> Iterator[Piece]:
        if not self.rows:
            return
        lines, self.rows = self.rows, []
        rows = [
            [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
            for line in lines
        ]
        head = rows[0] if len(rows) > 1 and _SEPARATOR.match(lines[1]) else []
        body = [r for r, line in zip(rows, lines, strict=True) if not _SEPARATOR.match(line)]
        body = body[1:] if head else body
        self.stretch += 1
        self.listed = True
        ranks = [_PLACE.fullmatch(said(row[0])) for row in body]
        ranked = [int(m[1]) for m in ranks if m]
        if sorted(ranked) == list(range(1, len(body) + 1)):
            body = [
                row for _, row in sorted(zip(ranked, body, strict=True), key=lambda both: both[0])
            ]
        else:
            ranked = []
        outer = self._outer()
        for place, cell in enumerate(head):
            yield Piece(said(cell), outer, ("|", self.stretch), "label", place)
        for number, row in enumerate(body, start=1):
            yield from self._row(row, head, outer, number if ranked else 0)

    def _row(
        self, row: list[str], head: list[str], outer: tuple[str, ...], rank: int
    ) -> Iterator[Piece]:
        for column, cell in enumerate(row):
            over = (label_of(head[column]),) if column < len(head) and head[column] else ()
            name = row[1] if rank and column > 1 else row[0]
            beside = (label_of(name),) if column else ()
            if rank and not column:
                continue
            labels, run = (*outer, *over, *beside), ("|", self.stretch, column)
            kind = _kind(rank, "cell")
            yield Piece(said(cell), labels, run, kind, rank)
            sentences = [s for s in _SENTENCE.split(cell.replace("<br>", ". ")) if s.strip()]
            if len(sentences) > 1:
                yield from (Piece(said(s), labels, (*run, "."), "part") for s in sentences)
            else:
                yield from self._parts(cell, labels)


def _kind(number: int, otherwise: Kind) -> Kind:
    return "numbered" if number else otherwise
