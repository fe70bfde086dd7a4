"""What an original says for or against its points, or allows and forbids, in its sentences.

`A drawback is that it fouls the air` leaves no choice of the heading that the point may stand
under. Only what is said so is used: a sentence that names its side itself, one that is set against
the sentence before it, a ban, a permission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from realign_local.text.order.ordering import pattern, says
from realign_local.text.outline import MAX_SIGNS, Piece, label_of
from realign_local.text.segments import FUNCTION_WORDS, content, plain, units, words

OPPOSITE = {"pro": "con", "con": "pro", "do": "dont", "dont": "do"}
MAX_COMPARED = 100_000
LEAST_SIGNS = 2
"""Words that tell a point have more; pronouns and articles of most languages have not."""
LEAST_COVERED = 0.6
"""The share of a point's words that must stand in the clause that it was taken from."""
LEAST_AHEAD = 0.3
"""And how much of them any other clause must lack."""
MOST_ANNOUNCING = 9
"""Words of a sentence over a list that names a side: `It has its drawbacks, however:`."""
LEAST_POINTS = 2
"""Points of a clause under one heading, before one under the other is out of place."""


@dataclass(frozen=True, slots=True)
class Point:
    """An item of the rewrite, the heading over it, and the clause that it was made of."""

    text: str
    heading: str
    side: str
    clause: int


def misplaced(pieces: Sequence[Piece], text: str) -> Iterator[tuple[str, str, str]]:
    """Points that stand under the opposite of what the text says: point, heading, clause."""
    headed = [(piece, *found) for piece in pieces if (found := _side(piece))]
    if not headed or len(text) > MAX_SIGNS:
        return
    clauses = _clauses(text)
    if len(headed) * len(clauses) > MAX_COMPARED:
        return
    bags = [words(clause) for clause in clauses]
    points = [
        Point(piece.text, heading, side, at)
        for piece, heading, side in headed
        if (at := _made_of(piece.text, bags)) is not None
    ]
    wrong = [p for p in points if _is_against(p, clauses[p.clause], points)]
    wrong += _against_the_rest(points, clauses)
    wrong += _in_the_other_part(points, clauses)
    for point in wrong:
        yield point.text, point.heading, clauses[point.clause]


def takes_sides(found: Sequence[str]) -> bool:
    """Whether one of the units is a heading that takes a side."""
    return any(
        pattern(f"{side}_heading").fullmatch(label_of(u)) for u in found for side in OPPOSITE
    )


def _side(piece: Piece) -> tuple[str, str] | None:
    """The innermost heading that takes a side, and the side."""
    if not piece.text or piece.kind == "label" or piece.run[-1] == ":":
        return None
    for label in reversed(piece.labels):
        sides = [side for side in OPPOSITE if pattern(f"{side}_heading").fullmatch(label)]
        named = _said_side(label) if len(label.split()) <= MOST_ANNOUNCING else ""
        if sides or named:
            return label, sides[0] if sides else named
    return None


def _clauses(text: str) -> list[str]:
    """The sentences, cut where another side begins: `, but`, `and do not`."""
    found: list[str] = []
    for unit in units(plain(text)):
        lowered = unit.lower()
        turns = (m.start() for m in pattern("turns").finditer(lowered))
        starts = sorted({0, *turns, *_bans_behind(lowered)})
        ends = [*starts[1:], len(lowered)]
        found += [lowered[a:b] for a, b in zip(starts, ends, strict=True) if lowered[a:b].strip()]
    return found


_BREAK = re.compile(r"[;:；：]")
_JOINT = re.compile(
    r"[,;:，、；：] *(?:(?:and|und|et|y|e|en|i|a|и) +)?|\b(?:and|und|et|y|e|en|i|и) +"
)


def _bans_behind(lowered: str) -> Iterator[int]:
    """Where a ban begins behind a comma or an `and`."""
    bans = pattern("bans")
    yield from (m.start() for m in _JOINT.finditer(lowered) if bans.match(lowered, m.end()))


