"""Plain words for reasons: what the report says beside their names."""

from __future__ import annotations

from realign_local.base.reasons import Reason

REASONS = {
    Reason.ACCEPTED: "accepted",
    Reason.TASK_NOT_REWRITTEN: "the form of such a response is its own",
    Reason.LOW_CONFIDENCE: "the task is not sure enough",
    Reason.ALREADY_CONFORMS: "good as it is: nothing to mend was found",
    Reason.NOT_BETTER: "nothing showed that a reader would rather have the rewrite",
    Reason.INSTRUCTION_SETS_FORMAT: "the request sets a form of its own",
    Reason.ANSWER_CHANGED: "the final answer is another one",
    Reason.NUMBER_LOST: "a number of the original is missing",
    Reason.NUMBER_ADDED: "a number comes from nowhere",
    Reason.CODE_CHANGED: "the code is not the same",
    Reason.CODE_LOST: "code of the original is missing",
    Reason.LINK_CHANGED: "a link or an address is not the same",
    Reason.QUOTE_CHANGED: "a quotation is not the same",
    Reason.NAME_LOST: "a name is missing, new or exchanged",
    Reason.LANGUAGE_CHANGED: "the language or script is another one",
    Reason.REFUSAL_CHANGED: "a refusal became an answer, or the reverse",
    Reason.TOO_SHORT: "far shorter than the original",
    Reason.TOO_LONG: "far longer than the original",
    Reason.TRUNCATED: "the end is missing",
    Reason.PROMPT_LEAK: "words of the prompt or of a worked example",
    Reason.FORMAT_NOT_MET: "the layout of the task was not met",
    Reason.UNSUPPORTED_CLAIM: "a claim without support",
    Reason.MEANING_DRIFT: "the meaning is another one",
    Reason.PROMPT_TOO_LONG: "the row does not fit the model's context",
    Reason.ENGINE_FAILED: "the model failed at this row again and again",
    Reason.MALFORMED_ROW: "the row could not be read",
    Reason.REQUEST_CHANGED: "the request or another turn is another one",
    Reason.NOTHING_TO_REWRITE: "the row ends without a response",
    Reason.NOT_REACHED: "the time was up before its turn came",
}
"""Each reason as a statement about the rewrite or the row."""


def reason_text(reason: str) -> str:
    """The reason in words; the name itself for one that another version wrote."""
    return REASONS.get(Reason(reason), reason) if reason in set(Reason) else reason
