"""Requests and completions as JSON lines: what goes over the pipe between a run and its worker.

JSON and not pickle: a worker's answer is data, never code, and a torn line is found out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import IO, Any

from realign_local.engine.request import (
    Completion,
    Finish,
    Given,
    Message,
    Part,
    Request,
    Sampling,
    Span,
)

Line = dict[str, Any]


def write_line(pipe: IO[bytes], message: Mapping[str, Any]) -> None:
    """Send one message. ASCII only, so that a lone surrogate in a dataset survives the way."""
    pipe.write(json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
    pipe.flush()


def read_line(pipe: IO[bytes]) -> Line | None:
    """The next message; None at the end of the stream, also where it breaks off inside a line."""
    text = pipe.readline()
    if not text.endswith(b"\n"):
        return None
    message: Line = json.loads(text)
    return message


def request_to_json(request: Request) -> Line:
    """A request as JSON-able data; a part is a Given or a Span by its fields."""
    return asdict(request)


def request_from_json(line: Mapping[str, Any]) -> Request:
    """The request that `request_to_json` wrote."""
    return Request(
        key=line["key"],
        messages=tuple(Message(**message) for message in line["messages"]),
        answer=tuple(_part(part) for part in line["answer"]),
        sampling=Sampling(**line["sampling"]),
    )


def completion_to_json(completion: Completion) -> Line:
    """A completion as JSON-able data."""
    return {field.name: getattr(completion, field.name) for field in fields(completion)}


def completion_from_json(line: Mapping[str, Any]) -> Completion:
    """The completion that `completion_to_json` wrote."""
    lists = {name: tuple(line[name]) for name in ("pieces", "instead")}
    lists["tokens"] = tuple((text, log) for text, log in line["tokens"])
    return Completion(**{**line, **lists, "finish": Finish(line["finish"])})


def _part(line: Mapping[str, Any]) -> Part:
    if "text" in line:
        return Given(**{**line, "instead": tuple(line["instead"])})
    return Span(**{**line, "stop": tuple(line["stop"])})
