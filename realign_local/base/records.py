"""What flows through the pipeline: one frozen Sample a response, and the passages found for it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from realign_local.base.reasons import Reason, Status


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
    """A text that may take the response's place, before any gate saw it.

    `operations` are the names of what was done, in order; `origin` says whose words it has beside
    the original's: `given` (the program's), `model` or `evidence`. A `proven` one is better by the
    program's own rules; any other one has to be preferred by a judge. `attempts` says how often the
    model wrote until it valued its words so, from 0 to 1; 0 where it was not asked to.
    """

    text: str
    operations: tuple[str, ...] = ()
    origin: str = "model"
    proven: bool = False
    finish: str = "stop"
    seed: int = 0
    value: float = 0.0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A response with the request that it answers, and all that the stages found out about it.

    `index` counts the rows of the dataset from 0; `turn` is the response's place among the row's
    turns. `instruction` holds the last user turn, with an `input` field after a blank line;
    `history` all turns before it. `second` is a task that is nearly as likely as `task`, or "".
    `passed` are the numbers of the candidates that pass every gate.
    `margin` is by how much the judge prefers the chosen candidate (0 where none was asked). The
    tokens are those of all requests for the row; `found_tokens` (of prompts, written) are those of
    them to which an earlier run had the answer.
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
    second: str = ""
    needs_evidence: bool = False
    evidence: tuple[Passage, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    passed: tuple[int, ...] = ()
    chosen: int = -1
    margin: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    found_tokens: tuple[int, int] = (0, 0)
    reason: Reason | None = None
    detail: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def rewritten(self) -> str:
        """The response that goes into the output: the accepted rewrite, else the original."""
        return self.original if self.chosen < 0 else self.candidates[self.chosen].text

    @property
    def shown(self) -> Candidate | None:
        """The candidate that won, or the first of those that were turned down."""
        return self.candidates[max(0, self.chosen)] if self.candidates else None

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


def check_types(record: Any, unlike: Any = None) -> None:
    """Raise TypeError for a field that is not of the type it is declared with, at any depth.

    Python makes a record of anything, and what was read from a file need not be what was written.
    Fields that `unlike`, a record of the same kind, holds too are taken as checked.
    """
    for name, is_one in _tests_of(type(record)):
        value = getattr(record, name)
        if value is not getattr(unlike, name, _NOTHING) and not is_one(value):
            raise TypeError(f"{name} must not be {value!r:.40}")


def check_choice(sample: Sample) -> None:
    """Raise ValueError where a candidate was chosen, or passed, that is not there."""
    places = range(-1, len(sample.candidates))
    if sample.chosen not in places or not all(0 <= n in places for n in sample.passed):
        raise ValueError(f"no candidate {sample.chosen}, {sample.passed}")


_NOTHING = object()


_Test = Callable[[Any], bool]
_TESTS: dict[type, tuple[tuple[str, _Test], ...]] = {}


def _tests_of(kind: type) -> tuple[tuple[str, _Test], ...]:
    if kind not in _TESTS:
        hints = get_type_hints(kind).items()
        _TESTS[kind] = tuple((name, _test_of(declared)) for name, declared in hints)
    return _TESTS[kind]


def _test_of(declared: Any) -> _Test:
    origin, parts = get_origin(declared), get_args(declared)
    if origin is UnionType:
        tests = [_test_of(part) for part in parts]
        return lambda value: any(test(value) for test in tests)
    if origin is tuple:
        each = _test_of(parts[0])  # of one type each, whether their number is told or not
        length = None if parts[-1] is ... else len(parts)
        return lambda value: (
            isinstance(value, tuple) and length in (None, len(value)) and all(map(each, value))
        )
    if origin is not None:  # a mapping
        tests = [_test_of(part) for part in parts]
        return lambda value: (
            isinstance(value, Mapping)
            and all(tests[0](key) and tests[1](one) for key, one in value.items())
        )
    if isinstance(declared, type) and is_dataclass(declared):
        return lambda value: (
            isinstance(value, declared)
            and all(is_one(getattr(value, name)) for name, is_one in _tests_of(declared))
        )
    if declared is float:
        return lambda value: isinstance(value, int | float) and math.isfinite(value)
    return lambda value: isinstance(value, declared)


_CANONICAL = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def content_key(*parts: Any) -> str:
    """A sha256 over JSON-able parts: equal content gives an equal key on every machine."""
    return hashlib.sha256(_CANONICAL.encode(parts).encode()).hexdigest()


def sample_to_json(sample: Sample) -> str:
    """One line of ASCII JSON; lone surrogates, as real files have them, survive as escapes."""
    return json.dumps(asdict(sample), separators=(",", ":"))


def sample_from_json(text: str) -> Sample:
    """The inverse of `sample_to_json`."""
    value = json.loads(text)
    value["history"] = tuple(Turn(**turn) for turn in value["history"])
    value["evidence"] = tuple(Passage(**passage) for passage in value["evidence"])
    value["candidates"] = tuple(candidate_from(c) for c in value["candidates"])
    value["passed"] = tuple(value["passed"])
    value["found_tokens"] = tuple(value["found_tokens"])
    value["given_evidence"] = tuple(value["given_evidence"])
    value["reason"] = None if value["reason"] is None else Reason(value["reason"])
    return Sample(**value)


def candidate_from(value: Mapping[str, Any]) -> Candidate:
    """A Candidate from its JSON object."""
    return Candidate(**{**value, "operations": tuple(value["operations"])})
