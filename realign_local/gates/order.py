"""Order and attachment: steps stay in their order, and what hung on a label still hangs on it.

A rewrite may open a list, group what belongs together, set a table, or tell the result first. It
may not turn a ranking round, take steps backwards, or list under *Cons* what stood under *Pros*.
What is there word for word is compared; steps and points that were put in other words only where
the original says itself how they are ordered, or which side they are on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text import attached
from realign_local.text.align import align
from realign_local.text.beside import owned
from realign_local.text.order import sided
from realign_local.text.order.contrasts import contrasts_turned
from realign_local.text.order.ordering import says
from realign_local.text.order.ranks_told import told_at_another_rank
from realign_local.text.order.remarks import only_remark_moved
from realign_local.text.order.told_order import moved, told_before, told_steps
from realign_local.text.order.turned_round import turned_round
from realign_local.text.order.verdicts import judged_otherwise
from realign_local.text.outline import Piece, outline
from realign_local.text.segments import keys, words

_LISTED = re.compile(r"^[ \t]*(?:[-*+] +)?\(?(\d{1,3})[.)](?=\s)", re.MULTILINE)
_YEAR = re.compile(r"\b(1\d{3}|20\d\d)\b")
LEAST_PARALLEL = 3
LEAST_SIGNS = 2
"""A word that tells one step from another has more; the small words of any language have not."""
LEAST_PAST = 0.6
"""From this share of sentences on that tell of what was, a text is a tale."""


def check(case: Case) -> Verdict:
    """Fail where pieces that mean something by their order come in another, or hang elsewhere."""
    before = keys(case.original)
    if not before:
        return NOT_APPLICABLE
    if _plainly_in_order(before, case):
        return PASS
    old, new = outline(case.original), outline(case.rewritten)
    found = chain(
        _moved(old, new),
        _said_again(old, new),
        _out_of_order(old, new, case),
        _turned_steps(new, case),
        _moved_steps(case),
        _turned_round(case),
        _traded(old, new, case),
        _ranked_otherwise(new, case),
        _on_the_wrong_side(new, case),
    )
    return next(found, PASS)


def _plainly_in_order(before: tuple[str, ...], case: Case) -> bool:
    """A quick yes for what most rewrites are: all units as they were, and none with a new number.

    Labels are units, too. Numbers of items are none; they may begin anew, but never fall.
    """
    aligned = align(case.original, case.rewritten)
    if aligned.pairs or aligned.missing or "|" in case.rewritten:
        return False
    if sided.takes_sides(aligned.extra):
        return False
    after = iter(keys(case.rewritten))
    if not all(unit in after for unit in before):
        return False
    numbers = [int(n) for n in _LISTED.findall(case.rewritten)]
    return numbers[:1] in ([], [1]) and all(b > a or b == 1 for a, b in pairwise(numbers))


# --- what hangs on what --------------------------------------------------------------------------


def _moved(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Verdict]:
    """A piece that hangs on a label of the original that was another's, and lost its own."""
    was, now = _labels(old), _labels(new)
    known = frozenset().union(*was.values()) if was else frozenset()
    for text, labels in was.items():
        hangs = now.get(text)
        if not hangs:
            continue
        lost, gained = labels - hangs, (hangs - labels) & known - {text}
        if lost and gained:
            one, other = min(lost), min(gained)
            yield _drift(text, f"this stood under {one!r} and now stands under {other!r}")
    cells, other_cells = _cells(old), _cells(new)
    held = frozenset(cells.values())
    for place, text in cells.items():
        found = other_cells.get(place, text)
        if found != text and found in held:
            yield _drift(found, f"this cell held {text!r}")


def _traded(old: Sequence[Piece], new: Sequence[Piece], case: Case) -> Iterator[Verdict]:
    for value, owner, label in attached.traded(new, case.rewritten, case.original):
        yield _drift(value, f"this was said of {owner!r} and is now said of {label!r}")
    for word, owner, label in owned.strayed(new, case.original):
        yield _drift(word, f"this was said of {owner!r} and is now said of {label!r}")
    for value, label, owner in attached.traded(old, case.original, case.rewritten):
        yield _drift(value, f"this stood under {owner!r} and is now said of {label!r}")


def _ranked_otherwise(new: Sequence[Piece], case: Case) -> Iterator[Verdict]:
    for name, before in attached.ranked(new, case.original):
        yield _drift(name, f"this was told before {before!r}")
    for name, rank in told_at_another_rank(new, case.original):
        yield _drift(name, f"this was number {rank}")
    for one, other in attached.redated(case.original, case.rewritten):
        yield _drift(one, f"what was told of {one} is now told of {other}")


def _on_the_wrong_side(new: Sequence[Piece], case: Case) -> Iterator[Verdict]:
    for point, heading, clause in sided.misplaced(new, case.original):
        yield _drift(point, f"this stands under {heading!r} and was told in {clause.strip()!r}")


