"""What a classifier says about one request: its task, how sure it is, and whether to look it up."""

from __future__ import annotations

from typing import NamedTuple


class Guess(NamedTuple):
    """The likeliest task with its probability, and a decision on evidence beside the task's own.

    `ranking` holds the likeliest tasks, best first, with their probabilities; it may be empty.
    """

    task: str
    confidence: float
    needs_evidence: bool = False
    ranking: tuple[tuple[str, float], ...] = ()
