"""Records, comparisons and groups: what belongs to what."""

from __future__ import annotations

from random import Random

from tests.layouts.kind import (
    Content,
    Kind,
    bullets,
    drop,
    joined,
    subject,
    table,
    trade,
    trade_column,
    traded,
    upper,
    without,
)

NUMBERS = ("zero", "one", "two", "three", "four", "five")


# --- records -------------------------------------------------------------------------------------


def make_records(rng: Random) -> Content:
    pool = subject("records", rng)
    size = rng.choice((2, 3, 3, 4))
    names = rng.sample(pool["names"], size)
    props = rng.sample(pool["props"], rng.choice((2, 3, 3, 4)))
    rows = []
    for prop in props:
        values = [rng.choice(prop["values"]) for _ in names] if len(prop["values"]) < size else (
            rng.sample(prop["values"], size)
        )  # fmt: skip
        if "none" in prop:
            values[rng.randrange(size)] = ""
        rows.append([prop, values])
    ask = pool["ask"].format(n=NUMBERS[size])
    return {"ask": ask, "noun": pool["noun"], "names": names, "rows": rows, "dash": rng.random()}


def _claim(row: list, at: int, form: int = 0) -> str:  # type: ignore[type-arg]
    prop, values = row
    if not values[at]:
        return str(prop["none"]) if form == 0 else str(prop["none"]).replace("has no", "having no")
    return f"{prop['verb'].split('/')[form]} {values[at]}"


def records_by_thing(content: Content) -> str:
    parts = []
    for at, name in enumerate(content["names"]):
        claims = [_claim(row, at) for row in content["rows"]]
        parts.append(f"The {name} {joined(claims)}.")
    return " ".join(parts)


def records_with_participles(content: Content) -> str:
    parts = []
    for at, name in enumerate(content["names"]):
        first, *others = content["rows"]
        prop, values = first
        opening = f"{upper(prop['verb'].split('/')[2])} {values[at]}, the" if values[at] else "The"
        claims = [_claim(row, at) for row in (others if values[at] else content["rows"])]
        parts.append(f"{opening} {name} {joined(claims)}.")
    return " ".join(parts)


def records_respectively(content: Content) -> str:
    parts = []
    names = content["names"]
    for prop, values in content["rows"]:
        held = [n for n, value in enumerate(values) if value]
        who = joined([f"the {names[n]}" for n in held])
        verb = prop["verb"].split("/")[1] if len(held) > 1 else prop["verb"].split("/")[0]
        end = ", respectively" if len(held) > 1 else ""
        parts.append(f"{upper(who)} {verb} {joined([values[n] for n in held])}{end}.")
        parts += [f"The {names[n]} {prop['none']}." for n, value in enumerate(values) if not value]
    return " ".join(parts)


def records_by_property(content: Content) -> str:
    parts = []
    for row in content["rows"]:
        claims = [f"the {name} {_claim(row, at)}" for at, name in enumerate(content["names"])]
        parts.append(upper(f"{joined(claims)}."))
    return " ".join(parts)


def _cell(content: Content, value: str) -> str:
    return value or ("–" if content["dash"] < 0.5 else "none")


def records_bullets(content: Content) -> str:
    items = [
        f"**{name}:** {joined([_claim(row, at) for row in content['rows']])}"
        for at, name in enumerate(content["names"])
    ]
    return bullets(items)


def records_labelled(content: Content) -> str:
    parts = []
    for at, name in enumerate(content["names"]):
        lines = [f"**{row[0]['label']}:** {_cell(content, row[1][at])}" for row in content["rows"]]
        parts.append(f"### {name}\n\n{bullets(lines)}")
    return "\n\n".join(parts)


def records_listed_by_property(content: Content) -> str:
    parts = []
    for prop, values in content["rows"]:
        pairs = zip(content["names"], values, strict=True)
        lines = [f"{name}: {_cell(content, value)}" for name, value in pairs]
        parts.append(f"**{prop['label']}**\n{bullets(lines)}")
    return "\n\n".join(parts)


def records_table(content: Content) -> str:
    heads = [upper(content["noun"]), *(row[0]["label"] for row in content["rows"])]
    rows = [
        [name, *(_cell(content, row[1][at]) for row in content["rows"])]
        for at, name in enumerate(content["names"])
    ]
    return table(heads, rows)


def records_turned_table(content: Content) -> str:
    rows = [
        [row[0]["label"], *(_cell(content, value) for value in row[1])] for row in content["rows"]
    ]
    return table(["", *content["names"]], rows)


def _swap_values(content: Content, rng: Random) -> Content | None:
    rows = [[prop, list(values)] for prop, values in content["rows"]]
    at = rng.randrange(len(rows))
    rows[at][1] = traded(rows[at][1], rng)
    return {**content, "rows": rows} if rows[at][1] != content["rows"][at][1] else None


def _drop_thing(content: Content, rng: Random) -> Content:
    at = rng.randrange(len(content["names"]))
    rows = [[p, [v for n, v in enumerate(values) if n != at]] for p, values in content["rows"]]
    return {
        **content,
        "names": [n for m, n in enumerate(content["names"]) if m != at],
        "rows": rows,
    }


RECORDS = Kind(
    "records",
    make_records,
    (records_by_thing, records_with_participles, records_respectively, records_by_property,
     records_bullets, records_labelled),
    (records_bullets, records_labelled, records_listed_by_property, records_table,
     records_turned_table, records_by_thing),
    {"swap values": _swap_values, "swap names": trade("names"), "drop thing": _drop_thing,
     "drop property": drop("rows")},
)  # fmt: skip


