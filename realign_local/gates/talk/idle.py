"""Sentences that a rewrite adds and that say nothing new: the request, or what stands beside them.

Readers dislike them more than anything else that a rewrite may do (benchmarks/LOG.md).
"""

from __future__ import annotations

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.align import align
from realign_local.text.segments import content, units

LEAST_WORDS = 3
"""Shorter additions are labels and headings."""


def check(case: Case) -> Verdict:
    """Fail an added sentence whose words of meaning all stand in the request, or in one other unit
    of the rewrite."""
    extra = align(case.original, case.rewritten).extra
    if not extra:
        return NOT_APPLICABLE
    asked = frozenset(word for unit in units(case.instruction) for word in content(unit))
    said, own = units(case.rewritten), _squeezed(case.original)
    for unit in extra:
        words = content(unit)
        if len(unit.split()) < LEAST_WORDS or not words or _squeezed(unit) in own:
            continue
        if words <= asked:
            return fail(Reason.NOT_BETTER, unit, detail="this only repeats the request")
        if any(words <= content(other) for other in said if other != unit):
            return fail(Reason.NOT_BETTER, unit, detail="this is said beside it already")
    return PASS


def _squeezed(text: str) -> str:
    """Letters and digits alone: what is compared are words, not the marks between them."""
    return "".join(filter(str.isalnum, text.lower()))
