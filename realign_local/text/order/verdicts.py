"""Verdicts that stand one to a sentence, an item or a row: `true`, `false`, `yes`, `no`.

They are words that come more than once, so that only their order, or the statement that each one
stands beside, tells which is whose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from realign_local.text.segments import content, plain, units

LEAST = 2
MAX_SIGNS = 20_000
_YES = (
    "true|correct|right|yes|wahr|richtig|ja|vrai|oui|verdader[oa]|ciert[oa]|vero|verdadeir[oa]"
    "|waar|prawda|правда|верно|да"
)
_NO = "false|incorrect|wrong|no|unwahr|falsch|nein|faux|non|fals[oa]|onwaar|fałsz|ложь|неверно|нет"
_VERDICT = re.compile(
    rf"(?:^|: |\| |[-–—] |\b(?:is|are|it is|ist|sind|est|es|è|é) )(?:(?P<yes>{_YES})|(?P<no>{_NO}))"
    r"(?= ?[.,:;|–—-]|$| because\b| that\b| since\b| as\b| weil\b| car\b| porque\b)",
    re.IGNORECASE,
)
_HAN = re.compile(
    r"(?:(?P<no>错误?|不对|不正确|誤り|間違い|틀[리렸]\w*|거짓)|(?P<yes>正确|对|正しい|맞[다았]\w*|참))(?=[。，,、|]|$)"
)


@dataclass(frozen=True, slots=True)
class _Verdict:
    is_so: bool
    said: frozenset[str]
    """The words beside it."""


def judged_otherwise(original: str, rewritten: str) -> str:
    """What is judged otherwise by the rewrite, or is not judged any more, in words; or ""."""
    if max(len(original), len(rewritten)) > MAX_SIGNS:
        return ""
    old, new = _verdicts(original), _verdicts(rewritten)
    if len(old) < LEAST or len(new) < LEAST:
        return ""
    if len(new) == len(old) - 1:
        return "one of the verdicts is left out"
    if len(new) != len(old):
        return ""
    couples = _by_words(old, new) or list(zip(old, new, strict=True))
    turned = any(one.is_so != other.is_so for one, other in couples)
    return "a verdict is another one, or another's" if turned else ""


def _verdicts(text: str) -> list[_Verdict]:
    """Those of sentences that have one alone; nothing where a sentence has several."""
    found: list[_Verdict] = []
    for unit in units(plain(text)):
        verdicts = [*_VERDICT.finditer(unit), *_HAN.finditer(unit)]
        if len(verdicts) > 1:
            return []
        for m in verdicts:
            rest = f"{unit[: m.start()]} {unit[m.end() :]}"
            found.append(_Verdict(bool(m["yes"]), content(rest)))
    return found


def _by_words(old: Sequence[_Verdict], new: Sequence[_Verdict]) -> list[tuple[_Verdict, _Verdict]]:
    """Each with the one that has its own words; nothing where one has none of them."""
    often = Counter(word for verdict in old for word in verdict.said)
    couples = list[tuple[_Verdict, _Verdict]]()
    for verdict in old:
        own = {word for word in verdict.said if often[word] == 1}
        shares = [len(own & other.said) for other in new]
        best = max(shares)
        if not best or shares.count(best) > 1:
            return []
        couples.append((verdict, new[shares.index(best)]))
    return couples