# --- comparison of two things --------------------------------------------------------------------


def make_pair(rng: Random) -> Content:
    pool = subject("pair", rng)
    aspects = rng.sample(pool["aspects"], rng.choice((2, 3, 4)))
    return {"ask": pool["ask"], "names": pool["names"], "aspects": aspects}


def _of(content: Content, side: int) -> list[str]:
    return [aspect[side + 1] for aspect in content["aspects"]]


def _low(name: str) -> str:
    return name[:1].lower() + name[1:]


def pair_whereas(content: Content) -> str:
    one, other = content["names"]
    return f"{one} {joined(_of(content, 0))}, whereas {_low(other)} {joined(_of(content, 1))}."


def pair_aspect_by_aspect(content: Content) -> str:
    one, other = content["names"]
    ties = ("while", "whereas", "but", "while")
    lines = zip(_of(content, 0), _of(content, 1), ties, strict=False)
    return " ".join(f"{one} {a}, {tie} {_low(other)} {b}." for a, b, tie in lines)


def pair_unlike(content: Content) -> str:
    one, other = content["names"]
    first, *rest = content["aspects"]
    text = f"Unlike {_low(other)}, which {first[2]}, {_low(one)} {first[1]}."
    for _, a, b in rest:
        text += f" {one} {a}; {_low(other)}, by contrast, {b}."
    return text


def pair_sentences(content: Content) -> str:
    return " ".join(
        f"{name} {joined(_of(content, side))}." for side, name in enumerate(content["names"])
    )


def pair_headings(content: Content) -> str:
    return "\n\n".join(
        f"**{name}**\n{bullets([upper(a) for a in _of(content, side)])}"
        for side, name in enumerate(content["names"])
    )


def pair_bullets(content: Content) -> str:
    lines = [
        f"**{name}:** {joined(_of(content, side))}." for side, name in enumerate(content["names"])
    ]
    return bullets(lines)


def pair_table(content: Content) -> str:
    rows = [[upper(a), upper(b)] for _, a, b in content["aspects"]]
    return table(content["names"], rows)


def pair_table_of_aspects(content: Content) -> str:
    rows = [[f"**{label}**", a, b] for label, a, b in content["aspects"]]
    return table(["Aspect", *content["names"]], rows)


def _swap_sides(content: Content, rng: Random) -> Content:
    aspects = [list(aspect) for aspect in content["aspects"]]
    at = rng.randrange(len(aspects))
    aspects[at][1:] = aspects[at][:0:-1]
    return {**content, "aspects": aspects}


PAIR = Kind(
    "pair",
    make_pair,
    (pair_whereas, pair_aspect_by_aspect, pair_unlike, pair_sentences),
    (pair_headings, pair_bullets, pair_table, pair_table_of_aspects),
    {"swap sides": _swap_sides, "swap names": trade("names"), "drop aspect": drop("aspects")},
)


# --- groups under headings -----------------------------------------------------------------------


def make_groups(rng: Random) -> Content:
    pool = subject("groups", rng)
    found = rng.sample(sorted(pool["groups"].items()), rng.choice((2, 3)))
    groups = [[name, rng.sample(items, rng.choice((2, 3)))] for name, items in found]
    return {"ask": pool["ask"], "verb": pool["verb"], "groups": groups}


def groups_first(content: Content) -> str:
    return " ".join(f"{name} {content['verb']} {joined(i)}." for name, i in content["groups"])


def groups_behind(content: Content) -> str:
    return " ".join(
        f"{upper(joined(items))} {content['verb']} {_low(name)}."
        for name, items in content["groups"]
    )


def groups_one_sentence(content: Content) -> str:
    parts = [f"{joined(items)} {content['verb']} {_low(n)}" for n, items in content["groups"]]
    return upper(f"{'; '.join(parts)}.")


def groups_headed(content: Content) -> str:
    return "\n\n".join(
        f"### {name}\n\n{bullets([upper(i) for i in items])}" for name, items in content["groups"]
    )


def groups_labelled(content: Content) -> str:
    return bullets([f"**{name}:** {joined(items)}" for name, items in content["groups"]])


def groups_table(content: Content) -> str:
    return table(["Where", "What"], [[n, ", ".join(items)] for n, items in content["groups"]])


def _to_another(content: Content, rng: Random) -> Content:
    groups = [[name, list(items)] for name, items in content["groups"]]
    one, other = rng.sample(range(len(groups)), 2)
    groups[other][1].append(groups[one][1].pop(rng.randrange(len(groups[one][1]))))
    return {**content, "groups": groups}


def _item_gone(content: Content, rng: Random) -> Content:
    groups = [[name, list(items)] for name, items in content["groups"]]
    at = rng.randrange(len(groups))
    groups[at][1] = without(groups[at][1], rng)
    return {**content, "groups": groups}


GROUPS = Kind(
    "groups",
    make_groups,
    (groups_first, groups_behind, groups_one_sentence),
    (groups_headed, groups_labelled, groups_table),
    {"to another heading": _to_another, "swap headings": trade_column("groups", 0),
     "drop item": _item_gone, "drop group": drop("groups")},
)  # fmt: skip


THINGS = (RECORDS, PAIR, GROUPS)
