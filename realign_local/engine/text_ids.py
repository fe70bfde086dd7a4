"""Text outside, ids inside: prompts and forced text to ids, and the rules that end a span."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from realign_local.base.words.sentences import is_abbreviation
from realign_local.engine.backend import Vocabulary
from realign_local.engine.chat import ChatTemplate, Fragment
from realign_local.engine.request import Message

FRAGMENTS_KEPT = 256
"""Tokenized fragments that are remembered: system texts and examples come back row after row."""


class Pieces(dict[int, bytes | None]):
    """What each token says; None ends the turn. The vocabulary is asked once for each."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, token: int) -> bytes | None:
        ends = self._vocabulary.is_end(token)
        self[token] = said = None if ends else self._vocabulary.piece(token)
        return said


class Codec:
    """Turns texts into the ids of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.pieces = Pieces(vocabulary)
        self._template = ChatTemplate(
            vocabulary.chat_template, bos=vocabulary.bos, eos=vocabulary.eos
        )
        self._tokenize = lru_cache(maxsize=FRAGMENTS_KEPT)(self._tokenize_fragment)

    def _tokenize_fragment(self, text: str, special: bool) -> tuple[int, ...]:
        return tuple(self.vocabulary.tokenize(text, special=special))

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The ids of a chat up to where the answer begins; contents never give control tokens."""
        return self._ids(self._template.render(messages))

    def recurring(self, messages: Sequence[Message]) -> int:
        """How many of those ids come before the first text that is not the same in every run."""
        if not messages or not messages[0].recurs:
            return 0
        fragments = self._template.render(messages)
        return len(self._ids(list(takewhile(lambda fragment: fragment.recurs, fragments))))

    def _ids(self, fragments: Sequence[Fragment]) -> list[int]:
        bos = self.vocabulary.bos
        opened = bool(bos and fragments and fragments[0].text.startswith(bos))
        ids = [] if opened else self.vocabulary.opening()
        for fragment in fragments:
            ids += self._tokenize(fragment.text, not fragment.plain)
        return ids

    def encode(self, text: str) -> list[int]:
        """The ids of plain text in the middle of an answer."""
        return self.vocabulary.tokenize(text, special=False) if text else []

    def texts(self, tokens: Sequence[int]) -> tuple[str, ...]:
        """What each token adds to the text; a character of several tokens belongs to its last."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        found = [decoder.decode(self.vocabulary.piece(token)) for token in tokens]
        return (*found[:-1], found[-1] + decoder.decode(b"", final=True)) if found else ()


def find_stop(text: bytes | bytearray, stops: Sequence[bytes], *, start: int) -> int:
    """Where the first stop string begins at or after `start`, else -1."""
    places = [place for stop in stops if (place := text.find(stop, start)) >= 0]
    return min(places, default=-1)


_LIST_NUMBER = re.compile(r"\n[ \t]*\d{1,3}$")
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’)\]*_`]*(?=\s|$)|[。！？]+[”’」』）]*")


def sentences_end(text: str, count: int, *, opens_line: bool = True, final: bool = False) -> int:
    """How many characters the first `count` sentences take, else -1.

    A sentence ends with . ! or ? (and closing quotes) before white space, or with 。！ or ？.
    Not after a single letter, a common abbreviation or the number of a list item (`opens_line`: the
    text begins a line). Unless the text is `final`, a sentence that ends exactly with it does not
    count yet: the next character decides.
    """
    before = "\n" if opens_line else "x "
    for match in _SENTENCE_END.finditer(text):
        if match.end() == len(text) and not final:
            return -1
        after = text[match.end() :].lstrip()[:1] or "0"  # not written yet: it may be a number
        if match.group()[0] == "." and not _ends_with_dot(before + text[: match.start()], after):
            continue
        count -= 1
        if count == 0:
            return match.end()
    return -1


def _ends_with_dot(before: str, after: str) -> bool:
    """Whether a full stop between these texts ends a sentence."""
    tail = before[-24:]
    return not (is_abbreviation(tail, after) or _LIST_NUMBER.search(tail))


def whole_characters(text: bytes) -> int:
    """How many bytes are left when a character that is cut off at the end is left out."""
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(text) - back if back < length else len(text)
        if byte < 0x80:
            break
    return len(text)
