"""Words exchanged for others in a text that is the same word for word, however it was laid out.

Sentences that have become bullets, a table or groups under headings still have their words: each
one of the original's that carries meaning, and hardly any new one. Where one is gone and another
has come beside the same neighbour, it was exchanged: `hot tea`, `iced tea`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from realign_local.text.segments import plain

MAX_WORDS = 1500
KEPT_SHARE = 0.85
"""Of the words that carry meaning in the rewrite; below it, the text was worded anew."""
MOST_NEW = 4
MAX_LABEL_WORDS = 5
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)", re.MULTILINE | re.DOTALL)
_LETTER = r"(?:(?![\u3040-\u9fff])[^\W\d_])"
_TOKEN = re.compile(
    r"[\u3400-\u9fff]|[\u30a0-\u30ff]+|[\u3041-\u309f]+|\d+(?:[.,:/]\d+)*"
    rf"|{_LETTER}{{1,5}}'(?={_LETTER}{{3}})|{_LETTER}+(?:'{_LETTER}+)*"
)
_LABEL = re.compile(r"\s*(?:[-*+•>#|]+\s*|\d{1,3}[.)]\s*)*(?P<label>[^:：\n|]{1,60}[:：])(?=\s|\*|[^\x00-\x7f]|$)")
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


def exchanged(
    original: str,
    rewritten: str,
    *,
    asked: str,
    is_small: Callable[[str], bool],
    may_stand_for: Callable[[str, str], bool],
    opposite: frozenset[tuple[str, str]],
) -> Exchange | None:
    """The first word of the original that another one replaces, or None.

    `is_small` tells words that come and go with the form, `may_stand_for` forms of one word;
    `opposite` words never may. What is `asked` may be named in the rewrite.
    """
    lines = _lines(rewritten)
    old, new = _tokens(_lines(original)), _tokens(lines)
    if not old or not new or max(len(old), len(new)) > MAX_WORDS:
        return None
    before, after = Counter(t.text for t in old), Counter(t.text for t in new)
    gone, come = before - after, after - before
    known = {t.text for t in _tokens(_lines(asked))}
    places = [at for at, t in enumerate(new) if come[t.text]]
    wanted = [at for at, t in enumerate(old) if gone[t.text]]
    for at, place in _beside_the_same(old, new, wanted, places):
        if (old[at].text, new[place].text) in opposite:
            return Exchange(old[at].text, new[place].text, lines[new[place].line])
    weighty = [at for at, t in enumerate(new) if _counts(t.text, is_small)]
    strange = [
        at
        for at in weighty
        if come[new[at].text] and new[at].text not in known and not _heads(new, at)
    ]
    said = {word for word in before if _counts(word, is_small)}
    unheard = {
        new[at].text
        for at in strange
        if not (new[at].text in before or new[at].is_label)
        and not any(may_stand_for(word, new[at].text) for word in said)
    }
    if len(unheard) > MOST_NEW or len(unheard) > (1 - KEPT_SHARE) * len(weighty) + 1:
        return None
    strange = [
        at
        for at in strange
        if new[at].text in before
        or new[at].text in unheard
        or not any(may_stand_for(word, new[at].text) for word in said)
    ]
    lacking = [
        at
        for at in wanted
        if _counts(old[at].text, is_small)
        and not any(may_stand_for(old[at].text, word) for word in after if word not in before)
    ]
    left = [at for at, t in enumerate(old) if _counts(t.text, is_small)]
    for at, place in _alone_beside_the_same(old, new, lacking, strange, (left, weighty)):
        if not may_stand_for(old[at].text, new[place].text):
            return Exchange(old[at].text, new[place].text, lines[new[place].line])
    return None


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
        for m in _TOKEN.finditer(line.lower()):
            word = "#" if m[0][0].isdigit() else m[0]
            found.append(Token(word, number, m.start() < end, whole))
    return found


def _heads(tokens: Sequence[Token], at: int) -> bool:
    """The first word of a label says what the rewrite calls it: `Departures (daily):`."""
    token = tokens[at]
    first = not at or tokens[at - 1].line != token.line
    return token.is_heading or (token.is_label and first and not _is_sign(token))


def _is_sign(token: Token) -> bool:
    return len(token.text) == 1 and token.text >= "\u3400"


def _counts(word: str, is_small: Callable[[str], bool]) -> bool:
    return word != "#" and not is_small(word)


def _beside_the_same(
    old: Sequence[Token], new: Sequence[Token], wanted: Sequence[int], places: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Places of the two texts that have the same word before them or behind them."""
    for place in places:
        for at in wanted:
            before = at and place and old[at - 1].text == new[place - 1].text
            behind = (
                at + 1 < len(old)
                and place + 1 < len(new)
                and old[at + 1].text == new[place + 1].text
            )
            if before or behind:
                yield at, place


def _alone_beside_the_same(
    old: Sequence[Token],
    new: Sequence[Token],
    lacking: Sequence[int],
    strange: Sequence[int],
    weighty: tuple[Sequence[int], Sequence[int]],
) -> Iterator[tuple[int, int]]:
    """Single words, between words that are kept, with the same one of these on one side."""
    mine, theirs = weighty
    before, after = {t.text for t in old}, {t.text for t in new}
    gone, come = set(lacking), set(strange)
    around_old = {at: (mine[n - 1 : n], mine[n + 1 : n + 2]) for n, at in enumerate(mine)}
    around_new = {at: (theirs[n - 1 : n], theirs[n + 1 : n + 2]) for n, at in enumerate(theirs)}

    def between(at: int, place: int) -> bool:
        mine, theirs = (t[n - 1 : n] + t[n + 1 : n + 2] for t, n in ((old, at), (new, place)))
        return [t.text for t in mine] == [t.text for t in theirs]

    for place in strange:
        label = new[place].is_label
        known = label or new[place].text in before
        for at in lacking:
            if new[place].text in before and old[at].text in after:
                continue
            for side, step in ((0, -1), (1, 1)):
                one, other = around_old[at][side], around_new[place][side]
                if not one or not other or one[0] in gone or other[0] in come:
                    continue
                if at - step in gone or place - step in come:
                    continue
                next_to = (one[0], other[0]) == (at + step, place + step) or between(at, place)
                same = old[one[0]].text == new[other[0]].text
                if same and (next_to or not known) and new[other[0]].is_label == label:
                    yield at, place
