"""A number with its noun, in the form that the number asks for."""

from __future__ import annotations


def counted(number: int, noun: str, *, plural: str = "") -> str:
    """`1 row`, `1,200 rows`; `plural` where an s at the end does not make it."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
