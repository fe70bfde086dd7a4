"""Refusals: a response that refuses still does, and one that answers does not begin to refuse."""

from __future__ import annotations

from functools import cache, lru_cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.rules import rules
from realign_local.text.wordings import Wording, WordingTable, read_wording

LOOKED_AT_SIGNS = 20_000


@lru_cache(maxsize=16)
def refuses(text: str) -> bool:
    """Whether the text says, in one of the languages of the table, that the request is not met."""
    lowered = text[:LOOKED_AT_SIGNS].replace("’", "'").lower()
    return _table().first(lowered) is not None


@cache
def _table() -> WordingTable:
    return WordingTable(refusal_wordings())


@cache
def refusal_wordings() -> tuple[Wording, ...]:
    """Every entry of text/rules/refusals.toml, in its order."""
    table = rules("refusals")
    return tuple(
        read_wording(entry["says"], table["words"], unless=entry.get("unless", ""))
        for language, entries in table.items()
        if language != "words"
        for entry in entries
    )


def check(case: Case) -> Verdict:
    """Fail where only one of the two refuses."""
    before, after = refuses(case.original), refuses(case.rewritten)
    if before == after:
        return PASS if before else NOT_APPLICABLE
    detail = "the refusal is gone" if before else "the rewrite refuses, the original did not"
    return fail(Reason.REFUSAL_CHANGED, case.rewritten[:120], detail=detail)