def _made_of(point: str, bags: Sequence[frozenset[str]]) -> int | None:
    """The one clause that has the words of the point."""
    bag = frozenset(word for word in content(point) if len(word) > LEAST_SIGNS) or content(point)
    if bag <= FUNCTION_WORDS:
        return None
    shares = sorted(((len(bag & other) / len(bag), at) for at, other in enumerate(bags)))
    best, at = shares[-1]
    second = shares[-2][0] if len(shares) > 1 else 0.0
    return at if best >= LEAST_COVERED and best - second >= LEAST_AHEAD else None


def _is_against(point: Point, clause: str, points: Sequence[Point]) -> bool:
    """Whether the clause itself says the opposite of the heading."""
    if point.side in ("pro", "con"):
        return _said_side(clause) == OPPOSITE[point.side]
    if says("bans", point.text) or says("doubts", clause):
        return False
    start = _start_in(clause, point.text)
    if point.side == "do":
        return _is_banned(clause, start)
    together = any(p.clause == point.clause and p.side == "do" for p in points)
    permission = pattern("allows").search(clause)
    if not permission or says("bans", clause):
        return False
    return together or says("allows", point.text) or 0 <= start - permission.end() <= 1


def _is_banned(clause: str, start: int) -> bool:
    """A ban reaches the point: up to the next comma or `and`, over all that an `or` joins.

    `Glass, wool and bones are not to go in` forbids all of them; `do not rub it, dab it` does not.
    """
    ban = pattern("bans").search(clause)
    if not ban:
        return False
    if ban.start() > start:
        return ban.end() >= len(clause.rstrip(" .!。！"))
    between, behind = clause[ban.end() : start], clause[ban.end() :]
    if _BREAK.search(between):
        return False
    if says("allows", between.partition(",")[2]):
        return False
    return not _JOINT.search(between) or says("allows", behind) or says("either", behind)


def _start_in(clause: str, point: str) -> int:
    """Where the point begins in the clause: word for word, or with a word that comes once."""
    if (whole := clause.find(point)) >= 0:
        return whole
    found = ([*re.finditer(rf"(?<!\w){re.escape(word)}", clause)] for word in point.split())
    alone = (spots[0].start() for spots in found if len(spots) == 1 and len(spots[0][0]) > 1)
    return next(alone, len(clause))


def _said_side(clause: str) -> str:
    """`pro` or `con`, if the clause names one of them; `few drawbacks` names none."""
    found = {side: pattern(f"names_{side}").search(clause) for side in ("pro", "con")}
    named = [(side, m) for side, m in found.items() if m]
    if len(named) != 1 or says("few", clause[: named[0][1].start()]):
        return ""
    return named[0][0]


def _against_the_rest(points: Sequence[Point], clauses: Sequence[str]) -> Iterator[Point]:
    """Two clauses, one set against the other, whose points stand under the opposite headings."""
    for at in range(1, len(clauses)):
        if not (says("turns", clauses[at]) or _said_side(clauses[at])):
            continue
        here = [p for p in points if p.clause == at and p.side in ("pro", "con")]
        before = [p for p in points if p.clause == at - 1 and p.side in ("pro", "con")]
        own, other = _said_side(clauses[at]) or _majority(here), _majority(before)
        if bool(own) != bool(other):  # the one side is plain, and the other has points of both
            own, other = own or OPPOSITE[other], other or OPPOSITE[own]
        if own and other == OPPOSITE[own]:
            yield from (p for p in here if p.side != own)
            yield from (p for p in before if p.side == own)


def _in_the_other_part(points: Sequence[Point], clauses: Sequence[str]) -> Iterator[Point]:
    """Where one clause announces what is for it, and another one what is against it.

    What is told behind the one and before the other is of its side, unless it turns there.
    """
    named = [(at, side) for at, clause in enumerate(clauses) if (side := _said_side(clause))]
    if len(named) != 2 or named[0][1] == named[1][1]:
        return
    (start, first), (turn, second) = named
    for point in points:
        own = first if start <= point.clause < turn else second if point.clause >= turn else ""
        if own and point.side == OPPOSITE[own] and not says("turns", clauses[point.clause]):
            yield point


def _majority(points: Sequence[Point]) -> str:
    """The side of at least two of the points and most of them, or ""."""
    for side in ("pro", "con"):
        same = sum(p.side == side for p in points)
        if same >= LEAST_POINTS and 2 * same > len(points):
            return side
    return ""
