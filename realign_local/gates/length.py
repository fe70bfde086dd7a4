"""Length: nothing substantial is left out, and the form adds no more than form needs."""

from __future__ import annotations

import re

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Gate, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.gates.talk.carried import (
    behind_opening,
    carried_over,
    clause_added,
    item_added,
    only_ties,
)
from realign_local.text.align import align
from realign_local.text.outline import MAX_SIGNS, outline
from realign_local.text.segments import (
    CALCULATOR,
    WORD,
    content,
    key,
    keys,
    plain,
    units,
    vocabulary,
    word_count,
    words,
)
from realign_local.text.stems import beginnings, stems

FLOOR = 0.7
CEILING = 2.5
ALLOWANCE_WORDS = 150
"""Opening, explanation and conclusion cost much the same for a short response as for a long one."""
MIN_UNIT_WORDS = 4
LEAST_ENTRIES = 3
MOST_ANNOUNCING = 8
"""Words of a sentence that a heading may stand for."""
_HEADING = re.compile(r"^(?:#{1,6} +|\*\*)([^*\n:]{3,40}?):?(?:\*\*:?)? *$", re.MULTILINE)
MOST_ENTRY_WORDS = 4
_LISTED = ("bullet", "numbered", "cell")
_HIRAGANA = re.compile("[\u3040-\u309f]")
_DIGIT = re.compile(r"\d")
_ENTRY = re.compile(r"^[ \t]*(?:[-*+•]|\(?\d{1,3}[.)])[ \t]+(\S.*)$", re.MULTILINE)
HELD_ELSEWHERE = 0.7
A_FEW_SIGNS = 16
"""So short a response is an answer, which has a gate of its own: `1200 dollars`, `$1,200`."""
HELD_WORDS = 0.8
HELD_IN_SIGNS = 0.6
"""Of the words of a calculation, with its numbers: signs say what they said."""
HELD_STEMS = 0.65
"""Of the words without small ones, which are fewer."""
LEAST_SHARE = 0.3
"""What is left of the words where hardly a word of content is gone."""

_NUMBERED = re.compile(r"^ *1[.)] ", re.MULTILINE)
_RANKS = vocabulary(
    """first second third fourth fifth sixth seventh eighth ninth tenth erste erster zweite zweiter
    dritte dritter vierte premier première deuxième troisième primero primera segundo segunda
    tercero tercera primo prima secondo seconda terzo terza primeiro primeira terceiro terceira
    eerste tweede derde comes follows followed next last
    place platz lugar posto plaats"""
)
"""What the number of an item says."""


def gate(
    *,
    floor: float = FLOOR,
    ceiling: float = CEILING,
    allowance_words: int = ALLOWANCE_WORDS,
    may_explain: bool = False,
) -> Gate:
    """A length gate: floor x original <= words of the rewrite <= ceiling x original + allowance.

    Where a rewrite `may_explain`, clauses that are its own may stand behind what is said.
    """
    added = (lambda _: None) if may_explain else clause_added

    def check_length(case: Case) -> Verdict:
        before = word_count(CALCULATOR.sub(" ", case.original))
        after = word_count(CALCULATOR.sub(" ", case.rewritten))
        if not before or len(case.original) <= A_FEW_SIGNS:
            return (added(case) if before else None) or NOT_APPLICABLE
        lacks_signs = _signs(case.rewritten) < floor * _signs(case.original)
        if after < floor * before and lacks_signs and not _is_terse(case, after / before, floor):
            return fail(Reason.TOO_SHORT, detail=f"{after} words for {before}")
        if after > ceiling * before + allowance_words:
            return fail(Reason.TOO_LONG, detail=f"{after} words for {before}")
        found = carried_over(case) or _item_dropped(case) or item_added(case)
        return found or added(case) or _dropped(case)

    return check_length


def _signs(text: str) -> int:
    """Length without blanks: `x = 1` is as long as `x=1`."""
    return len(text) - text.count(" ") - text.count("\n")


