"""Pros and cons, verdicts, rules, bare answers: what is said for, against, on a condition."""

from __future__ import annotations

from random import Random

from tests.layouts.kind import (
    Content,
    Damage,
    Kind,
    bullets,
    drop,
    drop_column,
    joined,
    numbered,
    subject,
    table,
    trade_column,
    upper,
)

ORDINALS = ("first", "second", "third", "fourth", "fifth")


# --- for and against -----------------------------------------------------------------------------


def make_sides(rng: Random) -> Content:
    pool = subject("sides", rng)
    pros, cons = (rng.sample(pool[side], rng.choice((2, 3))) for side in ("pros", "cons"))
    return {**pool, "pros": pros, "cons": cons}


def sides_named(content: Content) -> str:
    pros, cons = joined(content["pros"]), joined(content["cons"])
    thing = upper(content["thing"])
    return f"{thing} has the advantage that it {pros}. Its disadvantages are that it {cons}."


def sides_plus(content: Content) -> str:
    first, *rest = content["pros"]
    one, *others = content["cons"]
    pros = f"On the plus side, {content['thing']} {first}. It also {joined(rest)}."
    return f"{pros} On the downside, it {one}, and it {joined(others)}."


def sides_but(content: Content) -> str:
    pros, cons = joined(content["pros"]), joined(content["cons"])
    return f"{upper(content['thing'])} {pros}. However, it {cons}."


def sides_headed(content: Content) -> str:
    pros, cons = (bullets([upper(p) for p in content[side]]) for side in ("pros", "cons"))
    return f"**Pros**\n{pros}\n\n**Cons**\n{cons}"


def sides_hashed(content: Content) -> str:
    pros, cons = (bullets([f"It {p}." for p in content[side]]) for side in ("pros", "cons"))
    return f"### Advantages\n\n{pros}\n\n### Disadvantages\n\n{cons}"


def sides_labelled(content: Content) -> str:
    return f"**Advantages:** {joined(content['pros'])}\n\n**Drawbacks:** {joined(content['cons'])}"


def sides_table(content: Content) -> str:
    pros, cons = content["pros"], content["cons"]
    rows = [
        [upper(side[n]) if n < len(side) else "" for side in (pros, cons)]
        for n in range(max(len(pros), len(cons)))
    ]
    return table(["Pros", "Cons"], rows)


def _to_other_side(content: Content, rng: Random) -> Content:
    one, other = rng.sample(("pros", "cons"), 2)
    points = list(content[one])
    moved = points.pop(rng.randrange(len(points)))
    return {**content, one: points, other: [*content[other], moved]}


def _trade_sides(content: Content, rng: Random) -> Content:
    pros, cons = list(content["pros"]), list(content["cons"])
    a, b = rng.randrange(len(pros)), rng.randrange(len(cons))
    pros[a], cons[b] = cons[b], pros[a]
    return {**content, "pros": pros, "cons": cons}


SIDES = Kind(
    "sides",
    make_sides,
    (sides_named, sides_plus, sides_but),
    (sides_headed, sides_hashed, sides_labelled, sides_table),
    {"to the other side": _to_other_side, "trade points": _trade_sides,
     "drop pro": drop("pros"), "drop con": drop("cons")},
)  # fmt: skip


# --- verdicts ------------------------------------------------------------------------------------


def make_verdicts(rng: Random) -> Content:
    pool = subject("verdicts", rng)
    every = list(zip(pool["statements"], pool["truths"], pool["reasons"], strict=True))
    chosen = rng.sample(every, rng.choice((3, 4)))
    if len({truth for _, truth, _ in chosen}) < 2:
        chosen[0] = next(e for e in every if e[1] != chosen[0][1])
    rows = [[s, "true" if truth else "false", why] for s, truth, why in chosen]
    listed = " ".join(f"{n}. {row[0]}." for n, row in enumerate(rows, 1))
    return {"ask": f"True or false? {listed}", "rows": rows, "because": rng.random() < 0.7}


def _why(content: Content, why: str, tie: str = " because ") -> str:
    return f"{tie}{why}" if content["because"] and why else ""


def verdicts_ordinal(content: Content) -> str:
    lines = zip(ORDINALS, content["rows"], strict=False)
    return " ".join(f"The {o} statement is {v}{_why(content, w)}." for o, (_, v, w) in lines)


def verdicts_numbered_in_line(content: Content) -> str:
    parts = [
        f"{n}. {upper(v)}{_why(content, w)}." for n, (_, v, w) in enumerate(content["rows"], 1)
    ]
    return " ".join(parts)


def verdicts_quoted(content: Content) -> str:
    parts = [f'"{s}" is {v}{_why(content, w)}.' for s, v, w in content["rows"]]
    return " ".join(parts)


def verdicts_that(content: Content) -> str:
    parts = [
        f"It is {v} that {_low(s)}{_why(content, w, ', because ')}." for s, v, w in content["rows"]
    ]
    return " ".join(parts)


def _low(text: str) -> str:
    return text[:1].lower() + text[1:]


