"""Chat templates: messages to prompt text, with the user's text kept apart from the template's.

A template is rendered with unguessable marks in place of the contents and split at the marks. So
what a row says can be tokenized as plain text and never becomes a control token. As a template sees
the roles alone, each order of roles is rendered once, in a process of its own (template_child.py).
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from realign_local.base.errors import EngineError
from realign_local.base.untrusted import quoted
from realign_local.engine.process.handle import child_environment
from realign_local.engine.process.template_child import CPU_S, compile_template, first_shown
from realign_local.engine.request import Message

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HINT = (
    "Prompts take the plain ChatML form instead, and rewrites may be poorer: give a model whose "
    "file has a chat template that works."
)
WALL_S = 60
COMMAND = [sys.executable, "-P", "-m", "realign_local.engine.process.template_child"]
CHECKED = (
    ("user",),
    ("system", "user"),
    ("system", "user", "assistant", "user"),
)
"""The orders of roles that prompts have; examples come as further pairs."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a prompt: the template's own text, or (`plain`) what a message says."""

    text: str
    plain: bool
    recurs: bool = True


@dataclass(frozen=True, slots=True)
class _Shape:
    """A prompt without its contents: the template's own text around the messages at `order`."""

    is_folded: bool
    texts: tuple[str, ...]
    order: tuple[int, ...]

    def filled(self, messages: Sequence[Message]) -> list[Fragment]:
        shown = fold_system(messages) if self.is_folded else messages
        fragments = [Fragment(self.texts[0], plain=False)]
        for number, text in zip(self.order, self.texts[1:], strict=True):
            said = shown[number]
            fragments.append(Fragment(said.content, plain=True, recurs=said.recurs))
            fragments.append(Fragment(text, plain=False))
        return [fragment for fragment in fragments if fragment.text]


class ChatTemplate:
    """One model's template; without one, or where it fails, prompts take the ChatML form."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        self._source = source
        self._bos = bos
        self._eos = eos
        self._shapes: dict[tuple[str, ...], _Shape] = {}

    def render(self, messages: Sequence[Message]) -> list[Fragment]:
        """The prompt up to where the assistant's answer begins.

        Tried in turn: as given; with the system text folded into the first user message, for
        templates that refuse or drop a system role; the plain ChatML form, which is logged.
        """
        roles = tuple(message.role for message in messages)
        if roles not in self._shapes:
            try:
                self._shapes[roles] = self._shape(self._source, roles)
            except EngineError as error:
                log.warning("%s", error)
                self._shapes[roles] = self._shape(CHATML, roles)
        return self._shapes[roles].filled(messages)

    def check(self) -> None:
        """Raise EngineError where the template cannot be used for the prompts of this program."""
        for roles in CHECKED:
            self._shape(self._source, roles)

    def _shape(self, source: str, roles: Sequence[str]) -> _Shape:
        marks = [f"mark{secrets.token_hex(12)}" for _ in roles]
        given = [Message(role, mark) for role, mark in zip(roles, marks, strict=True)]
        folded = fold_system(given)
        if len(folded) < len(given):
            folded = [Message(m.role, mark) for m, mark in zip(folded, marks[1:], strict=True)]
        attempts = [
            [{"role": one.role, "content": one.content} for one in attempt]
            for attempt in ([given] if folded == given else [given, folded])
        ]
        if source in ("", CHATML):  # no foreign code
            template = compile_template(CHATML)
            number, text = first_shown(template, attempts, bos=self._bos, eos=self._eos)
        else:
            number, text = _rendered_apart(source, attempts, bos=self._bos, eos=self._eos)
        return _cut(text, [row["content"] for row in attempts[number]], is_folded=number > 0)


def fold_system(messages: Sequence[Message]) -> list[Message]:
    """The messages with a leading system text put in front of the first user message."""
    if len(messages) < 2 or messages[0].role != "system":
        return list(messages)
    system, first, *rest = messages
    content = f"{system.content}\n\n{first.content}"
    return [Message(first.role, content, recurs=system.recurs and first.recurs), *rest]


def _cut(text: str, marks: Sequence[str], *, is_folded: bool) -> _Shape:
    if not marks:
        return _Shape(is_folded, (text,), ())
    pieces = re.split("(" + "|".join(marks) + ")", text)
    return _Shape(is_folded, tuple(pieces[::2]), tuple(map(marks.index, pieces[1::2])))


def _rendered_apart(
    source: str, attempts: Sequence[Sequence[dict[str, str]]], *, bos: str, eos: str
) -> tuple[int, str]:
    """What `first_shown` gives, from a process with limits. Raises EngineError."""
    asked = json.dumps({"source": source, "attempts": attempts, "bos": bos, "eos": eos})
    try:
        done = subprocess.run(
            COMMAND,
            input=asked + "\n",
            capture_output=True,
            text=True,
            env=child_environment(),
            timeout=WALL_S,
        )
    except subprocess.TimeoutExpired:
        raise _unusable(f"takes more than {WALL_S} s") from None
    except OSError as error:
        raise EngineError(f"cannot start a process for the chat template: {error}") from error
    if -done.returncode == getattr(signal, "SIGXCPU", None):
        raise _unusable(f"takes more than {CPU_S} s of computing")
    if done.returncode:
        raise _unusable(f"fails: its process ended with code {done.returncode}")
    answer = json.loads(done.stdout)
    if "fault" in answer:
        raise _unusable(quoted(answer["fault"]))
    return answer["number"], answer["text"]


def _unusable(why: str) -> EngineError:
    return EngineError(f"the chat template {why}", hint=HINT)
