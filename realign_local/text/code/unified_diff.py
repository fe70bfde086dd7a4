"""Unified diffs among a text's lines: whatever stands in a hunk, words too, is the diff's."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_HEAD = re.compile(
    r"diff --git \S|--- \S|\+\+\+ \S|index [0-9a-f]{6,}\.\.|Index: \S|={60,}\s*$"
    r"|(?:new|deleted) file mode \d|old mode \d|new mode \d|similarity index \d|rename (?:from|to) "
)
_BULLET = re.compile(r"[-+] +\S")


def diff_lines(lines: Sequence[str]) -> set[int]:
    """The numbers of the lines of diffs: hunks, and the heads right above them.

    The counts in `@@ -1,4 +1,5 @@` are not asked: who writes a diff by hand seldom gets them right.
    """
    found: set[int] = set()
    for number, line in enumerate(lines):
        if number in found or not (_HUNK.match(line) or _is_named(lines, number)):
            continue
        start = number
        while start > 0 and start - 1 not in found and _HEAD.match(lines[start - 1]):
            start -= 1
        found.update(range(start, _end_of_hunk(lines, number + 1)))
    return found


def is_diff(text: str) -> bool:
    """Whether a text is a diff from its first line to its last."""
    lines = text.split("\n")
    filled = {number for number, line in enumerate(lines) if line.strip()}
    return bool(filled) and filled <= diff_lines(lines)


def _is_named(lines: Sequence[str], number: int) -> bool:
    """Whether a line names the new file below one that names the old: some leave out `@@`."""
    named = lines[number].startswith("+++ ") and lines[number - 1].startswith("--- ")
    return number > 0 and named


def _end_of_hunk(lines: Sequence[str], start: int) -> int:
    """The line behind the last of a hunk, over blank lines that a hunk goes on behind."""
    end = at = start
    while at < len(lines):
        if not lines[at].strip():
            at += 1
        elif lines[at][0] in " +-\\" and not (at > end and _BULLET.match(lines[at])):
            end = at = at + 1
        else:
            break
    return end
