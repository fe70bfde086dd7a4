"""Numbers that trade places: each one stands beside its own words in the rewrite as well."""

from __future__ import annotations

import re
from collections.abc import Iterable

from realign_local.base.reasons import Reason
from realign_local.gates.gate import Verdict, fail
from realign_local.text.align import UnitPair
from realign_local.text.numbers.number_dates import month_of
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.quantity import Quantity
from realign_local.text.numbers.units import same_kind, unit_of
from realign_local.text.segments import FUNCTION_WORDS, IDEOGRAPH, WORD, plain, units, words

_COUNTED = re.compile(r"[ -]([^\W\d_]+)")
_VARIABLE = re.compile(r"(?<!\w)([A-Za-z]) ?&?= ?-?$")
_LABELLED = re.compile(r"(?:^|(?<= ; ))([^\W\d_]{3,20}):")
_HEADED = re.compile(r"(?:^|(?<= \| )|(?<= ; ))([^\W\d_]{3,20}):? (?=\d)")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_LABEL_END = re.compile(r"[^:;|\n]{0,24}(?::(?!\d)| \| )")
_NO_NAMING = FUNCTION_WORDS | {"st", "nd", "rd", "th"}
_BARE_VALUE = re.compile(r"(?:(?<=: )|(?<=\| ))([^|\n:]{1,40}?)(?= *\||$)", re.MULTILINE)
_ROW_LABEL = re.compile(r"[|\s*-]*[^|:]*")
MOST_BARE = 4
LEAST_SAID = 2
MAX_LABEL_SIGNS = 32
MAX_COMPARED = 500
MAX_UNIT_SIGNS = 3
"""A unit that is written in signs is no word beside the next number: `21 g` says nothing of 50."""


def exchanged(
    pair: UnitPair, before: tuple[Quantity, ...], after: tuple[Quantity, ...]
) -> Verdict | None:
    """The same words with the same numbers between them, but in another order."""
    if len(pair.before) != 1 or len(pair.after) != 1:
        return None
    old, new = [q.value for q in before], [q.value for q in after]
    if old == new or sorted(old) != sorted(new):
        return None
    if _without_digits(pair.before[0]) not in _without_digits(pair.after[0]):
        return None
    return fail(Reason.NUMBER_LOST, pair.after[0], detail="numbers trade places")


def _without_digits(unit: str) -> str:
    return _DIGITS.sub("#", unit).strip(" .,:;")


def labelled_otherwise(
    pair: UnitPair, before: tuple[Quantity, ...], after: tuple[Quantity, ...]
) -> Verdict | None:
    """`At 8 in summer, at 9 in winter`, of which `Summer: at 9` is left.

    Labels and numbers alternate in the original, so that each number has one label.
    """
    text_before, text_after = " ; ".join(pair.before), " ; ".join(pair.after)
    labels = {m[1].lower(): m for m in _LABELLED.finditer(text_after)}
    lowered = text_before.lower()
    spots = {label: [m.start() for m in _word(label).finditer(lowered)] for label in labels}
    named = [(found[0], label, True) for label, found in spots.items() if len(found) == 1]
    values = [q.value for q in before]
    if len(named) < LEAST_SAID or len(named) != len(values) or len(set(values)) < len(values):
        return None
    row = sorted([*named, *((q.start, q.value, False) for q in before)])
    couples = list(zip(row[::2], row[1::2], strict=True))
    if any(one[2] == other[2] for one, other in couples):
        return None
    owner = dict((b[1], a[1]) if a[2] else (a[1], b[1]) for a, b in couples)
    for quantity in after:
        over = [label for label, m in labels.items() if m.start() <= quantity.start]
        here = max(over, key=lambda label: labels[label].start(), default="")
        own = owner.get(quantity.value, here)
        if here in spots and own != here:
            return fail(Reason.NUMBER_LOST, text_after, detail=f"{quantity.raw} was of {own}")
    return None


def counted_otherwise(
    pair: UnitPair, before: tuple[Quantity, ...], after: tuple[Quantity, ...]
) -> Verdict | None:
    """`21 g protein, 50 g fat`, of which `Protein: 50 g` and `Fat: 21 g` are left, or two cells."""
    text_before, text_after = " ; ".join(pair.before), " ; ".join(pair.after)
    heads = {m.end(): m[1].lower() for m in _HEADED.finditer(text_after)}
    for quantity in after if len(heads) > 1 else ():
        same = [q for q in before if (q.value, q.unit) == (quantity.value, quantity.unit)]
        counted = _COUNTED.match(text_before, same[0].end) if len(same) == 1 else None
        head = heads.get(quantity.start, "")
        noun = counted[1].lower() if counted else head
        if head and noun != head and noun in heads.values():
            return fail(Reason.NUMBER_LOST, text_after, detail=f"{quantity.raw} was {noun}")
    return None


def _word(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(label)}(?!\w)")


def said_of_another(pair: UnitPair, rewritten: str) -> Verdict | None:
    """Only the numbers of a unit are left in its place; what it says of them stands elsewhere."""
    old, new = ({*_naming(" ".join(side))} for side in (pair.before, pair.after))
    old, new = ({w for w in named if not w.startswith("month")} for named in (old, new))
    if len(old) < LEAST_SAID or not new or not old.isdisjoint(new):
        return None
    others = (unit for unit in units(rewritten) if unit not in pair.after)
    if any(old <= {*_naming(other)} for other in others):
        return fail(Reason.NUMBER_LOST, pair.after[0], detail="numbers trade places")
    return None


