"""How probable a model thinks a text, by three ways that servers have, best first.

A letter or a digit is looked up among the most probable tokens of its place. vLLM tells the
probabilities of a prompt, so the text is made part of it. llama-server tells those of tokens that
it writes, so a grammar of the text's own tokens lets it write nothing else; a grammar of letters
would not do, as the model would spell the text in other tokens than it knows it by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realign_local.base.untrusted import as_utf8
from realign_local.engine.remote.asking import Asked, NotAnswered, ask, not_sent, text_of
from realign_local.engine.remote.body import TokenLog
from realign_local.engine.remote.link import Answer, Link, Outcome
from realign_local.engine.request import Completion, Finish, Given, Request

SHORT_CHARS = 8
"""A text that may be one token, such as a letter or a digit."""
TOKENIZE = "/tokenize"


async def score(request: Request, asked: Asked) -> Completion:
    """How probable the scored text at the end of the answer is. Raises NotAnswered."""
    given = [part for part in request.answer if isinstance(part, Given)]
    before = "".join(part.text for part in given if not part.scored)
    text = "".join(part.text for part in given if part.scored)
    each, instead = any(part.each for part in given), given[-1].instead
    if len(text) <= SHORT_CHARS and not each:
        found = await _one_place(request, asked, (text, *instead), before)
        if found is not None:
            return found
    if instead or not asked.abilities.scores:
        return not_sent(request, f"{text!r} is not among the most probable tokens")
    return await _all_tokens(request, asked, text, before, each=each)


async def _one_place(
    request: Request, asked: Asked, texts: Sequence[str], before: str
) -> Completion | None:
    """The first token of each text, by the probabilities of one place; None where none is there.

    One that is not among those that the server tells is at most as probable as the least of them.
    """
    said = await ask(asked, request, max_tokens=1, said=before, top=asked.abilities.top)
    others = said.logs[0].others if said.logs else {}
    found = [_log_of(text, others) for text in texts]
    if all(log is None for log in found):
        return None
    least = min(others.values())
    logs = [least if log is None else log for log in found]
    return Completion(
        request.key,
        tuple(map(text_of, request.answer)),
        Finish.STOP,
        prompt_tokens=said.prompt_tokens,
        log_probability=logs[0],
        scored_tokens=1,
        instead=tuple(logs[1:]),
    )


def _log_of(text: str, others: Mapping[str, float]) -> float | None:
    """The token that is this text; some vocabularies write it with a space in front."""
    return others.get(text, others.get(f" {text}"))


async def _all_tokens(
    request: Request, asked: Asked, text: str, before: str, *, each: bool
) -> Completion:
    if asked.abilities.scores == "prompt":
        said = await ask(asked, request, max_tokens=1, said=before + text, scores_prompt=True)
        tokens = ending(said.prompt_logs, text)
    else:
        ids = await token_ids(asked.link, text, timeout_s=asked.timeout_s)
        if isinstance(ids, Answer):
            raise NotAnswered(ids)
        said = await ask(
            asked, request, max_tokens=len(ids) + 1, said=before, grammar=only(ids), top=1
        )
        tokens = spelling(said.logs, text)
    if tokens is None:
        return not_sent(request, "the server did not score the whole text")
    return Completion(
        request.key,
        tuple(map(text_of, request.answer)),
        Finish.STOP,
        prompt_tokens=said.prompt_tokens,
        log_probability=sum(token.log for token in tokens),
        scored_tokens=len(tokens),
        tokens=tuple((token.text, token.log) for token in tokens) if each else (),
    )


async def token_ids(link: Link, text: str, *, timeout_s: float) -> list[int] | Answer:
    """The tokens of a plain text, as llama-server tells them; else what went wrong."""
    body: dict[str, Any] = {"content": as_utf8(text), "add_special": False, "parse_special": False}
    answer = await link.post(TOKENIZE, body, timeout_s=timeout_s)
    if answer.outcome is not Outcome.OK:
        return answer
    ids = answer.value.get("tokens")
    if not isinstance(ids, list) or not all(isinstance(one, int) for one in ids):
        return Answer(Outcome.FAULT, {}, "it gives no tokens")
    return ids


def only(ids: Sequence[int]) -> str:
    """A grammar of llama.cpp that allows these tokens alone."""
    return "root ::= " + " ".join(f"<[{one}]>" for one in ids)


def spelling(logs: Sequence[TokenLog], text: str) -> Sequence[TokenLog] | None:
    """The tokens that spell the text, without an end of turn behind them; None where none do."""
    data, seen = text.encode(errors="replace"), b""
    for number, token in enumerate(logs):
        seen += token.data
        if seen in (data, b" " + data):
            return logs[: number + 1]
    return None


def ending(logs: Sequence[TokenLog], text: str) -> Sequence[TokenLog] | None:
    """The last tokens of a prompt, which spell the text; None where they do not end with it."""
    data, seen = text.removesuffix(" ").encode(errors="replace"), b""
    for number in range(len(logs) - 1, -1, -1):
        seen = logs[number].data + seen
        if seen in (data, b" " + data):
            return logs[number:]
    return None
