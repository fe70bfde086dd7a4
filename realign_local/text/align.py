"""Which units of the rewrite say what which units of the original say.

Most units of a faithful rewrite are the original's, word for word; those are taken off first and
cost nothing. What is left over is linked by shared words, and the gates look at the fine detail
(numbers, names, negation) within each link. Everything is bounded, so that no text can stall a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from realign_local.text.numbers.number_words import SMALL
from realign_local.text.segments import content, key, keys, plain, units, words

MAX_SUBSTRING_SIGNS = 20_000_000
MAX_COMPARED_PAIRS = 40_000
MAX_VALUED_WORDS = 10
SAME_ENOUGH = 0.5
LEAST_JOINED = 3
MAX_CUT = 400
"""Pairs of units that are compared sign by sign."""
JOINED_SHARE = 0.6
RESTATED_SHARE = 0.7
_JOINTS = " ;,.|"
_CONCLUDES = ("so ", "thus ", "hence ", "therefore ")


@dataclass(frozen=True, slots=True)
class UnitPair:
    """Units of the original and the units of the rewrite that stand in their place."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """What became of the original's units.

    `pairs` are worded differently; `missing` have no counterpart; `extra` are units of the rewrite
    alone; `closing` are those of them that follow the last unit that came from the original.
    `last_lost` says that the original's last unit is among the missing.
    """

    pairs: tuple[UnitPair, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    last_lost: bool = False


@lru_cache(maxsize=8)
def align(original: str, rewritten: str) -> Alignment:
    """Link the units of two texts; the same answer for the same texts, whatever came before."""
    before, after = units(original), units(rewritten)
    old, new = _unequal(keys(original), keys(rewritten))
    links = _contained(keys(original), keys(rewritten), old, new)
    linked_old = {i for i, _ in links}
    linked_new = {j for _, j in links}
    open_old = [i for i in old if i not in linked_old]
    links += _similar(before, after, open_old, [j for j in new if j not in linked_new])
    links += _joined_on(before, after, open_old, links, linked_new)
    links += _split_off(before, after, links, new)
    return _alignment(before, after, old, new, links)


def _joined_on(
    before: tuple[str, ...],
    after: tuple[str, ...],
    old: list[int],
    links: list[tuple[int, int]],
    copies: set[int],
) -> list[tuple[int, int]]:
    """Sentences that were joined to one that is there as it was: `A; B` of `A. B.`"""
    linked = {i for i, _ in links}
    left = [i for i in old if i not in linked]
    if not left or not copies or len(left) * len(copies) > MAX_COMPARED_PAIRS:
        return []
    rests: dict[int, frozenset[str]] = {}
    for j in copies:
        texts = tuple(before[i] for i, new in links if new == j)
        bag = words(" ".join(_cut(UnitPair(texts, (after[j],))).after))
        if len(bag) >= LEAST_JOINED:
            rests[j] = bag
    found = []
    for i in left:
        wanted = words(before[i])
        closest = max(rests, key=lambda j: len(wanted & rests[j]), default=-1)
        if closest >= 0 and len(wanted & rests[closest]) >= JOINED_SHARE * len(wanted):
            found.append((i, closest))
    return found


def _copy(unit: str, text: str) -> str:
    """The unit as it stands in the text, with a capital or without; "" where it does not."""
    for written in (unit, unit[0].lower() + unit[1:]):
        at = text.find(written)
        if at == 0 or (at > 0 and not (text[at - 1].isalpha() and text[at - 1] < "\u2e80")):
            return written
    return ""


def without_copies(pair: UnitPair) -> UnitPair:
    """The pair without those of several units that stand in the rewrite as they were."""
    few = len(pair.before) * len(pair.after) <= MAX_CUT
    return _cut(pair) if len(pair.before) > 1 and few else pair


def _cut(pair: UnitPair) -> UnitPair:
    before, after = [*pair.before], [*pair.after]
    for unit in pair.before:
        bare = key(unit) or unit
        at = next((n for n, text in enumerate(after) if _copy(bare, text)), -1)
        if at >= 0:
            before.remove(unit)
            after[at] = after[at].replace(_copy(bare, after[at]), "", 1).strip(_JOINTS)
    return UnitPair(tuple(before), tuple(filter(None, after)))


def _split_off(
    before: tuple[str, ...], after: tuple[str, ...], links: list[tuple[int, int]], new: list[int]
) -> list[tuple[int, int]]:
    """A part of a sentence that has become an item of its own: `and |a| = 3`."""
    linked = {j: i for i, j in links}
    found = []
    for j in new:
        if j not in linked and (i := _valued(before, after, j, linked)) >= 0:
            found.append((i, j))
            linked[j] = i
            continue
        if j not in linked and (i := linked.get(j - 1, -1)) >= 0 and _is_rest(before[i], after, j):
            found.append((i, j))
            linked[j] = i
            continue
        goes_on = after[j][0].islower() and not after[j].startswith(_CONCLUDES)
        i = linked.get(j - 1 if goes_on else j + 1, -1)
        if i < 0 or j in linked or not (goes_on or after[j].endswith(":")):
            continue
        bag = content(after[j])
        if bag <= content(before[i]) or (not goes_on and _said(bag) <= content(before[i])):
            found.append((i, j))
            linked[j] = i
    return found


def _is_rest(unit: str, after: tuple[str, ...], j: int) -> bool:
    """Whether all that it says was said in the unit, and not in the part before it."""
    bag = content(after[j])
    return bag <= content(unit) - content(after[j - 1])


def _valued(before: tuple[str, ...], after: tuple[str, ...], j: int, linked: dict[int, int]) -> int:
    """The original unit of which a label with numbers alone is a part: `Area: 59,947 km²`.

    Its words may all be new; it stands beside another part, and has no number but that unit's.
    """
    if not (":" in after[j] or " | " in after[j]) or len(after[j].split()) > MAX_VALUED_WORDS:
        return -1
    numbers = {word for word in words(after[j]) if word[0].isdigit()}
    if not numbers:
        return -1
    beside = (linked.get(j - 1, -1), linked.get(j + 1, -1))
    return next((i for i in beside if i >= 0 and numbers <= words(before[i])), -1)


def _said(bag: frozenset[str]) -> frozenset[str]:
    """The words without the numbers, which may be written as words elsewhere."""
    return frozenset(word for word in bag if not word[0].isdigit())


def _unequal(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """The places of the keys that are not in the other text."""
    places: dict[str, list[int]] = {}
    for j in range(len(after) - 1, -1, -1):
        places.setdefault(after[j], []).append(j)
    old, taken = [], set()
    for i, unit in enumerate(before):
        found = places.get(unit)
        if found:
            taken.add(found.pop())
        else:
            old.append(i)
    return old, [j for j in range(len(after)) if j not in taken]


def _contained(
    before: tuple[str, ...], after: tuple[str, ...], old: list[int], new: list[int]
) -> list[tuple[int, int]]:
    """Links to units whose key holds an original one's, such as a step behind a label."""
    size = sum(len(after[j]) for j in new)
    if not old or not new or size * len(old) > MAX_SUBSTRING_SIGNS:
        return []
    links = []
    for i in old:
        if len(before[i]) > 3:
            links += [(i, j) for j in new if _copy(before[i], after[j])][:1]
    return links


