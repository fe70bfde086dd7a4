"""One request answered over one link: part by part, each stretch of the answer one call."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.body import (
    PATH,
    Said,
    TokenLog,
    chat_body,
    control_token,
    literal,
    read_said,
)
from realign_local.engine.remote.link import Answer, Link, Outcome
from realign_local.engine.request import Completion, Finish, Given, Part, Request, Sampling, Span
from realign_local.engine.text_ids import sentences_end

SHORT_CHARS = 8
"""A scored text of one token, such as a letter or a digit: its place tells all of them at once."""
_TOO_LONG = re.compile(
    r"exceed_context|context_length_exceeded|context (?:size|length|window)|too many tokens",
    re.IGNORECASE,
)

ShowPiece = Callable[[int, str], Awaitable["bool | Sampling"]]
"""(number of the part, its text) -> what `OnPiece` says of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and how to ask: one server's link, its model and what it can do."""

    link: Link
    model: str
    abilities: Abilities
    timeout_s: float


class NotAnswered(Exception):
    """Carries the server's Answer out of a half-finished row."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.words)
        self.answer = answer


async def answer_request(
    request: Request, asked: Asked, show: ShowPiece | None = None
) -> Completion | Answer:
    """The completion, or how the server failed at it.

    What this server can never answer ends as a completion too: FAILED, or PROMPT_TOO_LONG.
    """
    try:
        if _is_scored(request):
            return await _scored(request, asked)
        return await _Row(request, asked).written(show)
    except NotAnswered as failed:
        if failed.answer.outcome is Outcome.REFUSED and _TOO_LONG.search(_all_words(failed.answer)):
            return replace(not_sent(request, failed.answer.words), finish=Finish.PROMPT_TOO_LONG)
        return failed.answer


def beyond(request: Request, abilities: Abilities) -> str:
    """Why a request cannot be sent to servers that can do no more than this; "" where it can."""
    if token := control_token(request.messages):
        return f"its text holds {token}, which a server would take for the end of a turn"
    parts = request.answer
    spans = [place for place, part in enumerate(parts) if isinstance(part, Span)]
    scored = [place for place, part in enumerate(parts) if isinstance(part, Given) and part.scored]
    first = (spans or scored or [0])[-1 if spans else 0]
    if not abilities.continues and (len(spans) > 1 or any(map(_text_of, parts[:first]))):
        return "the server cannot go on with text that is given"
    if not abilities.grammar and any(isinstance(part, Span) and part.grammar for part in parts):
        return "the server takes no grammar"
    if scored and not abilities.top:
        return "the server tells no probabilities"
    is_long = len("".join(map(_text_of, parts[first:]))) > SHORT_CHARS
    if scored and is_long and not abilities.scores:
        return "the server cannot score a text"
    return ""


def _is_scored(request: Request) -> bool:
    return any(isinstance(part, Given) and part.scored for part in request.answer)


def not_sent(request: Request, words: str) -> Completion:
    """The completion of a request that a server cannot be asked."""
    return Completion(request.key, ("",) * len(request.answer), Finish.FAILED, error=words)


@dataclass(slots=True)
class _Row:
    """A request whose answer is being written."""

    request: Request
    asked: Asked
    pieces: list[str] = field(default_factory=list)
    was_cut: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0

    async def written(self, show: ShowPiece | None) -> Completion:
        request, sampling = self.request, self.request.sampling
        while len(self.pieces) < len(request.answer):
            part = request.answer[len(self.pieces)]
            if isinstance(part, Given):
                self.pieces.append(part.text)
                continue
            text = await self._span(part, sampling)
            reply = await show(len(self.pieces), text) if show else True
            if isinstance(reply, Sampling):
                sampling = reply
                continue
            self.pieces.append(text)
            if not reply:
                return self._completion(Finish.CANCELLED)
        return self._completion(Finish.LENGTH if self.was_cut else Finish.STOP)

    async def _span(self, span: Span, sampling: Sampling) -> str:
        if span.max_tokens <= 0:
            self.was_cut = True
            return ""
        before = "".join(self.pieces)
        said = await _ask(
            self.asked,
            self.request,
            max_tokens=span.max_tokens,
            said=before,
            sampling=sampling,
            stop=[stop for stop in span.stop if stop],
            grammar=span.grammar,
        )
        self.prompt_tokens = self.prompt_tokens or said.prompt_tokens
        self.completion_tokens += said.completion_tokens
        text, is_whole = ended(span, said.text, before)
        self.was_cut |= said.was_cut and not is_whole
        return text

    def _completion(self, finish: Finish) -> Completion:
        left = len(self.request.answer) - len(self.pieces)
        return Completion(
            self.request.key,
            (*self.pieces, *("",) * left),
            finish,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
        )


def ended(span: Span, text: str, before: str) -> tuple[str, bool]:
    """A span's text up to where its own rules end it, and whether one of them did."""
    places = [place for stop in span.stop if stop and (place := text.find(stop)) >= 0]
    is_whole = bool(places)
    text = text[: min(places)] if places else text
    if span.max_sentences:
        opens_line = before.rstrip(" \t").endswith("\n") or not before.strip()
        end = sentences_end(text, span.max_sentences, opens_line=opens_line, final=True)
        if end >= 0:
            return text[:end], True
    return text, is_whole


