"""Requests and answers of /v1/chat/completions as plain data: no connection, no retries."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realign_local.base.untrusted import as_utf8
from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.request import Message, Sampling

PATH = "/v1/chat/completions"
MOST_STOPS = 4
"""OpenAI's own bound; a server may refuse more. All of them are looked for here as well."""
UNREADABLE = (
    AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError,
)  # fmt: skip
"""What reading an answer ends with that is not as the protocol says."""
MOST_TOKENS = 1 << 40
"""More than any answer has: a count beyond is none."""
BYTES_PER_TOKEN = 4
"""Of English prose, for servers that do not count."""
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>\s*|\Z)", re.DOTALL)
_CONTROL = re.compile(
    r"<[|｜][^\s<>|｜]{1,60}[|｜]>|<(?:start|end)_of_(?:turn|role)>|</?s>|<<?/?SYS>>|\[/?INST\]"
    r"|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"
)
"""How chat templates mark whose turn it is. A server takes them for that, whoever wrote them."""


@dataclass(frozen=True, slots=True)
class TokenLog:
    """A token that was written: its text, its logarithm of probability, and those of others."""

    text: str
    data: bytes
    log: float
    others: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """What a server answered; `was_cut`: it ended by max_tokens."""

    text: str
    was_cut: bool
    prompt_tokens: int
    completion_tokens: int
    logs: tuple[TokenLog, ...] = ()
    prompt_logs: tuple[TokenLog, ...] = ()


def control_token(messages: Sequence[Message]) -> str:
    """The first text that a server would take for a control token, "" where there is none."""
    found = (_CONTROL.search(message.content) for message in messages)
    return next((match.group() for match in found if match), "")


def chat_body(
    model: str,
    messages: Sequence[Message],
    *,
    max_tokens: int,
    abilities: Abilities,
    said: str = "",
    sampling: Sampling | None = None,
    stop: Sequence[str] = (),
    grammar: str = "",
    top: int = 0,
    scores_prompt: bool = False,
) -> dict[str, Any]:
    """The body that asks for a stretch of the answer, of which `said` is there already.

    A space at the end of `said` is left out: models write it in front of the word that follows.
    With `top` the answer tells the logarithms of so many tokens at each place, with `scores_prompt`
    those of the tokens of the prompt.
    """
    sampling = sampling or Sampling()
    turns = [{"role": one.role, "content": as_utf8(one.content)} for one in messages]
    body: dict[str, Any] = {
        "model": model,
        "messages": turns,
        "max_tokens": max_tokens,
        "temperature": sampling.temperature,
        "stream": False,
        "seed": sampling.seed & 0x7FFFFFFF,
    }
    if sampling.temperature:
        body |= {"top_p": sampling.top_p} | ({"min_p": sampling.min_p} if sampling.min_p else {})
    if stop:
        body["stop"] = list(stop)[:MOST_STOPS]
    if abilities.no_thoughts:
        body["chat_template_kwargs"] = {"enable_thinking": False}
    if said:
        turns.append({"role": "assistant", "content": as_utf8(said.removesuffix(" "))})
        if abilities.continues == "flags":
            body |= {"continue_final_message": True, "add_generation_prompt": False}
    if grammar:
        nested = abilities.grammar == "structured_outputs"
        body[abilities.grammar] = {"grammar": grammar} if nested else grammar
    if scores_prompt:
        body["prompt_logprobs"] = 0
    if top:
        body |= {"logprobs": True, "top_logprobs": top}
    return body


def read_said(value: Mapping[str, Any], *, said: str = "") -> Said:
    """What is in an answer; raises ValueError where it is not as the protocol says.

    The beginning `said` is taken off where the server repeats it, with the space that was left out.
    """
    try:
        choice = value["choices"][0]
        text = choice["message"].get("content") or ""
        usage = value.get("usage") or {}
        if not isinstance(text, str):
            raise TypeError("content is no text")
        text = as_utf8(text)
        logs = tuple(map(_token_log, ((choice.get("logprobs") or {}).get("content") or ())))
        counts = [_count(usage.get(f"{what}_tokens")) for what in ("prompt", "completion")]
    except UNREADABLE as error:
        raise ValueError(f"it is no chat completion ({error})") from error
    if not said:
        text = _THOUGHT.sub("", text, count=1) if text.lstrip().startswith("<think>") else text
    else:
        text = text.removeprefix(said.removesuffix(" "))
        text = text.removeprefix(" ") if said.endswith(" ") else text
    if counts[1] < 0:
        counts[1] = max(1, len(text.encode(errors="replace")) // BYTES_PER_TOKEN)
    was_cut = choice.get("finish_reason") == "length"
    return Said(text, was_cut, max(0, counts[0]), counts[1], logs, _prompt_logs(value))


def _prompt_logs(value: Mapping[str, Any]) -> tuple[TokenLog, ...]:
    """The prompt's own tokens with their logarithms, as vLLM tells them; () where not.

    Each place has the token of the prompt first, behind it more probable ones; the first has none.
    """
    try:
        firsts = [
            next(iter(place.values())) for place in value.get("prompt_logprobs") or () if place
        ]
        return tuple(
            TokenLog(one["decoded_token"], one["decoded_token"].encode(), _log(one["logprob"]), {})
            for one in firsts
        )
    except (*UNREADABLE, StopIteration):
        return ()


def _token_log(one: Mapping[str, Any]) -> TokenLog:
    text, data = as_utf8(one["token"]), one.get("bytes")
    others = {str(o["token"]): _log(o["logprob"]) for o in one.get("top_logprobs") or ()}
    # Of a number bytes() would make so many noughts.
    as_bytes = bytes(data) if data and isinstance(data, list) else text.encode(errors="replace")
    return TokenLog(text, as_bytes, _log(one["logprob"]), others)


def _log(value: Any) -> float:
    """A logarithm of a probability; servers write null or -9999 for one that is as good as zero."""
    found = -math.inf if value is None else float(value)
    if math.isnan(found) or found > 1e-3:
        raise ValueError(f"{value} is no logarithm of a probability")
    return max(min(found, 0.0), -9999.0)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= MOST_TOKENS else -1
