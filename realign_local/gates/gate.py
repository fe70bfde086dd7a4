"""What a gate is: a pure function from a Case to a Verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from realign_local.base.reasons import Reason

Outcome = Literal["pass", "fail", "n/a"]


@dataclass(frozen=True, slots=True)
class Case:
    """A rewrite with all that it may be judged by.

    `evidence` holds the texts of the passages that the rewrite was given; `task` is "" where it is
    unknown (`realign verify` on bare files); `truncated` says that the engine cut the text off.
    """

    instruction: str
    original: str
    rewritten: str
    evidence: tuple[str, ...] = ()
    task: str = ""
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Pass, fail with a reason and the offending stretch of text, or not applicable."""

    outcome: Outcome
    reason: Reason = Reason.ACCEPTED
    span: str = ""
    detail: str = ""


PASS = Verdict("pass")
NOT_APPLICABLE = Verdict("n/a")


def fail(reason: Reason, span: str = "", *, detail: str = "") -> Verdict:
    """A failed verdict; `span` is the text to point at, `detail` a short sentence for a person."""
    return Verdict("fail", reason, span[:200], detail)


Gate = Callable[[Case], Verdict]
