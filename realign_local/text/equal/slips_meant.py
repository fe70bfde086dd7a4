"""What looks like a slip and may be meant, by the text as a whole: words that are mentioned or are
names, an i that is a symbol, small words that stand twice where words are spoken of.

The tables are those of tidy/slips.toml; the operation and the gates ask here alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from realign_local.text.equal.slip_words import (
    SET_APART,
    TWICE,
    WORD,
    begins,
    beside,
    doubled_words,
    guarded_slips,
    like_written,
    listed,
    meant,
    sure_slips,
    words_of,
)
from realign_local.text.prose import in_prose
from realign_local.text.rules import rules

LONE_I = re.compile(r"(?<![\w'’])i(?=\s|['’](?:m|ve|ll|d)\b|,\s)")
_OTHER_I = re.compile(
    r"(?<![\w'’])(?:i(?![\w'’]|\s|,\s)|[b-hj-z](?![\w'’]))|[=`√]|(?<![\w'’])i[ \t]+[A-Z]"
)
"""Signs that an i is a variable, a label, a numeral or a word of another language."""
_CAPITAL_BEFORE = re.compile(r"([A-Z][^\W\d_]*)[ \t]+$")
_FIRST_PERSON = re.compile(r"(?:^|[a-z,.!?;:)\n] ?)I(?:['’]\w+)? [a-z]")
_QUOTED = re.compile(r"<q\b[^>\n]*>(.*?)</q>")
_SENTENCE = re.compile(r"[^.!?\n]+")
_LISTED_BETWEEN = re.compile(r"[ \t]*(?:,[ \t]*(?:and|or)?|and|or|&|/)[ \t]*$")
_NAMED_THE = re.compile(r"(?:[^\W\d_]|,)[ \t]+The\b")
MOST_WORDS_BEFORE = 3
"""Between what speaks of a word and a contraction, which is a frequent word."""
LOOKED_BACK_FOR_NAMES = 60
LEAST_LETTERS_BEHIND = 2
"""Behind a word that stands twice; `a a b` are letters."""


def held_words(text: str, *, surely: bool = False) -> frozenset[str]:
    """The words among a text's possible slips that stay in it, in small letters; with a capital
    where only what has the capital stays. `surely`: only those that are told right before them.
    """
    return frozenset((*_mentioned(text, surely=surely), *_names(text)))


def _mentioned(text: str, *, surely: bool) -> Iterator[str]:
    told = rules("tidy/slips")["mentioned"]
    languages = frozenset[str]() if surely else listed(told["languages"])
    tells, speaks = listed(told["tells"]) | languages, listed(told["speaks"]) | languages
    for quoted in _QUOTED.finditer(text):
        yield from words_of(quoted[1])
    for sentence in _SENTENCE.finditer(text):
        before = list[str]()
        last: tuple[str, int] | None = None
        for found in WORD.finditer(sentence[0]):
            word = found[0].lower().replace("’", "'")
            right = sure_slips().get(word)
            if right is not None or word in guarded_slips():
                is_contraction = right is None or "'" in right
                near = before[-MOST_WORDS_BEFORE:] if surely or is_contraction else before
                if not (speaks if is_contraction else tells).isdisjoint(near):
                    yield word
                between = sentence[0][last[1] : found.start()] if last else ""
                if last and right and last[0] != word and _LISTED_BETWEEN.match(between):
                    yield from (last[0], word)
                last = (word, found.end()) if right else None
            before.append(word)


def _names(text: str) -> Iterator[str]:
    told = rules("tidy/slips")["names"]
    titles, links = listed(told["titles"]), listed(told["links"])
    for found in WORD.finditer(text):
        written = found[0]
        word = written.lower().replace("’", "'")
        if not (written[0].isupper() and _may_be_slip(word)) or _has_capital(word):
            continue
        if len(written) > 1 and written.isupper():
            continue
        before = text[max(0, found.start() - LOOKED_BACK_FOR_NAMES) : found.start()].split()
        if not begins(found) or (before and before[-1].rstrip(".").lower() in titles):
            yield word
        elif beside(found).behind in links:
            yield written


def _has_capital(word: str) -> bool:
    """Whether what was meant always has a capital: a day or a month is not held as a name."""
    return sure_slips().get(word, "")[:1].isupper()


def is_pronoun(text: str) -> bool:
    """Whether each lone i of a text is surely the pronoun: one that is in doubt keeps them all."""
    spots = list(LONE_I.finditer(text))
    told = rules("tidy/slips")["pronoun"]
    words = words_of(text)
    doubts = listed(told["doubts"]) | listed(rules("tidy/slips")["mentioned"]["languages"])
    if not spots or _OTHER_I.search(text) or not words.isdisjoint(doubts):
        return False
    if any(map(_is_doubtful, spots)):
        return False
    verbs = listed(told["verbs"])
    return (
        not words.isdisjoint(listed(told["persons"]))
        or _FIRST_PERSON.search(text) is not None
        or any(beside(found).behind in verbs for found in spots)
    )


def _is_symbol(found: re.Match[str]) -> bool:
    told, near = rules("tidy/slips")["pronoun"], beside(found)
    return near.before in listed(told["unless"]) or near.behind in listed(told["symbols"])


def _is_doubtful(found: re.Match[str]) -> bool:
    """Whether an i may be a symbol, or a numeral behind a name."""
    told = rules("tidy/slips")["pronoun"]
    if _is_symbol(found):
        return True
    capital = _CAPITAL_BEFORE.search(found.string[max(0, found.start() - 30) : found.start()])
    return capital is not None and capital[1].lower() not in listed(told["openers"])


def twice(text: str) -> Iterator[re.Match[str]]:
    """The small words of a text that stand twice by a slip."""
    table = rules("tidy/slips")["doubled"]
    before, behind = table["before"], table["behind"]
    spots = [found for found in TWICE.finditer(text) if found[1].lower() in doubled_words()]
    if not spots or speaks_of_words(text):
        return
    for found in spots:
        word = found[1].lower()
        if not found[2].islower() or not (found[1].islower() or begins(found)):
            continue  # `Vitamin A a day`
        near = beside(found)
        if len(near.behind) < LEAST_LETTERS_BEHIND or near.before in listed(before.get(word, "")):
            continue
        if near.behind not in listed(behind.get(word, "")):
            yield found


def speaks_of_words(text: str) -> bool:
    """Whether a text speaks of words, or has The as a name: nothing stands twice by a slip."""
    spoken = listed(rules("tidy/slips")["doubled"]["spoken_of"])
    return not words_of(text).isdisjoint(spoken) or _NAMED_THE.search(text) is not None


# --- for the gates --------------------------------------------------------------------------------

SIGNS_BESIDE = 30
"""How near what was meant stands where a text may speak of the slip."""


def mended(original: str, rewritten: str) -> str:
    """The original with the words that were meant, where the rewrite has these and not the slips.

    What stands twice and never does stands once, where the rewrite has nothing twice. What is set
    apart may be spoken of, and so may a slip be that stands beside what was meant: they stay.
    """
    here, there = words_of(rewritten), words_of(original)
    slips = frozenset(w for w in there - here if w in guarded_slips() or w in sure_slips())
    is_cut = bool(TWICE.search(original)) and not TWICE.search(rewritten)
    if not is_cut and slips.isdisjoint(sure_slips()) and slips.isdisjoint(guarded_slips()):
        return original

    held = held_words(original)
    is_cut = is_cut and not speaks_of_words(original)

    def as_there(found: re.Match[str]) -> str:
        word = found[0].lower().replace("’", "'")
        is_held = word not in slips or not held.isdisjoint((word, found[0]))
        right = "" if is_held else meant(word, beside(found))
        if not right or here.isdisjoint((right.lower(), right.lower().split()[0])):
            return found[0]
        spoken_of = word in sure_slips() and "'" not in right
        if spoken_of and right.lower() in words_of(_around(found)):
            return found[0]
        return like_written(right, found[0])

    def once(piece: str) -> str:
        cuts = [found.span(2) for found in twice(piece)] if is_cut else []
        for start, end in reversed(cuts):
            piece = piece[:start].rstrip(" \t") + piece[end:]
        return piece

    def change(stretch: str) -> str:
        apart = [found.span() for found in SET_APART.finditer(stretch)]
        bounds = [0, *(at for span in apart for at in span), len(stretch)]
        pieces = [stretch[a:b] for a, b in pairwise(bounds)]
        pieces[::2] = [WORD.sub(as_there, once(piece)) for piece in pieces[::2]]
        return "".join(pieces)

    return in_prose(original, change)


def _around(found: re.Match[str]) -> str:
    return found.string[max(0, found.start() - SIGNS_BESIDE) : found.end() + SIGNS_BESIDE]


def exchanged(original: str, rewritten: str) -> str:
    """What may be meant and has been mended nevertheless: a word that is mentioned or is a name, a
    word whose neighbours say that it is right, an i that is a symbol, one of two small words that
    may stand side by side. "" if nothing is."""
    if original == rewritten:
        return ""
    return next((word for find in _EXCHANGES for word in find(original, rewritten)), "")


def _exchanged_words(original: str, rewritten: str) -> Iterator[str]:
    here, there = _counted(rewritten), _counted(original)
    gone = {word for word, times in there.items() if here[word] < times and _may_be_slip(word)}
    if not gone:
        return
    held = {word.lower() for word in held_words(original, surely=True)}
    for word in gone & (held | _right_words(original, gone)):
        rights = {sure_slips().get(word, ""), *(e.to for e in guarded_slips().get(word, ()))}
        for right in filter(None, rights):
            parts = words_of(right)
            if all(here[part] > there[part] for part in parts):
                yield word


def _may_be_slip(word: str) -> bool:
    return word in sure_slips() or word in guarded_slips()


def _counted(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower().replace("’", "'")))


def _right_words(text: str, among: set[str]) -> set[str]:
    """Those beside which, wherever they stand, a word says that they are right."""
    told = set[str]()
    for word in among & set(guarded_slips()):
        entries = guarded_slips()[word]
        spots = [f for f in WORD.finditer(text) if f[0].lower().replace("’", "'") == word]
        if spots and all(any(e.forbids(beside(f)) for e in entries) for f in spots):
            told.add(word)
    return told


def _exchanged_symbols(original: str, rewritten: str) -> Iterator[str]:
    spots = list(LONE_I.finditer(original))
    if len(spots) <= len(LONE_I.findall(rewritten)) or not re.search(r"\bI\b", rewritten):
        return
    if len(re.findall(r"\bI\b", rewritten)) > len(re.findall(r"\bI\b", original)):
        yield from ("i" for found in spots if _is_symbol(found))


def _exchanged_doubles(original: str, rewritten: str) -> Iterator[str]:
    told = rules("tidy/slips")["doubled"]
    spoken_of, rightly = listed(told["spoken_of"]), listed(told["rightly"])
    if speaks_of_words(original):
        rightly |= listed(told["connectives"])
    flat = f" {' '.join(WORD.findall(rewritten.lower()))} "
    for found in TWICE.finditer(original):
        word, near = found[1].lower(), beside(found)
        is_held = (
            word in rightly
            or near.before in spoken_of
            or near.before in listed(told["before"].get(word, ""))
        )
        phrase = " ".join(filter(None, (near.before.strip("^,"), word, near.behind)))
        is_cut = f" {phrase} " in flat and f" {word} {word} {near.behind} " not in flat
        if is_held and near.behind and is_cut:
            yield f"{word} {word}"


_EXCHANGES = (_exchanged_words, _exchanged_symbols, _exchanged_doubles)
