"""Layout-guided rewriting: criterion + response -> the parts of an answer for the engine.

The program writes what is known (the original's own words, list markers, openings); the model
writes only what needs words. Every block of the original lands in exactly one section, so nothing
can be lost by construction; the gates then look at what the model wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from realign_local.criteria import Criterion, Section
from realign_local.data.records import Sample
from realign_local.engine.request import Given, Part, Span
from realign_local.gates.code_blocks import cut
from realign_local.gates.language import latin_language, scripts
from realign_local.layouts.anatomy import Block, named_language, take_apart
from realign_local.layouts.assign import Share, listed, share_out
from realign_local.layouts.changes import Change, find_changes, find_code_changes
from realign_local.layouts.units import sentences
from realign_local.reasons import Reason

Origin = Literal["given", "original", "model"]

LABEL_TOKENS = 12
"""Room for a label of two to five words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the answer: where its words come from, and the section (by number) it is in."""

    origin: Origin
    part: Part
    section: int

    @property
    def is_prose(self) -> bool:
        """Whether the model writes sentences here, not a label."""
        return isinstance(self.part, Span) and self.part.name != "label"

    @property
    def is_paragraph(self) -> bool:
        """Whether the model's words are a section of their own, with an opening at most."""
        return isinstance(self.part, Span) and self.part.name == "paragraph"


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole answer as pieces; `compose` turns the engine's texts back into one response."""

    pieces: tuple[Piece, ...]

    @property
    def answer(self) -> tuple[Part, ...]:
        """What the engine is given."""
        return tuple(piece.part for piece in self.pieces)

    def compose(
        self, texts: Sequence[str], *, cut_off: bool = False
    ) -> tuple[tuple[Origin, str], ...]:
        """(origin, text) pairs of the finished response, without what came to nothing.

        `cut_off` says that a span reached its bound: what the model wrote then counts up to its
        last whole sentence. A paragraph of which nothing is left goes with its opening; a label or
        a reason that stayed empty makes its candidate fail at the gates instead.
        """
        whole = finished_words if cut_off else str.rstrip
        filled = [
            (piece, whole(text) if piece.is_prose else text)
            for piece, text in zip(self.pieces, texts, strict=True)
        ]
        dead = {
            piece.section
            for piece, text in filled
            if piece.is_prose and piece.is_paragraph and not says_something(text)
        }
        return _trimmed([(p.origin, t) for p, t in filled if p.section not in dead])


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
    blocks = take_apart(sample.original)
    if not _is_english(sample.original):
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
    for number, share in enumerate(shares):
        body = list(_body(share, sample, blocks, number, pick=pick))
        if body and pieces:
            body.insert(0, Piece("given", Given("\n\n"), number))
        pieces += body
    if not _adds_anything(pieces, sample.original):
        return NoPlan(Reason.ALREADY_CONFORMS, "the layout would change nothing")
    return Plan(tuple(pieces))


def _is_english(text: str) -> bool:
    latin = scripts(text).get("latin", 0) >= 0.5 * sum(scripts(text).values())
    return latin and latin_language(text) in ("", "en")


def is_bare(blocks: Sequence[Block]) -> bool:
    """Whether a response says at most one sentence beside its result, code or table."""
    prose = [block for block in blocks if block.kind not in ("code", "table", "answer")]
    result = 0 if len(prose) < len(blocks) else 1
    return sum(len(sentences(block.text)) for block in prose[result:]) <= 1


def finished_words(text: str) -> str:
    """What the model wrote up to its last whole sentence; "" where there is none."""
    text = text.rstrip()
    if not text or text[-1] in '.!?。！？:)”"`':
        return text
    whole = sentences(text)[:-1]
    return text[: text.rindex(whole[-1]) + len(whole[-1])] if whole else ""


def says_something(text: str) -> bool:
    """A paragraph of no words, or one that only asks or announces, says nothing."""
    return bool(text.strip(" .,:;-*#")) and text.rstrip()[-1] not in "?？:："


