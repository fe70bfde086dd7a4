"""Chat phrases around an answer, and remains of the prompt at its ends, taken off."""

from __future__ import annotations

from realign_local.gates.boilerplate import without_chat, without_prompt_remains
from realign_local.rewriting.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "prompt_remains", "Take off labels and chat tokens of the prompt.", without_prompt_remains
    ),
    Operation("boilerplate", "Take off chat phrases before and after the answer.", without_chat),
)
"""In their order: a chat phrase may stand behind a label."""
