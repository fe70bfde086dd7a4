"""The pieces of an answer, and how the engine's texts for them become one response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from realign_local.data.records import Candidate
from realign_local.engine.request import Part, Span
from realign_local.layouts.demand import Demand
from realign_local.layouts.motives import Motive
from realign_local.layouts.units import sentences

Origin = Literal["given", "original", "model", "evidence"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some text of a finished response: where its words come from, and its section's name."""

    origin: Origin
    text: str
    section: str


def shown_as(candidate: Candidate, stretches: Sequence[Stretch]) -> Candidate:
    """The candidate with the text that these stretches make."""
    return replace(
        candidate,
        text="".join(one.text for one in stretches),
        sections=tuple((one.origin, one.text) for one in stretches),
        names=tuple(one.section for one in stretches),
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the answer: where its words come from, and the name of the section it is in.

    `plain` stands in for a paragraph of the model's that does not meet its demand, and `motive`
    tells what the reason for a change may say.
    """

    origin: Origin
    part: Part
    section: str
    plain: str = ""
    demand: Demand = field(default_factory=Demand)
    motive: Motive | None = None

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

    def compose(self, texts: Sequence[str], *, cut_off: bool = False) -> tuple[Stretch, ...]:
        """The finished response, without what came to nothing.

        `cut_off` says that a span reached its bound: what the model wrote then counts up to its
        last whole sentence. A paragraph of which nothing is left gives way to its plain words, or
        goes with its opening; a reason that does not explain its change goes with its colon. A
        label that stayed empty is left to the gates.
        """
        whole = finished_words if cut_off else str.rstrip
        filled = [
            (piece, whole(text) if piece.is_prose else text)
            for piece, text in zip(self.pieces, texts, strict=True)
        ]
        dead = {
            piece.section: piece.plain
            for piece, text in filled
            if piece.is_paragraph and not piece.demand.met_by(text)
        }
        kept = [
            Stretch(piece.origin, text, piece.section)
            if piece.section not in dead
            else _plainly(piece, text, dead[piece.section])
            for piece, text in filled
        ]
        told = _with_sound_reasons(self.pieces, kept)
        return trimmed([one for one in told if one.text or one.section not in dead])


def _with_sound_reasons(pieces: Sequence[Piece], kept: Sequence[Stretch]) -> list[Stretch]:
    """Each reason for a change as the model gave it, or gone with its colon."""
    told: list[Stretch] = []
    reasons = Counter(one.text for piece, one in zip(pieces, kept, strict=True) if piece.motive)
    for piece, one in zip(pieces, kept, strict=True):
        explained = piece.motive and piece.motive.explained_by(one.text) and reasons[one.text] == 1
        if piece.motive is None:
            told.append(one)
        elif explained:
            told.append(replace(one, text=closed(one.text)))
        elif told and told[-1].origin == "given":
            told[-1] = replace(told[-1], text=told[-1].text.removesuffix(":"))
    return told


def _plainly(piece: Piece, text: str, plain: str) -> Stretch:
    """A piece of a section in which the model said nothing: the gap before it, or plain words."""
    if isinstance(piece.part, Span):
        return Stretch("given", plain, piece.section)
    return Stretch("given", text if plain and not text.strip() else "", piece.section)


def closed(reason: str) -> str:
    """A reason with the full stop that models leave out behind a few words."""
    reason = reason.rstrip()
    return f"{reason}." if reason[-1:].isalnum() else reason


def finished_words(text: str) -> str:
    """What the model wrote up to its last whole sentence; "" where there is none."""
    text = text.rstrip()
    if not text or text[-1] in '.!?。！？:)”"`':
        return text
    whole = sentences(text)[:-1]
    return text[: text.rindex(whole[-1]) + len(whole[-1])] if whole else ""


def trimmed(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Without white space at either end of the whole."""
    kept = list(stretches)
    while kept and not kept[-1].text.strip():
        kept.pop()
    while kept and not kept[0].text.strip():
        kept.pop(0)
    if kept:
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
    return tuple(kept)
