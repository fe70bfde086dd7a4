"""One operation of tidying at a time, with the gates over what it does."""

from __future__ import annotations

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy import labels, lists, run_in, steps
from realign_local.text.rules import rules

ALL = (*labels.OPERATIONS, *steps.OPERATIONS, *run_in.OPERATIONS, *lists.OPERATIONS)


BY_NAME = {operation.name: operation for operation in ALL}


ASKS = "List some things that one finds at home."


HOW = "How do I make a bird box?"


SUM = "How many stamps has Ida got?"


TERMS, LABELS = rules("tidy/terms"), rules("tidy/labels")


def applied(name: str, text: str, request: str = ASKS) -> str:
    """The result, which must be final and, for a change, pass the gates."""
    operation: Operation = BY_NAME[name]
    new = operation.apply(text, request)
    assert operation.apply(new, request) == new
    return new


def passes(text: str, new: str, request: str) -> bool:
    return first_failure(judge(Case(request, text, new))) is None
