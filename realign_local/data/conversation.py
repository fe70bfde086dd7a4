"""A row as turns of a conversation, and the samples that are made of its responses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from realign_local.data.json_text import JsonPath
from realign_local.data.records import Sample, Turn

Turns = Literal["last", "all"]

_THOUGHT_TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)
_SPACE = re.compile(r"\s*")


class Malformed(ValueError):
    """A row that is not of its dataset's format; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of a row. `path` leads to its text where it may be rewritten, else it is None.

    `number` is the turn's position in the row, and the key under which it is replaced. `role` is
    system, user, assistant, call (of a tool, by the assistant) or tool. `beside` names what the
    turn has besides its text: "parts" of other kinds, fields such as reasoning_content.
    """

    number: int
    role: str
    text: str
    path: JsonPath | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """All turns of a row, in order, with what the row says about itself.

    `input` is the part of the last user turn that came from a field of its own, as in alpaca.
    """

    turns: tuple[Spoken, ...]
    id: str = ""
    category: str = ""
    evidence: tuple[str, ...] = ()
    input: str = ""
    tools: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a response stands in the row's text; `thought` is put back in front of a rewrite."""

    path: JsonPath
    thought: str
    answer: str


def split_thought(text: str) -> tuple[str, str]:
    """The chain of thought with its tags and the space after them, and the answer.

    The last closing tag counts, as in the chat templates of the models that think; its opening tag
    may be missing, because some templates put it into the prompt. A thought without an end has
    no answer.
    """
    for opening, closing in _THOUGHT_TAGS:
        is_open = text.lstrip().startswith(opening)
        end = text.rfind(closing)
        if end >= 0 and (is_open or opening not in text[:end]):
            space = _SPACE.match(text, end + len(closing))
            cut = space.end() if space else end
            return text[:cut], text[cut:]
        if is_open:
            return text, ""
    return "", text


def responses(conversation: Conversation, turns: Turns) -> tuple[Spoken, ...]:
    """The assistant turns to be rewritten; raises Malformed where there is none."""
    spoken = [t for t in conversation.turns if t.role == "assistant"]
    if not spoken:
        raise Malformed("no assistant turn")
    able = [t for t in spoken if t.path is not None and split_thought(t.text)[1].strip()]
    if not able:
        raise Malformed("the response is empty or not text")
    asked = [t for t in able if request(conversation, t)]
    if not asked:
        raise Malformed("no user turn before the response")
    return tuple(asked if turns == "all" else asked[-1:])


def request(conversation: Conversation, response: Spoken) -> Spoken | None:
    """The last user turn with any text before a response."""
    before = conversation.turns[: conversation.turns.index(response)]
    return next((t for t in reversed(before) if t.role == "user" and t.text.strip()), None)


def sample(conversation: Conversation, response: Spoken, *, index: int, id: str) -> Sample:
    """The sample of one response: its request, and all other turns before it as history."""
    asked = request(conversation, response)
    before = conversation.turns[: conversation.turns.index(response)]
    return Sample(
        index=index,
        turn=response.number,
        id=id,
        instruction=asked.text if asked else "",
        original=split_thought(response.text)[1],
        history=tuple(Turn(t.role, t.text) for t in before if t is not asked),
        category=conversation.category,
        given_evidence=conversation.evidence,
    )