def _similar(
    before: tuple[str, ...], after: tuple[str, ...], old: list[int], new: list[int]
) -> list[tuple[int, int]]:
    """Links by shared words: each original unit takes the units that together cover it.

    A short unit that has no word of its own ("No commute") is a part of what it was cut out of.
    """
    if len(old) * len(new) > MAX_COMPARED_PAIRS:
        return [(i, j) for i in old for j in new[:1]] + [(i, j) for i in old[:1] for j in new]
    bags = {j: content(after[j]) for j in new}
    links: list[tuple[int, int]] = []
    taken: set[int] = set()
    for i in old:
        cover = _cover(content(before[i]), bags, taken)
        taken.update(cover)
        if cover:
            held = words(before[i])
            parts = [j for j in new if j not in taken and words(after[j]) - SMALL <= held]
            taken.update(parts)
            cover += parts
        links += [(i, j) for j in cover]
    return links


def _cover(wanted: frozenset[str], bags: dict[int, frozenset[str]], taken: set[int]) -> list[int]:
    """The closest unit first, then each one that covers at least two more of the wanted words."""
    likeness = {j: _likeness(wanted, bag) for j, bag in bags.items()}
    ranked = sorted(bags, key=lambda j: (-likeness[j], j in taken, j))
    closest = next((j for j in ranked if _speaks_of(wanted, bags[j])), None)
    if closest is None:
        return []
    cover, open_words = [closest], wanted - bags[closest]
    for j in (j for j in ranked if j != closest):
        gain = len(open_words & bags[j])
        if gain >= 2 and 2 * len(wanted & bags[j]) >= len(bags[j]):
            cover.append(j)
            open_words -= bags[j]
    return cover


