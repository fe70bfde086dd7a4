"""What the model is asked with: a system text and worked examples for each kind of request."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from realign_local.engine.request import Message


@dataclass(frozen=True, slots=True)
class Prompt:
    """The common beginning of all requests of one kind; the engine reads it once.

    `example_texts` are what the examples ask and answer: a rewrite must not echo them.
    """

    beginning: tuple[Message, ...]
    sha256: str

    def ask(self, text: str) -> tuple[Message, ...]:
        """The messages of one request."""
        return (*self.beginning, Message("user", text))

    @property
    def example_texts(self) -> tuple[str, ...]:
        return tuple(message.content for message in self.beginning[1:])


@cache
def read_prompt(name: str) -> Prompt:
    """The prompt in `name`.toml beside this file: `system`, and `examples` with their answers."""
    data = resources.files(__package__).joinpath(f"{name}.toml").read_bytes()
    found = tomllib.loads(data.decode())
    messages = [Message("system", found["system"].strip(), recurs=True)]
    for example in found["examples"]:
        messages.append(Message("user", example["asked"].strip(), recurs=True))
        messages.append(Message("assistant", example["answered"].strip(), recurs=True))
    return Prompt(tuple(messages), hashlib.sha256(data).hexdigest())
