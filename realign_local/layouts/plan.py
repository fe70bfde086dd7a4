"""Layout-guided rewriting: criterion + response -> the parts of an answer for the engine.

The program writes what is known (the original's own words, list markers, openings); the model
writes only what needs words. Every block of the original lands in exactly one section, so nothing
can be lost by construction; the gates then look at what the model wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from realign_local.criteria import Criterion, Section
from realign_local.data.records import Sample
from realign_local.engine.request import Given, Span
from realign_local.gates.code_blocks import cut
from realign_local.gates.language import latin_language, scripts
from realign_local.layouts.anatomy import Block, as_snippet, named_language, take_apart
from realign_local.layouts.asked import plain_sentence
from realign_local.layouts.assign import Share, listed, share_out
from realign_local.layouts.changes import Change, find_changes, find_code_changes
from realign_local.layouts.cite import cite
from realign_local.layouts.demand import demand_of
from realign_local.layouts.kinds import named
from realign_local.layouts.motives import Motive
from realign_local.layouts.pieces import Piece, Plan, Stretch, shown_as
from realign_local.layouts.units import leads_in, sentences, stems
from realign_local.reasons import Reason

__all__ = [
    "NoPlan", "Piece", "Plan", "Stretch", "is_english", "plan_rewrite", "shown_as",
]  # fmt: skip

LABEL_TOKENS = 12
"""Room for a label of two to five words."""


@dataclass(frozen=True, slots=True)
class NoPlan:
    """Why this response is better left alone: a reason and a line for a person."""

    reason: Reason
    detail: str


def plan_rewrite(criterion: Criterion, sample: Sample, *, pick: int) -> Plan | NoPlan:
    """The plan for one row.

    `pick` chooses among a section's openings; it comes from the row's content, so that the choice
    does not depend on the order of the rows. The openings are English: a response in another
    language gets none (-1), and the model begins in its own words.
    """
    blocks = _blocks_of(sample, criterion)
    if not is_english(sample.original):
        pick = -1
    sections = [
        s for s in criterion.layout if s.suits(sample.original, evidence=bool(sample.evidence))
    ]
    if not is_bare(blocks):
        sections = [section for section in sections if not section.bare]
    shares = share_out(blocks, sections)
    if isinstance(shares, str):
        return NoPlan(Reason.FORMAT_NOT_MET, shares)
    pieces: list[Piece] = []
    for share in shares:
        body = list(_body(share, sample, blocks, pick=pick))
        if body and pieces:
            body.insert(0, Piece("given", Given("\n\n"), share.section.name))
        pieces += body
    if not _adds_anything(pieces, sample.original):
        return NoPlan(Reason.ALREADY_CONFORMS, "the layout would change nothing")
    return Plan(tuple(_without_echoes(piece, criterion) for piece in pieces))


def _without_echoes(piece: Piece, criterion: Criterion) -> Piece:
    """What restates a request in its own words must not take any from the worked examples."""
    if not piece.demand.restated or piece.demand.new_words is None:
        return piece
    openings = (example.rewritten.split("\n\n")[0] for example in criterion.examples)
    echoes = frozenset(stems(*openings) - piece.demand.known)
    return replace(piece, demand=replace(piece.demand, echoes=echoes))


def _blocks_of(sample: Sample, criterion: Criterion) -> tuple[Block, ...]:
    blocks = take_apart(sample.original)
    is_asked_for = criterion.layout[0].restates and any(s.part == "code" for s in criterion.layout)
    if is_asked_for and all(block.kind in ("paragraph", "other", "heading") for block in blocks):
        return as_snippet(sample.original, named_language(sample.instruction)) or blocks
    return blocks


def is_english(text: str) -> bool:
    latin = scripts(text).get("latin", 0) >= 0.5 * sum(scripts(text).values())
    return latin and latin_language(text) in ("", "en")


def is_bare(blocks: Sequence[Block]) -> bool:
    """Whether a response says at most one sentence beside its result, code or table."""
    prose = [block for block in blocks if block.kind not in ("code", "table", "answer")]
    told = [block for block in prose if not leads_in(block)]
    result = 0 if len(prose) < len(blocks) else 1
    return sum(len(sentences(block.text)) for block in told[result:]) <= 1


def _adds_anything(pieces: Sequence[Piece], original: str) -> bool:
    if any(isinstance(piece.part, Span) for piece in pieces):
        return True
    text = "".join(piece.part.text for piece in pieces if isinstance(piece.part, Given))
    return text.split() != original.split()


def _body(share: Share, sample: Sample, blocks: Sequence[Block], *, pick: int) -> Iterator[Piece]:
    match share.section.kind:
        case "write":
            yield from _write(share.section, sample, pick=pick)
        case "items":
            yield from _items(share)
        case "verbatim" if share.section.part == "evidence":
            yield from _cited(share.section, sample, pick=pick)
        case "verbatim":
            named = named_language(sample.instruction)
            text = "\n\n".join(block.shown_as(named) for block in share.blocks)
            if text:
                yield Piece("original", Given(text), share.section.name)
        case "changes":
            yield from _changes(share.section, sample, blocks, pick=pick)
        case "free":
            size = sum(len(block.text) for block in share.blocks)
            tokens = max(share.section.max_tokens, size // 2)
            yield Piece("model", Span(tokens, name="paragraph"), share.section.name)


def _write(section: Section, sample: Sample, *, pick: int) -> Iterator[Piece]:
    openings = section.openings if pick >= 0 else ()
    opening = openings[pick % len(openings)] if openings else ""
    plain = plain_sentence(section, sample, pick=pick) if pick >= 0 else ""
    if opening:
        yield Piece("given", Given(opening), section.name)
    bounds = Span(
        section.max_tokens, stop=("\n",), max_sentences=section.sentences, name="paragraph"
    )
    yield Piece("model", bounds, section.name, plain, demand_of(section, sample))


def _cited(section: Section, sample: Sample, *, pick: int) -> Iterator[Piece]:
    """A sentence of the evidence behind words that name its article; English only."""
    found = cite(sample) if pick >= 0 else None
    if found is None:
        return
    suited = [o for o in section.openings if ("{title}" in o) == bool(found.title)] or ["Evidence:"]
    opening = suited[pick % len(suited)].replace("{title}", found.title)
    yield Piece("given", Given(f"{opening} "), section.name)
    yield Piece("evidence", Given(found.text), section.name)


def _items(share: Share) -> Iterator[Piece]:
    name = share.section.name
    entries = listed(share.section, share.blocks)
    gap = ""
    for block in share.blocks:
        if block not in entries:
            yield Piece("original", Given(gap + block.shown), name)
        elif block is entries[0]:
            if gap:
                yield Piece("given", Given(gap), name)
            yield from _entries(share)
        gap = "\n\n"


def _entries(share: Share) -> Iterator[Piece]:
    section, name = share.section, share.section.name
    for place, unit in enumerate(share.units, start=1):
        marker = f"{place}. " if section.style == "numbered" else "- "
        start = marker if place == 1 else f"\n{marker}"
        text = ("\n" + " " * len(marker)).join(unit.split("\n"))
        if section.label == "label":
            yield Piece("given", Given(f"{start}**"), name)
            yield Piece("model", Span(LABEL_TOKENS, stop=(":", "**", "\n"), name="label"), name)
            yield Piece("given", Given(":** "), name)
        else:
            yield Piece("given", Given(start), name)
        yield Piece("original", Given(text), name)
        if section.label == "explain":
            yield Piece("model", _reason_span(section), name)


def _reason_span(section: Section) -> Span:
    return Span(section.max_tokens, stop=("\n",), max_sentences=1, name="reason")


def _changes(
    section: Section, sample: Sample, blocks: Sequence[Block], *, pick: int
) -> Iterator[Piece]:
    """The list of changes with a reason each; one sentence where they are too many to list."""
    code = "\n".join(_unfenced(block) for block in blocks if block.kind == "code")
    result = next((block.text for block in blocks if not leads_in(block)), "")
    changes = (
        find_code_changes(sample.instruction, code)
        if code
        else find_changes(sample.instruction, result)
    )
    if not changes and section.openings:
        yield from _write(section, sample, pick=pick)
    yield from _told(section, changes, code=bool(code), english=pick >= 0)


def _unfenced(block: Block) -> str:
    if block.language is not None:
        return block.text
    return "\n".join(part.text for part in cut(block.text).fenced) or block.text


def _told(
    section: Section, changes: Sequence[Change], *, code: bool, english: bool
) -> Iterator[Piece]:
    """Each change with its kind where the program knows it, else with the model's reason.

    Reasons for changes in code get no chance: no rule tells a true one from a false one.
    """
    for place, change in enumerate(changes):
        line = ("\n- " if place else "- ") + change.told(code=code)
        speaks = english and not code
        plain = named(change) if speaks else ""
        if speaks and not plain:
            yield Piece("given", Given(line), section.name)
            yield Piece("model", _reason_span(section), section.name, motive=Motive(change))
        else:
            told = f"{line} {plain}." if plain else line.removesuffix(":")
            yield Piece("given", Given(told), section.name)
