"""The closed list of reasons: why a row kept its original response."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a row was not rewritten; an accepted rewrite has `ACCEPTED`, the empty string."""

    ACCEPTED = ""
    TASK_NOT_REWRITTEN = "task_not_rewritten"
    LOW_CONFIDENCE = "low_confidence"
    ALREADY_CONFORMS = "already_conforms"
    NOT_BETTER = "not_better"
    """A rewrite passed every gate, but nothing showed that a reader would rather have it."""
    INSTRUCTION_SETS_FORMAT = "instruction_sets_format"
    ANSWER_CHANGED = "answer_changed"
    NUMBER_LOST = "number_lost"
    NUMBER_ADDED = "number_added"
    CODE_CHANGED = "code_changed"
    CODE_LOST = "code_lost"
    LINK_CHANGED = "link_changed"
    QUOTE_CHANGED = "quote_changed"
    NAME_LOST = "name_lost"
    LANGUAGE_CHANGED = "language_changed"
    REFUSAL_CHANGED = "refusal_changed"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TRUNCATED = "truncated"
    PROMPT_LEAK = "prompt_leak"
    FORMAT_NOT_MET = "format_not_met"
    UNSUPPORTED_CLAIM = "unsupported_claim"
    MEANING_DRIFT = "meaning_drift"
    PROMPT_TOO_LONG = "prompt_too_long"
    ENGINE_FAILED = "engine_failed"
    MALFORMED_ROW = "malformed_row"
    REQUEST_CHANGED = "request_changed"
    """Of two files: not the response but the request, another turn or a call of a tool differs."""
    NOTHING_TO_REWRITE = "nothing_to_rewrite"
    """The row was read and has no response to rewrite: it ends with a call of a tool, say."""
    NOT_REACHED = "not_reached"
    """The time that --budget gives was used up before; the same command goes on with the row."""


class Status(StrEnum):
    """What became of a row: rewritten, kept (a rewrite lost), skipped (none was tried)."""

    REWRITTEN = "rewritten"
    KEPT = "kept"
    SKIPPED = "skipped"
