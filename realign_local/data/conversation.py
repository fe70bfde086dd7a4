"""A row as turns of a conversation, and the samples that are made of its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from realign_local.base.reasons import Reason
from realign_local.base.records import Sample, Turn
from realign_local.data.json_text import JsonPath

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


class UnknownRole(Malformed):
    """A turn of somebody who is neither user nor assistant; `roles` are all such of the row."""

    def __init__(self, message: str, roles: tuple[str, ...]) -> None:
        super().__init__(message)
        self.roles = roles


class NothingToRewrite(ValueError):
    """A row that was read, but has no response that could be rewritten; the message says why."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of a row. `path` leads to its text where it may be rewritten, else it is None.

    `number` is the turn's position in the row, and the key under which it is replaced. `role` is
    system, user, assistant, call (of a tool, by the assistant) or tool. `beside` names what the
    turn has besides its text: "parts" of other kinds, fields such as reasoning_content. `calls` is
    the JSON text of what a call asks for, in OpenAI's form, "" where it is in none that is known;
    `call_id` says which call a tool answers.
    """

    number: int
    role: str
    text: str
    path: JsonPath | None = None
    beside: tuple[str, ...] = ()
    calls: str = ""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All turns of a row, in order, with what the row says about itself.

    `input` is the part of the last user turn that came from a field of its own, as in alpaca.
    `left` says why none of its responses is to be touched, where that is so.
    """

    turns: tuple[Spoken, ...]
    id: str = ""
    category: str = ""
    evidence: tuple[str, ...] = ()
    input: str = ""
    tools: str = ""
    left: str = ""


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
    if "<" not in text and "THINK]" not in text and "◁" not in text:  # most have none of them
        return "", text
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
    """The assistant turns to be rewritten.

    Raises Malformed where they or their requests cannot be read, NothingToRewrite where the row is
    whole without any.
    """
    if conversation.left:
        raise NothingToRewrite(conversation.left)
    spoken = [t for t in conversation.turns if t.role == "assistant"]
    if not spoken:
        raise _without_response(conversation)
    able = [t for t in spoken if t.path is not None and split_thought(t.text)[1].strip()]
    if not able:
        thinks = any(t.path is not None and t.text.strip() for t in spoken)
        only = "is only a chain of thought" if thinks else "is empty or not text"
        raise Malformed(f"the response {only}")
    first = next((n for n, t in enumerate(conversation.turns) if _asks(t)), None)
    later = set() if first is None else {id(t) for t in conversation.turns[first:]}
    asked = [t for t in able if id(t) in later]
    if not asked:
        raise Malformed("no user turn before the response")
    return tuple(asked if turns == "all" else asked[-1:])


def _without_response(conversation: Conversation) -> ValueError:
    """Why nobody answers: the row ends before, or it is none."""
    last = conversation.turns[-1].role if asks(conversation) else ""
    if last == "call":
        return NothingToRewrite("no assistant turn but a call of a tool")
    if last in ("user", "tool"):
        return NothingToRewrite(f"no assistant turn: it ends with the {last}")
    return Malformed("no assistant turn")


def asks(conversation: Conversation) -> bool:
    """Whether there is a request in it."""
    return any(map(_asks, conversation.turns))


def _asks(turn: Spoken) -> bool:
    return turn.role == "user" and bool(turn.text.strip())


def samples(
    conversation: Conversation, spoken: Sequence[Spoken], *, index: int, ids: Sequence[str]
) -> Iterator[Sample]:
    """A sample for each response, in order: its request, and all other turns before it as history.

    The request is the last user turn with any text before the response.
    """
    turns = [Turn(t.role, t.text) for t in conversation.turns]
    names = {id(t): name for t, name in zip(spoken, ids, strict=True)}
    asked = 0
    for place, turn in enumerate(conversation.turns):
        if id(turn) in names:
            yield Sample(
                index=index,
                turn=turn.number,
                id=names[id(turn)],
                instruction=turns[asked].text,
                original=split_thought(turn.text)[1],
                history=(*turns[:asked], *turns[asked + 1 : place]),
                category=conversation.category,
                given_evidence=conversation.evidence,
            )
        elif _asks(turn):
            asked = place


def without_response(conversation: Conversation, *, index: int, id: str, why: str) -> Sample:
    """What stands for a row in which nothing is to be rewritten: its last request, all else."""
    asked = next((t for t in reversed(conversation.turns) if _asks(t)), None)
    return Sample(
        index=index,
        turn=max((t.number for t in conversation.turns), default=0),
        id=id,
        instruction=asked.text if asked else "",
        original="",
        history=tuple(Turn(t.role, t.text) for t in conversation.turns if t is not asked),
        category=conversation.category,
        given_evidence=conversation.evidence,
        reason=Reason.NOTHING_TO_REWRITE,
        detail=why,
    )
