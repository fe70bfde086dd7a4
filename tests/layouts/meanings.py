"""Definitions and causes: what a term means, and what came of what."""

from __future__ import annotations

from random import Random

from tests.layouts.kind import (
    Content,
    Kind,
    bullets,
    drop,
    drop_column,
    subject,
    table,
    trade_column,
    upper,
)


def _low(name: str) -> str:
    return name[:1].lower() + name[1:]


# --- definitions and causes ----------------------------------------------------------------------


def make_terms(rng: Random) -> Content:
    pool = subject("terms", rng)
    terms = [t.split("|") for t in rng.sample(pool["terms"], rng.choice((2, 3, 4)))]
    return {"ask": pool["ask"], "terms": terms}


def terms_told(content: Content) -> str:
    return " ".join(f"{term} is {what} {how}." for term, what, how in content["terms"])


def terms_turned(content: Content) -> str:
    return " ".join(f"{upper(w)} {how} is called {_low(t)}." for t, w, how in content["terms"])


def _bare_term(term: str) -> str:
    return upper(term.partition(" ")[2])


def _meant(what: str, how: str) -> str:
    return f"{what} {how}".strip()


def terms_bullets(content: Content) -> str:
    return bullets([f"**{_bare_term(t)}:** {_meant(w, h)}" for t, w, h in content["terms"]])


def terms_table(content: Content) -> str:
    rows = [[_bare_term(t), upper(_meant(w, h))] for t, w, h in content["terms"]]
    return table(["Term", "Meaning"], rows)


def terms_headed(content: Content) -> str:
    return "\n\n".join(
        f"**{_bare_term(t)}**\n{upper(_meant(w, h))}." for t, w, h in content["terms"]
    )


TERMS = Kind(
    "terms",
    make_terms,
    (terms_told, terms_turned),
    (terms_bullets, terms_table, terms_headed),
    {"swap terms": trade_column("terms", 0), "swap clauses": trade_column("terms", 2),
     "drop term": drop("terms"), "drop clause": drop_column("terms", 2)},
)  # fmt: skip


def make_causes(rng: Random) -> Content:
    pool = subject("causes", rng)
    causes = [c.split("|") for c in rng.sample(pool["causes"], rng.choice((2, 3, 4)))]
    return {"ask": pool["ask"], "causes": causes}


def causes_because(content: Content) -> str:
    return " ".join(f"{effect} because {cause}." for effect, cause in content["causes"])


def causes_first(content: Content) -> str:
    return " ".join(f"Because {cause}, {_low(e)}." for e, cause in content["causes"])


def causes_so(content: Content) -> str:
    return " ".join(f"{upper(cause)}, so {_low(e)}." for e, cause in content["causes"])


def causes_bullets(content: Content) -> str:
    items = [f"{e} because {c}." if c else f"{e}." for e, c in content["causes"]]
    return bullets(items)


def causes_table(content: Content) -> str:
    rows = [[e, upper(c) or "–"] for e, c in content["causes"]]
    return table(["What happened", "Why"], rows)


def causes_labelled(content: Content) -> str:
    return "\n".join(f"**{e}:** {c}" if c else f"**{e}**" for e, c in content["causes"])


CAUSES = Kind(
    "causes",
    make_causes,
    (causes_because, causes_first, causes_so),
    (causes_bullets, causes_table, causes_labelled),
    {"swap causes": trade_column("causes", 1), "drop cause": drop_column("causes", 1),
     "drop effect": drop("causes")},
)  # fmt: skip

MEANINGS = (TERMS, CAUSES)
