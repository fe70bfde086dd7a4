"""How good a language model thinks an answer is, 0 to 5, by the probabilities of its digits.

Helpfulness and accuracy as in AlpaGasus (arXiv 2307.08701), but nothing is generated or parsed: the
score is the expected value over the digits, sum of d * p(d) over sum of p(d), so that it is a real
number and no reply is without one. `fit` is how much more probable the form that a task asks for
makes the answer (Linear Alignment, arXiv 2401.11458): the mean over its tokens of
log p(answer | form, request) - log p(answer | request).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from realign_local.base.records import content_key
from realign_local.engine.request import Completion, Finish, Given, Message, Request
from realign_local.rewriting.judge import MAX_REQUEST_BYTES, cut
from realign_local.rewriting.prompts import read_prompt

Scale = Literal["helpfulness", "accuracy", "fit"]
Scores = dict[Scale, float]
PROMPT = read_prompt("score")
QUESTIONS: dict[Scale, str] = {
    "helpfulness": "How helpful is the answer?",
    "accuracy": "How accurate is the answer?",
}
BOTH = tuple(QUESTIONS)
DIGITS = ("0", "1", "2", "3", "4", "5")
MOST = int(DIGITS[-1])
MAX_ANSWER_BYTES = 3000
SCORED_TOKENS = 2400
"""What a question can take at most, with the common beginning, at three bytes a token."""
GOOD = 4.5
"""What AlpaGasus keeps: 9,229 of 52,002 rows."""
FORM = "Answer in this form.\n\n"


WORDING = content_key(
    PROMPT.sha256, list(QUESTIONS.items()), FORM, MAX_REQUEST_BYTES, MAX_ANSWER_BYTES
)
"""Hash of all that is asked and how much of a text is shown: part of the key of every score."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer to be scored for helpfulness and accuracy, or, with the `form` that its task asks
    for, for its fit alone.
    """

    key: str
    request: str
    answer: str
    form: str = ""


def questions(one: Scored) -> Iterator[Request]:
    """A request for each of the two scales, or the two of the fit; keyed `question|key`."""
    request, answer = cut(one.request, MAX_REQUEST_BYTES), cut(one.answer, MAX_ANSWER_BYTES)
    if one.form:
        asked, given = (Message("user", request),), (Given(answer, scored=True),)
        form = Message("system", FORM + one.form.strip())
        yield Request(f"formed|{one.key}", (form, *asked), given)
        yield Request(f"plain|{one.key}", asked, given)
        return
    for scale, question in QUESTIONS.items():
        text = f"Request:\n{request}\n\nAnswer:\n{answer}\n\n{question}"
        choices = (Given(DIGITS[0], scored=True, instead=DIGITS[1:]),)
        yield Request(f"{scale}|{one.key}", PROMPT.ask(text), choices)


def scores_of(completions: Mapping[str, Completion]) -> Scores:
    """The scores by scale from the completions of one answer, by the first part of their keys.

    A question that the engine refused gives no score.
    """
    told = {scale: expected(completions[scale]) for scale in QUESTIONS if scale in completions}
    found: Scores = {scale: value for scale, value in told.items() if value is not None}
    formed, plain = completions.get("formed"), completions.get("plain")
    if formed and plain and formed.finish is plain.finish is Finish.STOP and plain.scored_tokens:
        gain = formed.log_probability - plain.log_probability
        found["fit"] = gain / plain.scored_tokens
    return found


def expected(completion: Completion) -> float | None:
    """The expected digit, 0 to 5; None where there are no probabilities."""
    if completion.finish is not Finish.STOP:
        return None
    logs = (completion.log_probability, *completion.instead)
    highest = max(logs)
    weights = [math.exp(log - highest) for log in logs]
    return sum(digit * weight for digit, weight in enumerate(weights)) / sum(weights)


def as_scores(found: Mapping[str, Any]) -> Scores:
    """Scores read from a file: numbers by scale that can be scores, anything else left out."""
    names: tuple[Scale, ...] = get_args(Scale)
    told = {name: found.get(name) for name in names}
    return {
        name: float(value)
        for name, value in told.items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and (name not in QUESTIONS or 0 <= value <= MOST)
    }


def as_columns(now: Scores, before: Scores | None = None) -> dict[str, float]:
    """The scores of a response as flat columns, those of what it was with _before."""
    sides = (("", now), ("_before", before or {}))
    return {f"realign_{s}{end}": round(v, 4) for end, side in sides for s, v in side.items()}


def overall(scores: Mapping[Scale, float]) -> float | None:
    """The lower of helpfulness and accuracy: an answer is as good as its worse side."""
    both = [scores[scale] for scale in BOTH if scale in scores]
    return min(both) if len(both) == len(BOTH) else None
