"""Paragraphs: a wall of text is parted at its own turns, wrapped lines become whole ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from realign_local.base.words.sentences import sentences
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.whole.rejoined import unwrap
from realign_local.text.prose import lines_of_code
from realign_local.text.rules import rules

WALL_WORDS = 120
WALL_SENTENCES = 6
LEAST, MOST = 2, 5
"""Sentences of a paragraph."""
FEWEST_WORDS = 20
"""Of a new paragraph: two short sentences do not stand alone."""
NEW_SUBJECT_COST = 6.0
"""A turn is worth paragraphs that are two sentences longer or shorter than the usual three."""
MOST_CHARS = 20_000

_KEEPS_ITS_FORM = re.compile(
    r"(?i)\bparagraphs?\b|\babstract\b|\bsummar|\bstor(?:y|ies)\b|\btales?\b|\bpoems?\b|\bsongs?\b"
    r"|\blyrics\b|\bletter\b|\be-?mail\b|\bspeech\b|\brewrite\b|\bparaphras|\btranslat|\bcorrect\b"
    r"|\bproofread|\bedit\b|\bscene\b|\bnarrat|\bmonolog|\bcaption\b|\bsynopsis\b|\bfable\b|\bblurb\b"
    r"|\bcontinue\b|\bplot\b|absatz|zusammenfass|geschichte|paragraphe|résum|histoire|párrafo|resum"
    r"|cuento|historia"
)
_TELLS_A_STORY = re.compile(
    r"(?i)\bonce upon a time\b|[\"”’]\s(?:\w+\s){0,2}(?:said|asked|replied|whispered|cried)\b"
    r"|\b(?:said|asked|replied|whispered|cried),?\s[\"“]"
)
_NO_PLAIN_PROSE = re.compile(
    r"^\s*(?:[-*+•>#|\"“<]|\d{1,3}[.)]\s)|^[^.,:!?]{1,40}:\s|\$\$|\\[(\[]|<<|\|"
)
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_SIGNS = re.compile(r"[\"“”()\[\]]")


@dataclass(frozen=True, slots=True)
class Habits:
    """How sentences of a language begin."""

    words: frozenset[str]
    turns: re.Pattern[str]
    leans: re.Pattern[str]


@cache
def _languages() -> tuple[Habits, ...]:
    entries = rules("tidy/paragraphs").values()
    return tuple(
        Habits(frozenset(entry["words"]), _beginning(entry["turns"]), _beginning(entry["leans"]))
        for entry in entries
    )


def _beginning(phrases: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, phrases), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(longest_first)})(?![\w’'-])")


def _habits(text: str) -> Habits | None:
    words = text.lower().split()
    counts = [(sum(word in known.words for word in words), known) for known in _languages()]
    most, known = max(counts, key=lambda pair: pair[0])
    return known if most * 12 >= len(words) else None


def paragraphs(response: str, request: str) -> str:
    """Long paragraphs parted where one of their sentences opens a new thought."""
    if len(response) < WALL_WORDS * 4 or len(response) > MOST_CHARS:
        return response
    if all(line.count(" ") < WALL_WORDS for line in response.split("\n")):
        return response
    if _KEEPS_ITS_FORM.search(request) or _TELLS_A_STORY.search(response):
        return response
    if "\r" in response:
        return response
    code = lines_of_code(response)
    lines = enumerate(response.split("\n"))
    return "\n".join(line if number in code else _parted(line) for number, line in lines)


def _parted(line: str) -> str:
    if len(line.split()) <= WALL_WORDS or _NO_PLAIN_PROSE.search(line) or line[0].isspace():
        return line
    parts = sentences(line)
    known = _habits(line)
    if known is None or len(parts) < WALL_SENTENCES:
        return line
    places = _places(line, parts)
    borders = _borders(parts, [_is_open(line[:place]) for place in places], known)
    if not borders:
        return line
    cuts = [0, *(places[border] for border in borders), len(line)]
    return "\n\n".join(line[a:b].strip() for a, b in pairwise(cuts))


def _places(line: str, parts: Sequence[str]) -> list[int]:
    places: list[int] = []
    at = 0
    for part in parts:
        at = line.index(part, at)
        places.append(at)
        at += len(part)
    return places


def _is_open(text: str) -> bool:
    """Whether a quotation or a bracket is open at the end of the text."""
    signs = "".join(_SIGNS.findall(text))
    pairs = (("“", "”"), ("(", ")"), ("[", "]"))
    return signs.count('"') % 2 == 1 or any(signs.count(a) > signs.count(b) for a, b in pairs)


def _borders(parts: Sequence[str], is_open: Sequence[bool], known: Habits) -> list[int]:
    """The sentences that begin paragraphs, by the best way to part them all; none if there is none.

    best[n]: the least cost of parting the first n sentences, and where the last part begins. One
    border at least must be a turn; a new subject may only part what is left too long.
    """
    costs = [_cost(parts, number, known) for number in range(len(parts))]
    best: dict[int, tuple[float, int]] = {0: (0.0, -1)}
    for end in range(LEAST, len(parts) + 1):
        cost = 0.0 if end == len(parts) else float("inf") if is_open[end] else costs[end]
        ways = [
            (best[start][0] + cost + (end - start - 3) ** 2, start)
            for start in range(max(0, end - MOST), end - LEAST + 1)
            if start in best and _stands(parts[start:end])
        ]
        if ways and cost < float("inf"):
            best[end] = min(ways)
    borders: list[int] = []
    at = len(parts) if len(parts) in best else 0
    while at > 0 and best[at][1] > 0:
        at = best[at][1]
        borders.insert(0, at)
    return borders if any(not costs[border] for border in borders) else []


def _stands(parts: Sequence[str]) -> bool:
    return sum(len(part.split()) for part in parts) >= FEWEST_WORDS


def _cost(parts: Sequence[str], number: int, known: Habits) -> float:
    """Of a border before a sentence: 0 at a turn, some at a new subject, endless elsewhere."""
    sentence = parts[number]
    if known.leans.match(sentence):
        return float("inf")
    if known.turns.match(sentence):
        return 0.0
    subject = {word.lower() for word in _LONG_WORD.findall(" ".join(sentence.split()[:5]))}
    before = {
        word.lower()
        for part in parts[max(0, number - 2) : number]
        for word in _LONG_WORD.findall(part)
    }
    leaning = any(known.leans.match(word.title()) for word in sentence.split()[:8])
    is_new = bool(subject) and not subject & before and not leaning
    return NEW_SUBJECT_COST if is_new else float("inf")


OPERATIONS: tuple[Operation, ...] = (
    Operation("unwrap", "Lines cut at a fixed width are joined into paragraphs.", unwrap),
    Operation("paragraphs", "A wall of text is parted where its thoughts turn.", paragraphs),
)
