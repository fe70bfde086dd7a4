"""Comments of code that no fence marks: told by their look, for want of a known language.

A line is a comment, code, or code with a comment behind it. That a comment is gone shows without
any grammar: the code that it stood beside is there line for line, and what it said is nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from realign_local.base.reasons import Reason
from realign_local.gates.exact.code_comments import (
    ALONE,
    BEHIND,
    MAX_OPENERS,
    MAY_HOLD,
    CommentItem,
    ShownComments,
    flat,
    holds_comment,
    lost_of,
    texts_of,
)
from realign_local.gates.exact.comment_language import is_translated
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.text.code.code_blocks import CodeBlock, CodeParts, split_lines
from realign_local.text.code.code_detect import Line
from realign_local.text.code.code_lines import is_sentence, line_kind

_LOOKS_LIKE = re.compile(r"(?:^|(?<=\s))(?:#+|//+|--|;+|/\*+)\s(?=\s*\S)|^\s*(?:%+\s|<!--)")
_LIKE_CODE = re.compile(
    r"[{};(|\\]\s*$|^\s*\[[\w. -]+\]\s*$|\w\(\)|::|:=|^\s*\(\w+[\w\s-]*[\[(]"
    r"|^\s*[\w.-]+ ?= ?\S|^\s{2,}[a-z_@$]|^@\w"
)
_SIGNS = re.compile(r"[=(){};\[\]<>]|[:_%]\w|^\s{2,}\S")
"""What a line of code has, and the words before a dash have not."""
MAX_NOTES = 2_000
_HEADING = re.compile(r"^#+ [A-Z0-9]")


def bare_comments_kept(
    known: Sequence[CodeBlock], original: CodeParts, rewritten: CodeParts, case: Case
) -> Verdict:
    """Fail where a comment in the paragraphs that look like code is gone or reads otherwise."""
    if not MAY_HOLD.search(case.original):
        return PASS
    if not any(holds_comment(line) for _, line in original.lines):
        return PASS
    marks = _Marks(_stripped(known), _stripped(rewritten.fenced))
    lost = _cut_off(original, case.rewritten) or next(
        (
            text
            for paragraph in _paragraphs(original.lines)
            for text in (*_moved(paragraph, marks, case), *_left_out(paragraph, marks, case))
        ),
        "",
    )
    if not lost or _is_translated(original, case):
        return PASS
    return fail(Reason.CODE_CHANGED, lost, detail="a comment that is gone or changed")


@dataclass(frozen=True, slots=True)
class _Marks:
    """The lines that are code for sure: those of the original's known code, and the fenced ones."""

    known: set[str]
    fenced: set[str]


def _stripped(blocks: Sequence[CodeBlock]) -> set[str]:
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


def _moved(paragraph: Sequence[str], marks: _Marks, case: Case) -> list[str]:
    """Comments that are not there in their order, in a paragraph that no grammar knows."""
    items = [item for line in paragraph for item in _by_look(line)]
    if len({item.kind for item in items}) < 2 or any(n.strip() in marks.known for n in paragraph):
        return []
    if not any(line_kind(n) == "strong" or n.strip() in marks.fenced for n in paragraph):
        return []
    return lost_of(items, ShownComments.of(case.rewritten))


def _by_look(line: str) -> Iterator[CommentItem]:
    """A line's comment and code where no grammar tells them apart."""
    found = _LOOKS_LIKE.search(line)
    if not found:
        yield _code(line)
        return
    yield from (CommentItem("comment", text) for text in texts_of(line[found.start() :]))
    if found.start() and line[: found.start()].strip():
        yield _code(line[: found.start()])


def _cut_off(original: CodeParts, rewritten: str) -> str:
    """A comment behind code, of which the code is left, alone or with another comment."""
    noted = ((line, m) for _, line in original.lines for m in _openers(line))
    for line, m in islice(noted, MAX_NOTES):
        shown = ShownComments.of(rewritten)  # kept by it
        code = line[: m.start()]
        left = shown.has_line(code) or (_SIGNS.search(code) and shown.at(_code(code), 0) >= 0)
        if left and (text := _gone(line[m.end() :], shown)):
            return text
    return ""


def _openers(line: str) -> Iterator[re.Match[str]]:
    return islice(BEHIND.finditer(line), MAX_OPENERS)


def _code(text: str) -> CommentItem:
    return CommentItem("code", flat(text))


def _left_out(paragraph: Sequence[str], marks: _Marks, case: Case) -> Iterator[str]:
    """Comments on lines of their own that are gone, while the code at which they stood is not."""
    alone = [bool(ALONE.match(line)) for line in paragraph]
    if not any(alone) or all(alone):
        return
    code = [line for line, noted in zip(paragraph, alone, strict=True) if not noted]
    sure = any(
        line_kind(n) == "strong" or n.strip() in marks.known or n.strip() in marks.fenced
        for n in code
    )
    if not sure and not any(map(_LIKE_CODE.search, code)):
        return
    shown = ShownComments.of(case.rewritten)
    below = code[-1]
    for line, is_note in [*zip(paragraph, alone, strict=True)][: -MAX_NOTES - 1 : -1]:
        if not is_note:
            below = line
            continue
        stands = (sure or not _HEADING.match(line)) and shown.has_line(below)
        if stands and (text := _gone(line, shown)):
            yield text


def _gone(note: str, shown: ShownComments) -> str:
    """What a comment says, if the rewrite nowhere does; behind its end there may be code."""
    text = next(texts_of(note), "")
    return "" if shown.says(text) else text


def _is_translated(original: CodeParts, case: Case) -> bool:
    """Whether all comments are in another language now, one for one."""
    old, new = (
        [text for line in lines for text in _notes(line)]
        for lines in ([line for _, line in original.lines], split_lines(case.rewritten))
    )
    return is_translated(old, new, case.instruction)


def _notes(line: str) -> list[str]:
    return [item.text for item in _by_look(line) if item.kind == "comment"]
