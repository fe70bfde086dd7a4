"""Lines of a rewrite against the original's code: finds bare code, names what differs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from realign_local.base.reasons import Reason
from realign_local.gates.gate import PASS, Verdict, fail
from realign_local.text.code.code_blocks import CodeBlock, CodeParts, split_lines, squeezed
from realign_local.text.code.code_lines import is_sentence, line_kind

MAX_DIFF_LINES = 2_000
_LIST_MARKER = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•+])\s+")
_TAIL_COMMENT = re.compile(r"(?<=\S)\s+(?:#|//|--)\s.*$")
_REMARK = re.compile(r"^\s*(?:#(?!include|define)|//|/\*|\*|--|<!--)")


def known_pieces(blocks: Sequence[CodeBlock], rewritten: CodeParts) -> list[tuple[int, str]]:
    """Runs of unfenced lines that are lines of the original's code, and list items that are.

    Each comes with the number of its first line.
    """
    known = _known(blocks)
    found: list[tuple[int, str]] = []
    run: list[str] = []
    start = 0
    for number, line in rewritten.lines if known else ():
        code = _as_known(line, known)
        if code:
            start = start if run else number
            run.append(code)
        elif line.strip():
            found.append((start, "\n".join(run)))
            run = []
            item = _LIST_MARKER.sub("", line).strip()
            found.append((number, item if item in known else ""))
    found.append((start, "\n".join(run)))
    return [piece for piece in found if piece[1]]


def _known(blocks: Sequence[CodeBlock]) -> set[str]:
    return {line.strip() for block in blocks for line in split_lines(block.text)} - {""}


def _as_known(line: str, known: set[str]) -> str:
    """The line, without a comment that was added to it, if the original's code has it; else ""."""
    return next((code for code in (line, _TAIL_COMMENT.sub("", line)) if code.strip() in known), "")


def squeezed_in(blocks: Sequence[CodeBlock], rewritten: CodeParts, *, original: str) -> str:
    """A line of code among the lines of the original's code, where these are bare, that is new."""
    known = _known(blocks)
    numbered = rewritten.lines if known else ()
    lines = [(n, line) for n, line in numbered if line.strip() and not _REMARK.match(line)]
    ours = {n for n, line in lines if _as_known(line, known)}
    for at, (number, line) in enumerate(lines):
        before = lines[at - 1][0] if at else -1
        after = lines[at + 1][0] if at + 1 < len(lines) else -1
        if number in ours or before not in ours or line.strip() in original:
            continue
        touches, amid = number - before == 1, after in ours
        if line[0].isspace() and (touches or amid):
            return line
        if amid and (_is_statement(line) or (touches and after - number == 1 and _is_bare(line))):
            return line
    return ""


def _is_bare(line: str) -> bool:
    """Whether the line could be anything but a remark to the reader."""
    return not is_sentence(line) and not line.rstrip().endswith((":", "."))


def compare_lines(
    blocks: Sequence[CodeBlock], rewritten: CodeParts, *, others: Iterable[str]
) -> Verdict:
    """For very long texts: all lines of code are there in order, and fences hold no other lines.

    Takes time in proportion to the length, but does not see indentation. `others` are texts whose
    lines may be fenced, too.
    """
    wanted = [line for block in blocks for line in _filled(split_lines(block.text))]
    here = _filled(_all_lines(rewritten))
    there = iter(here)
    for line in wanted:
        if not any(line in (new, _TAIL_COMMENT.sub("", new)) for new in there):  # consumes them
            reason = Reason.CODE_CHANGED if set(wanted) & set(here) else Reason.CODE_LOST
            return fail(reason, line, detail="a line of code that is gone or out of order")
    allowed = {
        *_statements(wanted),
        *(line.strip() for text in others for line in split_lines(text)),
    }
    fenced = _statements(line for block in rewritten.fenced for line in split_lines(block.text))
    new = next((line for line in fenced if line not in allowed), "")
    return fail(Reason.CODE_CHANGED, new, detail="code that is new") if new else PASS


def _all_lines(parts: CodeParts) -> list[str]:
    pieces = [(block.line, split_lines(block.text)) for block in parts.fenced]
    pieces += [(number, [line]) for number, line in parts.lines]
    return [line for _, lines in sorted(pieces, key=lambda piece: piece[0]) for line in lines]


def _is_statement(line: str) -> bool:
    return line_kind(line) in ("strong", "weak") and not _REMARK.match(line)


def difference(blocks: Sequence[CodeBlock], rewritten: CodeParts) -> Verdict:
    """The failed verdict for code that is not all there; names the line that is gone or new."""
    old = _statements(line for block in blocks for line in split_lines(squeezed(block.text)))
    new = _statements(_code_lines(blocks, rewritten))
    if len(old) > MAX_DIFF_LINES or len(new) > MAX_DIFF_LINES:
        return fail(Reason.CODE_CHANGED, detail="code that differs in a very long text")
    lost, put = _changes(old, new)
    if lost and (not put or len(lost) == len(old)):
        return fail(Reason.CODE_LOST, lost[0], detail="a line of code that is gone")
    if put:
        was = f"was: {lost[0]}"[:200] if lost else "a line of code that is new"
        return fail(Reason.CODE_CHANGED, put[0], detail=was)
    same = "the same lines, but indented or ordered otherwise"
    return fail(Reason.CODE_CHANGED, old[0] if old else "", detail=same)


def _changes(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """The lines that are only in the old code and those that are only in the new, in order."""
    lost: list[str] = []
    put: list[str] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if tag != "equal":
            lost += old[i1:i2]
            put += new[j1:j2]
    return lost, put


def _code_lines(blocks: Sequence[CodeBlock], rewritten: CodeParts) -> list[str]:
    """The lines of the rewrite that are fenced, known or look like code, in order."""
    known = _known(blocks)
    found = [(block.line, split_lines(block.text)) for block in rewritten.fenced]
    found += [
        (number, [line])
        for number, line in rewritten.lines
        if line.strip() in known or _is_statement(line)
    ]
    return [line for _, lines in sorted(found, key=lambda pair: pair[0]) for line in lines]


def _filled(lines: Iterable[str]) -> list[str]:
    """Lines without margins and blank lines; comments are kept."""
    return [line.strip() for line in lines if line.strip()]


def _statements(lines: Iterable[str]) -> list[str]:
    """Lines without margins, blank lines and comments."""
    return [
        _TAIL_COMMENT.sub("", line).strip()
        for line in lines
        if line.strip() and not _REMARK.match(line)
    ]
