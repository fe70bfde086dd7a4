"""One answer as it grows: given text in, sampled tokens in, finished pieces out.

Where parts meet:

- A span that ends inside a token keeps the whole tokens before the cut; the rest of the text up to
  the cut is tokenized anew, together with the given text after it. What follows goes on from
  exactly the text that was kept.
- Given text that ends with a space, before a span, is evaluated without that space, and the span's
  first token must begin with one. Nearly every vocabulary writes a word with the space in front of
  it; after a lone space models go astray.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from realign_local.engine.request import Given, Part, Span
from realign_local.engine.text_ids import Codec, find_stop, sentences_end, whole_characters

NO_SPAN = Span(0)
JOINT_TOKENS = 8
"""Tokens that a cut inside a token may add at most when its rest is tokenized anew."""


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """An answer as it was when a span began: what is needed to begin that span anew."""

    part: int
    held: bytes
    opens_line: bool
    forced_tokens: int
    cut_off: bool


@dataclass(frozen=True, slots=True)
class SpanEnd:
    """A span is over: `kept_tokens` of it stay as they are, then come the `following` ids."""

    part: int
    text: str
    kept_tokens: int
    following: list[int]


class Answer:
    """The parts of an answer, walked through once from the first to the last."""

    __slots__ = (
        *("pieces", "cut_off", "forced_tokens", "_parts", "_codec", "_span", "_taken", "_written"),
        *("_token_ends", "_most_unread", "_may_be_bound", "_held", "_opens_line", "_stops"),
        "_longest_stop",
    )

    def __init__(self, parts: tuple[Part, ...], codec: Codec) -> None:
        self._opens_line = True
        self._parts = parts
        self._codec = codec
        self._held = b""
        self._taken: list[int] = []
        self._written = bytearray()
        self._token_ends: list[int] = []
        self._span = NO_SPAN
        self._most_unread = 0
        self._may_be_bound = False
        self._stops: tuple[bytes, ...] = ()
        self._longest_stop = 0
        self.pieces: list[str] = []
        self.cut_off = False
        self.forced_tokens = 0

    @property
    def done(self) -> bool:
        """Whether every part is there."""
        return len(self.pieces) == len(self._parts)

    @property
    def span(self) -> Span:
        """The span that is being written."""
        return self._span

    @property
    def must_begin_with(self) -> bytes:
        """What the next token has to begin with: a space that was held back, or nothing."""
        return b"" if self._taken else self._held

    @property
    def is_bound(self) -> bool:
        """Whether more than the model's own choice decides what comes next."""
        return self._may_be_bound and bool(self._span.grammar or not self._taken)

    @property
    def tokens_left(self) -> int:
        """How many tokens the span may still take."""
        return self._span.max_tokens - len(self._taken)

    @property
    def mark(self) -> AnswerMark:
        """Where the answer is: to be taken while a span is being written."""
        return AnswerMark(
            len(self.pieces), self._held, self._opens_line, self.forced_tokens, self.cut_off
        )

    def go_back(self, mark: AnswerMark) -> None:
        """Forget that span and all after it."""
        del self.pieces[mark.part :]
        self._held, self._opens_line = mark.held, mark.opens_line
        self.forced_tokens, self.cut_off = mark.forced_tokens, mark.cut_off
        part = self._parts[mark.part]
        assert isinstance(part, Span)
        self._begin_span(part)

    def begin(self) -> list[int]:
        """The ids given before the first span."""
        return self._forward(b"")

    def worst_tokens(self) -> int:
        """The most tokens that the whole answer can take up to the end of its last span."""
        last = max((i for i, part in enumerate(self._parts) if isinstance(part, Span)), default=-1)
        return sum(
            JOINT_TOKENS
            + (part.max_tokens if isinstance(part, Span) else len(self._codec.encode(part.text)))
            for part in self._parts[: last + 1]
        )

    def take(self, token: int) -> SpanEnd | None:
        """Add a sampled token; returns how the span ended, or nothing while it goes on."""
        is_end = self._codec.pieces[token] is None
        if not is_end:
            self._taken.append(token)
            if len(self._taken) < self._most_unread:
                return None
        before = len(self._written)
        self._read()
        cut = len(self._written) if is_end else self._cut(before)
        if cut >= 0:
            return self._close(cut)
        return None if self.tokens_left > 0 else self._run_out()

    def _read(self) -> None:
        """Turn tokens into text: one by one where the text decides, else all of a span at once."""
        for token in self._taken[len(self._token_ends) :]:
            self._written += self._codec.pieces[token] or b""
            self._token_ends.append(len(self._written))

    def _cut(self, before: int) -> int:
        """Where the text written so far has to end by a rule of the span, else -1."""
        start = max(len(self._held), before - self._longest_stop + 1)
        stop = find_stop(self._written, self._stops, start=start) if self._stops else -1
        if not self.span.max_sentences:
            return stop
        sentence = self._sentence_cut(final=False) if stop < 0 else self._sentence_cut(stop=stop)
        return sentence if sentence >= 0 else stop

    def _sentence_cut(self, *, final: bool = True, stop: int = -1) -> int:
        """Where the sentences that the span may have end, in bytes written, else -1."""
        if not self.span.max_sentences:
            return -1
        written = self._written if stop < 0 else self._written[:stop]
        whole = bytes(written[len(self._held) : whole_characters(bytes(written))])
        # Bytes that are no text must count as many as they are, or the cut would fall too late.
        text = whole.decode("utf-8", "surrogateescape")
        end = sentences_end(text, self.span.max_sentences, opens_line=self._opens_line, final=final)
        return (
            len(self._held) + len(text[:end].encode("utf-8", "surrogateescape")) if end >= 0 else -1
        )

    def _run_out(self) -> SpanEnd:
        """End a span that has used up its tokens: whole, if its last sentence just ended."""
        cut = self._sentence_cut()
        self.cut_off |= cut < 0
        return self._close(cut if cut >= 0 else whole_characters(bytes(self._written)))

    def _close(self, cut: int) -> SpanEnd:
        part = len(self.pieces)
        text = bytes(self._written[len(self._held) : cut]).decode("utf-8", "replace")
        kept = bisect_right(self._token_ends, cut)
        whole = self._token_ends[kept - 1] if kept else 0
        rest = bytes(self._written[whole:cut]) or (b"" if kept else self._held)
        self.pieces.append(text)
        return SpanEnd(part, text, kept, self._forward(rest))

    def _forward(self, rest: bytes) -> list[int]:
        """Go to the next span; returns the ids of `rest` and of the given text up to there."""
        text = rest.decode("utf-8", "replace")
        while not self.done:
            part = self._parts[len(self.pieces)]
            if isinstance(part, Span) and part.max_tokens > 0:
                return self._open(part, text)
            given = part.text if isinstance(part, Given) else ""
            self.cut_off |= isinstance(part, Span)
            self.pieces.append(given)
            text += given
        return []

    def _open(self, span: Span, text: str) -> list[int]:
        # A grammar describes the span from its first character on, so nothing may come before it.
        self._held = b" " if text.endswith(" ") and not span.grammar else b""
        self._opens_line = self._at_line_start()
        self._begin_span(span)
        ids = self._codec.encode(text[: len(text) - len(self._held)])
        self.forced_tokens += len(ids)
        return ids

    def _begin_span(self, span: Span) -> None:
        self._span = span
        self._most_unread = 0 if span.stop or span.max_sentences else span.max_tokens
        self._may_be_bound = bool(span.grammar or self._held)
        self._taken.clear()
        self._written.clear()
        self._token_ends.clear()
        self._stops = tuple(stop.encode() for stop in span.stop if stop)
        self._longest_stop = max(map(len, self._stops), default=0)

    def _at_line_start(self) -> bool:
        """Whether the span to come begins a line: there, a number and a dot open a list item."""
        written = "".join(self.pieces)
        return written.rstrip(" \t").endswith("\n") or not written.strip()
