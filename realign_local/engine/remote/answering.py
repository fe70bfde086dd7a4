"""One request answered over one link: part by part, each stretch of the answer one call."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.asking import Asked, NotAnswered, ask, not_sent, text_of
from realign_local.engine.remote.body import control_token
from realign_local.engine.remote.link import Answer, Outcome
from realign_local.engine.remote.scoring_texts import SHORT_CHARS, score
from realign_local.engine.request import Completion, Finish, Given, Request, Sampling, Span
from realign_local.engine.text_ids import sentences_end

_TOO_LONG = re.compile(
    r"exceed_context|context_length_exceeded|context (?:size|length|window)|too many tokens",
    re.IGNORECASE,
)

ShowPiece = Callable[[int, str], Awaitable["bool | Sampling"]]
"""(number of the part, its text) -> what `OnPiece` says of it."""


async def answer_request(
    request: Request, asked: Asked, show: ShowPiece | None = None
) -> Completion | Answer:
    """The completion, or how the server failed at it.

    What this server can never answer ends as a completion too: FAILED, or PROMPT_TOO_LONG.
    """
    try:
        if _is_scored(request):
            return await score(request, asked)
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
    if not abilities.continues and (len(spans) > 1 or any(map(text_of, parts[:first]))):
        return "the server cannot go on with text that is given"
    if not abilities.grammar and any(isinstance(part, Span) and part.grammar for part in parts):
        return "the server takes no grammar"
    if scored and not abilities.top:
        return "the server tells no probabilities"
    is_long = len("".join(map(text_of, parts[first:]))) > SHORT_CHARS
    if scored and is_long and not abilities.scores:
        return "the server cannot score a text"
    return ""


def _is_scored(request: Request) -> bool:
    return any(isinstance(part, Given) and part.scored for part in request.answer)


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
        said = await ask(
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


def _all_words(answer: Answer) -> str:
    """The words, and the type and code that servers give beside them."""
    error = answer.value.get("error")
    more = [error.get(name, "") for name in ("type", "code")] if isinstance(error, dict) else []
    return " ".join([answer.words, *map(str, more)])
