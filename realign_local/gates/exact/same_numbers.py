"""Numbers: each one of the original is there with sign and unit, and none comes from nowhere."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from realign_local.base.reasons import Reason
from realign_local.gates.exact.number_operators import no_operator_lost, same_operators
from realign_local.gates.exact.number_places import (
    are_bare_values,
    counted_otherwise,
    exchanged,
    labelled_otherwise,
    out_of_order,
    said_elsewhere,
    said_of_another,
)
from realign_local.gates.exact.number_rewordings import (
    fractions_as_decimals,
    is_other_version,
    ordinal_of,
    put_in_digits,
    put_in_words,
    said_twice,
    unit_at_the_other_end,
)
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.gates.known_numbers import KnownNumbers
from realign_local.text.align import Alignment, UnitPair, align, echo_of, nearly_equal
from realign_local.text.beside import turned_tables
from realign_local.text.math_forms import wrong_equations
from realign_local.text.numbers.number_dates import month_of
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.number_marks import (
    comma_is_decimal,
    has_mark,
)
from realign_local.text.numbers.number_words import ranges_in_digits
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import same_unit
from realign_local.text.segments import CALCULATOR, content, key, plain, units, words

_MARK_SIGNS = str.maketrans({" ": "", "×": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-"})
_DIGIT = re.compile(r"\d")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)
_HIRAGANA = re.compile("[\u3040-\u309f]")
_TABLE_ROW = re.compile(r"^[ \t]*\|(?!\s*:?-)", re.MULTILINE)
_NEXT_WORD = re.compile(r" ([^\W\d_]+)")
"""Of `- **9. Oktober**`, which is no number of an item."""
_LIST_NUMBER = re.compile(
    r"^[ \t]*(?:[-*+•] |#{1,6} )?(?:[*_]{2})?(?:[^\W\d_]{2,12} |[#(\[])?(\d{1,2})[.):\]]{1,2}"
    r"(?:[*_]{2})?(?=\s)",
    re.MULTILINE,
)
_MIXED = re.compile(r"(?<![\d/.,])\d{1,4} +\d{1,3}/\d{1,3}(?![\d/]|[.,]\d)")
"""`1 1/2` is one number, which neither 1 nor 1/2 bears out."""
_NUMBERED_LABEL = re.compile(r"([A-Za-z]{2,12}) (\d{1,2})")
_COMPLEXITY = re.compile(r"\b[OΘΩ]\([^()\n]{1,30}\)")
_MULTIPLE = re.compile(r"[ -]?(?:times|fold|fois|veces|volte|vezes|раза?)\b", re.IGNORECASE)
MAX_SEARCHED = 500
"""Units among which a number is looked for that is no longer in its place."""
MAX_OPEN_LISTS = 20
SMALL_COUNT = 12
"""Number words up to a dozen count parts and steps (`in two steps`); nobody states results so."""


def check(case: Case) -> Verdict:
    """Fail on a lost, changed, displaced or added number, on an equation that no longer holds."""
    case = _in_sentences(case)
    aligned = align(case.original, case.rewritten)
    for verdict in _verdicts(case, aligned):
        if verdict:
            return verdict
    return PASS if _DIGIT.search(case.original) else NOT_APPLICABLE


def _in_sentences(case: Case) -> Case:
    """A table of one text alone is read as sentences are, with what its heads say of each cell."""
    if ("|" in case.original) == ("|" in case.rewritten):
        return case
    original = turned_tables.told(case.original, case.rewritten)
    return replace(
        case, original=original, rewritten=turned_tables.told(case.rewritten, case.original)
    )


def _verdicts(case: Case, aligned: Alignment) -> Iterable[Verdict | None]:
    comma = _comma_is_decimal(case)
    yield _calculator_marks(case) or _numbering(case)
    if not aligned.pairs and not aligned.extra and not aligned.missing:
        return
    support = KnownNumbers(case, comma)
    for pair in aligned.pairs:
        yield _pair(pair, support, aligned)
    for unit in aligned.missing:
        yield _missing(unit, case, comma, aligned.extra)
    for unit in aligned.extra:
        if _is_numbered_label(unit, case):
            continue
        found = quantities(_MIXED.sub(_in_decimals, unit), comma)
        found = tuple(q for q in found if not support.is_worked_out(q, unit))
        yield _added(found, support) or _multiple(unit, found, support)
        yield _echo(unit, case, comma) if found else None
        yield said_twice(unit, comma) if found else None
    yield _equations(case, aligned)


def _comma_is_decimal(case: Case) -> bool:
    """Asked only where it matters; a short original leaves it to the request."""
    if not has_mark(case.original) and not has_mark(case.rewritten):
        return False
    return comma_is_decimal(plain(case.original), plain(case.instruction), plain(case.rewritten))


def _calculator_marks(case: Case) -> Verdict | None:
    """`<<48/2=24>>` may go, but one that is there must be one of the original's."""
    if "<<" not in case.rewritten or "<<" not in case.original:
        return None
    known = [mark.translate(_MARK_SIGNS) for mark in CALCULATOR.findall(case.original)]
    for mark in CALCULATOR.findall(case.rewritten):
        if mark.translate(_MARK_SIGNS) not in known:
            return fail(
                Reason.NUMBER_LOST, mark, detail="a calculation differs from the original's"
            )
        known.remove(mark.translate(_MARK_SIGNS))
    return None


