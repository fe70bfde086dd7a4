"""What the small words of a sentence say: may or must, if or unless, most or all.

The tables of `rules/senses` have, for each language, lines of senses that do not take each other's
place, and the phrases that say the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from realign_local.text.rules import FOLDER, rules

LANGUAGES = frozenset(file.stem for file in (FOLDER / "senses").glob("*.toml"))
SPACELESS = ("zh", "ja", "ko")
MAX_SIGNS = 20_000
MOST_COUPLES = 250_000
"""Phrases of a text by those of another that are compared; with more nothing is put alike."""
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_PART = re.compile(r"[^\W_]+\*?|#")
"""A word of a phrase; of `don't` and `peut-être` there are two."""
_CODE = re.compile(
    r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]+`|^(?: {4}|\t)[^\n]*", re.MULTILINE | re.DOTALL
)
_NUMBER = "#"
_NO_CLASSES = ("examples", "sides", "passive", "converse", "particles")
_TURNING = ("comparison", "opposites", "places", "bounds")


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning: the line and the place in it.

    One that `stays` must neither come nor go. One that `turns` may be said by another one of its
    line where what stands beside it changes sides: `older than`, `younger than`.
    """

    line: int
    place: int
    stays: bool
    is_vague: bool = False
    turns: bool = False


@dataclass(frozen=True, slots=True)
class SmallPhrase:
    """A phrase of the table as it stands in a text, in small letters, with what it may mean."""

    text: str
    start: int
    end: int
    senses: frozenset[Sense]

    def says(self, other: SmallPhrase) -> bool:
        """Whether both may mean the same."""
        return not _places(self).isdisjoint(_places(other))

    @property
    def stays(self) -> bool:
        """Whether a sentence that is kept has it as before: not so if it may say nothing."""
        vague = any(sense.is_vague for sense in self.senses)
        return not vague and any(sense.stays for sense in self.senses)

    def excludes(self, other: SmallPhrase) -> bool:
        """Whether one must not stand in the place of the other."""
        lines = ({s.line for s in phrase.senses if not s.is_vague} for phrase in (self, other))
        return not set.isdisjoint(*lines) and not self.says(other)


def _places(phrase: SmallPhrase) -> frozenset[tuple[int, int]]:
    return frozenset((sense.line, sense.place) for sense in phrase.senses)


@lru_cache(maxsize=32)
def small_phrases(text: str, language: str) -> tuple[SmallPhrase, ...]:
    """The phrases of the table in a text, the longest one at each place."""
    if language not in LANGUAGES or len(text) > MAX_SIGNS:
        return ()
    lowered = text.lower().replace("’", "'")
    if len(lowered) != len(text):
        return ()
    found = (
        _among_signs(lowered, language)
        if language in SPACELESS
        else _among_words(lowered, language)
    )
    return tuple(found)


def _among_words(text: str, language: str) -> Iterator[SmallPhrase]:
    tokens = [*_WORD.finditer(text)]
    words = [token[0] for token in tokens]
    known, at = _by_head(language), 0
    while at < len(words):
        for phrase, senses in known.get(words[at][:_HEAD], ()):
            length = _fits(phrase, words, at)
            if length and "\n" not in text[tokens[at].start() : tokens[at + length - 1].end()]:
                start, end = tokens[at].start(), tokens[at + length - 1].end()
                yield SmallPhrase(text[start:end], start, end, senses)
                at += length
                break
        else:
            at += 1


def _fits(phrase: tuple[str, ...], words: Sequence[str], at: int) -> int:
    """How many words the phrase takes here, 0 where it is another; without a number behind it."""
    if at + len(phrase) > len(words):
        return 0
    for n, part in enumerate(phrase):
        word = words[at + n]
        if part == _NUMBER:
            if not word[0].isdigit():
                return 0
        elif part[-1] == "*":
            if not word.startswith(part[:-1]):
                return 0
        elif word != part:
            return 0
    return len(phrase) - (phrase[-1] == _NUMBER)


def _among_signs(text: str, language: str) -> Iterator[SmallPhrase]:
    pattern, senses = _signs(language)
    for m in pattern.finditer(text):
        start = m.start() + (m[0][0] == " ")
        yield SmallPhrase(m[0].strip(), start, start + len(m[0].strip()), senses[m[0]])


_HEAD = 2
"""First letters by which phrases are found; the least that stands before a `*`."""


@cache
def _by_head(language: str) -> dict[str, list[tuple[tuple[str, ...], frozenset[Sense]]]]:
    """The phrases, the longest first, by the first letters of their first word."""
    found: dict[str, list[tuple[tuple[str, ...], frozenset[Sense]]]] = {}
    phrases = {tuple(_PART.findall(p)): senses for p, senses in _table(language).items()}
    for phrase in sorted(phrases, key=lambda p: (-len(p), p[0].endswith("*"), -len(p[0]), p)):
        found.setdefault(phrase[0].rstrip("*")[:_HEAD], []).append((phrase, phrases[phrase]))
    return found