def _labels(pieces: Sequence[Piece]) -> dict[str, frozenset[str]]:
    """The labels over each text, wherever it stands."""
    found: dict[str, set[str]] = {}
    for piece in pieces:
        if piece.text:
            found.setdefault(piece.text, set()).update(filter(None, piece.labels))
    return {text: frozenset(labels) for text, labels in found.items()}


def _cells(pieces: Sequence[Piece]) -> dict[frozenset[str], str]:
    """What stands where a row and a column meet; rows and columns may trade places."""
    return {
        frozenset(piece.labels[-2:]): piece.text
        for piece in pieces
        if piece.run[0] == "|" and len(piece.run) == 3 and len(piece.labels) > 1
    }


# --- what comes after what -----------------------------------------------------------------------


def _out_of_order(old: Sequence[Piece], new: Sequence[Piece], case: Case) -> Iterator[Verdict]:
    places: dict[str, list[int]] = {}
    for place, piece in enumerate(new):
        places.setdefault(piece.text, []).append(place)
    for run in _runs(old, places):
        chosen = [places[piece.text] for piece in run]
        if _rises(chosen):
            if (number := _falling_number(run, [new[spots[0]] for spots in chosen])) is not None:
                yield _drift(number.text, f"this is number {number.number} now")
        elif not _may_be_reordered(run, [spots[0] for spots in chosen], new, case):
            yield _drift(_first_turned(run, chosen), "this stood in another order")


def _turned_steps(new: Sequence[Piece], case: Case) -> Iterator[Verdict]:
    """Numbered items that the original tells in another order, in sentences or otherwise."""
    if _LISTED.search(case.original):
        return
    listed = (
        [p.text for p in run if p.run[0] in ("*", "|") and p.run[-1] != ":"]
        for run in _numbered(new)
    )
    for items in (*listed, told_steps(case.rewritten)):
        if turned := told_before(items, case.original):
            yield _drift(turned[0], f"{turned[1]!r} was told before this")


def _moved_steps(case: Case) -> Iterator[Verdict]:
    if _LISTED.search(case.rewritten) and not _LISTED.search(case.original):
        for step, before in moved(case.original, case.rewritten):
            yield _drift(step, f"this was told before {before!r}")


def _turned_round(case: Case) -> Iterator[Verdict]:
    if why := judged_otherwise(case.original, case.rewritten):
        yield _drift(case.rewritten, why)
    for span in contrasts_turned(case.original, case.rewritten):
        yield _drift(span, "two words of a contrast have changed places")
    for span, why in turned_round(case.original, case.rewritten):
        yield _drift(span, why)


def _said_again(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Verdict]:
    """Numbered answers of which some are the same, such as `1. Fact 2. Opinion 3. Fact`."""
    now = [[piece.text for piece in run] for run in _numbered(new)]
    for run in _numbered(old):
        texts = [piece.text for piece in run]
        if len(set(texts)) == len(texts):
            continue
        alike = [other for other in now if sorted(other) == sorted(texts)]
        if alike and texts not in alike:
            at = next(n for n, (a, b) in enumerate(zip(texts, alike[0], strict=True)) if a != b)
            yield _drift(alike[0][at], f"this was {texts[at]!r}")


def _numbered(pieces: Sequence[Piece]) -> list[list[Piece]]:
    runs: dict[tuple[object, ...], list[Piece]] = {}
    for piece in pieces:
        if piece.number:
            runs.setdefault(piece.run, []).append(piece)
    return [run for run in runs.values() if len(run) > 1]


def _runs(old: Sequence[Piece], places: dict[str, list[int]]) -> Iterator[list[Piece]]:
    """Pieces side by side that the rewrite still has, without those that come more than once."""
    found: dict[tuple[object, ...], list[Piece]] = {}
    for piece in old:
        if piece.text and piece.text in places:
            found.setdefault(piece.run, []).append(piece)
    for pieces in found.values():
        often = Counter(piece.text for piece in pieces)
        alone = [piece for piece in pieces if often[piece.text] == 1]
        if len(alone) > 1:
            yield alone


def _rises(chosen: Sequence[Sequence[int]]) -> bool:
    """Whether each piece can be found after the one before."""
    last = -1
    for spots in chosen:
        place = next((spot for spot in spots if spot > last), None)
        if place is None:
            return False
        last = place
    return True


def _falling_number(run: Sequence[Piece], now: Sequence[Piece]) -> Piece | None:
    """A piece that follows another and has the lower number, in one list or table."""
    for (old, new), (old_next, new_next) in pairwise(zip(run, now, strict=True)):
        if not (new.number and new_next.number and new.run[0] == new_next.run[0]):
            continue
        began_anew = new_next.number == 1 and new.run != new_next.run and now[0].number == 1
        if old.number < old_next.number and new_next.number < new.number and not began_anew:
            return new_next
    return None


