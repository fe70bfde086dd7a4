"""Sentences that the model added out of the wrong place: from a worked example, or from nowhere.

Small models repeat the examples that they were shown. An added sentence may use the words of the
request, the original and the evidence, and whatever words tie them together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.gates.language import scripts
from realign_local.text.align import align
from realign_local.text.segments import WORD, content

MOST_BORROWED = 2
"""A word or two that an example happens to use say nothing; three that the row lacks echo it."""

STEM = 5
"""Letters that two forms of a word share ("reflects", "reflection")."""

LEAST_WORDS = 4
"""Shorter additions are labels and headings."""

_GRAMMAR = (
    "spelling grammar capital letter small article comma apostrophe missing needed form verb word"
    " pronoun preposition written"
)
"""Words that name a change, whatever the row is about."""

_CHANGE = re.compile(r"[\"`].*(?:→| added\b| left out\b)")
"""An entry of a list of changes: it may show a word as short as "a"."""

Words = frozenset[str]


def borrowed(case: Case, *, examples: Sequence[str]) -> Verdict:
    """Fail an added sentence with words of the examples, or with no word of the row at all.

    `examples` are the texts of the prompt's worked examples.
    """
    extra = align(case.original, case.rewritten).extra
    letters = scripts(case.original)
    if not extra or letters.get("latin", 0) < sum(letters.values()) / 2:
        return NOT_APPLICABLE
    own = _stems((case.instruction, case.original, *case.evidence))
    free = _stems((_GRAMMAR,))
    echo = _stems(tuple(examples)) - own - free
    for unit in extra:
        said = _stems((unit,))
        if len(said & echo) > MOST_BORROWED:
            return fail(Reason.PROMPT_LEAK, unit, detail="words of a worked example")
        asked = unit.rpartition(": ")[2] in case.instruction
        if said & own or said <= free or asked or _CHANGE.match(unit):
            continue
        if _bare_words(unit) <= _bare_words(case.original):
            continue
        if len(unit.split()) >= LEAST_WORDS:
            return fail(Reason.UNSUPPORTED_CLAIM, unit, detail="nothing of this is in the row")
    return PASS


def _bare_words(text: str) -> Words:
    """Words without their apostrophes: `I wont do it` says what `I won't do it` says."""
    return frozenset(WORD.findall(text.lower().replace("'", "").replace("’", "")))


@lru_cache(maxsize=128)
def _stems(texts: tuple[str, ...]) -> Words:
    found = (content(line) for text in texts for line in text.split("\n"))
    return frozenset(word[:STEM] for words in found for word in words if _counts(word))


def _counts(word: str) -> bool:
    return len(word) > 3 or word[0].isdigit()