def _is_terse(case: Case, share: float, floor: float) -> bool:
    """Whether only small words are gone, or sentences that were said twice.

    `The capital of Peru is Lima` is `Peru: Lima` in a table.
    """
    once = " ".join(dict.fromkeys(keys(CALCULATOR.sub(" ", case.original))))
    said = content(once)
    if _NUMBERED.search(case.rewritten):
        if not _in_order(case, said):
            return False
        said -= _RANKS
    asked = words(case.instruction)
    said = frozenset(w for w in said if asked.isdisjoint((w, w + "s")) or w[0].isdigit()) or said
    least = HELD_IN_SIGNS if "=" in case.rewritten and "=" in case.original else HELD_WORDS
    held = len(said & words(case.rewritten)) >= least * len(said)
    held = held or _is_told_otherwise(once, case, share=HELD_WORDS)
    again = share * word_count(CALCULATOR.sub(" ", case.original)) >= floor * word_count(once)
    return again or (held and share >= LEAST_SHARE)


def _in_order(case: Case, said: frozenset[str]) -> bool:
    """Whether what is left of the words comes as it came before."""
    old, new = (
        [word for word in dict.fromkeys(WORD.findall(plain(text).lower())) if word in said]
        for text in (case.original, case.rewritten)
    )
    kept = frozenset(new)
    return [word for word in old if word in kept] == new


def _dropped(case: Case) -> Verdict:
    """A sentence whose words are not even scattered over the rewrite has been left out."""
    aligned = align(case.original, case.rewritten)
    if not aligned.missing:
        return PASS
    held = frozenset().union(*(words(unit) for unit in units(case.rewritten)))
    entries = _entries(case.original)
    language = spoken(case.original, case.instruction)
    for unit in aligned.missing:
        body = behind_opening(unit, language)
        bag = frozenset(w for w in content(body) if not _HIRAGANA.fullmatch(w)) or content(body)
        if len(bag) >= MIN_UNIT_WORDS:
            is_gone = len(bag & held) < HELD_ELSEWHERE * len(bag)
        else:
            is_gone = key(unit) in entries and beginnings(bag).isdisjoint(beginnings(held))
        if is_gone and not (_is_told_otherwise(body, case) or _is_heading_now(unit, case)):
            return fail(Reason.TOO_SHORT, unit, detail="this part of the original is left out")
    return PASS


def _is_heading_now(unit: str, case: Case) -> bool:
    """`The trip has several risks.`, of which the heading `Risks` is left."""
    said = words(unit)
    if len(said) > MOST_ANNOUNCING or any(word[0].isdigit() for word in said):
        return False
    headings = (words(m[1]) for m in _HEADING.finditer(case.rewritten))
    return any(named and named <= said for named in headings)


def _item_dropped(case: Case) -> Verdict | None:
    """One item of an enumeration of which the rewrite has the others, each in a line of its own."""
    if not (align(case.original, case.rewritten).pairs and len(case.original) <= MAX_SIGNS):
        return None
    language = spoken(case.original, case.instruction)
    held = stems(plain(case.rewritten), language)
    listed = {stems(p.text, language) for p in outline(case.rewritten) if p.kind in _LISTED}
    enumerations: dict[tuple[object, ...], list[frozenset[str]]] = {}
    named = dict[frozenset[str], str]()
    for piece in outline(case.original):
        short = (
            piece.kind == "part"
            and not only_ties(piece.text)
            and len(piece.text.split()) <= MOST_ENTRY_WORDS
        )
        if short and not _DIGIT.search(piece.text) and (told := stems(piece.text, language)):
            enumerations.setdefault(piece.run, []).append(told)
            named[told] = piece.text
    for items in enumerations.values():
        gone = [told for told in items[1:] if told.isdisjoint(held)]  # the first has the opening
        opened = sum(told in listed for told in items)
        if len(gone) == 1 and len(items) >= LEAST_ENTRIES and opened >= max(2, len(items) - 2):
            return fail(Reason.TOO_SHORT, named[gone[0]], detail="this item is left out")
    return None


def _is_told_otherwise(unit: str, case: Case, *, share: float = HELD_STEMS) -> bool:
    """Whether the words of a sentence are there in other forms: `sie ist geschlossen`."""
    language = spoken(case.original, case.instruction)
    wanted = stems(unit, language)
    wanted = wanted - stems(plain(case.instruction), language) or wanted
    held = stems(plain(case.rewritten), language)
    return bool(wanted) and len(wanted & held) >= share * len(wanted)


def _entries(text: str) -> frozenset[str]:
    """The short entries of a list, of which a word at least has to stand somewhere."""
    found = [key(plain(entry[1])) for entry in _ENTRY.finditer(text)]
    return frozenset(found) if len(found) >= LEAST_ENTRIES else frozenset()


check = gate()
explaining = gate(may_explain=True)
"""For layouts, which ask for sentences of their own."""
