"""What the engine needs from a language model: ids in, logits out, memory that can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
Tokens = NDArray[np.int32]


class Run(NamedTuple):
    """Tokens of one sequence that are evaluated together, `tokens[0]` at position `start`.

    Logits are asked for at the last `outputs` tokens only: each costs a pass over the vocabulary.
    A tuple, as there is one for each row and step.
    """

    slot: int
    start: int
    tokens: Sequence[int]
    outputs: int


class Grammar(Protocol):
    """The state of one GBNF grammar while a span is written."""

    def allows(self, token: int) -> bool:
        """Whether this token may come next."""
        ...

    def mask(self, logits: Logits) -> Logits:
        """A copy of the logits `(vocabulary,)` with forbidden tokens at minus infinity."""
        ...

    def accept(self, token: int) -> None:
        """Move on by a token that was chosen."""
        ...

    def close(self) -> None:
        """Give the native state back."""
        ...


class Vocabulary(Protocol):
    """Text to ids and ids to bytes; a piece may hold part of a character only."""

    bos: str
    eos: str
    chat_template: str

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """The ids of a text; control tokens are recognised only where `special` is true."""
        ...

    def opening(self) -> list[int]:
        """The ids that the model wants before everything else (a BOS token, or nothing)."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes that this token stands for; empty for control tokens."""
        ...

    def is_end(self, token: int) -> bool:
        """Whether the token ends the model's turn."""
        ...

    def starting_with(self, prefix: bytes) -> NDArray[np.bool_]:
        """Which tokens' pieces begin with these bytes, or end the turn: `(vocabulary,)`."""
        ...


class Backend(Protocol):
    """A model with a cache of `cells` tokens for each of its `slots`.

    Where `can_rewind` is false (recurrent models) a sequence can only be emptied, never cut. Where
    `has_states` is false, what a slot holds cannot be had and brought back.
    """

    slots: int
    cells: int
    can_rewind: bool
    has_states: bool

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's vocabulary."""
        ...

    def decode(self, runs: Sequence[Run]) -> None:
        """Begin to evaluate one mixed batch; a CPU is then through, a card works on.

        Raises EngineError where that fails and ends this context.
        """
        ...

    def wait(self) -> None:
        """Until the batch is evaluated: before its logits are looked at, and slots are touched."""
        ...

    def logits(self, output: int) -> Logits:
        """The output-th logits `(vocabulary,)` of the last batch: a view, valid until the next."""
        ...

    def likeliest(self) -> Tokens:
        """The likeliest token of each output of the last batch, all at once: `(outputs,)`."""
        ...

    def copy(self, source: int, target: int, length: int) -> None:
        """Give an empty slot the first `length` tokens of another."""
        ...

    def truncate(self, slot: int, length: int) -> None:
        """Forget everything from position `length` on."""
        ...

    def state(self, slot: int) -> bytes:
        """All that the slot holds, for `restore`; empty where that fails.

        Like `restore` only between a batch and the next `copy`, which may wait for the next batch.
        """
        ...

    def restore(self, slot: int, state: bytes) -> bool:
        """Fill an empty slot with a state of this model, build and number of slots.

        False where it is none; the slot is then to be emptied.
        """
        ...

    def length(self, slot: int) -> int:
        """How many positions the slot holds, for the integrity check."""
        ...

    def grammar(self, gbnf: str) -> Grammar:
        """Compile a grammar; raises EngineError where it cannot be read."""
        ...

    def close(self) -> None:
        """Free the model; safe to call twice."""
        ...