def _trimmed(parts: list[tuple[Origin, str]]) -> tuple[tuple[Origin, str], ...]:
    """Without white space at either end of the whole."""
    while parts and not parts[-1][1].strip():
        parts.pop()
    while parts and not parts[0][1].strip():
        parts.pop(0)
    if parts:
        parts[-1] = (parts[-1][0], parts[-1][1].rstrip())
        parts[0] = (parts[0][0], parts[0][1].lstrip())
    return tuple(parts)


def _adds_anything(pieces: Sequence[Piece], original: str) -> bool:
    if any(isinstance(piece.part, Span) for piece in pieces):
        return True
    text = "".join(piece.part.text for piece in pieces if isinstance(piece.part, Given))
    return text.split() != original.split()


def _body(
    share: Share, sample: Sample, blocks: Sequence[Block], number: int, *, pick: int
) -> Iterator[Piece]:
    match share.section.kind:
        case "write":
            yield from _write(share.section, number, pick=pick)
        case "items":
            yield from _items(share, number)
        case "verbatim":
            named = named_language(sample.instruction)
            text = "\n\n".join(block.shown_as(named) for block in share.blocks)
            if text:
                yield Piece("original", Given(text), number)
        case "changes":
            yield from _changes(share.section, sample, blocks, number, pick=pick)
        case "free":
            size = sum(len(block.text) for block in share.blocks)
            tokens = max(share.section.max_tokens, size // 2)
            yield Piece("model", Span(tokens, name="paragraph"), number)


def _write(section: Section, number: int, *, pick: int) -> Iterator[Piece]:
    openings = section.openings if pick >= 0 else ()
    opening = openings[pick % len(openings)] if openings else ""
    if opening:
        yield Piece("given", Given(opening), number)
    bounds = Span(
        section.max_tokens, stop=("\n",), max_sentences=section.sentences, name="paragraph"
    )
    yield Piece("model", bounds, number)


def _items(share: Share, number: int) -> Iterator[Piece]:
    entries = listed(share.section, share.blocks)
    gap = ""
    for block in share.blocks:
        if block not in entries:
            yield Piece("original", Given(gap + block.shown), number)
        elif block is entries[0]:
            if gap:
                yield Piece("given", Given(gap), number)
            yield from _entries(share, number)
        gap = "\n\n"


def _entries(share: Share, number: int) -> Iterator[Piece]:
    section = share.section
    for place, unit in enumerate(share.units, start=1):
        marker = f"{place}. " if section.style == "numbered" else "- "
        start = marker if place == 1 else f"\n{marker}"
        text = ("\n" + " " * len(marker)).join(unit.split("\n"))
        if section.label == "label":
            yield Piece("given", Given(f"{start}**"), number)
            yield Piece("model", Span(LABEL_TOKENS, stop=(":", "**", "\n"), name="label"), number)
            yield Piece("given", Given(":** "), number)
        else:
            yield Piece("given", Given(start), number)
        yield Piece("original", Given(text), number)
        if section.label == "explain":
            yield Piece("model", _reason_span(section), number)


def _reason_span(section: Section) -> Span:
    return Span(section.max_tokens, stop=("\n",), max_sentences=1, name="reason")


def _changes(
    section: Section, sample: Sample, blocks: Sequence[Block], number: int, *, pick: int
) -> Iterator[Piece]:
    """The list of changes with a reason each; one sentence where they are too many to list."""
    code = "\n".join(_unfenced(block) for block in blocks if block.kind == "code")
    changes = (
        find_code_changes(sample.instruction, code)
        if code
        else find_changes(sample.instruction, blocks[0].text if blocks else "")
    )
    if not changes and section.openings:
        yield from _write(section, number, pick=pick)
    yield from _told(section, changes, number, code=bool(code))


def _unfenced(block: Block) -> str:
    if block.language is not None:
        return block.text
    return "\n".join(part.text for part in cut(block.text).fenced) or block.text


def _told(
    section: Section, changes: Sequence[Change], number: int, *, code: bool
) -> Iterator[Piece]:
    for place, change in enumerate(changes):
        line = f"- {change.told(code=code)}"
        yield Piece("given", Given(line if place == 0 else f"\n{line}"), number)
        yield Piece("model", _reason_span(section), number)
