"""Texts from outside: JSON however deeply nested, and strings that UTF-8 cannot hold."""

from __future__ import annotations

import json
from typing import Any


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError, also where it is nested too deeply to read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


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
