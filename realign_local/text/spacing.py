"""Sentences that lack the space between them, parted where the rewrite has mended it.

`no budget.The plan` is two sentences. What the rewrite still writes in one piece (`node.js`, an
address) stays in one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.text.spelling import slips

_GLUED = re.compile(
    r"(?<![\w./@:&?=-])([^\W\d_]+(?:['’][^\W\d_]+)?)([.,;:!?]+)([^\W\d_]+)(?![\w/@(=])"
)
_MAY_BE_GLUED = re.compile(r"[.,;:!?][^\W\d_]")
"""In every such place, and found fast."""
_PARTED = re.compile(r"([\w'’]+)([^\w\s]*[.,;:!?][^\w]*\s[^\w]*)(?=([\w'’]+))")
_CUT = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-\n[ \t]*([^\W\d_]+)")
MOST = 200
"""A text with more of them is of another kind."""
MOST_SLIPS = 2
"""The word before may have been mended, too."""
MOST_LETTERS = 40
MOST_PLACES = 20

Places = dict[str, list[tuple[str, str, str]]]
"""By the word behind a mark and a space: the word before, the mark, the word as it is written."""


def rejoined(original: str, rewritten: str) -> str:
    """The original with the words in one piece that it cuts at line ends and the rewrite has."""

    def mended(found: re.Match[str]) -> str:
        whole = found[1] + found[2]
        return whole if whole in rewritten else found[0]

    return _CUT.sub(mended, original) if "-\n" in original else original


def spaced(original: str, rewritten: str) -> str:
    """The original with a space wherever the rewrite has one behind the same word."""
    if not _MAY_BE_GLUED.search(original) or not 0 < len(_GLUED.findall(original)) <= MOST:
        return original
    places: Places = {}
    for found in _PARTED.finditer(rewritten):
        places.setdefault(_bare(found[3]), []).append((found[1], found[2], found[3]))

    def mended(found: re.Match[str]) -> str:
        before, mark, after = found.groups()
        near = places.get(_bare(after), [])[:MOST_PLACES]
        parted = any(_is_same(before, one) and _opens(mark, gap, word) for one, gap, word in near)
        return f"{before}{mark} {after}" if parted and found[0] not in rewritten else found[0]

    once = _GLUED.sub(mended, original)
    return _GLUED.sub(mended, once) if once != original else once  # `it.so,we` is two places


def _bare(word: str) -> str:
    """`its` may have become `it's`."""
    return word.casefold().replace("'", "").replace("’", "")


def _is_same(before: str, other: str) -> bool:
    one, other = before.casefold(), other.casefold()
    if one == other:
        return True
    return len(one) <= MOST_LETTERS and slips(one, other[: MOST_LETTERS + MOST_SLIPS]) <= min(
        MOST_SLIPS, len(one) // 2
    )


def _opens(mark: str, gap: str, word: str) -> bool:
    """Behind a full stop a sentence begins; `node. js` is no mended text."""
    return "." not in mark or "." not in gap or word[0].isupper()


def rows_of_values(lines: Sequence[str]) -> set[int]:
    """Lines that are values of a table: each has as many commas as one beside it, and none ends."""
    counts = [_values(line.strip()) for line in lines]
    return {
        at
        for at, count in enumerate(counts)
        if count and count in (*counts[max(0, at - 1) : at], *counts[at + 1 : at + 2])
    }


def _values(line: str) -> int:
    """How many commas part the values of such a line, if it can be one."""
    if not line or ", " in line or line[-1] in ".!?:;" or line[0] in "-*•":
        return 0
    return line.count(",")
