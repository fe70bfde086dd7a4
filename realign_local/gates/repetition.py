"""Repetition: small models fall into loops; a sentence or a phrase again and again is one.

A loop has the reason `too_long`: what is there may be right, there is too much of it.
"""

from __future__ import annotations

from collections import Counter

from realign_local.base.reasons import Reason
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.text.segments import keys

MAX_RESTATEMENTS = 1
MIN_WORDS = 4
LOOPS = 3
LONGEST_PHRASE_WORDS = 12
LOOKED_AT_WORDS = 20_000


def check(case: Case) -> Verdict:
    """Fail on a sentence said twice more than before, or a phrase three times in succession."""
    sentence = _repeated_sentence(case)
    if sentence:
        return fail(Reason.TOO_LONG, sentence, detail="this sentence comes again and again")
    phrase = _loop(case.rewritten)
    if phrase and phrase != _loop(case.original) and phrase not in case.original:
        return fail(Reason.TOO_LONG, phrase, detail="these words come again and again")
    return PASS


def _repeated_sentence(case: Case) -> str:
    after = keys(case.rewritten)
    if len(set(after)) + MAX_RESTATEMENTS >= len(after):
        return ""
    before = Counter(keys(case.original))
    for unit, count in Counter(after).items():
        if count > max(1, before[unit]) + MAX_RESTATEMENTS and len(unit) > 12 and _wordy(unit):
            return unit
    return ""


def _wordy(unit: str) -> bool:
    return len(unit.split()) >= MIN_WORDS or not unit.isascii()


def _loop(text: str) -> str:
    """The first phrase that follows on itself `LOOPS` times."""
    found = text.split()[-LOOKED_AT_WORDS:]
    for size in sorted(_distances(found)):
        if at := _run(found, size):
            phrase = " ".join(found[at - 1 : at - 1 + size * LOOPS])
            if any(sign.isalnum() for sign in phrase) and len(phrase) > 8:
                return phrase
    return ""


def _distances(found: list[str]) -> set[int]:
    """How far apart the same four words follow on each other, where that is near."""
    fours = [*zip(found, found[1:], found[2:], found[3:], strict=False)]
    distances = set[int]()
    repeated = {four for four, count in Counter(fours).items() if count > 1}
    seen: dict[tuple[str, ...], int] = {}
    for at, four in enumerate(fours if repeated else ()):
        if four not in repeated:
            continue
        distance = at - seen.get(four, at)
        if 0 < distance <= LONGEST_PHRASE_WORDS:
            distances.add(distance)
        seen[four] = at
    return distances


def _run(found: list[str], size: int) -> int:
    """One more than the place from which words repeat at this distance; 0 for nowhere."""
    needed, length = size * (LOOPS - 1), 0
    for at in range(size, len(found)):
        length = length + 1 if found[at] == found[at - size] else 0
        if length >= needed:
            return at - needed - size + 2
    return 0
