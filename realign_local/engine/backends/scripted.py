"""Stand-ins that ship with the package: a model-free engine and a backend that needs no GGUF.

`ScriptedEngine` answers with texts that a function gives: golden tests and `--dry-run` use it.
`ScriptedBackend` is a complete backend with a tiny vocabulary and honest books, whose next token is
a function of what its cache really holds: the laws of the batching engine are tested on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from realign_local.base.errors import EngineError
from realign_local.base.lock import Closing
from realign_local.engine.backend import Logits, Run, Tokens
from realign_local.engine.request import Completion, Finish, Given, OnPiece, Request, Sampling, Span

AnswerScript = Callable[[Request], Sequence[str]]
"""Gives the text of each span of a request, in order."""

NextLogits = Callable[[Sequence[int]], Logits]
"""Gives the logits `(vocabulary,)` after these tokens."""


def placeholders(request: Request) -> list[str]:
    """For each span its name in brackets: what a dry run shows in place of the model's words."""
    return [f"[{part.name or 'text'}]" for part in request.answer if isinstance(part, Span)]


class ScriptedEngine(Closing):
    """Answers each request at once, in order, with the script's texts."""

    def __init__(self, answer: AnswerScript = placeholders) -> None:
        self._answer = answer
        self._cancelled: set[str] = set()

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """Yield one completion a request; a cancelled one has the pieces up to then."""
        for request in requests:
            self._cancelled.discard(request.key)
            yield self._complete(request, on_piece)

    def _complete(self, request: Request, on_piece: OnPiece | None) -> Completion:
        texts = iter(self._answer(request))
        pieces: list[str] = []
        for number, part in enumerate(request.answer):
            pieces.append(part.text if isinstance(part, Given) else next(texts, ""))
            if isinstance(part, Given) or on_piece is None:
                continue
            reply = on_piece(request.key, number, pieces[-1])
            while isinstance(reply, Sampling):
                answer = tuple(map(Given, pieces[:-1])) + request.answer[number:]
                texts = iter(self._answer(replace(request, answer=answer, sampling=reply)))
                pieces[-1] = next(texts, "")
                reply = on_piece(request.key, number, pieces[-1])
            if not reply or request.key in self._cancelled:
                return _scripted_completion(request, pieces, Finish.CANCELLED)
        return _scripted_completion(request, pieces, Finish.STOP)

    def cancel(self, key: str) -> None:
        """Stop the request that is being answered, if it has this key."""
        self._cancelled.add(key)

    def close(self) -> None:
        """Nothing to give back."""


def _scripted_completion(request: Request, pieces: list[str], finish: Finish) -> Completion:
    """Words stand for tokens: close enough for reports."""
    written = [
        text for text, part in zip(pieces, request.answer, strict=False) if isinstance(part, Span)
    ]
    return Completion(
        key=request.key,
        pieces=tuple(pieces),
        finish=finish,
        prompt_tokens=sum(len(message.content.split()) for message in request.messages),
        completion_tokens=sum(len(text.split()) for text in written),
    )


class ScriptedVocabulary:
    """All single bytes, some longer pieces, and ChatML's control tokens."""

    bos = ""
    eos = "<|im_end|>"
    chat_template = ""
    CONTROL = ("<|im_start|>", "<|im_end|>")
    LONGER = (
        *(" the", " a", " is", " cat", " 12", " Step", "ing", ". ", ".\n", "\n\n", "END", "1."),
        *("é", "。", " naïve", ", "),
    )

    def __init__(self) -> None:
        texts = [text.encode() for text in self.LONGER]
        self._pieces = [bytes([byte]) for byte in range(256)] + texts
        self._ids = {piece: number for number, piece in enumerate(self._pieces)}
        self._longest = max(map(len, self._pieces))
        self.size = len(self._pieces) + len(self.CONTROL)
        self.end = self.size - 1

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """The longest piece at each place; control tokens only where `special`."""
        data, ids, place = text.encode("utf-8", "replace"), list[int](), 0
        while place < len(data):
            size, token = self._longest_at(data, place, special=special)
            ids.append(token)
            place += size
        return ids

    def _longest_at(self, data: bytes, place: int, *, special: bool) -> tuple[int, int]:
        for number, control in enumerate(self.CONTROL if special else ()):
            if data.startswith(control.encode(), place):
                return len(control), len(self._pieces) + number
        for size in range(min(self._longest, len(data) - place), 0, -1):
            token = self._ids.get(data[place : place + size])
            if token is not None:
                return size, token
        raise AssertionError("every byte is a piece")

    def opening(self) -> list[int]:
        """Nothing comes first."""
        return []

    def piece(self, token: int) -> bytes:
        """The bytes of a token."""
        return self._pieces[token] if token < len(self._pieces) else b""

    def is_end(self, token: int) -> bool:
        """Whether this is ChatML's end of turn."""
        return token == self.end

    def starting_with(self, prefix: bytes) -> NDArray[np.bool_]:
        """Which tokens begin with these bytes or end the turn."""
        return np.array(
            [self.piece(t).startswith(prefix) or self.is_end(t) for t in range(self.size)]
        )