@cache
def _signs(language: str) -> tuple[re.Pattern[str], dict[str, frozenset[Sense]]]:
    senses = {p.replace("_", " "): s for p, s in _table(language).items()}
    either = "|".join(map(re.escape, sorted(senses, key=len, reverse=True)))
    return re.compile(either or "(?!)"), senses


@cache
def _table(language: str) -> dict[str, frozenset[Sense]]:
    """Each phrase with what it may mean."""
    found: dict[str, set[Sense]] = {}
    table = rules(f"senses/{language}")
    classes = [name for name in table if name not in _NO_CLASSES]
    lines = [(name in _TURNING, line) for name in classes for line in table[name]]
    for number, (turns, line) in enumerate(lines):
        for place, side in enumerate(line.split(" / ")):
            stays = side.startswith("!")
            for phrase in side.removeprefix("!").split("|"):
                vague = phrase.startswith("~")
                found.setdefault(phrase.removeprefix("~"), set()).add(
                    Sense(number, place, stays, vague, turns)
                )
    return {phrase: frozenset(senses) for phrase, senses in found.items()}


@cache
def told_words(language: str, kind: str) -> frozenset[str]:
    """Words of the table that are no sense: `sides` part what must not change places, `passive`
    stands before who does it, `particles` behind a word."""
    table = rules(f"senses/{language}") if language in LANGUAGES else {}
    return frozenset(word.replace("_", " ") for word in str(table.get(kind, "")).split())


def may_be_converse(one: SmallPhrase, other: SmallPhrase, language: str) -> bool:
    """Whether a sentence turned round may have the one for the other: `because`, `so`."""
    lines = {s.line for s in one.senses if s.turns} & {s.line for s in other.senses}
    if lines:
        return True
    couples = rules(f"senses/{language}").get("converse", [])
    return any(
        {one.text, other.text} <= {*a.split("|"), *b.split("|")}
        and (one.text in a.split("|")) != (other.text in a.split("|"))
        for a, b in (couple.split(" / ") for couple in couples)
    )


def same_senses(original: str, rewritten: str, language: str) -> str:
    """The original with a phrase as the rewrite says it, where that has another of the same sense.

    One word beside it must be the same.
    """
    mine, theirs = (
        [p for p in small_phrases(_CODE.sub(_blank, text), language) if not _is_end(text, p)]
        for text in (original, rewritten)
    )
    lost = Counter(p.text for p in mine) - Counter(p.text for p in theirs)
    come = Counter(p.text for p in theirs) - Counter(p.text for p in mine)
    mine, theirs = [p for p in mine if lost[p.text]], [p for p in theirs if come[p.text]]
    if not mine or not theirs or len(mine) * len(theirs) > MOST_COUPLES:
        return original
    changes: list[tuple[SmallPhrase, SmallPhrase]] = []
    for new in theirs:
        taken = [old for old, _ in changes]
        fitting = [p for p in mine if lost[p.text] and p not in taken and p.says(new)]
        best = max(fitting, key=lambda p: neighbours(original, p, rewritten, new), default=None)
        if best and come[new.text] and neighbours(original, best, rewritten, new):
            changes.append((best, new))
            lost[best.text] -= 1
            come[new.text] -= 1
    for old, new in sorted(changes, key=lambda change: -change[0].start):
        said = rewritten[new.start : new.end]
        said = (said[0].upper() if original[old.start].isupper() else said[0].lower()) + said[1:]
        original = original[: old.start] + said + original[old.end :]
    return original


def _blank(code: re.Match[str]) -> str:
    return "_" * len(code[0])


def _is_end(text: str, phrase: SmallPhrase) -> bool:
    """Whether it is the end of a contraction: the `s` of `nothing's`."""
    return text[phrase.start - 1 : phrase.start] in ("'", "’")


def neighbours(original: str, old: SmallPhrase, rewritten: str, new: SmallPhrase) -> int:
    """On how many sides both have the same word, or none."""
    before = [_last(text[: p.start]) for text, p in ((original, old), (rewritten, new))]
    behind = [_first(text[p.end :]) for text, p in ((original, old), (rewritten, new))]
    return sum(one == other for one, other in (before, behind))


def _last(text: str) -> str:
    found = _NEAR.findall(text[-40:].lower())
    return found[-1] if found else ""


def _first(text: str) -> str:
    found = _NEAR.search(text[:40].lower())
    return found[0] if found else ""


_NEAR = re.compile(r"[\u3040-\u9fff]|[^\W_]+")
