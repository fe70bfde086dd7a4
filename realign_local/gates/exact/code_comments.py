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
from realign_local.gates.exact.comment_language import is_translated
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.text.code.code_blocks import CodeBlock, CodeParts, split_lines
from realign_local.text.code.code_detect import bare_blocks
from realign_local.text.code.code_parse import noted_lines

_OPENS = r"#+[!=|]?|//+[!/]?|/\*+!?|--+(?:\[\[)?|<!--|<\#|%+\{?|;+|\(\*+|\{-?"
_OPENER = re.compile(rf"{_OPENS}|^\s*\*+(?!/)|(?:^|(?<=\s))(?:'|!|REM\b|rem\b|::)")
_LEAD = re.compile(rf"\s*(?:{_OPENS}|\*+(?!/)|'|!|REM\b|rem\b|::|=begin\b)?")
_CLOSER = re.compile(r"\*+/|--+>|-\}|\}$|\*+\)|\]\]$|=end\b|[=|]?#$|#>")
_WITHIN = re.compile(r"/\*.*?\*/|<!--.*?-->|\(\*.*?\*\)|\{-.*?-\}")
_PROSE = re.compile(r"^[\s>*_#+-]*(?:\d{1,3}[.)]\s*)?[*_]*|[*_]+(?=[.:]?$)")
_APART = r"(?:#{1,3}|//+[!/]?|--+|;+|/\*+|<!--|%+|'|!|\(\*|\{-)\s+(?=\S)"
BEHIND = re.compile(rf"(?<=\S)\s+(?={_APART})")
MAY_HOLD = re.compile(rf"(?:^|\s)(?:{_APART}|(?:::|REM|rem)\s)")
"""A quick look at a whole text, before its lines."""
ALONE = re.compile(rf"^\s*(?:{_APART}|(?:::|REM|rem)\s+(?=\S))")
MAX_OPENERS = 20

Kind = Literal["comment", "code"]


@dataclass(frozen=True, slots=True)
class CommentItem:
    """A line's comment, or what it has besides one; a comment comes before the code beside it."""

    kind: Kind
    text: str


def comments_kept(blocks: Sequence[CodeBlock], rewritten: CodeParts, case: Case) -> Verdict:
    """Fail where a comment of the blocks, whose code is all there, is gone or reads otherwise."""
    noted = [items for block in blocks if (items := _items(block.text, block.language))]
    old = [item.text for items in noted for item in items if item.kind == "comment"]
    if not old:
        return PASS
    shown = ShownComments.of(case.rewritten)
    lost = [text for items in noted for text in lost_of(items, shown)]
    if not lost:
        return PASS
    new = list(_comments(blocks, rewritten))
    wrapped = old != new and " ".join(old) == " ".join(new)
    if wrapped or is_translated(old, new, case.instruction):
        return PASS
    gone = len(new) < len(old)
    reason = Reason.CODE_LOST if gone else Reason.CODE_CHANGED
    return fail(reason, lost[0], detail="a comment that is " + ("gone" if gone else "changed"))


def _items(code: str, language: str) -> list[CommentItem]:
    items: list[CommentItem] = []
    for note, rest in noted_lines(code, language):
        items += [CommentItem("comment", text) for text in texts_of(note)]
        if rest.strip():
            items.append(CommentItem("code", flat(rest)))
    return items


def texts_of(note: str) -> Iterator[str]:
    """What the comments of a line say, without their signs; lines of dashes say nothing."""
    for part in _CLOSER.split(note):
        text = said(_LEAD.sub("", part, count=1))
        if re.search(r"\w", text):
            yield text


def flat(text: str) -> str:
    return " ".join(text.split())


def said(text: str) -> str:
    return flat(text).rstrip(" .:")


@dataclass(frozen=True, slots=True)
class ShownComments:
    """The numbers of the rewrite's lines by what they hold, in every reading."""

    lines: dict[CommentItem, list[int]]
    whole: frozenset[str]
    prose: str
    """The lines that hold no comment by their look."""

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, text: str) -> ShownComments:
        found: dict[CommentItem, list[int]] = {}
        for number, line in enumerate(split_lines(text)):
            for item in set(_readings(line)):
                found.setdefault(item, []).append(number)
        lines = split_lines(text)
        prose = " ".join(line for line in lines if not holds_comment(line))
        return cls(found, frozenset(map(flat, lines)), flat(prose).casefold())

    def has_line(self, line: str) -> bool:
        """Whether a line holds this and nothing else."""
        return flat(line) in self.whole

    def says(self, text: str) -> bool:
        """Whether a comment says this and no more, or the prose has the words in one piece."""
        return CommentItem("comment", text) in self.lines or text.casefold() in self.prose

    def at(self, item: CommentItem, start: int) -> int:
        """The first line from `start` on that holds the item; -1 for none."""
        numbers = self.lines.get(item, [])
        place = bisect_left(numbers, start)
        return numbers[place] if place < len(numbers) else -1


def holds_comment(line: str) -> bool:
    """Whether a line is one or has one behind it, by its look."""
    return bool(BEHIND.search(line) or ALONE.match(line))


def _readings(line: str) -> Iterator[CommentItem]:
    yield CommentItem("code", flat(line))
    yield CommentItem("code", flat(_WITHIN.sub(" ", line)))
    yield CommentItem("comment", said(_CLOSER.split(line)[0]))
    yield CommentItem("comment", said(_PROSE.sub("", line.strip())))
    for opener, _ in zip(_OPENER.finditer(line), range(MAX_OPENERS), strict=False):
        yield CommentItem("code", flat(line[: opener.start()]))
        behind = line[opener.end() :]
        yield CommentItem("comment", said(_CLOSER.split(behind)[0]))
        yield CommentItem("comment", said(behind))


def lost_of(items: Sequence[CommentItem], shown: ShownComments) -> list[str]:
    """The comments that are not there in their order, and at their code where that is unchanged."""
    missing = _missing(items, shown)
    if not missing:
        return []
    notes = [item for item in items if item.kind == "comment"]
    if _missing([item for item in items if item.kind == "code"], shown):
        missing = _missing(notes, shown)  # the code is set otherwise: its lines tell no places
    lost = [item.text for item in missing if item.kind == "comment"]
    return lost or [item.text for item in notes[:1] if missing]


def _missing(items: Iterable[CommentItem], shown: ShownComments) -> list[CommentItem]:
    """The items that do not come one after the other; a comment may share a line with its code."""
    missing: list[CommentItem] = []
    at, last = 0, None
    for item in items:
        found = shown.at(item, at + (item == last))
        if found < 0:
            missing.append(item)
            continue
        at, last = found + (item.kind == "code"), item
    return missing


def _comments(blocks: Sequence[CodeBlock], rewritten: CodeParts) -> Iterator[str]:
    """The comments of the rewrite's code as the languages of the original's code see them."""
    languages = [block.language for block in blocks if block.language]
    pieces = [*rewritten.fenced, *bare_blocks(rewritten.lines)]
    for piece in sorted(pieces, key=lambda piece: piece.line):
        language = piece.language if piece.language in languages else languages[0]
        for item in _items(piece.text, language):
            if item.kind == "comment":
                yield item.text
