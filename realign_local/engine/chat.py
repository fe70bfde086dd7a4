"""Chat templates: messages to prompt text, with the user's text kept apart from the template's.

A template is rendered with unguessable marks in place of the contents and split at the marks. So
what a row says can be tokenized as plain text and never becomes a control token.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from realign_local.engine.request import Message

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a prompt: the template's own text, or (`plain`) what a message says."""

    text: str
    plain: bool


class ChatTemplate:
    """One model's template; an empty, broken or refusing one gives way to what still works."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        self._source = source
        self._bos = bos
        self._eos = eos

    @cached_property
    def _templates(self) -> list[Template]:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _raise
        environment.filters["tojson"] = _to_json
        found = []
        for source in (self._source, CHATML):
            try:
                found += [environment.from_string(source)] if source else []
            except TemplateError:
                continue
        return found

    def render(self, messages: Sequence[Message]) -> list[Fragment]:
        """The prompt up to where the assistant's answer begins.

        Tried in turn: as given; with the system text folded into the first user message, for
        templates that refuse or drop a system role; the plain ChatML form.
        """
        for template in self._templates:
            for attempt in (messages, fold_system(messages)):
                fragments = self._render(template, attempt)
                if fragments is not None:
                    return fragments
        raise AssertionError("the ChatML form renders every list of messages")

    def _render(self, template: Template, messages: Sequence[Message]) -> list[Fragment] | None:
        """The fragments, or nothing where the template fails or does not show each content once."""
        marks = [f"mark{secrets.token_hex(12)}" for _ in messages]
        marked = [
            {"role": message.role, "content": mark}
            for message, mark in zip(messages, marks, strict=True)
        ]
        try:
            text = template.render(
                messages=marked,
                add_generation_prompt=True,
                bos_token=self._bos,
                eos_token=self._eos,
            )
        except (TemplateError, TypeError, ValueError, KeyError):
            return None
        if any(text.count(mark) != 1 for mark in marks):
            return None
        return _split(text, {m: x.content for m, x in zip(marks, messages, strict=True)})


def fold_system(messages: Sequence[Message]) -> list[Message]:
    """The messages with a leading system text put in front of the first user message."""
    if len(messages) < 2 or messages[0].role != "system":
        return list(messages)
    system, first, *rest = messages
    return [Message(first.role, f"{system.content}\n\n{first.content}"), *rest]


def _split(text: str, contents: dict[str, str]) -> list[Fragment]:
    if not contents:
        return [Fragment(text, plain=False)]
    pieces = re.split("(" + "|".join(contents) + ")", text)
    fragments = [Fragment(contents.get(piece, piece), plain=piece in contents) for piece in pieces]
    return [fragment for fragment in fragments if fragment.text]


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(value: Any, indent: int | None = None) -> str:
    """JSON as chat templates expect it: jinja's own filter escapes HTML."""
    return json.dumps(value, ensure_ascii=False, indent=indent)