def _first_turned(run: Sequence[Piece], chosen: Sequence[Sequence[int]]) -> str:
    return next(
        (b.text for (a, x), (b, y) in pairwise(zip(run, chosen, strict=True)) if y[0] < x[0]),
        run[0].text,
    )


def _may_be_reordered(
    run: Sequence[Piece], spots: list[int], new: Sequence[Piece], case: Case
) -> bool:
    """Whether the order of the pieces says nothing, or the new one is that of a faithful layout."""
    kind = run[0].kind
    asked = _is_sequence(run, case)
    if kind == "part":
        return not (asked or all(new[spot].kind == "numbered" for spot in spots))
    if kind in ("bullet", "cell", "label") and not asked:
        return True
    if _result_first(run, spots, new) or _is_set_apart(run, spots, new):
        return True
    if asked and kind == "prose" and only_remark_moved(run, [new[spot] for spot in spots], spots):
        return True
    tale = asked or (kind == "prose" and _is_tale(run, case))
    if tale:
        return False
    if kind == "prose" and (_told_first(run, spots, new) or _is_parallel(run, spots, new)):
        return True
    return _grouped(spots, new)


def _is_sequence(run: Sequence[Piece], case: Case) -> bool:
    if run[0].kind == "prose" and not any(piece.number for piece in run):
        return says("sequence", case.instruction) and not _is_calculation(run)
    numbered = run[0].kind == "prose"
    return numbered or says("sequence", " ".join((*run[0].labels, case.instruction)))


def _is_calculation(run: Sequence[Piece]) -> bool:
    return any("=" in piece.text for piece in run)


def _is_tale(run: Sequence[Piece], case: Case) -> bool:
    """Whether the sentences tell what happened, one thing after the other."""
    if _is_calculation(run):
        return False
    if says("tale", case.instruction) or _tells_time(case.original):
        return True
    years = [int(m[1]) for piece in run if (m := _YEAR.search(piece.text))]
    if len(years) > 1 and years == sorted(set(years)):
        return True
    past = [piece for piece in run if says("past", piece.text)]
    leaning = any(says("leans", piece.text) for piece in run[1:])
    return leaning and len(past) >= LEAST_PAST * len(run)


def _tells_time(original: str) -> bool:
    """Whether a sentence begins with `then` and the like; `finally` may open the last of a list."""
    *others, last = keys(original)
    if says("time", last) and not says("closes", last):
        return True
    return any(says("time", sentence) for sentence in others)


def _result_first(run: Sequence[Piece], spots: list[int], new: Sequence[Piece]) -> bool:
    """The last piece gives the result and is told before the others, outside of their list."""
    result, told = run[-1], new[spots[-1]]
    if told.number or not _rises([[spot] for spot in spots[:-1]]):
        return False
    return says("result", result.text) or (result.kind == "prose" and _is_calculation(run))


def _is_set_apart(run: Sequence[Piece], spots: list[int], new: Sequence[Piece]) -> bool:
    """One sentence stands before or behind a numbered list under a label of its own: `Note:`."""
    for pick in (max, min):
        apart = pick(range(len(run)), key=spots.__getitem__)
        note, others = new[spots[apart]], [spot for at, spot in enumerate(spots) if at != apart]
        own = set(note.labels) - set(run[apart].labels)
        listed = all(new[spot].number and own.isdisjoint(new[spot].labels) for spot in others)
        if own and not note.number and listed and others == sorted(others):
            return True
    return False


def _grouped(spots: list[int], new: Sequence[Piece]) -> bool:
    """The pieces stand in groups with labels, each of them in order."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for spot in spots:
        if new[spot].number:
            return False
        groups.setdefault(new[spot].labels, []).append(spot)
    in_order = all(group == sorted(group) for group in groups.values())
    return in_order and 1 < len(groups) < len(spots) and all(groups)


def _is_parallel(run: Sequence[Piece], spots: list[int], new: Sequence[Piece]) -> bool:
    """Sentences that say the same of one thing after the other: entries of a list without order."""
    if len(run) < LEAST_PARALLEL or any(new[spot].number for spot in spots):
        return False
    shared = frozenset[str].intersection(*(words(piece.text) for piece in run))
    return len(shared) > 1 and not any(says("leans", piece.text) for piece in run)


def _told_first(run: Sequence[Piece], spots: list[int], new: Sequence[Piece]) -> bool:
    """Some sentences that lean on none before them stand first, and all others are as they were.

    They stand before a list, not as the first of its items.
    """
    order = sorted(range(len(run)), key=spots.__getitem__)
    first, second = new[spots[order[0]]], new[spots[order[1]]]
    if first.kind != "prose" and first.run == second.run:
        return False
    size = next((n for n in range(1, len(run)) if order[n] != order[0] + n), len(run))
    few = size == 1 or 2 * size <= len(run)
    return few and order[size:] == sorted(order[size:]) and not says("leans", run[order[0]].text)


def _drift(span: str, detail: str) -> Verdict:
    return fail(Reason.MEANING_DRIFT, span, detail=detail)
