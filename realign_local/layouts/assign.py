"""Share the blocks of a response out among the sections of a layout, each block exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from realign_local.criteria import Section
from realign_local.gates.refusal import refuses
from realign_local.layouts.anatomy import Block
from realign_local.layouts.units import leads_in, units_of

PROSE = ("paragraph", "other")

_TAKES: dict[str, tuple[str, ...]] = {
    "code": ("code",),
    "table": ("table",),
    "answer": ("answer",),
    "list_items": ("list",),
    "steps": ("list",),
}
"""What a part takes by its kind; the most specific parts choose first."""


@dataclass(frozen=True, slots=True)
class Share:
    """A section with its blocks; `units` are the entries of an `items` section."""

    section: Section
    blocks: tuple[Block, ...]
    units: tuple[str, ...] = ()


def share_out(blocks: Sequence[Block], sections: Sequence[Section]) -> tuple[Share, ...] | str:
    """The shares in the layout's order, or one line that says what the layout misses.

    An optional `items` section that would have too few entries steps back, and its blocks go to
    the sections that take what is left.
    """
    chosen = list(sections)
    while True:
        shares = [
            _share(section, held)
            for section, held in zip(chosen, _owned(blocks, chosen), strict=True)
        ]
        short = next((s for s in shares if _is_short(s)), None)
        if short is None:
            break
        if not short.section.optional:
            return _complaint(short)
        chosen.remove(short.section)
    missing = next((s for s in shares if _is_missing(s)), None)
    return _complaint(missing) if missing else tuple(shares)


def listed(section: Section, blocks: Sequence[Block]) -> list[Block]:
    """The blocks of an `items` section that become entries: its lists if it has any, else prose."""
    lists = [block for block in blocks if block.kind == "list"]
    if section.part in ("steps", "list_items") and lists:
        return lists
    return [block for block in blocks if block.kind in (*PROSE, "list", "heading")]


def _share(section: Section, blocks: Sequence[Block]) -> Share:
    units = units_of(listed(section, blocks), section.part) if section.kind == "items" else ()
    return Share(section, tuple(blocks), units)


def _is_short(share: Share) -> bool:
    if share.section.kind != "items" or (share.section.optional and not share.blocks):
        return False
    has_own = any(block.kind == "list" for block in share.blocks)
    least = 1 if has_own and share.section.optional else share.section.min_items
    return len(share.units) < least


def _is_missing(share: Share) -> bool:
    section = share.section
    return section.kind == "verbatim" and not share.blocks and not section.optional


def _complaint(share: Share) -> str:
    if share.section.kind == "items":
        found = len(share.units)
        return f"{share.section.name}: needs {share.section.min_items} parts, found {found}"
    return f"{share.section.name}: the response has no {share.section.part}"


def _owned(blocks: Sequence[Block], sections: Sequence[Section]) -> list[list[Block]]:
    owner: dict[int, int] = {}
    for part, kinds in _TAKES.items():
        if kinds != ("list",) or _may_be_claimed(blocks, sections, part):
            _claim(owner, blocks, _first(sections, part), kinds)
    _claim_plain_prose(owner, blocks, sections)
    for part in ("answer", "result", "refusal", "body", "all"):
        _claim_text(owner, blocks, sections, part)
    _give_rest(owner, blocks, sections)
    return [[blocks[b] for b in sorted(owner) if owner[b] == n] for n in range(len(sections))]


def _first(sections: Sequence[Section], part: str) -> int | None:
    return next((number for number, s in enumerate(sections) if s.part == part), None)


def _claim(
    owner: dict[int, int], blocks: Sequence[Block], number: int | None, kinds: Sequence[str]
) -> None:
    """Blocks of these kinds for a section, unless it would change their order."""
    if number is None:
        return
    for place, block in enumerate(blocks):
        if block.kind in kinds and place not in owner and _in_order(owner, place, number):
            owner[place] = number


def _in_order(owner: Mapping[int, int], place: int, number: int) -> bool:
    return all(
        taken <= number if other < place else taken >= number for other, taken in owner.items()
    )


def _may_be_claimed(blocks: Sequence[Block], sections: Sequence[Section], part: str) -> bool:
    """Whether the response's list may become the entries of a section.

    Two lists are two things (ingredients and instructions) and stay apart. Numbers are not
    exchanged for bullets where the list can stay as it is.
    """
    lists = [block for block in blocks if block.kind == "list"]
    bullets = any(s.part == part and s.style == "bullets" for s in sections)
    keeps_numbers = bullets and _first(sections, "rest") is not None
    return len(lists) == 1 and not (keeps_numbers and lists[0].ordered)


def _claim_plain_prose(
    owner: dict[int, int], blocks: Sequence[Block], sections: Sequence[Section]
) -> None:
    """Prose becomes entries only where there is nothing else but a marked answer: a response with
    lists, code or headings of its own has a shape already, and its parts belong where they are.
    So has one in which a later paragraph announces what follows."""
    if any(block.kind not in (*PROSE, "answer") for block in blocks):
        return
    has_rest = _first(sections, "rest") is not None
    if has_rest and any(leads_in(block) for block in blocks[1:]):
        return
    for part in ("terms", "list_items", "steps", "sentences", "paragraphs"):
        number = _first(sections, part)
        if number is not None and len(blocks) > 1 and leads_in(blocks[0]):
            before = [n for n, s in enumerate(sections[:number]) if s.part == "rest"]
            owner.update((0, n) for n in before[:1])
        _claim(owner, blocks, number, PROSE)


def _claim_text(
    owner: dict[int, int], blocks: Sequence[Block], sections: Sequence[Section], part: str
) -> None:
    """Result, answer and refusal: the first block that is left, with what announces it; body and
    all: whatever is left."""
    number = _first(sections, part)
    if number is None or number in owner.values():
        return
    if part == "answer" and sections[number].optional:
        return
    if part == "refusal" and not refuses(" ".join(block.text for block in blocks)):
        return
    free = [place for place in range(len(blocks)) if place not in owner]
    whole = part in ("body", "all") or not any(s.part == "rest" for s in sections)
    announced = part == "result" and len(free) > 1 and leads_in(blocks[free[0]])
    for place in free if whole else free[: 1 + announced]:
        owner[place] = number


def _give_rest(owner: dict[int, int], blocks: Sequence[Block], sections: Sequence[Section]) -> None:
    """What is left goes to a `rest` section between its neighbours' sections, so that the
    original's order is kept; where there is none, to the section of a neighbour."""
    rests = [number for number, s in enumerate(sections) if s.part == "rest"]
    holders = [n for n, s in enumerate(sections) if s.part not in ("", "evidence")] or [0]
    before = -1
    for place in range(len(blocks)):
        if place not in owner:
            after = next((owner[p] for p in range(place, len(blocks)) if p in owner), -1)
            owner[place] = _between(before, after, rests, holders)
        before = max(before, owner[place])


def _between(before: int, after: int, rests: Sequence[int], holders: Sequence[int]) -> int:
    """The section for a block by those of its neighbours (-1: none); prose amid code stays."""
    if before == after >= 0:
        return before
    last = after if after >= 0 else max([*rests, before])
    fitting = [number for number in rests if before <= number <= last]
    if fitting:
        return fitting[0]
    return max(before, after) if max(before, after) >= 0 else holders[-1]
