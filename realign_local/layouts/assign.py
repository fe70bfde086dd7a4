"""Share the blocks of a response out among the sections of a layout, each block exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realign_local.criteria import Section
from realign_local.gates.refusal import refuses
from realign_local.layouts.anatomy import Block
from realign_local.layouts.units import units_of

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
    if share.section.kind != "items":
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
        _claim(owner, blocks, _first(sections, part), kinds)
    _claim_plain_prose(owner, blocks, sections)
    for part in ("answer", "result", "refusal", "body", "all"):
        _claim_text(owner, blocks, sections, part)
    _give_rest(owner, len(blocks), sections)
    return [[blocks[b] for b in sorted(owner) if owner[b] == n] for n in range(len(sections))]


def _first(sections: Sequence[Section], part: str) -> int | None:
    return next((number for number, s in enumerate(sections) if s.part == part), None)


def _claim(
    owner: dict[int, int], blocks: Sequence[Block], number: int | None, kinds: Sequence[str]
) -> None:
    if number is None:
        return
    for place, block in enumerate(blocks):
        if block.kind in kinds:
            owner.setdefault(place, number)


def _claim_plain_prose(
    owner: dict[int, int], blocks: Sequence[Block], sections: Sequence[Section]
) -> None:
    """Prose becomes entries only where there is nothing else but a marked answer: a response with
    lists, code or headings of its own has a shape already, and its parts belong where they are."""
    if any(block.kind not in (*PROSE, "answer") for block in blocks):
        return
    leads_in = len(blocks) > 1 and blocks[0].text.rstrip().endswith((":", "："))
    for part in ("steps", "list_items", "sentences", "paragraphs"):
        number = _first(sections, part)
        if number is not None and leads_in and any(s.part == "rest" for s in sections[:number]):
            owner.setdefault(0, next(n for n, s in enumerate(sections) if s.part == "rest"))
        _claim(owner, blocks, number, PROSE)


def _claim_text(
    owner: dict[int, int], blocks: Sequence[Block], sections: Sequence[Section], part: str
) -> None:
    """Result, answer and refusal: the first block that is left; body and all: whatever is left."""
    number = _first(sections, part)
    if number is None or number in owner.values():
        return
    if part == "answer" and sections[number].optional:
        return
    if part == "refusal" and not refuses(" ".join(block.text for block in blocks)):
        return
    free = [place for place in range(len(blocks)) if place not in owner]
    whole = part in ("body", "all") or not any(s.part == "rest" for s in sections)
    for place in free if whole else free[:1]:
        owner[place] = number


def _give_rest(owner: dict[int, int], count: int, sections: Sequence[Section]) -> None:
    """What is left goes to the `rest` section nearest behind the block before it, so that the
    original's order is kept as far as the layout allows; without one, to that block's section."""
    rests = [number for number, s in enumerate(sections) if s.part == "rest"]
    holders = rests or [n for n, s in enumerate(sections) if s.part not in ("", "evidence")] or [0]
    before = -1
    for place in range(count):
        if place not in owner:
            later = [number for number in rests if number > before]
            owner[place] = later[0] if later else (before if before >= 0 else holders[-1])
        before = max(before, owner[place])
