"""Which candidate answers the question: alike in meaning, in words, and within one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from realign_local.base.records import Passage
from realign_local.base.words.sentences import sentences
from realign_local.evidence.dense import Dense, Vectors
from realign_local.evidence.lexical import Lexical
from realign_local.evidence.store import Store, StoredPassage

Hits = tuple[list[int], list[float]]
MOST_OF_AN_ARTICLE = 2
READ_CLOSELY = 24  # candidates whose sentences are compared with the question
FULL_RARITY = 20.0  # nats; about four words of medium rarity


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; all of them lie between 0 and 1.

    `meaning` is the cosine, `words` BM25 in relation to the best one, `cover` the share of the
    question's words (by rarity) in the passage, `sentence` the same in its best sentence, `title`
    the same for the passage's title when all of the title is in the question.
    """

    meaning: float = 1.0
    words: float = 0.25
    cover: float = 0.1
    sentence: float = 0.25
    title: float = 0.05

    @property
    def reads_closely(self) -> bool:
        """Whether the text of a passage must be looked into."""
        return any((self.cover, self.sentence, self.title))


EVERYTHING = Weights()


Reread = Callable[[str, Sequence[str]], Sequence[float]]
"""A question and texts to a score for each, by whoever reads both together."""


class Ranker:
    """Orders the candidates of one query."""

    def __init__(self, rows: Store, dense: Dense, lexical: Lexical) -> None:
        self._store, self._dense, self._lexical = rows, dense, lexical

    def best(
        self,
        query: str,
        vector: Vectors,
        candidates: Iterable[int],
        words: Hits,
        *,
        k: int,
        weights: Weights = EVERYTHING,
        reread: Reread | None = None,
        floor: float = 0.0,
    ) -> tuple[Passage, ...]:
        """The k best of the candidate rows; `words` is what the lexical search found.

        With `reread` the best of them are ordered, and scored, by that alone. With a `floor` only
        those are given whose `_nearness` is at least that.
        """
        cosines, scores = self._first_look(vector, sorted(set(candidates)), words, weights)
        order = sorted(scores, key=lambda row: (-scores[row], row))
        rows = self._store.get(order)
        if weights.reads_closely:
            question = _Question(query, self._lexical)
            texts = {row: self._text(rows[row]) for row in order[:READ_CLOSELY]}
            for row, text in texts.items():
                scores[row] += _closer_look(question, text, weights)
            order = _sorted_again(order, scores)
            if floor:
                asked = [_Question(part, self._lexical) for part in _parts_of(query)]
                near = {row for row in texts if _nearness(asked, texts[row], cosines[row]) >= floor}
                order = [row for row in order if row in near]
        if reread:
            read = [rows[row].encoded_text for row in order[:READ_CLOSELY]]
            scores = dict.fromkeys(order, 0.0)
            scores |= zip(order, reread(query, read), strict=False)
            order = _sorted_again(order, scores)
        return tuple(_results([rows[row] for row in order], scores, k))

    def _first_look(
        self, vector: Vectors, rows: Sequence[int], words: Hits, weights: Weights
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Of each row the cosine, and the score without looking into its text."""
        cosines = dict(zip(rows, map(float, self._dense.scores(vector, rows)), strict=True))
        by_words = dict(zip(*words, strict=True))
        most = max(words[1], default=0.0) or 1.0
        return cosines, {
            row: weights.meaning * cosine + weights.words * by_words.get(row, 0.0) / most
            for row, cosine in cosines.items()
        }

    def _text(self, row: StoredPassage) -> _Text:
        title = frozenset(self._lexical.terms(row.title))
        parts = [title.union(self._lexical.terms(s)) for s in sentences(row.text)] or [title]
        pairs = [a | b for a, b in zip(parts, [*parts[1:], title], strict=True)]
        return _Text(title, parts, pairs)


@dataclass(frozen=True, slots=True)
class _Text:
    """The stems of a passage: of its title, and with them of each sentence and of each two."""

    title: frozenset[str]
    parts: list[frozenset[str]]
    pairs: list[frozenset[str]]


def _closer_look(question: _Question, text: _Text, weights: Weights) -> float:
    """What the words of a passage add to its score."""
    best, near = question.most(text.parts), question.most(text.pairs)
    cover = question.share(frozenset().union(*text.parts))
    named = question.share(text.title) if text.title and text.title <= question.words else 0.0
    in_sentence = weights.sentence * (best + near) / 2
    return in_sentence + weights.cover * cover + weights.title * named


def _nearness(asked: Sequence[_Question], text: _Text, cosine: float) -> float:
    """How near a passage is to a request, unlike its score in relation to no other passage.

    The cosine, and the share of the words (by rarity) of one sentence of the request that stand
    in two neighbouring ones of the passage. A request may say much beside its question, so its
    best sentence counts; one of few words says little, and counts for less.
    """
    return cosine + max(q.most(text.pairs) * min(1.0, q.rarity / FULL_RARITY) for q in asked)


def _parts_of(query: str) -> list[str]:
    return [part for line in query.split("\n") for part in sentences(line)] or [query]


def _sorted_again(order: list[int], scores: Mapping[int, float]) -> list[int]:
    """The rows that were looked at closely by their new scores, then the others as they were."""
    closely = sorted(order[:READ_CLOSELY], key=lambda row: (-scores[row], row))
    return closely + order[READ_CLOSELY:]


class _Question:
    """The words of a query, each with its rarity among the passages."""

    def __init__(self, text: str, lexical: Lexical) -> None:
        counts = {word: lexical.passages_with(word) for word in lexical.terms(text)}
        total = max(1, lexical.passages)
        self.words = frozenset(counts)
        # The inverse document frequency of BM25 (Robertson and Zaragoza 2009, equation 3.5).
        self._rarity = {w: math.log(1 + (total - n + 0.5) / (n + 0.5)) for w, n in counts.items()}
        self.rarity = sum(self._rarity.values()) or 1.0

    def share(self, words: frozenset[str]) -> float:
        """How much of the question's rarity these words cover, from 0 to 1."""
        return sum(self._rarity[word] for word in self.words & words) / self.rarity

    def most(self, texts: Iterable[frozenset[str]]) -> float:
        """The largest share among these."""
        return max(map(self.share, texts))


def _results(rows: Sequence[StoredPassage], scores: dict[int, float], k: int) -> Iterator[Passage]:
    """At most two passages of an article, neighbours joined; short of k, the others fill up."""
    chosen: list[list[StoredPassage]] = []
    spare: list[StoredPassage] = []
    for place, row in enumerate(rows):
        same = [group for group in chosen if group[0].page == row.page]
        neighbours = [group for group in same if _adjoin(group, row)] if place < 2 * k else []
        if neighbours:
            neighbours[0].append(row)
        elif len(same) >= MOST_OF_AN_ARTICLE:
            spare.append(row)
        elif len(chosen) < k:
            chosen.append([row])
    groups = chosen + [[row] for row in spare[: max(0, k - len(chosen))]]
    yield from (_joined(group, scores[group[0].id]) for group in groups)


def _adjoin(group: Sequence[StoredPassage], row: StoredPassage) -> bool:
    return len(group) < 2 and abs(group[0].id - row.id) == 1 and group[0].section == row.section


def _joined(group: Sequence[StoredPassage], score: float) -> Passage:
    first = group[0]
    text = "\n".join(row.text for row in sorted(group, key=lambda row: row.id))
    return passage_of(replace(first, text=text), score)


def passage_of(row: StoredPassage, score: float) -> Passage:
    """A stored row as what the rest of the program knows."""
    return Passage(row.name or str(row.id), row.title, row.section, row.text, score)
