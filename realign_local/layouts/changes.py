"""What a response changed in the text that the user gave: found by comparing words or lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from realign_local.gates.code_blocks import cut
from realign_local.gates.code_detect import bare_blocks

LEAST_ALIKE = 0.4
"""Below this likeness the text was written anew; a list of differences would explain nothing."""

MOST_CHANGES = 6
MOST_WORDS = 12
_QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]{8,})[\"”»“]|'([^'\n]{12,})'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """Some words of the user's text and what stands in their place; either may be empty."""

    old: str
    new: str

    def told(self, *, code: bool = False) -> str:
        """How the change is shown before its reason."""
        mark = "`" if code else '"'
        old, new = f"{mark}{self.old}{mark}", f"{mark}{self.new}{mark}"
        if not self.old:
            return f"{new} added:"
        return f"{old} → {new}:" if self.new else f"{old} left out:"


def find_changes(instruction: str, result: str) -> tuple[Change, ...]:
    """The differences in their order; empty where there are none, too many, or no text to compare.

    The user's text is the part of the instruction that is most like the result.
    """
    words = result.split()
    source = max(_sources(instruction), key=lambda text: _likeness(text.split(), words), default="")
    before = source.split()
    if _likeness(before, words) < LEAST_ALIKE:
        return ()
    matcher = SequenceMatcher(None, before, words, autojunk=False)
    changes = [
        _change(before[a:b], words[c:d])
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]
    return _worth_telling(changes)


def find_code_changes(instruction: str, code: str) -> tuple[Change, ...]:
    """The same for code, line by line."""
    parts = cut(instruction)
    blocks = [*parts.fenced, *bare_blocks(parts.lines)]
    after = [line.strip() for line in code.split("\n") if line.strip()]
    sources = [[line.strip() for line in b.text.split("\n") if line.strip()] for b in blocks]
    before = max(sources, key=lambda lines: _likeness(lines, after), default=[])
    if _likeness(before, after) < LEAST_ALIKE / 2:
        return ()
    changes: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            width = max(b - a, d - c)
            old, new = before[a:b] + [""] * width, after[c:d] + [""] * width
            changes += [Change(old[n], new[n]) for n in range(width)]
    return _worth_telling(changes)


def _sources(instruction: str) -> list[str]:
    paragraphs = [p for p in re.split(r"\n\s*\n", instruction) if p.strip()]
    tail = instruction.partition("\n\n")[2]
    after_colon = [p.partition(":")[2] for p in (instruction, *paragraphs) if ":" in p]
    quoted = [found[1] or found[2] for found in _QUOTED.finditer(instruction)]
    lines = [line for line in instruction.split("\n") if len(line.split()) > 2]
    return [text for text in (*quoted, *after_colon, *paragraphs, *lines, tail) if text.strip()]


def _likeness(one: list[str], other: list[str]) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _change(before: list[str], after: list[str]) -> Change:
    """Without quotation marks at the edges, and without the punctuation that both end in."""
    old, new = (" ".join(words).strip("\"“”'") for words in (before, after))
    if old and new and old[-1] == new[-1] and old[-1] in ".,;:!?":
        old, new = old[:-1], new[:-1]
    return Change(old, new)


def _worth_telling(changes: list[Change]) -> tuple[Change, ...]:
    told = [c for c in changes if c.old != c.new]
    long = any(len(text.split()) > MOST_WORDS for c in told for text in (c.old, c.new))
    return () if long or len(told) > MOST_CHANGES else tuple(told)
