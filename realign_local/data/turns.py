"""Read a turn of a chat row, or a value of a flat row, as text with the path that leads to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from realign_local.data.conversation import Malformed, Spoken
from realign_local.data.json_text import JsonPath

ROLES = {
    "system": "system",
    "developer": "system",
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bard", "bing", "bot", "model"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation", "function_response", "ipython"), "tool"),
    **dict.fromkeys(("function_call", "function-call", "tool_call"), "call"),
}
"""What the turns of real files are called; a `call` is the assistant's, but never rewritten."""

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

    `keys` gives the names that `role` and `content` go by; `first` is the first turn's number.
    """
    if not isinstance(messages, list):
        raise Malformed(f"{'.'.join(map(str, at))} is not a list of turns")
    return [
        _turn(message, (*at, position), keys=keys, number=first + position)
        for position, message in enumerate(messages)
    ]


def _turn(message: Any, at: JsonPath, *, keys: Mapping[str, Sequence[str]], number: int) -> Spoken:
    if not isinstance(message, dict):
        raise Malformed(f"turn {number + 1} is not an object")
    role_key = next((key for key in keys["role"] if key in message), "")
    content_key = next((key for key in keys["content"] if key in message), "")
    role = ROLES.get(str(message.get(role_key)).lower())
    if role is None:
        raise Malformed(f"turn {number + 1} has the unknown role {message.get(role_key)!r}")
    calls = bool(message.get("tool_calls") or message.get("function_call"))
    if not content_key and not calls:
        raise Malformed(f"turn {number + 1} has no {' or '.join(keys['content'])}")
    role = "call" if calls and role == "assistant" else role
    turn = _spoken(number, role, message.get(content_key), (*at, content_key))
    return replace(turn, beside=(*turn.beside, *_other_fields(message, role_key, content_key)))


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