def _numbering(case: Case) -> Verdict | None:
    """A numbered list that is out of order, and was not so in the original."""
    open_lists: list[int] = []
    for m in _LIST_NUMBER.finditer(case.rewritten):
        number = int(m[1])
        expected = number == 1 or not open_lists or not {number - 1, number}.isdisjoint(open_lists)
        behind = None if expected else _NEXT_WORD.match(case.rewritten, m.end())
        if behind and month_of(behind[1]):
            continue
        if not expected and m[0].strip() not in case.original:
            return fail(Reason.FORMAT_NOT_MET, m[0], detail="the list is numbered out of order")
        if number - 1 in open_lists:
            del open_lists[len(open_lists) - 1 - open_lists[::-1].index(number - 1) :]
        open_lists = [*open_lists[-MAX_OPEN_LISTS:], number]
    return None


def _pair(pair: UnitPair, support: KnownNumbers, aligned: Alignment) -> Verdict | None:
    text_before, text_after = " ; ".join(pair.before), " ; ".join(pair.after)
    before = quantities(text_before, support.comma)
    after = quantities(text_after, support.comma)
    lost, new = _difference(before, after)
    if lost or new:
        text_before, text_after = map(fractions_as_decimals, (text_before, text_after))
        text_before, text_after = (
            ranges_in_digits(text_before, text_after),
            ranges_in_digits(text_after, text_before),
        )
        before = quantities(text_before, support.comma)
        after = quantities(text_after, support.comma)
        lost, new = _difference(before, after)
    worded = _worded(lost, before, text_before, text_after)
    shared = unit_at_the_other_end(lost, text_after, after)
    again: set[Quantity] = set()
    known = {q.value for q in before}
    kept = known.issuperset(q.value for q in new) and not nearly_equal(pair)
    elsewhere = (_elsewhere(pair, lost, support) if lost and kept else ()) or aligned.extra
    moved = said_elsewhere(lost, before, text_before, elsewhere)
    if lost and kept and all(map(support.is_as_often, lost)):
        given, now = support.case.original, support.case.rewritten
        lost = [] if are_bare_values(lost, text_before, given, now) else lost
    lost = [q for q in lost if q not in worded and q not in shared and q not in moved]
    lost = [q for q in lost if not (q.start == 0 and _numbers_a_row(q, support.case.rewritten))]
    if lost and kept and "=" in text_after:
        there = _units(after)
        told = _units([q for q in before if not _in_formula(text_before, q)])
        again = {q for q in lost if _is_among(q, told) and _is_among(q, there)}
        lost = [q for q in lost if q not in again]
    lost = lost or [q for q in before if is_other_version(q, text_before, after)]
    if lost:
        return fail(Reason.NUMBER_LOST, text_after, detail=f"{lost[0].raw} is lost or changed")
    full = set(shared.values())
    new = [q for q in new if q not in full]
    added = [q for q in new if not put_in_digits(q, text_before, text_after)]
    added = [q for q in added if not support.is_worked_out(q, text_after)]
    if verdict := _added(added, support) or _multiple(text_after, added, support):
        return verdict
    if added and (word := support.word_lost(text_before, text_after)):
        return fail(Reason.NUMBER_LOST, text_after, detail=f"{word} is lost or changed")
    if nearly_equal(pair) and added and key(pair.after[0]) not in plain(support.case.original):
        return fail(
            Reason.NUMBER_ADDED, text_after, detail=f"{added[0].raw} is new in this sentence"
        )
    gone = {*worded, *again, *moved.values()}
    counted = tuple(q for q in before if q not in gone)
    return (
        exchanged(pair, before, after)
        or labelled_otherwise(pair, before, after)
        or counted_otherwise(pair, before, after)
        or (said_of_another(pair, support.case.rewritten) if before else None)
        or out_of_order(pair, counted, after, new, support.case.instruction)
        or same_operators(pair, text_before, text_after)
        or no_operator_lost(pair, text_before, text_after, not (lost or new))
    )


