"""Texts from outside: JSON and TOML however deeply nested, and strings that UTF-8 cannot hold."""

from __future__ import annotations

import json
import tomllib
from typing import Any


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError, also where it is nested too deeply to read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def loads_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text; raises TOMLDecodeError, whatever keeps them from being read."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("nested too deeply") from None
    except ValueError:  # Python reads no numbers of so many digits
        raise tomllib.TOMLDecodeError("a number is too long, or a date is none") from None


def as_utf8(text: str) -> str:
    """The same text, with a question mark for each lone surrogate: libraries in C refuse them."""
    return text.encode("utf-8", "replace").decode()


def fits_utf8(text: str) -> bool:
    """Whether UTF-8 can hold the text: a lone surrogate cannot be written."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
