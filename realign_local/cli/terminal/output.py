"""What goes to a terminal: signs that would steer it are made visible, and JSON stays JSON."""

from __future__ import annotations

import json
import os
import re
import sys

import click

STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control signs but tab and line feed; signs that turn the direction of writing; halves of signs
that no encoding has."""


LONGEST = 800
"""Signs of a message; the longest of ours with a long path in it has some 400."""


def visible(text: object) -> str:
    """The text with every sign that steers a terminal written out, such as \\x1b."""
    return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), str(text))


def clipped(text: str) -> str:
    """The text without the midst of what is too long to be read, such as a name of 5,000 signs."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} [...] {text[-half:]}"


def echo(text: object = "", *, err: bool = False) -> None:
    """Print a line in which data or the name of a file may stand."""
    encoding = _encoding(err=err)
    click.echo(visible(text).encode(encoding, "backslashreplace").decode(encoding), err=err)


def echo_json(value: object, *, err: bool = False) -> None:
    """Print a value as one line of JSON that a terminal of any encoding can show."""
    can_all = _encoding(err=err).lower().startswith("utf")
    text = json.dumps(value, ensure_ascii=not can_all)
    click.echo(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text), err=err)


def _encoding(*, err: bool) -> str:
    """Of the stream; click alone would send UTF-8 to a terminal that has said it knows ASCII."""
    return (sys.stderr if err else sys.stdout).encoding or "utf-8"


def open_closed_streams() -> None:
    """The null device for standard streams that the caller has closed, as `2>&-` does.

    Else the next file that is opened gets their number, the journal perhaps, and what a native
    library prints goes into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def take_any_sign() -> None:
    """Let stdout and stderr write out what their encoding lacks, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
