"""Two texts word by word: what went, what stayed, and where each new word comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from realign_local.base.records import Candidate

Kind = Literal["same", "gone", "given", "model", "evidence", "blank"]

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class DiffPart:
    """Some text of one kind: on the left `same` or `gone`, on the right all but `gone`.

    `blank` is white space that stands between the words of the original and is not its own.
    """

    kind: Kind
    text: str


def labelled(candidate: Candidate) -> tuple[DiffPart, ...]:
    """The candidate's text as one part of its origin; `after` tells what the original has."""
    kinds: dict[str, Kind] = {"given": "given", "model": "model", "evidence": "evidence"}
    return (DiffPart(kinds[candidate.origin], candidate.text),)


def before(original: str, stretches: Sequence[DiffPart]) -> tuple[DiffPart, ...]:
    """The original, with the words marked that the rewrite has not."""
    old, new = _TOKEN.findall(original), _TOKEN.findall("".join(part.text for part in stretches))
    parts: list[DiffPart] = []
    for tag, start, end, _, _ in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        kind: Kind = "same" if tag == "equal" else "gone"
        parts += [DiffPart(kind if token.strip() else "same", token) for token in old[start:end]]
    return _joined(parts)


def after(original: str, stretches: Sequence[DiffPart]) -> tuple[DiffPart, ...]:
    """The rewrite, with each word that the original has not marked by its origin."""
    old = _TOKEN.findall(original)
    new = [(part.kind, token) for part in stretches for token in _TOKEN.findall(part.text)]
    matcher = SequenceMatcher(None, old, [token for _, token in new], autojunk=False)
    kept = {
        n for block in matcher.get_matching_blocks() for n in range(block.b, block.b + block.size)
    }
    parts = [DiffPart("same" if n in kept else kind, token) for n, (kind, token) in enumerate(new)]
    return _joined([_blank(parts, n) for n in range(len(parts))])


def _blank(parts: Sequence[DiffPart], n: int) -> DiffPart:
    """The part; new white space between old words has a kind of its own: no colour shows it."""
    part = parts[n]
    if part.kind == "same" or part.text.strip():
        return part
    beside = [parts[m].kind for m in (n - 1, n + 1) if 0 <= m < len(parts)]
    return DiffPart("blank", part.text) if set(beside) <= {"same"} else part


def _joined(parts: Sequence[DiffPart]) -> tuple[DiffPart, ...]:
    """Neighbours of one kind as one part; white space goes with what stands before it."""
    joined: list[DiffPart] = []
    for part in parts:
        follows = not part.text.strip() and part.kind != "blank"
        if joined and (joined[-1].kind == part.kind or follows):
            joined[-1] = DiffPart(joined[-1].kind, joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(joined)