async def _scored(request: Request, asked: Asked) -> Completion:
    """How probable the scored text at the end of the answer is."""
    given = [part for part in request.answer if isinstance(part, Given)]
    before = "".join(part.text for part in given if not part.scored)
    text = "".join(part.text for part in given if part.scored)
    each, instead = any(part.each for part in given), given[-1].instead
    if len(text) <= SHORT_CHARS and not each:
        found = await _one_place(request, asked, (text, *instead), before)
        if found is not None or instead or not asked.abilities.scores:
            return found or not_sent(request, f"{text!r} is not among the most probable tokens")
    return await _forced(request, asked, text, before, each=each)


async def _one_place(
    request: Request, asked: Asked, texts: Sequence[str], before: str
) -> Completion | None:
    """The first token of each text, by the probabilities of one place; None where none is there.

    One that is not among those that the server tells is at most as probable as the least of them.
    """
    said = await _ask(asked, request, max_tokens=1, said=before, top=asked.abilities.top)
    others = said.logs[0].others if said.logs else {}
    known = [found for text in texts if (found := _log_of(text, others)) is not None]
    if not known:
        return None
    least = min(others.values())
    logs = [least if (log := _log_of(text, others)) is None else log for text in texts]
    pieces = tuple(map(_text_of, request.answer))
    return Completion(
        request.key,
        pieces,
        Finish.STOP,
        prompt_tokens=said.prompt_tokens,
        log_probability=logs[0],
        scored_tokens=1,
        instead=tuple(logs[1:]),
    )


def _log_of(text: str, others: Mapping[str, float]) -> float | None:
    """The token that is this text; some vocabularies write it with a space in front."""
    return others.get(text, others.get(f" {text}"))


async def _forced(
    request: Request, asked: Asked, text: str, before: str, *, each: bool
) -> Completion:
    """The text's tokens one by one: a grammar lets the model write nothing else."""
    data = text.encode(errors="replace")
    said = await _ask(
        asked, request, max_tokens=len(data) + 8, said=before, grammar=literal(text), top=1
    )
    tokens = spelling(said.logs, data)
    if tokens is None:
        return not_sent(request, "the server did not spell the text that it was to score")
    return Completion(
        request.key,
        tuple(map(_text_of, request.answer)),
        Finish.STOP,
        prompt_tokens=said.prompt_tokens,
        log_probability=sum(token.log for token in tokens),
        scored_tokens=len(tokens),
        tokens=tuple((token.text, token.log) for token in tokens) if each else (),
    )


def spelling(logs: Sequence[TokenLog], data: bytes) -> Sequence[TokenLog] | None:
    """The tokens that spell the text, without an end of turn behind them; None where none do."""
    seen = 0
    for number, token in enumerate(logs):
        if not data.startswith(token.data, seen):
            return None
        seen += len(token.data)
        if seen == len(data):
            return logs[: number + 1]
    return None


async def _ask(
    asked: Asked,
    request: Request,
    *,
    max_tokens: int,
    said: str = "",
    sampling: Sampling | None = None,
    stop: Sequence[str] = (),
    grammar: str = "",
    top: int = 0,
) -> Said:
    """One call. Raises NotAnswered."""
    body = chat_body(
        asked.model,
        request.messages,
        max_tokens=max_tokens,
        abilities=asked.abilities,
        said=said,
        sampling=sampling,
        stop=stop,
        grammar=grammar,
        top=top,
    )
    answer = await asked.link.post(PATH, body, timeout_s=asked.timeout_s)
    if answer.outcome is not Outcome.OK:
        raise NotAnswered(answer)
    try:
        return read_said(answer.value, said=said)
    except ValueError as error:
        raise NotAnswered(Answer(Outcome.FAULT, {}, str(error))) from error


def _text_of(part: Part) -> str:
    return part.text if isinstance(part, Given) else ""


def _all_words(answer: Answer) -> str:
    """The words, and the type and code that servers give beside them."""
    error = answer.value.get("error")
    more = [error.get(name, "") for name in ("type", "code")] if isinstance(error, dict) else []
    return " ".join([answer.words, *map(str, more)])
