"""One call for one row: what is common to writing an answer and to scoring one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.body import PATH, Said, chat_body, read_said
from realign_local.engine.remote.link import Answer, Link, Outcome
from realign_local.engine.request import Completion, Finish, Given, Part, Request, Sampling

ANSWER_BYTES = 256 << 10
"""What stands in an answer beside its tokens: names, counts, perhaps the prompt once more."""
TOKEN_BYTES = 256
"""Of a token, or of one that might have stood there with its logarithm; a usual one has four."""


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


def not_sent(request: Request, words: str) -> Completion:
    """The completion of a request that no server can be asked, or that none could answer."""
    return Completion(request.key, ("",) * len(request.answer), Finish.FAILED, error=words)


def text_of(part: Part) -> str:
    return part.text if isinstance(part, Given) else ""


async def ask(
    asked: Asked,
    request: Request,
    *,
    max_tokens: int,
    said: str = "",
    sampling: Sampling | None = None,
    stop: Sequence[str] = (),
    grammar: str = "",
    top: int = 0,
    scores_prompt: bool = False,
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
        scores_prompt=scores_prompt,
    )
    most = ANSWER_BYTES + TOKEN_BYTES * max_tokens * (2 + top if top else 1)
    if scores_prompt:
        most += TOKEN_BYTES * sum(len(str(turn["content"]).encode()) for turn in body["messages"])
    answer = await asked.link.post(PATH, body, timeout_s=asked.timeout_s, most_bytes=most)
    if answer.outcome is not Outcome.OK:
        raise NotAnswered(answer)
    try:
        return read_said(answer.value, said=said)
    except ValueError as error:
        raise NotAnswered(Answer(Outcome.FAULT, {}, str(error))) from error
