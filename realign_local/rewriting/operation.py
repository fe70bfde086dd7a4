"""What an operation is: a named, pure change to a response that can be switched off and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Transform = Callable[[str, str], str]
"""(response, request) -> response; the same text where there is nothing to do.

Pure, idempotent, never raises, and nothing of what the response says is lost or changed: the gates
pass from what went in to what comes out.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """`summary` is one line for the documents. `shows`: whether a reader notices it by itself; what
    nobody would notice rides along with other operations and is no reason to change a row."""

    name: str
    summary: str
    apply: Transform
    shows: bool = True
