"""Calculator marks (`<<48/2=24>>`, GSM8K): taken out where the user asks for that."""

from __future__ import annotations

from realign_local.rewriting.operation import Operation
from realign_local.text.segments import CALCULATOR


def drop_calculator_marks(response: str, _request: str) -> str:
    """The response without `<<...>>`; the result that follows each of them stays."""
    return CALCULATOR.sub("", response) if "<<" in response else response


OPERATIONS = (
    Operation(
        "calculator_marks",
        "calculator marks such as <<48/2=24>> taken out; off unless asked for",
        drop_calculator_marks,
    ),
)
OFF_BY_DEFAULT = frozenset(["calculator_marks"])
