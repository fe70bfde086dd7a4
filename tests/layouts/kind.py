"""What a kind of content is: how it is made, laid out and damaged."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

Content = dict[str, Any]
"""The parts of one answer; `ask` is the request."""
Render = Callable[[Content], str]
Damage = Callable[[Content, Random], Content | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """`originals` and `rewrites` say the same of a content; any may stand for any other.

    `bound` layouts are for rewrites alone: they leave out what the request says.
    """

    name: str
    make: Callable[[Random], Content]
    originals: tuple[Render, ...]
    rewrites: tuple[Render, ...]
    damages: dict[str, Damage]


@cache
def pools() -> dict[str, list[dict[str, Any]]]:
    """The subjects of `content.toml`, by kind."""
    text = Path(__file__).with_name("content.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def subject(kind: str, rng: Random) -> dict[str, Any]:
    return rng.choice(pools()[kind])


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def joined(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    *others, end = parts
    return f"{', '.join(others)} {last} {end}" if others else end


def base(step: str) -> str:
    """`drain the beans` of `drain/draining the beans`."""
    verb, _, rest = step.partition(" ")
    return f"{verb.split('/')[0]} {rest}".strip()


def doing(step: str) -> str:
    """`draining the beans` of `drain/draining the beans`."""
    verb, _, rest = step.partition(" ")
    return f"{verb.split('/')[1]} {rest}".strip()


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def bullets(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def numbered(items: Sequence[str]) -> str:
    return "\n".join(f"{n}. {item}" for n, item in enumerate(items, start=1))


def two(size: int, rng: Random) -> tuple[int, int]:
    """Two different places."""
    one, other = rng.sample(range(size), 2)
    return min(one, other), max(one, other)


def traded(items: Sequence[Any], rng: Random) -> list[Any]:
    one, other = two(len(items), rng)
    found = list(items)
    found[one], found[other] = found[other], found[one]
    return found


def without(items: Sequence[Any], rng: Random) -> list[Any]:
    at = rng.randrange(len(items))
    return [item for n, item in enumerate(items) if n != at]


def trade(field: str) -> Damage:
    """Two entries of a list in each other's place."""

    def damage(content: Content, rng: Random) -> Content:
        return {**content, field: traded(content[field], rng)}

    return damage


def drop(field: str) -> Damage:
    def damage(content: Content, rng: Random) -> Content:
        return {**content, field: without(content[field], rng)}

    return damage


def trade_column(field: str, *columns: int) -> Damage:
    """One column of two entries traded: a name keeps its place and gets another's value."""

    def damage(content: Content, rng: Random) -> Content | None:
        rows = [list(row) for row in content[field]]
        column = rng.choice(columns)
        one, other = two(len(rows), rng)
        if rows[one][column] == rows[other][column]:
            return None
        rows[one][column], rows[other][column] = rows[other][column], rows[one][column]
        return {**content, field: rows}

    return damage


def drop_column(field: str, column: int) -> Damage:
    """One column of one entry is empty now: a condition, a reason."""

    def damage(content: Content, rng: Random) -> Content:
        rows = [list(row) for row in content[field]]
        rows[rng.randrange(len(rows))][column] = ""
        return {**content, field: rows}

    return damage