def _elsewhere(pair: UnitPair, lost: list[Quantity], support: KnownNumbers) -> tuple[str, ...]:
    """The rewrite's other units, where it has each lost number as often as the original."""
    body = units(support.case.rewritten)
    if len(body) > MAX_SEARCHED or not all(map(support.is_as_often, lost)):
        return ()
    return tuple(unit for unit in body if unit not in pair.after)


def _numbers_a_row(quantity: Quantity, rewritten: str) -> bool:
    """`2 question` is the row `| 2 | question |`, whose number is none of its cells."""
    row = rf"^[ \t]*\|[ *]*{re.escape(quantity.raw)}[.)*]* *\|"
    return not quantity.unit and bool(re.search(row, rewritten, re.MULTILINE))


def _in_formula(text: str, quantity: Quantity) -> bool:
    """Beside a sign of arithmetic: what is said once more in words may be said once."""
    around = text[max(0, quantity.start - 2) : quantity.start], text[quantity.end :][:2]
    return any(sign in part for part in around for sign in "+-*/=^~√")


def _units(found: Iterable[Quantity]) -> dict[str, set[str]]:
    """The units of each value."""
    by_value: dict[str, set[str]] = {}
    for quantity in found:
        by_value.setdefault(quantity.value, set()).add(quantity.unit)
    return by_value


def _is_among(quantity: Quantity, others: dict[str, set[str]]) -> bool:
    units_there = others.get(quantity.value, set())
    if not quantity.unit:
        return bool(units_there)
    return any(same_unit(quantity.unit, unit) for unit in units_there)


def _worded(
    lost: list[Quantity], before: tuple[Quantity, ...], text_before: str, text_after: str
) -> set[Quantity]:
    """Of several equal numbers any one may be the one that is a word now."""
    wanted, found = {(q.value, q.unit) for q in lost}, set[tuple[str, str]]()
    for q in before:
        kind = (q.value, q.unit)
        if kind in wanted and kind not in found and put_in_words(q, text_before, text_after):
            found.add(kind)
    return {q for q in lost if (q.value, q.unit) in found}


def _difference(
    before: Iterable[Quantity], after: Iterable[Quantity]
) -> tuple[list[Quantity], list[Quantity]]:
    """Quantities of the one side alone; a unit may be gained, never lost or changed."""
    rest: dict[str, dict[str, deque[Quantity]]] = {}
    for q in after:
        rest.setdefault(q.value, {}).setdefault(q.unit, deque()).append(q)
    lost = [quantity for quantity in before if not _taken(quantity, rest.get(quantity.value, {}))]
    added = {id(q) for by_unit in rest.values() for same in by_unit.values() for q in same}
    return lost, [quantity for quantity in after if id(quantity) in added]


def _taken(quantity: Quantity, by_unit: dict[str, deque[Quantity]]) -> bool:
    """Take the match off: the first with the same unit, or with any if no unit could be lost."""
    fitting = [unit for unit in by_unit if same_unit(unit, quantity.unit)]
    fitting = fitting or ([] if quantity.unit else list(by_unit))
    if not fitting:
        return False
    unit = min(fitting, key=lambda unit: by_unit[unit][0].start)
    by_unit[unit].popleft()
    if not by_unit[unit]:
        del by_unit[unit]
    return True


def _added(found: Iterable[Quantity], support: KnownNumbers) -> Verdict | None:
    for quantity in found:
        if (
            quantity.value.startswith("id:")
            or support.holds(quantity)
            or _harmless(quantity, support)
        ):
            continue
        return fail(Reason.NUMBER_ADDED, quantity.raw, detail=f"{quantity.raw} comes from nowhere")
    return None


def _multiple(unit: str, found: Iterable[Quantity], support: KnownNumbers) -> Verdict | None:
    """`Twelve times faster` is a measured result, however small the number."""
    for quantity in found:
        multiple = quantity.spelled and _MULTIPLE.match(unit, quantity.end)
        if multiple and not support.holds(quantity):
            detail = f"{quantity.raw + multiple[0]} comes from nowhere"
            return fail(Reason.NUMBER_ADDED, unit, detail=detail)
    return None


