"""Text to passages: sentences packed into windows that fit the encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from realign_local.base.words.sentences import sentences
from realign_local.evidence.scripts import weight

WANTED_TOKENS = 200  # about 150 English words; longer passages blur what the vector says
LEAST_CHARACTERS = 20
HEADING_TOKENS = 48
SPECIAL_TOKENS = 4


Count = Callable[[str], int]


def windows(text: str, *, count: Count, most_tokens: int) -> Iterator[str]:
    """Pack paragraphs and sentences into passages of at most `most_tokens`, none cut if avoidable.

    Sizes are balanced: a text of 1.2 windows gives two halves, not a full one and a scrap.
    """
    units = [
        u for line in text.split("\n") if line.strip() for u in _units(line, count, most_tokens)
    ]
    total = sum(size for _, size, _ in units)
    pieces = max(1, -(-total // most_tokens))
    target = min(most_tokens, total / pieces * 1.1)
    pending: list[str] = []
    size = 0
    for unit, tokens, separator in units:
        if pending and (size + tokens > most_tokens or size >= target):
            yield "".join(pending).strip()
            pending, size = [], 0
        pending += [unit, separator]
        size += tokens
    if pending:
        yield "".join(pending).strip()


def joined(sections: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sections, those that say too little to stand alone joined to the one before, else after.

    Under its heading "It is 72 km long." is a fact, by itself no passage that a search could find.
    """
    found: list[tuple[str, str]] = []
    waiting: list[str] = []
    for path, text in sections:
        if weight(text) < LEAST_CHARACTERS:
            heading = path.rpartition(" > ")[2]
            told = f"{heading}: {text}" if heading else text
            if found:
                found[-1] = (found[-1][0], f"{found[-1][1]}\n{told}")
            else:
                waiting.append(told)
        else:
            found.append((path, "\n".join([text, *waiting])))
            waiting = []
    return found or ([("", "\n".join(waiting))] if any(map(str.isalnum, "".join(waiting))) else [])


def _units(line: str, count: Count, most_tokens: int) -> Iterator[tuple[str, int, str]]:
    """(sentence, tokens, what follows it); a sentence beyond the bound is cut between words."""
    parts = sentences(line)
    for i, sentence in enumerate(parts):
        separator = "\n" if i == len(parts) - 1 else " "
        tokens = count(sentence)
        if tokens <= most_tokens:
            yield sentence, tokens, separator
        else:
            yield from ((piece, size, " ") for piece, size in _cut(sentence, count, most_tokens))


def _cut(sentence: str, count: Count, most_tokens: int) -> Iterator[tuple[str, int]]:
    words: list[str] = []
    size = 0
    for word in _short_words(sentence, most_tokens):
        tokens = count(word)
        if words and size + tokens > most_tokens:
            yield " ".join(words), size
            words, size = [], 0
        words.append(word)
        size += tokens
    yield " ".join(words), size


def _short_words(sentence: str, most_tokens: int) -> Iterator[str]:
    """Words, a very long one (unspaced script, a formula) in pieces that surely fit."""
    longest = max(1, most_tokens // 2)
    for word in sentence.split():
        for start in range(0, len(word), longest):
            yield word[start : start + longest]


def body_tokens(heading: str, *, count: Count, max_tokens: int) -> int:
    """Tokens left for the text when the heading stands before it."""
    used = min(count(heading), HEADING_TOKENS) + SPECIAL_TOKENS
    return max(16, min(WANTED_TOKENS, max_tokens - used))
