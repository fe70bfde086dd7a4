"""Records, hours, steps and rules in German, French, Spanish, Korean, Japanese and Chinese."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.layouts.kind import (
    Content,
    Damage,
    Kind,
    bullets,
    drop,
    drop_column,
    numbered,
    table,
    trade_column,
    traded,
    upper,
)


@cache
def _pools() -> dict[str, list[dict[str, Any]]]:
    text = Path(__file__).with_name("abroad.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _subject(kind: str, rng: Random) -> dict[str, Any]:
    return rng.choice(_pools()[kind])


def _flow(sentences: list[str]) -> str:
    """Sentences behind one another; Chinese and Japanese have no blank between them."""
    spaced = any(" " in sentence for sentence in sentences)
    return (" " if spaced else "").join(sentences)


# --- hours ---------------------------------------------------------------------------------------


def make_hours(rng: Random) -> Content:
    pool = _subject("hours", rng)
    chosen = sorted(rng.sample(range(4), rng.choice((3, 4))))
    starts, ends = rng.sample(range(8, 12), 4), rng.sample(range(13, 20), 4)
    rows = [[pool["days"][n], str(starts[n]), str(ends[n]), pool["heads"][n]] for n in chosen]
    rows[-1][1:3] = ["", ""]
    return {**pool, "hours": rows}


def hours_told(content: Content) -> str:
    held = [row for row in content["hours"] if row[1]]
    shut = [row[0] for row in content["hours"] if not row[1]]
    parts = [content["told"].format(day=d, to=b, **{"from": a}) for d, a, b, _ in held]
    sentences = [content["open"].format(list=_joined(parts, content["and"]))]
    return _flow(sentences + [upper(content["shut"].format(day=day)) for day in shut])


def _joined(parts: list[str], tie: str) -> str:
    between = tie if len(tie.strip()) < 2 and tie.strip() in ("，", "、", ",") else ", "
    *others, last = parts
    return f"{between.join(others)}{tie}{last}" if others else last


def _span(content: Content, row: list[str]) -> str:
    span = content["span"].format(to=row[2], **{"from": row[1]})
    return span if row[1] else str(content["closed"])


def hours_table(content: Content) -> str:
    return table(content["columns"], [[row[3], _span(content, row)] for row in content["hours"]])


def hours_bullets(content: Content) -> str:
    return bullets([f"**{row[3]}:** {_span(content, row)}" for row in content["hours"]])


HOURS = Kind(
    "hours abroad", make_hours, (hours_told,), (hours_table, hours_bullets),
    {"trade days": trade_column("hours", 3), "drop day": drop("hours")},
)  # fmt: skip


# --- steps ---------------------------------------------------------------------------------------


def make_steps(rng: Random) -> Content:
    pool = _subject("steps", rng)
    start = rng.randrange(2)
    return {**pool, "steps": pool["steps"][start : start + 4]}


def steps_told(content: Content) -> str:
    lines = [*content["told"][: len(content["steps"]) - 1], content["told"][-1]]
    pairs = zip(lines, content["steps"], strict=True)
    return _flow([line.format(step) for line, step in pairs])


def steps_then(content: Content) -> str:
    steps = content["steps"]
    pairs = [steps[n : n + 2] for n in range(0, len(steps), 2)]
    told = [content["both" if len(p) > 1 else "listed"].format(*p) for p in pairs]
    return _flow([upper(sentence) for sentence in told])


def steps_numbered(content: Content) -> str:
    return numbered([upper(content["listed"].format(step)) for step in content["steps"]])


def steps_bare(content: Content) -> str:
    return numbered([upper(step) for step in content["steps"]])


def _neighbours(content: Content, rng: Random) -> Content:
    steps = list(content["steps"])
    at = rng.randrange(len(steps) - 1)
    steps[at], steps[at + 1] = steps[at + 1], steps[at]
    return {**content, "steps": steps}


STEPS = Kind(
    "steps abroad", make_steps, (steps_told, steps_then), (steps_numbered, steps_bare, steps_then),
    {"trade steps": _neighbours, "drop step": drop("steps")},
)  # fmt: skip


# --- rules ---------------------------------------------------------------------------------------


def make_rules(rng: Random) -> Content:
    pool = _subject("rules", rng)
    return {**pool, "rules": [r.split("|") for r in rng.sample(pool["rules"], 3)]}


def rules_told(content: Content) -> str:
    return _flow([_sentence(content, rule) for rule in content["rules"]])


def _sentence(content: Content, rule: list[str]) -> str:
    told = str(content["told"].format(*rule))
    return " ".join(told.replace(", .", ".").lstrip("，").split()).replace(" .", ".")


def rules_bullets(content: Content) -> str:
    return bullets([_sentence(content, rule) for rule in content["rules"]])


def rules_table(content: Content) -> str:
    rows = [[upper(what), upper(so), upper(when) or "–"] for what, so, when in content["rules"]]
    return table(content["columns"], rows)


RULES = Kind(
    "rules abroad", make_rules, (rules_told,), (rules_bullets, rules_table),
    {"swap conditions": trade_column("rules", 2), "drop condition": drop_column("rules", 2),
     "drop rule": drop("rules")},
)  # fmt: skip


# --- records -------------------------------------------------------------------------------------


def make_records(rng: Random) -> Content:
    pool = _subject("records", rng)
    props = [[label, told, rng.sample(values, 3)] for label, told, values in pool["props"]]
    return {**pool, "props": props}


def records_by_thing(content: Content) -> str:
    sentences = [
        told.format(name, values[at])
        for at, name in enumerate(content["names"])
        for _, told, values in content["props"]
    ]
    return _flow(sentences)


def records_by_property(content: Content) -> str:
    sentences = [
        told.format(name, values[at])
        for _, told, values in content["props"]
        for at, name in enumerate(content["names"])
    ]
    return _flow(sentences)


def records_table(content: Content) -> str:
    rows = [[n, *(p[2][at] for p in content["props"])] for at, n in enumerate(content["names"])]
    return table([*content["by"], *(prop[0] for prop in content["props"])], rows)


def records_listed(content: Content) -> str:
    parts = []
    for at, name in enumerate(content["names"]):
        lines = [f"{label}: {values[at]}" for label, _, values in content["props"]]
        parts.append(f"**{name}**\n{bullets(lines)}")
    return "\n\n".join(parts)


def _swap_values(content: Content, rng: Random) -> Content:
    props = [list(prop) for prop in content["props"]]
    prop = props[rng.randrange(len(props))]
    prop[2] = traded(prop[2], rng)
    return {**content, "props": props}


_swap: Damage = _swap_values
RECORDS = Kind(
    "records abroad", make_records, (records_by_thing, records_by_property),
    (records_table, records_listed), {"swap values": _swap, "drop property": drop("props")},
)  # fmt: skip

ABROAD = (HOURS, STEPS, RULES, RECORDS)
