"""What goes into the engine and what comes out: Request and Completion, plain text, frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message of the system, user or assistant; it never becomes control tokens.

    `recurs`: it is a fixed part of a prompt, the same for all rows of all datasets.
    """

    role: str
    content: str
    recurs: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """Text of the answer that the program already knows: evaluated, never sampled.

    `scored`: the completion tells how probable the model thinks it. Scored text stands at the end
    of an answer of which the model writes nothing. `instead` are other texts whose beginning is
    scored at the same place: the choices of a question cost one evaluation, not one each. With
    `each` the completion tells every scored token by itself.
    """

    text: str
    scored: bool = False
    instead: tuple[str, ...] = ()
    each: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the answer that the model writes.

    It ends at the first stop string (left out of the text), after `max_sentences` (0: no bound), at
    the model's own end of turn, or after `max_tokens`. Only a span that ends by `max_tokens` counts
    as cut off. `grammar` is GBNF.
    """

    max_tokens: int
    stop: tuple[str, ...] = ()
    max_sentences: int = 0
    grammar: str = ""
    name: str = ""


Part = Given | Span


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. `temperature` 0 is greedy and ignores the rest.

    `seed` decides the random numbers of this request alone, whatever runs beside it.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    min_p: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A chat prompt and the answer to be completed, as a list of given and generated parts.

    The paper's way is one Span; layout-guided rewriting alternates Given and Span. Requests whose
    messages begin alike share that beginning in the engine without being told.
    """

    key: str
    messages: tuple[Message, ...]
    answer: tuple[Part, ...]
    sampling: Sampling = Sampling()

    def __post_init__(self) -> None:
        scored = [isinstance(part, Given) and part.scored for part in self.answer]
        if any(scored) and (
            sorted(scored) != scored or any(isinstance(part, Span) for part in self.answer)
        ):
            raise ValueError("scored text stands at the end of an answer without spans")
        if any(part.instead for part in self.answer[:-1] if isinstance(part, Given)):
            raise ValueError("only the last part of an answer can have others in its place")


class Finish(StrEnum):
    """Why a completion ended."""

    STOP = "stop"
    """Every part is there and each span ended by a rule of its own."""
    LENGTH = "length"
    """Every part is there, but at least one span was cut off at its max_tokens."""
    CANCELLED = "cancelled"
    """The caller cancelled it."""
    PROMPT_TOO_LONG = "prompt_too_long"
    """Refused at admission: it could not have fitted the context; nothing was evaluated."""
    FAILED = "failed"
    """The worker died twice while it ran, or the backend refused it; `error` says more."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The answer to the request with the same key.

    `pieces` holds one text for each part of the request's answer: given texts as they were, spans
    as the model wrote them. Token counts: `prompt_tokens` of the rendered messages,
    `completion_tokens` sampled, `forced_tokens` of the given parts, `drafted` and `accepted` by
    prompt lookup. `log_probability` (natural logarithm, at temperature 1) is the sum over the
    `scored_tokens` of the scored text; `instead` are those of the first token of each other text,
    `tokens` those of each scored token with its text, where that was asked for.
    `completion_tokens` counts every attempt at a span. `found`: an earlier run or row had asked for
    it, and nothing was evaluated now.
    """

    key: str
    pieces: tuple[str, ...]
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0
    forced_tokens: int = 0
    drafted: int = 0
    accepted: int = 0
    error: str = ""
    log_probability: float = 0.0
    scored_tokens: int = 0
    instead: tuple[float, ...] = ()
    tokens: tuple[tuple[str, float], ...] = ()
    found: bool = False

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)


OnPiece = Callable[[str, int, str], "bool | Sampling"]
"""Called as (key, number of the part, its text) when a span ends.

False cancels the request; a Sampling has the span written again, and what follows, with it.
"""


class Engine(Protocol):
    """Answers requests, many at a time; completions come in the order in which they finish."""

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Pull requests as room appears and yield each completion as soon as it is done."""
        ...

    def cancel(self, key: str) -> None:
        """Stop a running request; it is completed as cancelled. Unknown keys are ignored."""
        ...

    def close(self) -> None:
        """Give back memory, threads and child processes; safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...