class ScriptedBackend:
    """Keeps the tokens of every slot as they were evaluated, and derives logits from them alone."""

    def __init__(
        self,
        *,
        slots: int = 8,
        cells: int = 512,
        can_rewind: bool = True,
        has_states: bool = True,
        next_logits: NextLogits | None = None,
    ) -> None:
        self.vocabulary = ScriptedVocabulary()
        self.slots = slots
        self.cells = cells
        self.can_rewind = can_rewind
        self.has_states = has_states
        self.evaluated = 0
        self._next = next_logits or self.hashed_logits
        self._cache: list[list[int]] = [[] for _ in range(slots)]
        self._outputs: list[Logits] = []
        self._is_copying = False

    def decode(self, runs: Sequence[Run]) -> None:
        """Add the tokens to their slots; complains about gaps and overflow as llama.cpp would."""
        self._outputs = []
        self._is_copying = False
        for run in runs:
            cache = self._cache[run.slot]
            if run.start != len(cache) or len(cache) + len(run.tokens) > self.cells:
                raise EngineError(f"slot {run.slot} holds {len(cache)} tokens, was given {run}")
            for number, token in enumerate(run.tokens):
                cache.append(token)
                if number >= len(run.tokens) - run.outputs:
                    self._outputs.append(self._next(cache))
            self.evaluated += len(run.tokens)

    def wait(self) -> None:
        """It is done already."""

    def hashed_logits(self, context: Sequence[int]) -> Logits:
        """Logits that depend on every token of the context and often repeat what was there."""
        digest = hashlib.blake2b(np.array(context[-40:], np.int32).tobytes(), digest_size=8)
        digest.update(len(context).to_bytes(4, "little"))
        source = np.random.Generator(np.random.Philox(int.from_bytes(digest.digest(), "little")))
        logits = source.random(self.vocabulary.size, dtype=np.float32) * 4
        logits[context[int(source.integers(len(context)))]] += 3
        logits[self.vocabulary.end] += 2 * float(source.random())
        for place in range(len(context) - 2, max(0, len(context) - 60), -1):
            if context[place] == context[-1]:
                logits[context[place + 1]] += 4 * float(source.random())
                break
        return logits

    def logits(self, output: int) -> Logits:
        """The logits of one output of the last batch."""
        return self._outputs[output]

    def likeliest(self) -> Tokens:
        """The likeliest token of each output."""
        return np.array([logits.argmax() for logits in self._outputs], np.int32)

    def copy(self, source: int, target: int, length: int) -> None:
        """Copy the beginning of one slot into an empty one."""
        if self._cache[target] or length > len(self._cache[source]):
            raise EngineError(f"cannot copy {length} tokens from slot {source} to {target}")
        self._cache[target] = self._cache[source][:length]
        self._is_copying = True

    def truncate(self, slot: int, length: int) -> None:
        """Forget what comes after."""
        if length and not self.can_rewind:
            raise EngineError("a recurrent model cannot rewind")
        del self._cache[slot][length:]

    def state(self, slot: int) -> bytes:
        """The tokens in the slot."""
        self._check_still()
        return np.array(self._cache[slot], "<i4").tobytes()

    def restore(self, slot: int, state: bytes) -> bool:
        """The tokens again, as far as there is room for them; complains as llama.cpp cannot."""
        self._check_still()
        if self._cache[slot]:
            raise EngineError(f"slot {slot} is not empty")
        self._cache[slot] = np.frombuffer(state[: len(state) // 4 * 4], "<i4").tolist()
        return len(self._cache[slot]) <= self.cells

    def _check_still(self) -> None:
        if self._is_copying:
            raise EngineError("llama.cpp copies as late as with the next batch")

    def length(self, slot: int) -> int:
        """Tokens in the slot."""
        return len(self._cache[slot])

    def grammar(self, gbnf: str) -> ScriptedGrammar:
        """A grammar whose GBNF is just the text to be written, in quotes."""
        return ScriptedGrammar(gbnf, self.vocabulary)

    def close(self) -> None:
        """Nothing to free."""


class ScriptedGrammar:
    """Allows one fixed text (`root ::= "text"`) and then the end of the turn."""

    def __init__(self, gbnf: str, vocabulary: ScriptedVocabulary) -> None:
        self._left = gbnf.split('"')[1].encode()
        self._vocabulary = vocabulary

    def allows(self, token: int) -> bool:
        """Whether the token goes on with the text, or ends it in time."""
        if self._vocabulary.is_end(token):
            return not self._left
        piece = self._vocabulary.piece(token)
        return bool(piece) and self._left.startswith(piece)

    def mask(self, logits: Logits) -> Logits:
        """The logits with all other tokens at minus infinity."""
        allowed = [self.allows(token) for token in range(len(logits))]
        return np.where(np.array(allowed), logits, np.float32(-np.inf)).astype(np.float32)

    def accept(self, token: int) -> None:
        """Move on in the text."""
        self._left = self._left[len(self._vocabulary.piece(token)) :]

    def close(self) -> None:
        """Nothing to free."""
