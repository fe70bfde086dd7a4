"""The draft of a sentence, and what becomes of the words that come back."""

from __future__ import annotations

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Finish
from realign_local.rewriting.draft import Draft
from realign_local.rewriting.sentence import sentence


def draft_for(question: str, answer: str) -> Draft | None:
    return sentence(Sample(0, 0, "a", question, answer), answer)


def is_taken(question: str, answer: str, said: str) -> bool:
    """Whether the sentence stands in the end, whichever of the rules would turn it down."""
    draft = draft_for(question, answer)
    if draft is None:
        return False
    made = draft.finish([Completion("", (said,), Finish.STOP)])
    assert made in (None, said.strip())
    return made is not None
