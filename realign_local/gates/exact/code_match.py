"""Whether the pieces of code in a rewrite are, in order, all of the code in the original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from realign_local.text.code.code_parse import SEPARATOR, Token, indent_unit, joined, lex

MAX_PLACES = 64  # how many ways of covering the beginning are followed at the same time
_STEP = re.compile(SEPARATOR + "\n[-\\d.e+]+(?=" + SEPARATOR + ")")
_ELLIPSIS = re.compile(
    r"^[ \t]*(?:(?:#|//|--|/\*)[ \t]*)?(?:\.{3}|…)[ \t]*(?:\*/[ \t]*)?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class MatchTarget:
    """The original's code as one searchable string, and the language of each of its blocks."""

    tokens: tuple[Token, ...]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, blocks: Iterable[tuple[str, str]]) -> MatchTarget:
        """From (code, language) pairs, in the order of the text."""
        pairs = list(blocks)
        tokens = [token for code, language in pairs for token in lex(code, language)]
        return cls(tuple(tokens), tuple(dict.fromkeys(language for _, language in pairs)))

    @property
    def unit(self) -> int:
        """Columns to a level of indentation."""
        return indent_unit(list(self.tokens))

    @property
    def text(self) -> str:
        """The tokens, each line's step in or out between them."""
        return joined(list(self.tokens), self.unit)

    def readings(self, code: str, *, unit: int = 0) -> list[str]:
        """A piece of the rewrite as this target would spell it, once for each of its languages.

        `unit` 0 measures the piece's indentation by its own smallest step, so that code set with
        two columns a level equals the same code set with four.
        """
        texts = []
        for language in self.languages:
            tokens = lex(code, language)
            texts.append(joined(tokens, unit or indent_unit(tokens)))
        return list(dict.fromkeys(texts))


def covers(target: MatchTarget, pieces: Sequence[str]) -> bool:
    """Whether pieces of code, in order and with others between them, make up all of the target."""
    whole = target.text
    units = (target.unit, 0)
    return any(
        _covers(whole, [target.readings(piece, unit=unit) for piece in pieces]) for unit in units
    )


def _covers(whole: str, pieces: Sequence[list[str]]) -> bool:
    ends = {0}
    for readings in pieces:
        for reading in filter(None, readings):
            ends |= {end for start in ends for end in _matches(whole, reading, start)}
        if len(ends) > MAX_PLACES:
            ends = {0, *sorted(ends)[-MAX_PLACES:]}
    return any(not whole[_past_step(whole, end) :].strip(SEPARATOR) for end in ends)


def _matches(whole: str, piece: str, start: int) -> list[int]:
    start = _past_step(whole, start)
    return [start + len(piece) - 1] if whole.startswith(piece, start) else []


def _past_step(whole: str, start: int) -> int:
    """A piece begins a new line, so the step from the line before it is not in the piece."""
    step = _STEP.match(whole, start)
    return step.end() if step else start


def is_fragment(target: MatchTarget, code: str, loose: Sequence[str]) -> bool:
    """Whether a piece repeats a stretch of the target, or words of one of the `loose` texts.

    Lines that only say `...` stand for what was left out.
    """
    whole = target.text
    for part in _ELLIPSIS.split(code):
        if not part.strip():
            continue
        readings = [*target.readings(part, unit=target.unit), *target.readings(part)]
        if any(not reading or reading in whole for reading in readings):
            continue
        plain = joined(lex(part), 1)
        if not any(plain in text for text in loose):
            return False
    return True


def loosely(text: str) -> str:
    """Any text as a searchable string of tokens, comments and all."""
    return joined(lex(text), 1)
