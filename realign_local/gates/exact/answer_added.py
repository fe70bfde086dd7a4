"""Answers that a rewrite adds: a mark with another answer, or a sentence that denies the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from realign_local.gates.exact.answer_forms import (
    HASHES,
    boxed,
    boxes,
    face,
    has_signs,
    hashes,
    same_answer,
    stated,
    states,
)
from realign_local.gates.gate import Case
from realign_local.gates.talk.negation import negations
from realign_local.text.align import align, echo_of
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.segments import units

_ANSWERS = re.compile(
    r"\b(?:answer|result|solution|total|sum|outcome|antwort|ergebnis|l\u00f6sung|r\u00e9ponse"
    r"|r\u00e9sultat|respuesta|resultado|risposta|\u043e\u0442\u0432\u0435\u0442)\b|\u7b54\u6848|\u7ed3\u679c|\u7b54\u3048",
    re.IGNORECASE,
)
_NO = re.compile(r"\b(?:no|nein|non|нет|não|nee)\W*$", re.IGNORECASE)
"""An answer in itself at the end of a clause: `the answer is no`."""
_WRONG = re.compile(
    r"\b(?:wrong|incorrect|mistaken|falsch|faux|fausse|incorrect[oa]|sbagliat[oa]|errad[oa]"
    r"|неверн\w*|неправильн\w*)\b|错误|不对|間違い",
    re.IGNORECASE,
)
CLAUSE_SIGNS = 40
_LONE_NUMBER = re.compile(r"[-$\u20ac\u00a3\u00a5(]*\d[\d.,/ ]*[%)$\u20ac\u00a3.]*$")


_LEADING_NUMBER = re.compile(r"[-$\u20ac\u00a3\u00a5(\\ ]*\d[\d.,/]*(?:\W*[^\W\d_]+){0,3}\W*$")


def denied(case: Case, results: Sequence[str] = ()) -> str:
    """An added sentence that says what the answer is not, or denies the one that was given."""
    aligned = align(case.original, case.rewritten)
    for pair in aligned.pairs:
        if not any(map(_says_not, pair.before)) and (unit := _first(_says_not, pair.after)):
            return unit
    extra = [unit for unit in aligned.extra if negations(unit) or _WRONG.search(unit)]
    if not extra:
        return ""
    given = hashes(case.original) or boxed(case.original) or stated(case.original)
    for unit in extra:
        if _says_not(unit) or (given and _restates(unit, given, case)):
            return unit
        if _WRONG.search(unit) and any(_restates(unit, result, case) for result in results):
            return unit
    return ""


def _first(test: Callable[[str], bool], found: Sequence[str]) -> str:
    return next(filter(test, found), "")


def _says_not(unit: str) -> bool:
    """`The answer is not ...`, in one clause."""
    found = _ANSWERS.search(unit)
    if not found:
        return False
    clause = re.split(r"[,;:(]", unit[found.start() :])[0][:CLAUSE_SIGNS]
    return negations(_NO.sub("", clause)) > 0 or bool(_WRONG.search(clause))


def _restates(unit: str, given: str, case: Case) -> bool:
    return states(unit, given) and not echo_of(unit, (case.instruction,))


def foreign_mark(case: Case, results: Sequence[str]) -> str:
    """An answer that the rewrite marks, and that the original neither marks nor ends in."""
    given = [*_marks(case.original), *filter(None, [stated(case.original)])] or results
    if span := _foreign_statement(case, given):
        return span
    if "####" not in case.rewritten and "\\" not in case.rewritten:
        return ""
    for mark in _marks(case.rewritten):
        if not any(same_answer(answer, mark) or states(mark, answer) for answer in given) and (
            given or not _ends_in(case.original, mark)
        ):
            return mark
    return ""


def _foreign_statement(case: Case, given: Sequence[str]) -> str:
    """`The answer is 6` where the calculation arrives at 42."""
    said = stated(case.rewritten)
    if not given or not _LEADING_NUMBER.match(said) or stated(case.original):
        return ""
    same = any(same_answer(answer, said) or states(said, answer) for answer in given)
    return "" if same else said


def _marks(text: str) -> Iterator[str]:
    """What is marked; a heading of the fourth level is followed by text and is no number alone."""
    yield from boxes(text)
    for m in HASHES.finditer(text) if "####" in text else ():
        if _LONE_NUMBER.match(m[1].strip()) or not text[m.end() :].strip():
            yield m[1].strip()


def _ends_in(original: str, mark: str) -> bool:
    """Without a result to compare with: the last number, or words of the first or last sentence."""
    body = units(original)
    ends = [body[-1], body[0]] if body else []
    if has_signs(mark):
        return any(states(unit, mark) for unit in ends)
    if not quantities(face(mark)):
        words = re.compile(rf"(?<!\w){re.escape(face(mark).strip(' .*'))}(?!\w)", re.IGNORECASE)
        return any(words.search(unit) for unit in ends)
    numbers = [quantities(unit)[-1].value for unit in ends if quantities(unit)]
    return any(same_answer(number, mark) for number in numbers[:1])
