"""Check criteria: every worked example must obey its own layout and pass every gate."""

from __future__ import annotations

from collections.abc import Iterator

from realign_local import gates
from realign_local.base.criterion import Criteria, Criterion, Example
from realign_local.gates import length
from realign_local.gates.gate import Case, Verdict
from realign_local.gates.layout import meets_layout
from realign_local.rewriting.plan import WORD_OPERATIONS


def lint(criteria: Criteria) -> Iterator[str]:
    """One line a problem, naming task, example and what is wrong."""
    for criterion in criteria.values():
        if criterion.rewrite and len(criterion.examples) < 2:
            yield f"{criterion.task}: two worked examples needed, {len(criterion.examples)} found"
        for name in sorted(set(criterion.operations) - set(WORD_OPERATIONS)):
            yield f"{criterion.task}: the model has no operation called {name!r}"
        for number, example in enumerate(criterion.examples, start=1):
            for gate, verdict in _failures(criterion, example):
                why = verdict.detail or verdict.reason.value
                yield f"{criterion.task}, example {number}: {gate}: {why}: {verdict.span!r}"


def _failures(criterion: Criterion, example: Example) -> Iterator[tuple[str, Verdict]]:
    case = Case(
        instruction=example.instruction.strip(),
        original=example.response.strip(),
        rewritten=example.rewritten.strip(),
        evidence=example.evidence,
        task=criterion.task,
    )
    chosen = dict(gates.all_gates())
    if criterion.layout:
        chosen["length"] = length.explaining
    found = dict(gates.judge(case, chosen))
    if criterion.layout:
        found["layout"] = meets_layout(case.rewritten, case.original, criterion.layout)
    yield from ((name, verdict) for name, verdict in found.items() if verdict.outcome == "fail")
