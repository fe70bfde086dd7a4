"""Comments of the original's code in the rewrite: every line kept, or the whole translated.

Comments are no tokens, so that some may be added. Those that were there say what the code is for,
and are part of the row: none may be dropped, moved to other code, or reworded. The grammar finds
them in the original; in the rewrite each line is read every way in which it could hold a comment,
because a piece of code may be cut so that no grammar knows it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from realign_local.base.reasons import Reason
from realign_local.gates.exact.code_tongue import is_translated
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.text.code.code_blocks import Block, Parts, split_lines
from realign_local.text.code.code_detect import Line, bare_blocks
from realign_local.text.code.code_lines import is_sentence, line_kind
from realign_local.text.code.code_parse import noted_lines

_OPENS = r"#+[!=|]?|//+[!/]?|/\*+!?|--+(?:\[\[)?|<!--|<\#|%+\{?|;+|\(\*+|\{-?"
_OPENER = re.compile(rf"{_OPENS}|^\s*\*+(?!/)|(?:^|(?<=\s))(?:'|!|REM\b|rem\b|::)")
_LEAD = re.compile(rf"\s*(?:{_OPENS}|\*+(?!/)|'|!|REM\b|rem\b|::|=begin\b)?")
_CLOSER = re.compile(r"\*+/|--+>|-\}|\}$|\*+\)|\]\]$|=end\b|[=|]?#$|#>")
_WITHIN = re.compile(r"/\*.*?\*/|<!--.*?-->|\(\*.*?\*\)|\{-.*?-\}")
_PROSE = re.compile(r"^[\s>*_#+-]*(?:\d{1,3}[.)]\s*)?[*_]*|[*_]+(?=[.:]?$)")
_LOOKS_LIKE = re.compile(r"(?:^|(?<=\s))(?:#+|//+|--|;+|/\*+)\s(?=\s*\S)|^\s*(?:%+\s|<!--)")
MAX_OPENERS = 20

Kind = Literal["comment", "code"]


@dataclass(frozen=True, slots=True)
class Item:
    """A line's comment, or what it has besides one; a comment comes before the code beside it."""

    kind: Kind
    text: str


def comments_kept(blocks: Sequence[Block], rewritten: Parts, case: Case) -> Verdict:
    """Fail where a comment of the blocks, whose code is all there, is gone or reads otherwise."""
    noted = [items for block in blocks if (items := _items(block.text, block.language))]
    old = [item.text for items in noted for item in items if item.kind == "comment"]
    if not old:
        return PASS
    shown = _Shown.of(case.rewritten)
    lost = [text for items in noted for text in _lost(items, shown)]
    if not lost:
        return PASS
    new = list(_comments(blocks, rewritten))
    wrapped = old != new and " ".join(old) == " ".join(new)
    if wrapped or is_translated(old, new, case.instruction):
        return PASS
    gone = len(new) < len(old)
    reason = Reason.CODE_LOST if gone else Reason.CODE_CHANGED
    return fail(reason, lost[0], detail="a comment that is " + ("gone" if gone else "changed"))


def bare_comments_kept(
    known: Sequence[Block], original: Parts, rewritten: Parts, case: Case
) -> Verdict:
    """The same for the comments in paragraphs that no grammar knows as code, but which are code.

    A line tells it that could hardly be prose, or one that the rewrite has in a fence.
    """
    if not any(_LOOKS_LIKE.search(line) for _, line in original.lines):
        return PASS
    seen = _stripped(known)
    fenced = _stripped(rewritten.fenced)
    for paragraph in _paragraphs(original.lines):
        items = [item for line in paragraph for item in _by_look(line)]
        if len({item.kind for item in items}) < 2 or any(n.strip() in seen for n in paragraph):
            continue
        if not any(line_kind(line) == "strong" or line.strip() in fenced for line in paragraph):
            continue
        if lost := _lost(items, _Shown.of(case.rewritten)):
            return fail(Reason.CODE_CHANGED, lost[0], detail="a comment that is gone or changed")
    return PASS


