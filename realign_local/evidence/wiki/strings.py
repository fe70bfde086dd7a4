"""Templates that cut or count text, as a wiki's string functions do it."""

from __future__ import annotations

from realign_local.evidence.wiki.arguments import Arguments


def _count(text: str, default: int = 0) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default


def left(a: Arguments) -> str:
    """{{Str left|Lorem ipsum|3}} is Lor."""
    return a[1][: _count(a[2], 1)]


def right(a: Arguments) -> str:
    """{{Str right|Lorem ipsum|6}} is ipsum: the count is of what is left out."""
    return a[1][_count(a[2]) :]


def end(a: Arguments) -> str:
    """{{Str rightc|Lorem ipsum|5}} is ipsum."""
    return a[1][-_count(a[2], 1) :] if _count(a[2], 1) else ""


def crop(a: Arguments) -> str:
    """{{Str crop|Lorem ipsum|6}} is Lorem."""
    return a[1][: max(0, len(a[1]) - _count(a[2]))]


def sub(a: Arguments) -> str:
    """{{Str sub old|Lorem ipsum|2|3}} is rem: the first sign has the place 0."""
    start = _count(a[2])
    return a[1][start : start + _count(a[3], len(a[1]))]


def index(a: Arguments) -> str:
    """{{Str index|Lorem|2}} is o: the first sign has the place 1."""
    place = _count(a[2], 1)
    return a[1][place - 1 : place] if place else ""


def length(a: Arguments) -> str:
    """{{Str len|Lorem}} is 5."""
    return str(len(a[1]))


def replaced(a: Arguments) -> str:
    """{{Replace|a-b|-|+}} is a+b."""
    return a[1].replace(a[2], a[3]) if a[2] else a[1]
