"""Two words on both sides of a contrast that have changed places: `press A, not B`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.base.words.sentences import sentences
from realign_local.text.segments import plain, vocabulary

MAX_SIGNS = 20_000
MOST_WORDS = 60
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|;")
_NOT = vocabulary("not nicht sondern pas no non não niet ikke inte nie не instead rather")


def contrasts_turned(original: str, rewritten: str) -> Iterator[str]:
    """Sentences of the rewrite that differ from one of the original in two such words alone."""
    if original == rewritten or max(len(original), len(rewritten)) > MAX_SIGNS:
        return
    old, new = (dict(_sentences(text)) for text in (original, rewritten))
    known = dict[tuple[str, ...], list[list[str]]]()
    for words in (w for said, w in old.items() if said not in new):
        known.setdefault(tuple(sorted(words)), []).append(words)
    for said, words in new.items():
        if said in old:
            continue
        if any(_is_turned(one, words) for one in known.get(tuple(sorted(words)), ())[:10]):
            yield said


def _sentences(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in plain(text).split("\n"):
        for said in sentences(line):
            words = [word.lower() for word in _TOKEN.findall(said)]
            if len(words) <= MOST_WORDS and (";" in words or not _NOT.isdisjoint(words)):
                yield " ".join(words), words


def _is_turned(one: list[str], other: list[str]) -> bool:
    """Whether two words alone trade places, with a `not` between or a clause around each."""
    places = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) != 2:
        return False
    first, last = places
    if not _NOT.isdisjoint(one[max(0, first - 1) : last]):
        return True
    if ";" not in one[first:last]:
        return False
    border = one.index(";", first, last)
    sides = one[:first] + one[first + 1 : border], one[border + 1 : last] + one[last + 1 :]
    return sides[0] != sides[1]
