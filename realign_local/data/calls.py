"""Calls of tools in the two forms that trainers read: OpenAI's list, and the text of ShareGPT."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from realign_local.base.untrusted import loads
from realign_local.data.json_text import MAX_NESTING, encode, is_deeper_than, with_numbers

Calls = list[dict[str, Any]]


def calls_of(message: Mapping[str, Any], text: str) -> str:
    """The calls of a turn as JSON text in OpenAI's form; "" where they are in no form known here.

    They are in its `tool_calls` or `function_call`, or else they are its text.
    """
    if listed := message.get("tool_calls"):
        found = _listed(with_numbers(listed))
    elif named := message.get("function_call"):
        found = _named(with_numbers(named))
    else:
        found = _spoken(text)
    return encode(found) if found else ""


def _listed(calls: Any) -> Calls:
    """OpenAI's own; every field stays."""
    is_whole = isinstance(calls, list) and all(
        isinstance(call, dict)
        and isinstance(call.get("function"), dict)
        and isinstance(call["function"].get("name"), str)
        for call in calls
    )
    return calls if is_whole else []


def _named(calls: Any) -> Calls:
    """`{"name", "arguments"}`, or a list of such, wrapped as OpenAI does; arguments become text."""
    found = []
    for call in calls if isinstance(calls, list) else [calls]:
        if not (isinstance(call, dict) and isinstance(call.get("name"), str)):
            return []
        arguments = call.get("arguments", call.get("parameters", {}))
        text = arguments if isinstance(arguments, str) else encode(arguments)
        found.append({"type": "function", "function": {"name": call["name"], "arguments": text}})
    return found


def _spoken(text: str) -> Calls:
    try:
        return _named(_parsed(text))
    except ValueError:
        return []


def as_text(calls: str) -> str:
    """The same calls as LLaMA-Factory reads them: one object, or a list of several."""
    found = [
        {"name": call["function"]["name"], "arguments": _value(call["function"].get("arguments"))}
        for call in json.loads(calls)
    ]
    return encode(found[0] if len(found) == 1 else found)


def _value(arguments: Any) -> Any:
    try:
        return _parsed(arguments) if isinstance(arguments, str) else arguments or {}
    except ValueError:
        return arguments


def tools_of(text: str) -> Calls | None:
    """The tools that a row offers as a list of objects; None where they are something else."""
    try:
        found = _parsed(text) if text.strip() else []
    except ValueError:
        return None
    found = [found] if isinstance(found, dict) else found
    is_list = isinstance(found, list) and all(isinstance(tool, dict) for tool in found)
    return found if is_list else None


def _parsed(text: str) -> Any:
    """JSON within a text; raises ValueError, also where it is nested too deeply to be written."""
    found = loads(text)
    if is_deeper_than(found, MAX_NESTING):
        raise ValueError("nested too deeply")
    return found
