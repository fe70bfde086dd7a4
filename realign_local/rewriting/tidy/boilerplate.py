"""Chat phrases around an answer, and remains of the prompt at its ends, taken off."""

from __future__ import annotations

import re

from realign_local.gates.talk import chat_phrases
from realign_local.rewriting.operation import Operation
from realign_local.text.rules import rules

_TOKEN = re.compile(
    r"<\|\w+\|>|\[/?INST\]|</?s>|<(?:start|end)_of_turn>|<</?SYS>>|<[be]os>", re.IGNORECASE
)
_WORDS = rules("tidy/boilerplate")
_SAYS, _PEOPLE = ("|".join(_WORDS[kind]["words"]) for kind in ("says", "people"))
_OFFERS = re.compile(rf"\b(?:{_SAYS})\b[^.!?:\n]{{0,60}}:", re.IGNORECASE)
_TO_SOMEBODY = re.compile(
    rf"\b(?:tell|answer|ask)(?:ing)? (?:(?:the|an?) )?(?:{_PEOPLE})s?\b", re.IGNORECASE
)


def without_prompt_remains(response: str, request: str) -> str:
    """Without what the prompt left, but all of it: half of its tokens tells nobody anything."""
    new = chat_phrases.without_prompt_remains(response, request)
    return response if new == response or _TOKEN.search(new) else new


def without_chat(response: str, request: str) -> str:
    """Without chat phrases; only those around it where the answer offers a wording."""
    if not chat_phrases.may_chat(response):
        return response
    offers = _OFFERS.search(response) or _TO_SOMEBODY.search(request)
    new = chat_phrases.without_chat(response, request, around=offers is not None)
    return _margin(response, new) + new


def _margin(response: str, new: str) -> str:
    """The blanks that stood before what is left, where more lines of a block hang on them.

    A drawing or a sum in columns is another one when its first line alone moves to the left.
    """
    first, *rest = new.split("\n", maxsplit=2)
    before = response[: response.find(new)].rpartition("\n")[2]
    goes_on = first.strip() and rest and rest[0].strip()
    return before if goes_on and new in response and not before.strip() else ""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "prompt_remains", "Take off labels and chat tokens of the prompt.", without_prompt_remains
    ),
    Operation("boilerplate", "Take off chat phrases before and after the answer.", without_chat),
)
"""In their order: a chat phrase may stand behind a label."""
