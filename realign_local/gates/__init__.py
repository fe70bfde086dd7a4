"""The gates: pure, model-free functions that decide whether a rewrite changed only the form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from realign_local.gates import (
    answer,
    code,
    language,
    leak,
    length,
    links,
    names,
    negation,
    numbers,
    quotes,
    refusal,
    repetition,
    truncation,
    wording,
)
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Gate, Verdict, fail

GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "answer": answer.check,
        "numbers": numbers.check,
        "code": code.check,
        "links": links.check,
        "quotes": quotes.check,
        "names": names.check,
        "negation": negation.check,
        "wording": wording.check,
        "language": language.check,
        "refusal": refusal.check,
        "leak": leak.check,
        "truncation": truncation.check,
        "repetition": repetition.check,
        "length": length.check,
    }
)
"""Every gate by its name, the most important first: the first failure is the row's reason."""


def judge(case: Case, gates: Mapping[str, Gate] = GATES) -> dict[str, Verdict]:
    """Every gate's verdict over one case, in the order of the gates."""
    return {name: gate(case) for name, gate in gates.items()}


def first_failure(verdicts: Mapping[str, Verdict]) -> tuple[str, Verdict] | None:
    """The most important gate that failed, with its verdict; None if all hold."""
    return next(((name, v) for name, v in verdicts.items() if v.outcome == "fail"), None)


__all__ = [
    "GATES", "NOT_APPLICABLE", "PASS", "Case", "Gate", "Verdict", "fail", "first_failure", "judge",
]  # fmt: skip
