"""`It has no lid.` said by a cell or a value: `Lid: none`, or a dash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from realign_local.gates.gate import Case
from realign_local.text.segments import FUNCTION_WORDS, IDEOGRAPH, units, words

_NOTHING = re.compile(
    r"(?:(?<=\|)|(?<=: )|(?<=:\*\* ))[ \t]*(?:[-–—]|no|none|nothing|keine?[rs]?|nein|aucune?|non"
    r"|sin|ningun[oa]|nada|nessun[oa]?|geen|brak|нет|无|沒有|没有|なし|없음)[ \t]*(?=\||$)",
    re.IGNORECASE | re.MULTILINE,
)
"""A cell or a value that says that there is none."""
_ROW_LABEL = re.compile(r"[|\s*-]*[^|:]*")
_DASHES = ("-", "--", "/", "")


def denials_for_dashes(before: str, after: str, negations: Callable[[str], int]) -> int:
    """How many cells of a row say with a word that denies what a dash said: `-`, `none`."""
    if "|" not in before or before.count("|") != after.count("|"):
        return 0
    cells = zip(before.split("|"), after.split("|"), strict=True)
    return sum(negations(new) for old, new in cells if old.strip() in _DASHES)


def is_in_a_cell(case: Case, negations: Callable[[str], int]) -> bool:
    """`It has no lid.` may be `Lid: none`, or a dash: as often in all as it is denied.

    What such a row is of is named where it is denied, if it is named.
    """
    cells = [len(_NOTHING.findall(text)) for text in (case.original, case.rewritten)]
    said = [
        negations(_NOTHING.sub(" ", text)) + found
        for text, found in zip((case.original, case.rewritten), cells, strict=True)
    ]
    rows = "|" in case.rewritten and bool(IDEOGRAPH.search(case.original))
    denied = words(" ".join(unit for unit in units(case.original) if negations(unit)))
    elsewhere = words(case.original) - denied - FUNCTION_WORDS
    for name in map(words, _names_of_nothing(case.rewritten)):
        if name & elsewhere and not name & denied - FUNCTION_WORDS:
            return False
    return (any(cells) or rows) and said[0] == said[1]


def _names_of_nothing(text: str) -> Iterator[str]:
    """The rows, columns and labels that a text has nothing for."""
    heads: list[str] = []
    for line in text.split("\n"):
        cells = line.split("|")
        heads = heads or cells if len(cells) > 1 else []
        if _NOTHING.search(line):
            yield _ROW_LABEL.findall(line)[0]
            yield from (
                head
                for head, cell in zip(heads, cells, strict=False)
                if _NOTHING.fullmatch(f"|{cell}|", 1, len(cell) + 1)
            )