def _likeness(wanted: frozenset[str], bag: frozenset[str]) -> float:
    """Jaccard index, so that a longer unit is no better than one that fits."""
    shared = len(wanted & bag)
    return shared / (len(wanted) + len(bag) - shared) if shared else 0.0


def _speaks_of(wanted: frozenset[str], bag: frozenset[str]) -> bool:
    shared = len(wanted & bag)
    if shared >= SAME_ENOUGH * len(wanted):
        return shared > 0
    return shared >= 2 and shared >= 0.6 * len(bag)


def _alignment(
    before: tuple[str, ...],
    after: tuple[str, ...],
    old: list[int],
    new: list[int],
    links: list[tuple[int, int]],
) -> Alignment:
    linked_old = {i for i, _ in links}
    linked_new = {j for _, j in links}
    missing = [i for i in old if i not in linked_old]
    extra = [j for j in new if j not in linked_new]
    open_new = set(extra)
    last_from_original = max((j for j in range(len(after)) if j not in open_new), default=-1)
    return Alignment(
        pairs=tuple(
            UnitPair(tuple(before[i] for i in group_old), tuple(after[j] for j in group_new))
            for group_old, group_new in _groups(links)
        ),
        missing=tuple(before[i] for i in missing),
        extra=tuple(after[j] for j in extra),
        closing=tuple(after[j] for j in extra if j > last_from_original),
        last_lost=bool(missing) and missing[-1] == len(before) - 1,
    )


def _groups(links: list[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    """Connected components of the links, in the order of the original."""
    group_of: dict[tuple[str, int], int] = {}
    groups: list[tuple[set[int], set[int]]] = []
    for i, j in links:
        a, b = group_of.get(("old", i)), group_of.get(("new", j))
        home = a if a is not None else b
        if home is None:
            home = len(groups)
            groups.append((set(), set()))
        groups[home][0].add(i)
        groups[home][1].add(j)
        group_of["old", i] = group_of["new", j] = home
        if a is not None and b is not None and a != b:
            _merge(groups, group_of, b, home)
    return [(sorted(old), sorted(new)) for old, new in groups if old]


def _merge(
    groups: list[tuple[set[int], set[int]]],
    group_of: dict[tuple[str, int], int],
    gone: int,
    home: int,
) -> None:
    for side, name in ((0, "old"), (1, "new")):
        for member in groups[gone][side]:
            group_of[name, member] = home
        groups[home][side].update(groups[gone][side])
        groups[gone][side].clear()


@lru_cache(maxsize=64)
def echo_of(extra: str, texts: tuple[str, ...], *, questions: bool = True) -> str:
    """The sentence of the texts that an added sentence restates almost whole, or "".

    Without `questions`, sentences that ask are left out.
    """
    bag = content(extra)
    needed = RESTATED_SHARE * len(bag)
    if len(bag) < 3 or len(bag & _vocabulary(texts)) < needed:
        return ""
    support = [u for text in texts for u in units(text) if questions or not u.endswith("?")]
    best = max(support[:200], key=lambda unit: _likeness(bag, content(unit)), default="")
    return best if len(bag & content(best)) >= needed else ""


@lru_cache(maxsize=16)
def _vocabulary(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(words(plain(text)) for text in texts))


def nearly_equal(pair: UnitPair) -> bool:
    """One unit against one unit of which all words but one, or seven in ten, are the same."""
    if len(pair.before) != 1 or len(pair.after) != 1:
        return False
    a, b = words(pair.before[0]), words(pair.after[0])
    shared = len(a & b)
    if shared and len(a) <= shared + 1 and len(b) <= shared + 1:
        return True
    return shared >= 0.7 * max(len(a), len(b), 1)
