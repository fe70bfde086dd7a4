"""What flows through the pipeline: one frozen Sample a response, and the passages found for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from realign_local.reasons import Reason, Status


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn before the response; `role` is system, user, assistant or tool."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of evidence. `score` is comparable only within one search."""

    passage_id: str
    title: str
    section: str
    text: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rewrite that the model made, before any gate saw it.

    `sections` tells where each stretch of `text` comes from: (origin, text) pairs with the origin
    `given` (the program), `original`, `model` or `evidence` (a passage, word for word); joined they
    are `text`. `names` holds, for each of them, the section of the layout that it is in; it is
    empty for a free rewrite.
    """

    text: str
    finish: str
    seed: int
    prompt_tokens: int
    completion_tokens: int
    sections: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A response with the request that it answers, and all that the stages found out about it.

    `index` counts the rows of the dataset from 0; `turn` is the response's place among the row's
    turns. `instruction` holds the last user turn, with an `input` field after a blank line;
    `history` all turns before it. `mended` is the chosen candidate where it passed only without
    some words of the model.
    """

    index: int
    turn: int
    id: str
    instruction: str
    original: str
    history: tuple[Turn, ...] = ()
    category: str = ""
    given_evidence: tuple[str, ...] = ()
    task: str = ""
    confidence: float = 0.0
    needs_evidence: bool = False
    evidence: tuple[Passage, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    chosen: int = -1
    mended: Candidate | None = None
    reason: Reason | None = None
    detail: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def rewritten(self) -> str:
        """The response that goes into the output: the accepted rewrite, else the original."""
        if self.chosen < 0:
            return self.original
        return (self.mended or self.candidates[self.chosen]).text

    @property
    def status(self) -> Status:
        """Rewritten, kept (a rewrite was tried and lost) or skipped (none was tried)."""
        if self.chosen >= 0:
            return Status.REWRITTEN
        tried = self.candidates or self.reason is Reason.ENGINE_FAILED
        return Status.KEPT if tried else Status.SKIPPED

    @property
    def length_ratio(self) -> float:
        """Characters of the rewritten response for each one of the original."""
        return len(self.rewritten) / max(1, len(self.original))


def content_key(*parts: Any) -> str:
    """A sha256 over JSON-able parts: equal content gives an equal key on every machine."""
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sample_to_json(sample: Sample) -> str:
    """One line of ASCII JSON; lone surrogates, as real files have them, survive as escapes."""
    return json.dumps(asdict(sample), separators=(",", ":"))


def sample_from_json(text: str) -> Sample:
    """The inverse of `sample_to_json`."""
    value = json.loads(text)
    value["history"] = tuple(Turn(**turn) for turn in value["history"])
    value["evidence"] = tuple(Passage(**passage) for passage in value["evidence"])
    value["candidates"] = tuple(candidate_from(c) for c in value["candidates"])
    value["mended"] = candidate_from(value["mended"]) if value["mended"] else None
    value["given_evidence"] = tuple(value["given_evidence"])
    value["reason"] = None if value["reason"] is None else Reason(value["reason"])
    return Sample(**value)


def candidate_from(value: Mapping[str, Any]) -> Candidate:
    """A Candidate from its JSON object."""
    sections = tuple((origin, text) for origin, text in value["sections"])
    return Candidate(**{**value, "sections": sections, "names": tuple(value.get("names", ()))})