def out_of_order(
    pair: UnitPair,
    before: tuple[Quantity, ...],
    after: tuple[Quantity, ...],
    added: list[Quantity],
    request: str,
) -> Verdict | None:
    """Numbers that trade places: in another order, and one has none of its words beside it.

    Its words may be those of the request as well.
    """
    new = {id(q) for q in added}
    kept = [q for q in after if id(q) not in new]
    in_order = [q.value for q in before] == [q.value for q in kept] or _runs_on(before, after)
    if in_order or len(before) > MAX_COMPARED:
        return None
    text_before, text_after = " ; ".join(pair.before), " ; ".join(pair.after)
    there: dict[str, set[str]] = {q.value: set() for q in before}
    for q in after:
        if q.value in there:
            there[q.value] |= _neighbours(text_after, q)
    for quantity in before:
        if quantity.value.startswith("month") or _is_told_by_unit(quantity, before):
            continue
        near = _neighbours(text_before, quantity)
        others = there[quantity.value]
        if near and near.isdisjoint(others):
            if not others.isdisjoint(_asked_beside(request, quantity)):
                continue
            return fail(
                Reason.NUMBER_LOST, text_after, detail=f"{quantity.raw} is out of its place"
            )
    return None


def _runs_on(before: tuple[Quantity, ...], after: tuple[Quantity, ...]) -> bool:
    """Whether all of them come in their order, though some come once more between them."""
    rest = iter([q.value for q in after])
    return all(q.value in rest for q in before)


def _is_told_by_unit(quantity: Quantity, others: tuple[Quantity, ...]) -> bool:
    """The only number with a unit of this kind can trade places with no other one."""
    rest = [other.unit for other in others if other is not quantity]
    return bool(quantity.unit) and all(u and not same_kind(u, quantity.unit) for u in rest)


def said_elsewhere(
    lost: Iterable[Quantity], before: tuple[Quantity, ...], text: str, extra: tuple[str, ...]
) -> dict[Quantity, Quantity]:
    """The numbers that a heading or line of the rewrite's own says now, of the same thing.

    Of equal numbers any one may be the one that moved: `(4 persone)` over `4 tuorli`.
    """
    wanted = {(q.value, q.unit) for q in lost}
    there: dict[tuple[str, str], set[str]] = {}
    for unit in extra if wanted else ():
        for q in quantities(unit):
            if (q.value, q.unit) in wanted:
                there.setdefault((q.value, q.unit), set()).update(_beside(unit, q))
    moved: dict[tuple[str, str], Quantity] = {}
    for q in before:
        kind = (q.value, q.unit)
        if kind in there and kind not in moved and _beside(text, q) & there[kind]:
            moved[kind] = q
    return {q: moved[q.value, q.unit] for q in lost if (q.value, q.unit) in moved}


def are_bare_values(found: Iterable[Quantity], unit: str, original: str, rewritten: str) -> bool:
    """Whether each number is all that a cell or a label holds: `Price: $20`, `| 20 |`.

    Its label is a word of the unit, or a new one that puts a name to what the unit says.
    """
    given, own, values = words(plain(original)), words(unit), set[tuple[str, str]]()
    for line in plain(rewritten).split("\n"):
        label = words(_ROW_LABEL.findall(line)[0]) - _NO_NAMING
        if label & given and not label & own:
            continue
        for value in _BARE_VALUE.findall(line):
            held = quantities(value) if len(value.split()) <= MOST_BARE else ()
            values |= {(q.value, q.unit) for q in held} if len(held) == 1 else set()
    return all((q.value, q.unit) in values for q in found)


def _neighbours(text: str, quantity: Quantity) -> set[str]:
    return _labelled(text, quantity) | _beside(text, quantity)


def _beside(text: str, quantity: Quantity) -> set[str]:
    counted = _COUNTED.match(text, quantity.end)
    if counted and not quantity.unit and counted[1].lower() not in FUNCTION_WORDS:
        return {*_naming(counted[1])}
    variable = _VARIABLE.search(text[max(0, quantity.start - 40) : quantity.start])
    if variable:
        return {f"{variable[1]}="}
    left = _naming(text[max(0, quantity.start - 40) : quantity.start])
    right = _naming(text[quantity.end : quantity.end + 60])
    if right and IDEOGRAPH.match(right[0]):  # a clause, and not a word
        right = right[:1]
    return {*left[-1:], *right[:2], *_row_name(text, quantity)}


def _row_name(text: str, quantity: Quantity) -> list[str]:
    start = text.rfind(" ; ", 0, quantity.start)
    name, bar, _ = text[start + 3 if start >= 0 else 0 : quantity.start].partition(" | ")
    return _naming(name) if bar else []


def _asked_beside(request: str, quantity: Quantity) -> set[str]:
    """The words beside the same number in the request."""
    text = plain(request)
    same = (q for q in quantities(text) if q.value == quantity.value)
    return set().union(*(_neighbours(text, q) for q in same))


def _labelled(text: str, quantity: Quantity) -> set[str]:
    """What stands behind `1977:` or in the row of `3 May 1977 |`: a label is said of all of it."""
    start = text.rfind(" ; ", 0, quantity.start) + 1
    label = _LABEL_END.match(text, quantity.end)
    if not label or label.end() - start > MAX_LABEL_SIGNS:
        return set()
    if any(not word.startswith("month") for word in _naming(text[start : label.end()])):
        return set()
    end = text.find(" ; ", quantity.end)
    return {*_naming(text[label.end() : end if end > 0 else len(text)])}


def _naming(text: str) -> list[str]:
    """The words that can say what a number is about, each month by its number."""
    named = ((month_of(word), word.lower()) for word in WORD.findall(text))
    found = [f"month{month}" if month else word for month, word in named]
    return [
        word
        for word in found
        if word not in _NO_NAMING
        and not word[0].isdigit()
        and not (len(word) <= MAX_UNIT_SIGNS and unit_of(word))
    ]