def verdicts_listed(content: Content) -> str:
    rows = content["rows"]
    return numbered([f"**{upper(v)}**{_why(content, w, ' – ')}" for _, v, w in rows])


def verdicts_restated(content: Content) -> str:
    rows = content["rows"]
    return numbered([f"{s}: **{v}**{_why(content, w, ', because ')}" for s, v, w in rows])


def verdicts_table(content: Content) -> str:
    if not content["because"]:
        return table(["Statement", "Verdict"], [[s, upper(v)] for s, v, _ in content["rows"]])
    rows = [[s, upper(v), upper(w)] for s, v, w in content["rows"]]
    return table(["Statement", "Verdict", "Reason"], rows)


def _turn(content: Content, rng: Random) -> Content:
    rows = [list(row) for row in content["rows"]]
    row = rows[rng.randrange(len(rows))]
    row[1] = "false" if row[1] == "true" else "true"
    return {**content, "rows": rows}


def _reasons(damage: Damage) -> Damage:
    def only_with_reasons(content: Content, rng: Random) -> Content | None:
        return damage(content, rng) if content["because"] else None

    return only_with_reasons


VERDICTS = Kind(
    "verdicts",
    make_verdicts,
    (verdicts_ordinal, verdicts_numbered_in_line, verdicts_quoted, verdicts_that),
    (verdicts_listed, verdicts_restated, verdicts_table),
    {"swap verdicts": trade_column("rows", 1), "turn a verdict": _turn,
     "swap reasons": _reasons(trade_column("rows", 2)),
     "drop reason": _reasons(drop_column("rows", 2)), "drop one": drop("rows")},
)  # fmt: skip


# --- rules with conditions -----------------------------------------------------------------------


def make_rules(rng: Random) -> Content:
    pool = subject("rules", rng)
    rules = [rule.split("|") for rule in rng.sample(pool["rules"], rng.choice((3, 4)))]
    return {"ask": pool["ask"], "rules": rules}


def rules_told(content: Content) -> str:
    return " ".join(_sentence(*rule) for rule in content["rules"])


def _sentence(what: str, so: str, condition: str) -> str:
    return f"{what} {so} {condition}".strip() + "."


def rules_joined(content: Content) -> str:
    parts = [_sentence(*rule).strip(".") for rule in content["rules"]]
    pairs = [parts[n : n + 2] for n in range(0, len(parts), 2)]
    return " ".join(f"{', and '.join([a, *map(_low, b)])}." for a, *b in pairs)


def rules_opened(content: Content) -> str:
    """Conditions that may stand first do so."""
    parts = []
    for what, so, condition in content["rules"]:
        may = condition.startswith(("if ", "when ", "unless ", "provided ", "as long "))
        told = f"{upper(condition)}, {_low(what)} {so}." if may else _sentence(what, so, condition)
        parts.append(told)
    return " ".join(parts)


def rules_bullets(content: Content) -> str:
    return bullets([_sentence(*rule) for rule in content["rules"]])


def rules_labelled(content: Content) -> str:
    rows = content["rules"]
    return bullets([f"**{what}:** {so} {condition}".strip() for what, so, condition in rows])


def rules_table(content: Content) -> str:
    rows = [[f"{what} {so}", upper(condition) or "–"] for what, so, condition in content["rules"]]
    return table(["Rule", "Condition"], rows)


def rules_wide_table(content: Content) -> str:
    rows = [[what, upper(so), condition or "–"] for what, so, condition in content["rules"]]
    return table(["What", "Rule", "Condition"], rows)


def _move_condition(content: Content, rng: Random) -> Content:
    rules = [list(rule) for rule in content["rules"]]
    one, other = rng.sample(range(len(rules)), 2)
    rules[other][2] = rules[one][2]
    rules[one][2] = ""
    return {**content, "rules": rules}


RULES = Kind(
    "rules",
    make_rules,
    (rules_told, rules_joined, rules_opened),
    (rules_bullets, rules_labelled, rules_table, rules_wide_table),
    {"swap conditions": trade_column("rules", 2), "drop condition": drop_column("rules", 2),
     "move condition": _move_condition, "drop rule": drop("rules")},
)  # fmt: skip


# --- short answers -------------------------------------------------------------------------------


def make_bare(rng: Random) -> Content:
    pool = subject("bare", rng)
    return {**pool, "said": rng.choice(pool["sentences"]), "more": ""}


def bare_answer(content: Content) -> str:
    return str(content["answer"])


def bare_marked(content: Content) -> str:
    return upper(content["answer"].strip(".")) + "."


def bare_sentence(content: Content) -> str:
    said = content["said"]
    return f"{said[:-1]}, {content['more']}." if content["more"] else str(said)


def _explain(content: Content, rng: Random) -> Content:
    return {**content, "more": rng.choice(content["added"])}


BARE = Kind(
    "bare", make_bare, (bare_answer, bare_marked), (bare_sentence,), {"add a clause": _explain}
)

CLAIMS = (SIDES, VERDICTS, RULES, BARE)
