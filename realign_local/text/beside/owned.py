"""Whom the words of a text are said of, by its sentences, and under whom a layout has them.

`Elks eat bark; owls, mice.` says of each word which of the two it belongs to. Where a list, a
table or headings have the same labels, a word that stands under another one has strayed. Only
words that the text has once are looked at, and only where one label is clearly theirs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from realign_local.text.numbers.number_words import SMALL
from realign_local.text.numbers.units import unit_of
from realign_local.text.outline import MAX_SIGNS, Piece
from realign_local.text.segments import FUNCTION_WORDS, units, vocabulary

MAX_LABELS = 30
MAX_LABEL_WORDS = 8
LETTERS = 5
MANY_RIGHT = 2
LEAST_LETTERS = 3
MOST_BETWEEN = 3
"""From one to the next of several labels: `the ash and the oak`."""
MOST_SPELLED = 13
"""Numbers below it may be digits here and words there, where a text has both."""
_TOKEN = re.compile(
    r"\d+(?:[.,:]\d+)*(?: ?[ap]\.?m\b)?|(?:(?![\u3040-\u30ff\u3400-\u9fff])[^\W\d_])+"
    r"|[\u30a0-\u30ff]+|[\u3400-\u9fff]"
)
_JOINT = re.compile(
    r"[,:](?!\d)|[;，、；：()]| (?:and|und|et|y|e|en|i|и|while|whereas|but|aber|mais|pero) "
)
_COMPARES = re.compile(
    r"\b(?:unlike|than|compared|instead|als|anders|que|contrairement|like|wie|comme|como)\b",
    re.IGNORECASE,
)
_IN_TURN = vocabulary("respectively jeweils respectivement respectivamente rispettivamente")
_HEADING = re.compile(r"[ \t]*(?:#{1,6} +(.+?)#*|\*\*([^*]+?):?\*\*:?|([^.:|]{1,60}):)[ \t]*$")

Told = tuple[str, str, str]
"""A word, whom it is said of, and under whom it stands."""


@dataclass(frozen=True, slots=True)
class _Word:
    """`place` counts all words of the sentence."""

    text: str
    clause: int
    place: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Its words, and those of the headings over it."""

    words: tuple[_Word, ...]
    over: frozenset[str]
    compares: frozenset[int]
    """Clauses that set one thing against another."""


def strayed(pieces: Sequence[Piece], text: str) -> Iterator[Told]:
    """Words of a layout's pieces that the text says of another one of the same labels."""
    if len(text) > MAX_SIGNS or "|" in text:
        return
    sentences = _sentences(text)
    often = Counter(word.text for sentence in sentences for word in sentence.words)
    if not SMALL.isdisjoint(w for w in text.lower().split() if len(w) > LEAST_LETTERS):
        often += Counter({str(number): 1 for number in range(MOST_SPELLED) if str(number) in often})
    seen = list[tuple[int, int, list[Told]]]()
    fit = set[tuple[int, str]]()
    for table, couples in _layouts(pieces, often):
        labels = _apart({label for label, _ in couples})
        labels = {label: bag for label, bag in labels.items() if not bag.isdisjoint(often)}
        if len(labels) < 2 or len(labels) > MAX_LABELS:
            continue
        owners = _owners(sentences, labels, often)
        under = {(word, label) for label, value in couples for word in _words(value)}
        right, wrong = 0, list[Told]()
        for label, value in couples:
            told = {w: owners[w] for w in _words(value) if w in owners} if label in labels else {}
            right += sum(own == label for own in told.values())
            fit |= {(-table, word) for word, own in told.items() if table > 0 and own == label}
            wrong += [(w, own, label) for w, own in told.items() if (w, own) not in under]
        seen.append((table, right, wrong))
    for table, right, wrong in seen:
        # A column's head may be a word by chance, where the row is whose the cell is.
        wrong = [told for told in wrong if (table, told[0]) not in fit]
        # A list's labels are words of the text too often for one word to tell.
        if wrong and _is_astray(wrong, right if table else 0):
            yield wrong[0]


