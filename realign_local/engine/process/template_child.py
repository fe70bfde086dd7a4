"""Renders one chat template in a process of its own, under limits; chat.py starts it.

A template comes with the model and is foreign code. Jinja's sandbox keeps it from Python, but not
from loops and repetitions without end; the limits of a process hold for those of any kind.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.nodes import Node, Scope
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

CPU_S = 5
MEMORY_BYTES = 1 << 30
MOST_CHARS = 1_000_000
MOST_WORDS_CHARS = 200

Rows = Sequence[Mapping[str, str]]


class Generation(Extension):
    """`{% generation %}` marks what the assistant says, for training; it changes no text."""

    tags = {"generation"}  # noqa: RUF012 - jinja declares it so

    def parse(self, parser: Parser) -> Node:
        """What stands between the tags, in a scope of its own as in transformers."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return Scope(body, lineno=line)


class Dict:
    """`dict(...)` and `dict.fromkeys(...)` and nothing else of the type."""

    def __call__(self, *args: Any, **named: Any) -> dict[Any, Any]:
        return dict(*args, **named)

    def fromkeys(self, keys: Iterable[Any], value: Any = None) -> dict[Any, Any]:
        """As of the type itself."""
        return dict.fromkeys(keys, value)


class Space(Namespace):
    """A namespace without names that begin with an underscore."""

    def __init__(*args: Any, **named: Any) -> None:
        self, *rest = args
        values = dict(*rest, **named)
        for name in values:
            _check_name(name)
        Namespace.__init__(self, values)

    def __setitem__(self, name: str, value: Any) -> None:
        _check_name(name)
        Namespace.__setitem__(self, name, value)


def compile_template(source: str) -> Template:
    """The template with all that transformers offers to one. Raises TemplateError."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = _now
    environment.globals["dict"] = Dict()
    environment.globals["namespace"] = Space
    return environment.from_string(source)


def first_shown(
    template: Template, attempts: Sequence[Rows], *, bos: str, eos: str
) -> tuple[int, str]:
    """The first attempt whose contents are each shown once: its number and the text.

    Raises ValueError, or whatever the template itself failed with at the last attempt.
    """
    for number, rows in enumerate(attempts):
        try:
            return number, _shown(template, rows, bos=bos, eos=eos)
        except MemoryError:
            raise
        except Exception:
            if number == len(attempts) - 1:
                raise
    raise ValueError("there is nothing to show")


def words_of(error: BaseException) -> str:
    """In one short line, what a template failed with."""
    words = " ".join(str(error).split())[:MOST_WORDS_CHARS]
    if isinstance(error, MemoryError):
        return f"takes more than {MEMORY_BYTES >> 20} MiB of memory"
    if isinstance(error, NotShown):
        return words
    if isinstance(error, TemplateSyntaxError):
        return f"cannot be read: line {error.lineno}: {words}"
    if type(error) is TemplateError:
        return f"refuses: {words}"
    return f"fails: {type(error).__name__}: {words}".removesuffix(": ")


class NotShown(ValueError):
    """The text of a template is no prompt for these messages."""


def main() -> None:
    """Answer the one line on stdin with one line on stdout."""
    _limit()
    asked = json.loads(sys.stdin.readline())
    try:
        template = compile_template(asked["source"])
        number, text = first_shown(template, asked["attempts"], bos=asked["bos"], eos=asked["eos"])
        answer: dict[str, Any] = {"number": number, "text": text}
    except Exception as error:
        answer = {"fault": words_of(error)}
    print(json.dumps(answer), flush=True)


def _shown(template: Template, rows: Rows, *, bos: str, eos: str) -> str:
    text = template.render(
        messages=[dict(row) for row in rows],
        tools=None,
        documents=None,
        add_generation_prompt=True,
        bos_token=bos,
        eos_token=eos,
    )
    if len(text) > MOST_CHARS:
        raise NotShown(f"gives more than {MOST_CHARS:,} characters")
    if any(text.count(row["content"]) != 1 for row in rows):
        raise NotShown("does not show each message once and whole")
    return text


def _limit() -> None:
    """Where the system has no such limits (Windows), the waiting process still has its clock."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_AS, MEMORY_BYTES)):
        try:
            resource.setrlimit(what, (most, most + 1))
        except (ValueError, OSError):
            continue


def _check_name(name: str) -> None:
    if name.startswith("_"):
        raise SecurityError(f"no names with an underscore in a namespace: {name}")


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _now(layout: str) -> str:
    return datetime.now().strftime(layout)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON as chat templates expect it: jinja's own filter escapes HTML."""
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


if __name__ == "__main__":
    main()
