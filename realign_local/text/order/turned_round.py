"""Sentences that were turned round, such as `gold is denser than silver`.

Their words are all there, so that nothing else would tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.text.align import align
from realign_local.text.order.told_rows import speaks_of_another, told_in_another_order
from realign_local.text.outline import outline
from realign_local.text.segments import (
    FUNCTION_WORDS,
    WORD,
    content,
    plain,
    unlabelled,
    vocabulary,
)
from realign_local.text.small_words import likely_language

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
_BY = re.compile(
    r"\b(?:by|von|vom|durch|par|por|pelo|pela|da|dal|dalla|door|av|af|przez|with|like|as|mit|avec)\b"
    r"|[=]"
)
"""Of the passive voice, and of what is so of either: such a sentence may be turned."""
_JOINS = re.compile(
    r"\b(?:equals?|meets?|met|marri\w+|resembl\w+|border\w*|is|are|was|were|means|called|named"
    r"|ist|sind|war|waren|est|sont|es|son|era|è|sono|é|são|jest|są|heißt|bedeutet|signifie)\b"
)
_AMOUNT = re.compile(r"[$€£¥]?\d[\d.,]*(?: (?:million|billion|thousand))?(?: [^\W\d_]+s\b|%)?")
MAX_WORDS = 40
MAX_PARTICLES = 1
"""Words of a verb behind its first one: `has taken over`."""
_ORDERED = vocabulary("en fr es it pt nl sv da no id vi")
"""Languages in which the place of a word says who does it."""
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


def roles(before: str, after: str) -> str:
    """The word whose two sides have traded places: `Ants herd aphids`, `Aphids herd ants`.

    What stands before it now stood behind it, and what stood next to it on its left stands there.
    """
    old, new = (_telling(unit) for unit in (before, after))
    if len(old) > MAX_WORDS or not set(new) <= set(old) or len(set(old)) < len(old):
        return ""
    if any(mark.search(before) or mark.search(after) for mark in (_BY, _JOINS)):
        return ""
    for at in range(1, len(new) - 1):
        place = old.index(new[at])
        subject, behind = new[:at], old[place + 1 :]
        places = range(min(MAX_PARTICLES + 1, len(behind)))
        was_behind = any(behind[n : n + at] == subject for n in places)
        if place and was_behind and old[place - 1] in new[at + 1 :]:
            return new[at]
    return ""


def _telling(unit: str) -> list[str]:
    """The words that carry meaning, in their order; no numbers, and no units of them."""
    found = (word for word in WORD.findall(_AMOUNT.sub(" ", unit.lower())) if word.isalpha())
    return [word for word in found if word not in FUNCTION_WORDS]


def turned_round(original: str, rewritten: str) -> Iterator[tuple[str, str]]:
    """Sentences that say the reverse in the same words, each with how."""
    for one, other in comparisons(original, rewritten):
        yield one, f"{other} was said to be more than {one}"
    old, new = outline(original), outline(rewritten)
    for row, cells in told_in_another_order(old, new, original):
        yield cells, f"the cells of {row!r} were told in another order"
    for row, cell in speaks_of_another(new, original) if "|" not in original else ():
        yield cell, f"this stands in the row {row!r}"
    ordered = likely_language(original) in _ORDERED
    for pair in align(original, rewritten).pairs:
        if len(pair.before) != 1:
            continue
        for unit in pair.after if ordered else ():
            if word := roles(pair.before[0], unlabelled(unit, pair.before[0])):
                yield unit, f"what stood before and behind {word!r} has traded places"
        if len(pair.after) != 1:
            continue
        both = (pair.before[0], pair.after[0])
        if clause := causes(*both):
            yield clause, "what came of something has become its cause"
        if sequences(*both):
            yield both[1], "what came first has become what comes then"
        if word := focus(*both):
            yield both[1], f"only this is said of {word!r} now"
