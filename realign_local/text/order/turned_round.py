"""Sentences that were turned round, such as `gold is denser than silver`.

Their words are all there, so that nothing else would tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.text.align import align
from realign_local.text.segments import WORD, content, plain

MAX_SIGNS = 20_000
_IS = "is|are|was|were|has|have|ist|sind|war|waren|hat|es|son|era|est|sont|è|sono|é|são|zijn|hebben"
_COMPARISON = re.compile(
    rf"(?<![^\W\d_])([^\W\d_]+) (?:{_IS})"
    r" ((?:[^\W\d_]+ ){0,2}[^\W\d_]+) (?:than|als|que|di|do que|dan)"
    r" (?:(?:the|a|an|der|die|das|dem|el|la|los|las|le|les|il|lo|i|o|os|de|het|een) )?([^\W\d_]+)"
)
_THEN = re.compile(
    r"(?:,| and| und| et| y| e| en| и)? "
    r"(?:then|dann|puis|ensuite|luego|después|poi|depois|dan|daarna|затем|потом) "
)
_ONLY = re.compile(
    r"\b(?:only|nur|seulement|sólo|solo|solamente|soltanto|somente|alleen|tylko|только) ([^\W\d_]+)"
)
_CAUSE = re.compile(
    r"\b(?:because|weil|parce que|parce qu'|porque|perché|omdat|потому что|ponieważ)"
    r" ?([^,.;:!?\n]+)"
)


def comparisons(original: str, rewritten: str) -> Iterator[tuple[str, str]]:
    """What is now more than what it was less than: the two, in the order of the rewrite."""
    old, new = (
        {(m[1], m[2], m[3]) for m in _COMPARISON.finditer(plain(text).lower())}
        for text in (original[:MAX_SIGNS], rewritten[:MAX_SIGNS])
    )
    for one, how, other in sorted(new - old):
        if (other, how, one) in old:
            yield one, other


def sequences(before: str, after: str) -> bool:
    """Whether what stood before `then` stands behind it now, and the other way round."""
    old, new = (_THEN.split(unit.lower(), maxsplit=1) for unit in (before, after))
    if len(old) != 2 or len(new) != 2:
        return False
    (a, b), (c, d) = (map(content, side) for side in (old, new))
    return bool(a & d and b & c) and not (a - b) & (c - d) and not (b - a) & (d - c)


def focus(before: str, after: str) -> str:
    """The word of which `only` is said now, in a sentence of the same words."""
    old, new = ([m[1] for m in _ONLY.finditer(unit.lower())] for unit in (before, after))
    if len(old) != 1 or len(new) != 1 or old == new:
        return ""
    same = sorted(WORD.findall(before.lower())) == sorted(WORD.findall(after.lower()))
    return new[0] if same else ""


def causes(before: str, after: str) -> str:
    """The clause of a sentence that is the cause now, and was what came of it."""
    old, new = (_CAUSE.findall(unit.lower()) for unit in (before, after))
    if len(old) != 1 or len(new) != 1:
        return ""
    was, now = content(old[0]), content(new[0])
    rest = content(before.lower().replace(old[0], " "))
    return new[0].strip() if was.isdisjoint(now) and now <= rest and was <= content(after) else ""


def turned_round(original: str, rewritten: str) -> Iterator[tuple[str, str]]:
    """Sentences that say the reverse in the same words, each with how."""
    for one, other in comparisons(original, rewritten):
        yield one, f"{other} was said to be more than {one}"
    for pair in align(original, rewritten).pairs:
        if len(pair.before) != 1 or len(pair.after) != 1:
            continue
        both = (pair.before[0], pair.after[0])
        if clause := causes(*both):
            yield clause, "what came of something has become its cause"
        if sequences(*both):
            yield both[1], "what came first has become what comes then"
        if word := focus(*both):
            yield both[1], f"only this is said of {word!r} now"