def _stripped(blocks: Sequence[Block]) -> set[str]:
    return {line.strip() for block in blocks for line in split_lines(block.text)} - {""}


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[str]]:
    """Runs of lines that are neither blank nor sentences."""
    run: list[str] = []
    for _, line in (*lines, (-1, "")):
        if line.strip() and not is_sentence(line):
            run.append(line)
        elif run:
            yield run
            run = []


def _by_look(line: str) -> Iterator[Item]:
    """A line's comment and code where no grammar tells them apart."""
    found = _LOOKS_LIKE.search(line)
    if not found:
        yield Item("code", _flat(line))
        return
    yield from (Item("comment", text) for text in _texts(line[found.start() :]))
    if found.start() and line[: found.start()].strip():
        yield Item("code", _flat(line[: found.start()]))


def _items(code: str, language: str) -> list[Item]:
    items: list[Item] = []
    for note, rest in noted_lines(code, language):
        items += [Item("comment", text) for text in _texts(note)]
        if rest.strip():
            items.append(Item("code", _flat(rest)))
    return items


def _texts(note: str) -> Iterator[str]:
    """What the comments of a line say, without their signs; lines of dashes say nothing."""
    for part in _CLOSER.split(note):
        text = _said(_LEAD.sub("", part, count=1))
        if re.search(r"\w", text):
            yield text


def _flat(text: str) -> str:
    return " ".join(text.split())


def _said(text: str) -> str:
    return _flat(text).rstrip(" .:")


@dataclass(frozen=True, slots=True)
class _Shown:
    """The numbers of the rewrite's lines by what they hold, in every reading."""

    lines: dict[Item, list[int]]

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, text: str) -> _Shown:
        found: dict[Item, list[int]] = {}
        for number, line in enumerate(split_lines(text)):
            for item in set(_readings(line)):
                found.setdefault(item, []).append(number)
        return cls(found)

    def at(self, item: Item, start: int) -> int:
        """The first line from `start` on that holds the item; -1 for none."""
        numbers = self.lines.get(item, [])
        place = bisect_left(numbers, start)
        return numbers[place] if place < len(numbers) else -1


def _readings(line: str) -> Iterator[Item]:
    yield Item("code", _flat(line))
    yield Item("code", _flat(_WITHIN.sub(" ", line)))
    yield Item("comment", _said(_CLOSER.split(line)[0]))
    yield Item("comment", _said(_PROSE.sub("", line.strip())))
    for opener, _ in zip(_OPENER.finditer(line), range(MAX_OPENERS), strict=False):
        yield Item("code", _flat(line[: opener.start()]))
        behind = line[opener.end() :]
        yield Item("comment", _said(_CLOSER.split(behind)[0]))
        yield Item("comment", _said(behind))


def _lost(items: Sequence[Item], shown: _Shown) -> list[str]:
    """The comments that are not there in their order, and at their code where that is unchanged."""
    missing = _missing(items, shown)
    if not missing:
        return []
    notes = [item for item in items if item.kind == "comment"]
    if _missing([item for item in items if item.kind == "code"], shown):
        missing = _missing(notes, shown)  # the code is set otherwise: its lines tell no places
    lost = [item.text for item in missing if item.kind == "comment"]
    return lost or [item.text for item in notes[:1] if missing]


def _missing(items: Iterable[Item], shown: _Shown) -> list[Item]:
    """The items that do not come one after the other; a comment may share a line with its code."""
    missing: list[Item] = []
    at, last = 0, None
    for item in items:
        found = shown.at(item, at + (item == last))
        if found < 0:
            missing.append(item)
            continue
        at, last = found + (item.kind == "code"), item
    return missing


def _comments(blocks: Sequence[Block], rewritten: Parts) -> Iterator[str]:
    """The comments of the rewrite's code as the languages of the original's code see them."""
    languages = [block.language for block in blocks if block.language]
    pieces = [*rewritten.fenced, *bare_blocks(rewritten.lines)]
    for piece in sorted(pieces, key=lambda piece: piece.line):
        language = piece.language if piece.language in languages else languages[0]
        for item in _items(piece.text, language):
            if item.kind == "comment":
                yield item.text