def _harmless(quantity: Quantity, support: KnownNumbers) -> bool:
    """Small counts in words, and the sizes in `O(n^2)`."""
    if quantity.spelled:
        return "." not in quantity.value and int(quantity.value) <= SMALL_COUNT
    return any(quantity.raw in size for size in _COMPLEXITY.findall(support.case.rewritten))


def _missing(unit: str, case: Case, comma: bool, extra: tuple[str, ...]) -> Verdict | None:
    """A unit with numbers and without counterpart is lost, unless others say the same."""
    unit_as_said, unit = unit, fractions_as_decimals(unit)
    found = quantities(unit, comma)
    values = {q.value for q in found}
    if not values or are_bare_values(found, unit, case.original, case.rewritten):
        return None
    if not any(word[0].isalpha() for word in content(unit)) and _runs_through(unit, case, comma):
        return None
    if _only_counts_the_list(unit, values, case) or _is_scattered(unit, extra, comma):
        return None
    wanted = {word for word in content(unit) if not word[0].isdigit()}
    for other in map(fractions_as_decimals, units(case.rewritten)):
        same_words = len(wanted & content(other)) >= 0.75 * len(wanted)
        if same_words and values <= {q.value for q in quantities(other, comma)}:
            return None
    return fail(Reason.NUMBER_LOST, unit_as_said, detail="a part with numbers is left out")


def _is_scattered(unit: str, extra: tuple[str, ...], comma: bool) -> bool:
    """`It lives in Peru and weighs 20 kg`, in the lines `Home: Peru` and `Weight: 20 kg`."""
    said = [q for other in extra for q in quantities(other, comma)]
    if not said or _difference(quantities(unit, comma), said)[0]:
        return False
    wanted = {word for word in content(unit) if not word[0].isdigit()}
    held = frozenset[str]().union(*map(words, extra))
    return len(wanted & held) >= 0.5 * len(wanted)


def _only_counts_the_list(unit: str, values: set[str], case: Case) -> bool:
    """`There are 3: the train, the bus and the boat`, above a list or table of these three."""
    rows = len(_TABLE_ROW.findall(case.rewritten))
    listed = {str(len(_LIST_ITEM.findall(case.rewritten))), str(rows), str(rows - 1)}
    if len(values) > 1 or not values <= listed:
        return False
    wanted = {w for w in content(unit) if not (w[0].isdigit() or _HIRAGANA.match(w))}
    return len(wanted & words(plain(case.rewritten))) >= 0.6 * len(wanted)


def _runs_through(unit: str, case: Case, comma: bool) -> bool:
    """Whether the numbers of a list without words follow one another in the rewrite's units."""
    wanted = [q.value for q in quantities(unit, comma)]
    found = [q.value for other in units(case.rewritten) for q in quantities(other, comma)]
    size = len(wanted)
    return any(found[at : at + size] == wanted for at in range(len(found) - size + 1))


def _is_numbered_label(unit: str, case: Case) -> bool:
    """`Day 2`, of what the original calls the second day."""
    label = _NUMBERED_LABEL.fullmatch(unit)
    ordinal = ordinal_of(label[2]) if label and units(case.rewritten).count(unit) == 1 else ""
    return bool(
        label and ordinal and re.search(rf"\b{ordinal} {label[1]}\b", case.original, re.IGNORECASE)
    )


def _in_decimals(mixed: re.Match[str]) -> str:
    return fractions_as_decimals(mixed[0])


def _echo(unit: str, case: Case, comma: bool) -> Verdict | None:
    """A given sentence said again, with another number in it."""
    echo = echo_of(unit, (case.instruction, case.original))
    if not echo or not nearly_equal(UnitPair((echo,), (unit,))):
        return None
    lost, added = _difference(quantities(echo, comma), quantities(unit, comma))
    if lost and added:
        return fail(Reason.NUMBER_LOST, unit, detail=f"{lost[0].raw} has become {added[0].raw}")
    return None


def _equations(case: Case, aligned: Alignment) -> Verdict | None:
    """An equation that is wrong in the rewrite and nowhere in the original."""
    suspects = [unit for pair in aligned.pairs for unit in pair.after] + list(aligned.extra)
    wrong = [equation for unit in suspects for equation in wrong_equations(unit)]
    if not wrong:
        return None
    known = {_squeezed(equation) for equation in wrong_equations(plain(case.original))}
    new = [equation for equation in wrong if _squeezed(equation) not in known]
    return fail(Reason.NUMBER_LOST, new[0], detail="this no longer adds up") if new else None


def _squeezed(equation: str) -> str:
    return equation.replace(" ", "")