def _is_astray(wrong: Sequence[Told], right: int) -> bool:
    """They trade places, or stand alone among many that are where they belong."""
    moves = {(own, label) for _, own, label in wrong}
    if any((label, own) in moves for own, label in moves):
        return True
    if {own for own, _ in moves} == {label for _, label in moves}:
        return True
    return right >= MANY_RIGHT * len(moves)


def _words(text: str) -> list[str]:
    return [word for word in _all_words(text) if word]


def _all_words(text: str) -> list[str]:
    """What is compared of each word: its beginning, and numbers as they are; "" of small words."""
    found = (m[0].lower() for m in _TOKEN.finditer(text))
    return ["" if _is_small(word) else _bare(word) for word in found]


def _is_small(word: str) -> bool:
    """A sign such as 月 is a unit, and the name of a day."""
    is_sign = len(word) == 1 and word > "\u3000"
    small = word in FUNCTION_WORDS or word in SMALL or word in _IN_TURN
    return small or (not is_sign and bool(unit_of(word)))


def _bare(word: str) -> str:
    if word[0].isdigit():
        return word.replace(" ", "").replace(".m", "m").replace(",", "").replace(":00", "")
    return word.removesuffix("s")[:LETTERS] if len(word) > 3 else word


def _sentences(text: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    over = frozenset[str]()
    for line in text.split("\n"):
        if heading := _HEADING.match(line):
            over = frozenset(_words(next(filter(None, heading.groups()))))
            continue
        for unit in _whole(units(line)):
            clauses = _JOINT.split(unit)
            told = [(word, at) for at, c in enumerate(clauses) for word in _all_words(c)]
            words = (_Word(word, at, n) for n, (word, at) in enumerate(told) if word)
            compares = (at for at, clause in enumerate(clauses) if _COMPARES.search(clause))
            found.append(_Sentence(tuple(words), over, frozenset(compares)))
    return found


def _whole(found: Sequence[str]) -> Iterator[str]:
    """Sentences that were cut before `so`, in one piece."""
    begun = ""
    for unit in found:
        begun += unit
        if not unit.endswith(","):
            yield begun
            begun = ""
        else:
            begun += " "
    if begun:
        yield begun


def _layouts(
    pieces: Sequence[Piece], often: Mapping[str, int]
) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The values with their labels, for each set of labels that stand side by side.

    Before them the number of their table, of columns below zero; 0 of a list.
    """
    found = defaultdict[tuple[object, ...], list[tuple[str, str]]](list)
    entries = defaultdict[tuple[object, ...], list[str]](list)
    labelled = {piece.run[:-1] for piece in pieces if piece.run[-1] == ":"}
    table, in_head = 0, False
    for piece in pieces:
        is_head = piece.kind == "label" and piece.run[0] == "|"
        table, in_head = table + (is_head and not in_head), is_head
        if not piece.text or piece.kind in ("label", "part") or piece.run[-1] == ":":
            continue
        if piece.run[0] == "|":
            if len(piece.run) == 3 and piece.labels:
                if piece.run[2]:
                    found["row", table].append((piece.labels[-1], piece.text))
                over = piece.labels[-2:-1] or piece.labels
                found["column", table].append((over[0], piece.text))
            continue
        if piece.run[0] == "*" and piece.run not in labelled:
            entries[piece.run].append(piece.text)
        for at, label in enumerate(piece.labels):
            found["under", *piece.labels[:at]].append((label, piece.text))
    for (kind, *which), couples in found.items():
        number = int(str(which[0])) if kind in ("row", "column") else 0
        yield -number if kind == "column" else number, list(dict.fromkeys(couples))
    yield from ((0, _by_their_own(texts, often)) for texts in entries.values() if len(texts) > 1)


def _by_their_own(entries: Sequence[str], often: Mapping[str, int]) -> list[tuple[str, str]]:
    """Entries without a label, each with the first word that no other one has."""
    bags = [_words(entry) for entry in entries]
    alone = Counter(word for bag in bags for word in dict.fromkeys(bag))
    own = ([w for w in bag if alone[w] == 1 and w in often and w[0].isalpha()] for bag in bags)
    return [(words[0], entry) for words, entry in zip(own, entries, strict=True) if words]


def _apart(labels: set[str]) -> dict[str, frozenset[str]]:
    """Of each label the words that no other one has."""
    bags = {label: frozenset(_words(label)) for label in labels}
    often = Counter(word for bag in bags.values() for word in bag)
    apart = {label: frozenset(w for w in bag if often[w] == 1) for label, bag in bags.items()}
    return {
        label: bag for label, bag in apart.items() if bag and len(label.split()) <= MAX_LABEL_WORDS
    }


def _owners(
    sentences: Sequence[_Sentence], labels: Mapping[str, frozenset[str]], often: Mapping[str, int]
) -> dict[str, str]:
    """The label of each word that the text has once, where that is clear."""
    label_of = {word: label for label, bag in labels.items() for word in bag}
    owners: dict[str, str] = {}
    for sentence in sentences:
        over = {label_of[word] for word in sentence.over if word in label_of}
        marks = [
            (at, label_of[w.text]) for at, w in enumerate(sentence.words) if w.text in label_of
        ]
        here = {label for _, label in marks}
        values = [
            (at, word)
            for at, word in enumerate(sentence.words)
            if word.text not in label_of and often[word.text] == 1
        ]
        if len(here) <= 1:
            own = here or over
            if len(own) == 1:
                owners.update((word.text, next(iter(own))) for _, word in values)
        elif len(marks) == len(here):
            owners.update(_by_place(sentence, marks, values))
        else:
            owners.update(_by_clause(sentence, marks, values))
    return owners


def _by_clause(
    sentence: _Sentence, marks: Sequence[tuple[int, str]], values: Sequence[tuple[int, _Word]]
) -> Iterator[tuple[str, str]]:
    """Where a clause names one label alone."""
    named = defaultdict[int, set[str]](set)
    for at, label in marks:
        named[sentence.words[at].clause].add(label)
    for _, word in values:
        if len(named[word.clause]) == 1 and word.clause not in sentence.compares:
            yield word.text, next(iter(named[word.clause]))


def _by_place(
    sentence: _Sentence, marks: Sequence[tuple[int, str]], values: Sequence[tuple[int, _Word]]
) -> Iterator[tuple[str, str]]:
    """Each label once: before what is said of it, or behind it, or all of them before all else."""
    if not values:
        return
    first, last = marks[0][0], marks[-1][0]
    before = [at for at, _ in values if at < first]
    behind = [at for at, _ in values if at > last]
    between = [at for at, _ in values if first < at < last]
    if not between and not before:
        yield from _one_by_one(sentence, marks, values)
        return
    clauses = [sentence.words[at].clause for at, _ in marks]
    if len(set(clauses)) < len(clauses) or sentence.compares or bool(before) == bool(behind):
        yield from _by_clause(sentence, marks, values)
        return
    by_clause = dict(_by_clause(sentence, marks, values))
    for at, word in values:
        labels = [label for spot, label in marks if (spot > at if before else spot < at)]
        if word.text in by_clause:
            yield word.text, by_clause[word.text]
        elif labels:
            yield word.text, labels[0] if before else labels[-1]


def _one_by_one(
    sentence: _Sentence, marks: Sequence[tuple[int, str]], values: Sequence[tuple[int, _Word]]
) -> Iterator[tuple[str, str]]:
    """`A, B and C cost 1, 2 and 3`."""
    places = [sentence.words[at].place for at, _ in marks]
    if any(b - a > MOST_BETWEEN for a, b in pairwise(places)):
        return
    groups: list[list[str]] = []
    for (_, one), (_, other) in pairwise([(0, _Word("", -1, 0)), *values]):
        if one.clause != other.clause:
            groups.append([])
        groups[-1].append(other.text)
    if len(groups) == len(marks):
        for (_, label), group in zip(marks, groups, strict=True):
            yield from ((word, label) for word in group)
