"""Words exchanged for others in a text that is the same word for word, however it was laid out.

Sentences that have become bullets, a table or groups under headings still have their words: each
one of the original's that carries meaning, and hardly any new one. Where one is gone and another
has come beside the same neighbour, it was exchanged: `hot tea`, `iced tea`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from realign_local.text.segments import plain

MAX_WORDS = 1500
KEPT_SHARE = 0.85
"""Of the words that carry meaning in the rewrite; below it, the text was worded anew."""
MOST_NEW = 4
MOST_DIFFERENT = 120
"""Distinct words that differ, small ones and labels with them."""
MAX_LABEL_WORDS = 5
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)", re.MULTILINE | re.DOTALL)
_LETTER = r"(?:(?![\u3040-\u9fff])[^\W\d_])"
_TOKEN = re.compile(
    r"[\u3400-\u9fff]|[\u30a0-\u30fa\u30fc-\u30ff]+|[\u3041-\u309f]+|\d+(?:[.,:/]\d+)*"
    rf"|{_LETTER}{{1,5}}'(?={_LETTER}{{3}})|{_LETTER}+(?:'{_LETTER}+)*"
)
_LABEL = re.compile(
    r"\s*(?:[-*+•>#|]\s*|\d{1,3}[.)]\s*)*(?P<label>[^:：\n|]{1,60}[:：])(?=\s|\*|[^\x00-\x7f]|$)"
)
_BOLD_LINE = re.compile(r"^[ \t]*\*\*([^*\n]+)\*\*:?[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"\s*#{1,6} ")
_SEPARATOR = re.compile(r"[\s|:-]+$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands in a line; `#` for a number. A heading is no label of a line."""

    text: str
    line: int
    is_label: bool
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """The word that is gone, the one that has come, and the line in which it stands."""

    old: str
    new: str
    line: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of words: those that come and go with the form, forms of one, opposites."""

    is_small: Callable[[str], bool]
    may_stand_for: Callable[[str, str], bool]
    opposite: frozenset[tuple[str, str]]


def exchanged(original: str, rewritten: str, asked: str, judgement: Judgement) -> Exchange | None:
    """The first word of the original that another one replaces, or None.

    What is `asked` may be named in the rewrite.
    """
    lines = _lines(rewritten)
    both = _Both(tuple(_tokens(_lines(original))), tuple(_tokens(lines)), judgement)
    if not both.can_be_compared:
        return None
    known = frozenset(t.text for t in _tokens(_lines(asked)))
    found = next(chain(both.opposites(), both.traded(), both.exchanges(known)), None)
    if found is None:
        return None
    old, new = both.old[found[0]], both.new[found[1]]
    return Exchange(old.text, new.text, lines[new.line])


@dataclass(frozen=True)
class _Both:
    """The words of the original and those of the rewrite; a place is a place among them."""

    old: tuple[Token, ...]
    new: tuple[Token, ...]
    judgement: Judgement

    @cached_property
    def before(self) -> Counter[str]:
        return Counter(t.text for t in self.old)

    @cached_property
    def after(self) -> Counter[str]:
        return Counter(t.text for t in self.new)

    @property
    def can_be_compared(self) -> bool:
        different = max(len(self.before - self.after), len(self.after - self.before))
        most = max(len(self.old), len(self.new))
        return bool(self.old and self.new) and most <= MAX_WORDS and different <= MOST_DIFFERENT

    @cached_property
    def gone(self) -> list[int]:
        """Places of words that the original has more often."""
        often = self.before - self.after
        return [at for at, t in enumerate(self.old) if often[t.text]]

    @cached_property
    def come(self) -> list[int]:
        """Places of words that the rewrite has more often."""
        often = self.after - self.before
        return [at for at, t in enumerate(self.new) if often[t.text]]

    def opposites(self) -> Iterator[tuple[int, int]]:
        """Places of opposites that have the same word before or behind them."""
        for place in self.come:
            for at in self.gone:
                if (self.old[at].text, self.new[place].text) in self.judgement.opposite:
                    sides = zip(_sides(self.old, at), _sides(self.new, place), strict=True)
                    if any(one and one == other for one, other in sides):
                        yield at, place

    def traded(self) -> Iterator[tuple[int, int]]:
        """Two words, each of which stands before what the other one stood before."""
        mine, theirs = (
            {places[n]: places[n + 1] for n in range(len(places) - 1)}
            for places in (
                [at for at, t in enumerate(side) if self._counts(t)] for side in self.sides
            )
        )
        once = {t.text for t in self.old if self.before[t.text] == self.after[t.text] == 1}
        old = {self.old[a].text: self.old[b].text for a, b in mine.items()}
        new = {self.new[a].text: (a, self.new[b].text) for a, b in theirs.items()}
        owner = {behind: word for word, behind in old.items() if {word, behind} <= once}
        for word in sorted(once & old.keys() & new.keys()):
            at, behind = new[word]
            other = owner.get(behind, word)
            if other == word or other not in new or behind == old[word]:
                continue
            if self.new[at].line != self.new[theirs[at]].line:
                continue
            if new[other][1] == old[word] and old[word] in once:
                yield next(n for n, t in enumerate(self.old) if t.text == other), at

    @property
    def sides(self) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        return self.old, self.new

    def exchanges(self, known: frozenset[str]) -> Iterator[tuple[int, int]]:
        """Single words between words that are kept, one of which is the same."""
        mine = [at for at, t in enumerate(self.old) if self._counts(t)]
        theirs = [at for at, t in enumerate(self.new) if self._counts(t)]
        strange, lacking = self._strange(known, len(theirs)), self._lacking()
        for place in strange:
            new = self.new[place]
            known_or_label = new.is_label or new.text in self.before
            for at in lacking:
                old = self.old[at]
                if new.text in self.before and old.text in self.after:
                    if self._takes_the_place(at, place):
                        yield at, place
                    continue
                if self.judgement.may_stand_for(old.text, new.text):
                    continue
                beside = self._same_beside((mine, at, lacking), (theirs, place, strange))
                if beside == "close" or (beside and not known_or_label):
                    yield at, place

    def _takes_the_place(self, at: int, place: int) -> bool:
        """Two words that both texts have, the one where the other was: `unless the tenant caused`.

        All of four words around it are the same.
        """
        around = (
            [t.text for t in side[max(0, n - 2) : n] + side[n + 1 : n + 3]]
            for side, n in zip(self.sides, (at, place), strict=True)
        )
        one, other = around
        return one == other and len(one) == 4 and not self.new[place].is_label

    def _counts(self, token: Token) -> bool:
        return token.text != "#" and not self.judgement.is_small(token.text)

    def _strange(self, known: frozenset[str], size: int) -> list[int]:
        """Places of words that the rewrite has for others; none where it was worded anew."""
        said = {t.text for t in self.old if self._counts(t)}
        form = {
            t.text
            for t in {self.new[at] for at in self.come}
            if t.text not in said and any(self.judgement.may_stand_for(w, t.text) for w in said)
        }
        strange = [
            at
            for at in self.come
            if self._counts(self.new[at])
            and self.new[at].text not in known | form
            and not self._is_own_label(at)
        ]
        unheard = {
            self.new[at].text
            for at in strange
            if not self.new[at].is_label and self.new[at].text not in self.before
        }
        anew = len(unheard) > MOST_NEW or len(unheard) > (1 - KEPT_SHARE) * size + 1
        return [] if anew else strange

    def _is_own_label(self, at: int) -> bool:
        """What the rewrite calls a line: the first word of `Departures (daily):`, new signs."""
        token = self.new[at]
        if not token.is_label or token.is_heading:
            return token.is_heading
        if _is_sign(token):
            label = [t.text for t in self.new if t.is_label and t.line == token.line]
            return 2 * sum(word in self.before for word in label) < len(label)
        return not at or self.new[at - 1].line != token.line

    def _lacking(self) -> list[int]:
        """Places of words that are gone and have not taken another form."""
        forms = [word for word in self.after if word not in self.before]
        gone = {self.old[at].text for at in self.gone if self._counts(self.old[at])}
        bent = {w for w in gone if any(self.judgement.may_stand_for(w, form) for form in forms)}
        return [at for at in self.gone if self.old[at].text in gone - bent]

    def _are_alike(self, at: int, place: int) -> bool:
        old, new = self.old[at].text, self.new[place].text
        return old == new or self.judgement.may_stand_for(old, new)

    def _same_beside(
        self, one: tuple[list[int], int, list[int]], other: tuple[list[int], int, list[int]]
    ) -> str:
        """Whether the two words have the same neighbour: "close", "far" or "".

        Each is given with the places of all words that count, its own, and those that differ.
        """
        (mine, at, gone), (theirs, place, come) = one, other
        if _is_sign(self.old[at]) and _is_sign(self.new[place]):
            one_run, other_run = _run(at, gone), _run(place, come)
            if len(one_run) == len(other_run) > 1:
                sides = zip(_ends(self.old, one_run), _ends(self.new, other_run), strict=True)
                return "close" if any(a and a == b for a, b in sides) else ""
        between = "close" if _sides(self.old, at) == _sides(self.new, place) else "far"
        for step in (-1, 1):
            near, there = _next(mine, at, step), _next(theirs, place, step)
            if near is None or there is None or near in gone or there in come:
                continue
            if at - step in gone or place - step in come:
                continue
            if not self._are_alike(near, there):
                continue
            if self.new[there].is_label == self.new[place].is_label:
                return "close" if (near, there) == (at + step, place + step) else between
        if not (self.new[place].is_label or {at - 1, at + 1} & {*gone}):
            across = ((_next(mine, at, step), _next(theirs, place, -step)) for step in (-1, 1))
            if any(
                a is not None and b == place + 1 and self._are_alike(a, b)
                for a, b in across
                if b not in come
            ):
                return "far"
        return ""


def _run(at: int, places: Sequence[int]) -> range:
    """The places beside each other of which this is one: those of a word of several signs."""
    known = set(places)
    start, end = at, at + 1
    while start - 1 in known:
        start -= 1
    while end in known:
        end += 1
    return range(start, end)


def _ends(tokens: Sequence[Token], run: range) -> tuple[str, str]:
    return _sides(tokens, run[0])[0], _sides(tokens, run[-1])[1]


def _sides(tokens: Sequence[Token], at: int) -> tuple[str, str]:
    """The words before and behind, "" where there is none."""
    before, behind = tokens[max(0, at - 1) : at], tokens[at + 1 : at + 2]
    return (before[0].text if before else "", behind[0].text if behind else "")


def _next(places: Sequence[int], at: int, step: int) -> int | None:
    """The place before or behind this one, among those that count."""
    found = bisect_left(places, at) + step
    return places[found] if 0 <= found < len(places) else None


def _lines(text: str) -> list[str]:
    return plain(_BOLD_LINE.sub(r"#### \1", _CODE.sub("", text))).split("\n")


def _tokens(lines: Sequence[str]) -> list[Token]:
    found: list[Token] = []
    for number, line in enumerate(lines):
        if _SEPARATOR.match(line) and line.strip():
            continue
        head = "|" in line and number + 1 < len(lines) and _SEPARATOR.match(lines[number + 1])
        whole = bool(head and lines[number + 1].strip()) or bool(_HEADING.match(line))
        label = _LABEL.match(line)
        short = label and len(label["label"].split()) <= MAX_LABEL_WORDS
        end = len(line) if whole else label.end() if label and short else 0
        if line.lstrip().startswith("|"):
            end = max(end, line.find("|", line.index("|") + 1))
        for m in _TOKEN.finditer(line.lower()):
            word = "#" if m[0][0].isdigit() else m[0]
            found.append(Token(word, number, m.start() < end, whole))
    return found


def _is_sign(token: Token) -> bool:
    return len(token.text) == 1 and token.text >= "\u3400"
