"""Given text whose probability is wanted: which logits that needs, and the sum of their logs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from realign_local.engine.backend import Logits
from realign_local.engine.request import Given, Part
from realign_local.engine.text_ids import Codec


@dataclass(slots=True)
class Score:
    """The tokens that are scored, the first of them at position `start` of its sequence.

    Each is judged by the logits of the token before it, so the last need not be evaluated itself.
    """

    start: int
    tokens: list[int]
    others: list[int] = field(default_factory=list)
    """First tokens of other texts, judged in the place of the first one."""
    texts: tuple[str, ...] = ()
    """What each token says, where each is told by itself; joined they are the text."""
    seen: int = 0
    log_probability: float = 0.0
    each: list[tuple[str, float]] = field(default_factory=list)
    instead: tuple[float, ...] = ()

    @property
    def done(self) -> bool:
        """Whether every token has been judged."""
        return self.seen == len(self.tokens)

    def outputs(self, position: int, count: int) -> int:
        """How many of the `count` tokens from `position` on have logits that are needed."""
        return min(count, max(0, position + count - self.start + 1))

    def take(self, logits: Logits) -> None:
        """Judge the next token by the logits `(vocabulary,)` before it."""
        if self.others and not self.seen:
            self.instead = tuple(log_softmax(logits, token) for token in self.others)
        log = log_softmax(logits, self.tokens[self.seen])
        if self.texts:
            self.each.append((self.texts[self.seen], log))
        self.log_probability += log
        self.seen += 1


def log_softmax(logits: Logits, token: int) -> float:
    """The natural logarithm of a token's probability at temperature 1."""
    highest = logits.max()
    total = np.exp(logits - highest).sum(dtype=np.float64)
    return float(logits[token] - highest - np.log(total))


def split_scored(parts: tuple[Part, ...], codec: Codec) -> tuple[list[int], Score | None]:
    """The ids before the scored text of an answer, and its score, whose start counts from there."""
    before = "".join(part.text for part in parts if isinstance(part, Given) and not part.scored)
    given = [part for part in parts if isinstance(part, Given) and part.scored]
    if not given:
        return [], None
    others = [codec.encode(text)[0] for text in given[-1].instead]
    held, tokens = codec.encode(before), codec.encode("".join(part.text for part in given))
    texts = codec.texts(tokens) if any(part.each for part in given) else ()
    return held, Score(len(held), tokens, others, texts)
