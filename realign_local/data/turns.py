"""Read a turn of a chat row, or a value of a flat row, as text with the path that leads to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from realign_local.data.calls import calls_of
from realign_local.data.conversation import Malformed, Spoken, UnknownRole
from realign_local.data.json_text import JsonPath

ROLES = {
    "system": "system",
    "developer": "system",
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bard", "bing"), "assistant"),
    **dict.fromkeys(("bot", "model", "ai"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation", "function_response", "ipython"), "tool"),
    **dict.fromkeys(("function_call", "function-call", "tool_call"), "call"),
}
"""What the turns of real files are called; a `call` is the assistant's, but never rewritten."""

ROLE_NAMES = ("system", "user", "assistant", "call", "tool")
"""What the program calls them, and `--role` on its left side."""
OWN_ROLE = "role."
"""Begins the name under which `keys` has what a file calls one of them."""

MAX_TURNS = 5000
"""Each response has all turns before it as its history, so that their number counts twice."""
_TEXT_KEYS = ("text", "value", "content")
_TEXT_TYPES = ("text", "input_text", "output_text", None)


def value_text(value: Any) -> str | None:
    """A value as text: strings, numbers and truth values; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else None


def content_text(content: Any, path: JsonPath) -> tuple[str, JsonPath | None]:
    """The text of a turn's content and the path to it.

    Of a list of parts only text counts, and for an assistant turn only the last text part: that is
    the one to be rewritten, the others stay where they are.
    """
    if isinstance(content, list):
        parts = [(text, path + step) for text, step in _text_parts(content)]
        return parts[-1] if parts else ("", None)
    text = value_text(content)
    return ("", None) if text is None else (text, path)


def joined_text(content: Any) -> str:
    """All text of a turn's content, its parts a line each."""
    if isinstance(content, list):
        return "\n".join(text for text, _ in _text_parts(content))
    return value_text(content) or ""


def _text_parts(parts: Sequence[Any]) -> list[tuple[str, JsonPath]]:
    found: list[tuple[str, JsonPath]] = []
    for position, part in enumerate(parts):
        if isinstance(part, str):
            found.append((str(part), (position,)))
        elif isinstance(part, dict) and part.get("type") in _TEXT_TYPES:
            key = next((k for k in _TEXT_KEYS if isinstance(part.get(k), str)), None)
            if key:
                found.append((str(part[key]), (position, key)))
    return found


def chat_turns(
    messages: Any, at: JsonPath, *, keys: Mapping[str, Sequence[str]], first: int = 0
) -> list[Spoken]:
    """The turns of a list of messages that stands at the path `at`; raises Malformed.

    `keys` gives the names that `role` and `content` go by, and those of the roles in the file;
    `first` is the first turn's number.
    """
    if not isinstance(messages, list):
        raise Malformed(f"{'.'.join(map(str, at))} is not a list of turns")
    if len(messages) > MAX_TURNS:
        raise Malformed(f"{len(messages):,} turns, at most {MAX_TURNS:,} are read")
    roles = {**ROLES, **own_roles(keys)}
    try:
        return [
            _turn(message, (*at, position), keys=keys, roles=roles, number=first + position)
            for position, message in enumerate(messages)
        ]
    except UnknownRole as error:
        named = [_role_of(message, keys) for message in messages if isinstance(message, dict)]
        strange = dict.fromkeys(role for role in named if role.lower() not in roles)
        raise UnknownRole(str(error), tuple(strange)) from None


def own_roles(keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What the user says that roles are called in the file -> what they are called here."""
    return {
        theirs.lower(): name.removeprefix(OWN_ROLE)
        for name, names in keys.items()
        if name.startswith(OWN_ROLE)
        for theirs in names
    }


def _role_of(message: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    return str(next((message[key] for key in keys["role"] if key in message), ""))


def _turn(
    message: Any,
    at: JsonPath,
    *,
    keys: Mapping[str, Sequence[str]],
    roles: Mapping[str, str],
    number: int,
) -> Spoken:
    if not isinstance(message, dict):
        raise Malformed(f"turn {number + 1} is not an object")
    role_key = next((key for key in keys["role"] if key in message), "")
    content_key = next((key for key in keys["content"] if key in message), "")
    role = roles.get(str(message.get(role_key)).lower())
    if role is None:
        said = repr(message.get(role_key))[:80]
        raise UnknownRole(f"turn {number + 1} has the unknown role {said}", ())
    calls = bool(message.get("tool_calls") or message.get("function_call"))
    if not content_key and not calls:
        raise Malformed(f"turn {number + 1} has no {' or '.join(keys['content'][:2])}")
    role = "call" if calls and role == "assistant" else role
    turn = _spoken(number, role, message.get(content_key), (*at, content_key))
    call_id = message.get("tool_call_id")
    return replace(
        turn,
        beside=(*turn.beside, *_other_fields(message, role_key, content_key)),
        calls=calls_of(message, turn.text) if role == "call" else "",
        call_id=call_id if isinstance(call_id, str) else "",
    )


def _spoken(number: int, role: str, content: Any, path: JsonPath) -> Spoken:
    others = len(content) - len(_text_parts(content)) if isinstance(content, list) else 0
    if role != "assistant":
        return Spoken(number, role, joined_text(content), beside=("parts",) if others else ())
    several = isinstance(content, list) and len(content) > 1
    text, place = content_text(content, path)
    return Spoken(number, role, text, place, ("parts",) if several or others else ())


def _other_fields(message: Mapping[str, Any], *known: str) -> tuple[str, ...]:
    """Fields with anything in them that are neither known nor the row's own labels."""
    labels = (*known, "category", "evidence")
    empty: tuple[Any, ...] = (None, "", [], {})
    return tuple(key for key, value in message.items() if key not in labels and value not in empty)
